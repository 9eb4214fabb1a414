"""Rules of the house that a text search can check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "Sources").rglob("*.swift"))


def code(path: Path) -> str:
    """The file without its comments."""
    return re.sub(r"//.*", "", path.read_text(encoding="utf-8"))


def offenders(pattern: str, where: str = "", outside: str = "nowhere") -> list[str]:
    return [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if where in path.as_posix() and outside not in path.as_posix()
        if re.search(pattern, code(path))
    ]


def test_there_is_something_to_check():
    assert len(SOURCES) > 40


@pytest.mark.parametrize(
    ("pattern", "where", "outside"),
    [
        (r"\bimport Foundation\b", "", "nowhere"),
        (r"\bimport CPython\b", "", "/NASPyModule/"),
        (r"\bPy_buffer\b", "", "/Buffers.swift"),
        (r"\bfatalError\b|\btry!", "", "nowhere"),
        (r"DispatchQueue|\bTask\s*\{|\basync\b", "", "nowhere"),
        # Dependencies point one way.
        (r"Strategy|AskTell", "/Training/", "nowhere"),
        (r"Network|Training|Candidate|Kernels", "/Strategy/", "nowhere"),
        (r"Network|Operation|Strategy", "/Kernels/", "nowhere"),
        (r"Network|Operation|Strategy|Kernels", "/SearchSpace/", "nowhere"),
        # Unsafe memory stays where its contract is written down.
        (r"UnsafeMutablePointer<", "/Strategy/", "nowhere"),
        (r"UnsafeMutablePointer<", "/SearchSpace/", "nowhere"),
    ],
)
def test_forbidden_words(pattern, where, outside):
    assert offenders(pattern, where, outside) == []


def test_files_are_rooms():
    """No source is longer than 500 lines."""
    tracked = [*SOURCES, *(ROOT / "python").rglob("*.py")]
    assert [p.name for p in tracked if len(p.read_text("utf-8").splitlines()) > 500] == []


def test_every_registered_part_has_its_file():
    from swiftnas import _native

    names = {path.stem for path in SOURCES}
    keys = {key["name"]: key for key in _native.architecture_keys()}
    for registered in (
        [strategy["name"] for strategy in _native.strategies()],
        keys["activation_function"]["choices"],
        keys["optimizer"]["choices"],
    ):
        assert set(registered) <= names
