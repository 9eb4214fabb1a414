"""The CPythons of this machine: those on the PATH, and those that pyenv keeps, if it is there."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

#: The versions that a wheel is tried under.
VERSIONS = ("3.11", "3.12", "3.13")


def interpreter(version: str) -> Path | None:
    """An executable of CPython `version` that runs and can make virtual environments."""
    return next((path for path in _candidates(version) if _works(path, version)), None)


def _candidates(version: str) -> Iterator[Path]:
    """Where one may be, in the order of preference."""
    found = shutil.which(f"python{version}")
    if found is not None:
        yield Path(found)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from sorted(root.glob(f"versions/{version}.*/bin/python{version}"), reverse=True)


def _works(path: Path, version: str) -> bool:
    """Whether it is what its name says: pyenv's shims of versions that are not chosen fail."""
    script = "import ensurepip, platform, venv; print(platform.python_implementation()); " + (
        "print('.'.join(platform.python_version_tuple()[:2]))"
    )
    ran = subprocess.run([path, "-c", script], capture_output=True, text=True, check=False)
    return ran.stdout.split() == ["CPython", version]
