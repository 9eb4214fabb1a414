"""The wheel in virtual environments of its own, where neither Swift nor a compiler is found."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from interpreters import VERSIONS, interpreter

#: Tests that need only the package, what it depends on, and pytest.
SUITE = ("ask_tell", "model", "native_boundary", "results", "search_loop", "spaces", "task")

#: The interpreters, and the oldest NumPy that is promised with the oldest of them.
INSTALLATIONS = [*((version, "numpy") for version in VERSIONS), ("3.11", "numpy==1.24.*")]


class Environment:
    """A virtual environment with the wheel; programs in it find its own executables only."""

    def __init__(self, python: Path, folder: Path) -> None:
        subprocess.run([python, "-m", "venv", folder], check=True)
        self.folder = folder.resolve()

    def install(self, *requirements: str | Path) -> None:
        # A wheel for NumPy too: a source distribution would want a compiler.
        self.run("-m", "pip", "install", "-qq", "--only-binary=:all:", *requirements)

    def run(self, *arguments: str | Path) -> str:
        """What Python prints."""
        own = ("PYTHON", "SWIFTNAS_", "LD_")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(own)}
        command = [self.folder / "bin" / "python", *arguments]
        ran = subprocess.run(
            command,
            cwd=self.folder,
            env=kept | {"PATH": str(self.folder / "bin")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture(scope="session")
def facts() -> dict[tuple[str, str], dict[str, Any]]:
    """What the smoke program printed, by installation."""
    return {}


@pytest.mark.parametrize(("version", "numpy"), INSTALLATIONS)
def test_installs_and_works(
    version: str,
    numpy: str,
    wheel: Path,
    tmp_path: Path,
    facts: dict[tuple[str, str], dict[str, Any]],
) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no CPython {version} on the PATH or under pyenv")
    environment = Environment(python, tmp_path / "venv")
    environment.install(wheel, numpy)
    found = json.loads(environment.run(ROOT / "Tests" / "packaging" / "smoke.py"))
    print(f"CPython {found['python']}, NumPy {found['numpy']}, {found['predictions'][:12]}")
    assert found["python"].startswith(f"{version}.")
    assert found["swift"] is None
    assert found["package"].startswith(str(environment.folder))
    assert len(found["strategies"]) >= 16
    facts[version, numpy] = found
    # The same bits everywhere.
    for name in ("version", "values", "alphas", "predictions"):
        assert len({json.dumps(other[name]) for other in facts.values()}) == 1, name
    if numpy == "numpy":
        environment.install("pytest>=8")
        tests = [ROOT / "Tests" / "python" / f"test_{name}.py" for name in SUITE]
        options = ["-q", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml"]
        print(environment.run("-m", "pytest", *options, *tests).splitlines()[-1])
