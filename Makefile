# Every habit is one target. PYTHON chooses the interpreter that .venv is made from.
PYTHON ?= python3
# Another PYTHON makes another environment, as .venv-usr-bin-python3.
VENV   ?= .venv$(if $(filter-out python3,$(PYTHON)),-$(subst /,-,$(PYTHON:/%=%)))
PY     := $(VENV)/bin/python
STAMPS := $(VENV)/.stamps
INCLUDE = $(shell $(PY) -c 'import sysconfig; print(sysconfig.get_path("include"))')

# Distributions ship their own NumPy for their own python3; then nothing is installed over it.
SYSTEM := $(filter /usr/bin/%,$(PYTHON))
INSTALL = $(PY) -m pip install --quiet --disable-pip-version-check --constraint $(STAMPS)/venv
TORCH  ?= $(if $(SYSTEM),,torch==2.13.*)

# Where the public tables and data sets are; what needs them is skipped or says so without.
DATA ?= $(abspath ../shared/data)
ifneq ($(wildcard $(DATA)),)
export SWIFTNAS_DATA ?= $(DATA)
endif

SWIFT_SOURCES := Package.swift $(shell find Sources -type f)
SCRATCH := .build/tests

.PHONY: help build demo test test-swift test-c test-python bench bench-full bench-search bench-search-full \
	bench-native bench-native-full bench-estimators bench-estimators-full docs wheel lint format stubs clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

# The stamp doubles as pip's constraints: the distribution's NumPy, if there is one.
$(STAMPS)/venv:
	$(PYTHON) -m venv $(if $(SYSTEM),--system-site-packages) $(VENV)
	@mkdir -p $(STAMPS)
	@$(PY) -c 'import numpy; print("numpy==" + numpy.__version__)' >$@ 2>/dev/null || true

# The package is linked into the environment; the extension is built again when its sources change.
$(STAMPS)/package: $(STAMPS)/venv pyproject.toml setup.py $(SWIFT_SOURCES)
	$(INSTALL) 'setuptools>=77'
	$(INSTALL) --no-build-isolation --editable '.[demo]'
	@touch $@

$(STAMPS)/test: $(STAMPS)/package
	$(INSTALL) --no-build-isolation --editable '.[test]' $(TORCH)
	@touch $@

$(STAMPS)/bench: $(STAMPS)/test
	$(INSTALL) --no-build-isolation --editable '.[bench]'
	@touch $@

$(STAMPS)/quality: $(STAMPS)/test
	$(INSTALL) --no-build-isolation --editable '.[quality]'
	@touch $@

$(STAMPS)/docs: $(STAMPS)/package
	$(INSTALL) --no-build-isolation --editable '.[docs]'
	@touch $@

$(STAMPS)/packaging: $(STAMPS)/package
	$(INSTALL) --no-build-isolation --editable '.[packaging]'
	@touch $@

$(STAMPS)/lint: $(STAMPS)/package
	$(INSTALL) --no-build-isolation --editable '.[dev]'
	@touch $@

build: $(STAMPS)/package ## build the engine and install the package into .venv

demo: $(STAMPS)/package ## run the three searches on real data, print the comparison and write a report page
	$(PY) examples/demo.py

test: test-swift test-c test-python ## run all tests

test-swift: $(STAMPS)/venv ## the engine's own tests
	CPATH="$(INCLUDE)" swift test --quiet --disable-xctest --scratch-path $(SCRATCH)

test-c: $(STAMPS)/venv ## a C program against the header and the shared library
	CPATH="$(INCLUDE)" Tests/c/run.sh

test-python: $(STAMPS)/test ## the package's tests, files in parallel
	$(PY) -m pytest -n auto --dist loadfile

bench: $(STAMPS)/bench ## compare speed with PyTorch, JAX and scikit-learn: a sample in two minutes
	$(PY) benchmarks/speed.py

bench-full: $(STAMPS)/bench ## the same, every cell: a quarter of an hour
	$(PY) benchmarks/speed.py --full

bench-search: $(STAMPS)/quality ## compare search quality with Optuna and pymoo: a sample in a few minutes
	$(PY) benchmarks/search_quality.py

bench-search-full: $(STAMPS)/quality ## the same, every table and up to 1,000 seeds: two hours; writes docs/search-quality.md
	$(PY) benchmarks/search_quality.py --full --render

bench-native: $(STAMPS)/test ## what several fidelities and better strategies save on the engine's trainer: a sample
	$(PY) benchmarks/native_search.py

bench-native-full: $(STAMPS)/test ## the same, four data sets and 10 seeds: half an hour
	$(PY) benchmarks/native_search.py --full

bench-estimators: $(STAMPS)/quality ## test errors of the estimators beside a tuned MLPRegressor: a sample in a few minutes
	$(PY) benchmarks/estimators.py

bench-estimators-full: $(STAMPS)/quality ## the same, 20 s per fit, 20 splits, digits: 80 minutes; writes docs/estimators.md
	$(PY) benchmarks/estimators.py --full --render

# With --quiet mkdocs would not count its warnings.
docs: $(STAMPS)/docs ## build the documentation into site/; a warning is an error
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict

# The wheel is built from the source distribution, so that both are tried. auditwheel looks for patchelf.
wheel: $(STAMPS)/packaging ## build source distribution and manylinux wheel into dist/, and try them elsewhere
	rm -rf build/wheel dist
	$(PY) -m build --outdir build/wheel
	PATH="$(abspath $(VENV))/bin:$$PATH" $(PY) -m auditwheel repair --wheel-dir dist build/wheel/*.whl
	cp build/wheel/*.tar.gz dist/
	$(PY) -m pytest -rs Tests/packaging

lint: $(STAMPS)/lint ## check style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	swift format lint --strict --recursive Package.swift Sources Tests
	$(PY) -m mypy.stubtest swiftnas._native --ignore-disjoint-bases

format: $(STAMPS)/lint ## rewrite the Python and Swift sources in house style
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .
	swift format --in-place --recursive Package.swift Sources Tests

stubs: $(STAMPS)/package ## renew strategies.pyi from the engine's registry
	$(PY) Tests/python/write_stubs.py

clean: ## remove everything that was built
	rm -rf .build build dist site .venv* python/*.egg-info python/swiftnas/*.so
