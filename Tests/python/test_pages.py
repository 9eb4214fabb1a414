"""The documentation: every block of Python runs, and the reference has every public name."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

import swiftnas as nas

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

PAGES = [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]

#: What a page may need beside the package; a page that imports one is skipped where it is missing.
OPTIONAL = ("matplotlib", "onnxruntime", "optuna", "sklearn", "torch")

#: What the package says to type checkers: also names that need an extra.
PACKAGE = Path(nas.__file__).read_text("utf-8")
NAMES = {*nas.__all__, *re.findall(r"^    from \S+ import (\w+) as \1$", PACKAGE, re.MULTILINE)}

#: Modules that are used under their own names, and those that are found through results.
ROOMS = {"plot", "report", *re.findall(r"^    from swiftnas import (\w+) as", PACKAGE, re.M)}

#: Names without an underscore that only the search loop needs.
INTERNAL = {"objectives.measure", "stopping.Rule", "stopping.Seen", "stopping.checked_stopping"}


def blocks(page: Path) -> int:
    """How many blocks of Python a page has."""
    return len(re.findall(r"^```python$", page.read_text("utf-8"), re.MULTILINE))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=name_of)
def test_every_block_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks of a page, in order and with one namespace; prompts show what must come out."""
    document = pytest.importorskip("sybil.document", reason="Sybil is not installed")
    markdown = importlib.import_module("sybil.parsers.markdown")
    text = page.read_text("utf-8")
    for package in OPTIONAL:
        if re.search(rf"^(>>> )?(import|from) (\w+\.)*{package}\b", text, re.MULTILINE):
            pytest.importorskip(package, reason=f"{package} is not installed")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    examples = list(document.Document.parse(str(page), markdown.PythonCodeBlockParser()))
    # Each block is one example or, with prompts, several.
    assert len(examples) >= blocks(page)
    for example in examples:
        example.evaluate()


def test_other_languages_are_named() -> None:
    """A block without a language would be run by nobody, and be noticed by nobody."""
    for page in PAGES:
        opened = re.findall(r"^```(.*)$", page.read_text("utf-8"), re.MULTILINE)[::2]
        assert set(opened) <= {"python", "console", "text"}, page


def documented() -> set[str]:
    """The names that pages of the reference are about."""
    pages = (DOCS / "reference").glob("*.md")
    found = (re.findall(r"^::: swiftnas\.(\S+)$", page.read_text("utf-8"), re.M) for page in pages)
    return {name for names in found for name in names}


def offered(room: str) -> set[str]:
    """The public functions and classes of a room."""
    module = importlib.import_module(f"swiftnas.{room}")
    names = getattr(module, "__all__", None) or [
        name
        for name, value in vars(module).items()
        if getattr(value, "__module__", "").startswith(module.__name__)
        and (inspect.isclass(value) or inspect.isfunction(value))
        and not name.startswith("_")
    ]
    return {f"{room}.{name}" for name in names} - INTERNAL


def test_the_reference_has_every_public_name() -> None:
    public = {*NAMES, *ROOMS, *(name for room in ROOMS for name in offered(room))}
    missing = public - documented()
    assert not missing, f"add them to a page of docs/reference: {sorted(missing)}"
    # The base of all parameters is in no room.
    assert documented() - public == {"parameters.Parameter"}


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    for page in DOCS.rglob("*.md"):
        assert page.relative_to(DOCS).as_posix() in navigation
