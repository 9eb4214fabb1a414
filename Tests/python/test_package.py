"""The package as a whole: its names, its imports, its examples, its configuration."""

from __future__ import annotations

import doctest
import importlib
import inspect
import json
import operator
import pkgutil
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import _native
from swiftnas.architecture import LAYER_KEYS
from swiftnas.parameters import Parameter

MODULES = sorted(
    info.name.removeprefix("swiftnas.")
    for info in pkgutil.walk_packages(nas.__path__, "swiftnas.")
    if not info.name.startswith("swiftnas._native")
)


def python(script: str) -> str:
    """What a fresh interpreter prints."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_import_costs_at_most_50_ms_more_than_numpy() -> None:
    script = """
import time
import numpy
start = time.perf_counter()
import swiftnas
print(time.perf_counter() - start)
"""
    # The best of several: a busy machine only makes it slower.
    assert min(float(python(script)) for _ in range(7)) <= 0.050


def test_import_loads_nothing_heavy() -> None:
    script = """
import sys
import numpy
before = set(sys.modules)
import swiftnas
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""
    assert set(python(script).split()) - {"typing", "_typing"} == {"swiftnas"}


def test_a_search_loads_nothing_but_numpy_and_the_standard_library() -> None:
    script = """
import sys
import numpy
before = set(sys.modules)
import swiftnas as nas
space = {"num_hidden_layers": [1], "hidden_layer_size": [4]}
task = nas.Task([[0.0], [1.0]], [0.0, 1.0], [[0.5]], [0.5])
nas.search(space, task, trials=2, workers=2).to_json()
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*(names - set(sys.stdlib_module_names)))
"""
    assert set(python(script).split()) <= {"swiftnas", "numpy"}


def test_public_names_exist_and_are_documented() -> None:
    assert {"Task", "search", "train", "load", "replay", "Evolution"} <= set(nas.__all__)
    assert set(nas.__all__) <= set(dir(nas))
    for name in nas.__all__:
        value = getattr(nas, name)
        assert inspect.getdoc(value), name
        assert value.__module__.startswith("swiftnas."), name
    with pytest.raises(AttributeError, match="module 'swiftnas' has no attribute 'serach'"):
        nas.serach  # type: ignore[attr-defined]  # noqa: B018


def documented_callables() -> dict[str, Any]:
    """Public functions, classes and their methods by name."""
    found: dict[str, Any] = {}
    for name in nas.__all__:
        value = getattr(nas, name)
        if inspect.isclass(value):
            public = (n for n in dir(value) if not n.startswith("_"))
            found |= {f"{name}.{n}": getattr(value, n) for n in public}
        found[name] = value
    return {name: value for name, value in found.items() if callable(value)}


def test_what_is_optional_has_its_default_said() -> None:
    for name, value in documented_callables().items():
        text = inspect.getdoc(value) or ""
        for names in re.findall(r"^(\w[\w, ]*) : .*\boptional$", text, re.MULTILINE):
            for argument in names.split(", "):
                parameter = inspect.signature(value).parameters.get(argument)
                # None and nothing need no words.
                if parameter is not None:
                    assert parameter.default in (None, (), inspect.Parameter.empty), (
                        name,
                        argument,
                    )


@pytest.mark.parametrize(
    "name",
    [
        *(f"metrics.{name}" for name in nas.metrics.__all__),
        *(f"NASRegressor.{name}" for name in ("fit", "predict")),
        *(f"NASClassifier.{name}" for name in ("fit", "predict", "predict_proba")),
        *(f"NASClassifier.{name}" for name in ("predict_log_proba", "decision_function")),
        "batch_order",
    ],
)
def test_shapes_and_what_is_returned_are_said(name: str) -> None:
    if name.startswith("NAS"):
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    text = inspect.getdoc(operator.attrgetter(name)(nas)) or ""
    assert "Returns\n-------\n" in text
    assert "of shape (rows" in text


def test_outcomes_have_what_objectives_are_told() -> None:
    seen: list[Any] = []
    space = {"num_hidden_layers": [1], "hidden_layer_size": [4]}
    task = nas.Task([[0.0], [1.0]], [0.0, 1.0], [[0.5]], [0.5])
    watch = nas.objectives.Objective("watch", lambda o: seen.append(o) or 0.0, of="outcome")
    nas.search(space, task, objectives=[watch], trials=1, epochs=2)
    text = inspect.getdoc(nas.objectives.Objective) or ""
    said = text[text.index("what came of a training") : text.index("each as in `Trial`")]
    for name in re.findall(r"`(\w+)`", said):
        assert hasattr(seen[0], name)
    assert not any(
        hasattr(seen[0], name) for name in ("seed", "architecture", "fidelity", "number")
    )


def test_type_checkers_see_the_same_names() -> None:
    source = Path(nas.__file__).read_text(encoding="utf-8")
    strategies = set(importlib.import_module("swiftnas.strategies").__all__)
    for name in set(nas.__all__) - strategies:
        assert f" import {name} as {name}\n" in source


def test_rooms_are_reached_through_the_package() -> None:
    script = """
import sys
import swiftnas as nas
assert {"benchmarks", "evaluators"} <= set(dir(nas))
assert "swiftnas.benchmarks" not in sys.modules
print(nas.benchmarks.fcnet.__name__, nas.evaluators.Table.__name__)
"""
    assert python(script).split() == ["fcnet", "Table"]


def test_no_module_hides_a_function() -> None:
    assert set(MODULES).isdisjoint(nas.__all__)
    for module in MODULES:
        # The bridge to PyTorch cannot be loaded everywhere.
        if module != "pytorch":
            importlib.import_module(f"swiftnas.{module}")
    assert callable(nas.search)
    assert not any(isinstance(getattr(nas, name), types.ModuleType) for name in nas.__all__)


@pytest.mark.parametrize("module", MODULES)
def test_examples_run(module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if module.startswith("pytorch"):
        pytest.importorskip("torch", reason="PyTorch is not installed")
    monkeypatch.chdir(tmp_path)
    failed, _ = doctest.testmod(importlib.import_module(f"swiftnas.{module}"))
    assert failed == 0
    assert not any(tmp_path.iterdir())


def test_the_package_s_own_example_runs() -> None:
    results = doctest.testmod(nas)
    assert results.failed == 0
    assert results.attempted > 5


@pytest.mark.parametrize("name", nas.__all__)
def test_what_users_call_has_an_example(name: str) -> None:
    value: Any = getattr(nas, name)
    # Classes of results are explained where they are returned.
    made_by_users = inspect.isfunction(value) or issubclass(
        value, nas.Strategy | nas.Task | nas.SearchSpace | nas.AskTell | Parameter
    )
    if made_by_users and value is not nas.Strategy:
        assert ">>>" in (value.__doc__ or "")


def test_show_config_prints(capsys: pytest.CaptureFixture[str]) -> None:
    assert nas.show_config() is None  # type: ignore[func-returns-value]
    printed = capsys.readouterr().out
    facts = nas.show_config(mode="dicts")
    for name, value in facts.items():
        assert f"{name}:" in printed
        assert str(value) in printed
    assert facts["version"] == nas.__version__
    assert facts["numpy"] == np.__version__
    assert facts["threads"] >= 1
    json.dumps(facts)
    with pytest.raises(ValueError, match="mode must be 'stdout' or 'dicts', got 'json'"):
        nas.show_config(mode="json")  # type: ignore[call-overload]


def test_architecture_keys() -> None:
    keys = nas.architecture_keys()
    assert {"num_hidden_layers", "activation_function", "learning_rate"} <= set(keys)
    assert "'ReLU'" in keys["activation_function"]
    assert keys["skip_connection"] == "a boolean, default False"
    per_layer = [key["name"] for key in _native.architecture_keys() if key["per_layer"]]
    assert per_layer == list(LAYER_KEYS)
