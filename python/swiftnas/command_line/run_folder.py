"""The folder of a run: model, columns, trials, summary and report page, complete or not there."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swiftnas.command_line.columns import Columns
from swiftnas.command_line.errors import CommandError, because, intact, read_description

if TYPE_CHECKING:
    from swiftnas.model import Model
    from swiftnas.results import SearchResult

FORMAT, VERSION = "swiftnas-run", 1

MODEL = "model.safetensors"
COLUMNS = "columns.json"
SUMMARY = "result.json"
TRIALS = "trials.json"
TRIALS_TABLE = "trials.csv"
REPORT = "report.html"

#: Everything that `write_run` writes.
FILES = (MODEL, COLUMNS, SUMMARY, TRIALS, TRIALS_TABLE, REPORT)

#: What the other commands need of the summary.
_KINDS = {
    "data": str,
    "target": list,
    "task": str,
    "inputs": list,
    "columns": list,
    "model": dict,
    "best": dict,
    "validation": dict,
}

#: What exports write beside it.
ONNX = "model.onnx"
TORCH = "model.pt2"


@dataclass(frozen=True)
class Run:
    """A folder that `write_run` has written."""

    path: Path

    def __post_init__(self) -> None:
        if not self.path.is_dir():
            what = "a file" if self.path.exists() else "nothing there"
            raise CommandError(f"{self.path} must be the folder of a run, got {what}")
        if not (self.path / SUMMARY).is_file():
            raise CommandError(f"{self.path} must be the folder of a run, it has no {SUMMARY}")

    def summary(self) -> dict[str, Any]:
        """What `write_run` was given."""
        path = self.path / SUMMARY
        with intact(path, "summary of a run"):
            data = read_description(path, FORMAT, VERSION)
            for name, kind in _KINDS.items():
                if not isinstance(data[name], kind):
                    raise ValueError(f"{name} is not what it must be")
            if not isinstance(data["best"]["architecture"], dict):
                raise ValueError("best is not what it must be")
            if not all(isinstance(name, str) for name in data["target"]):
                raise ValueError("target is not what it must be")
        return data

    def columns(self) -> Columns:
        """What was learnt about the table."""
        return Columns.read(self.path / COLUMNS)

    def model(self) -> Model:
        """The trained model."""
        from swiftnas.model import load

        try:
            return load(self.path / MODEL)
        except OSError as error:
            raise CommandError(f"{self.path / MODEL} cannot be read: {because(error)}") from error
        except ValueError as error:
            raise CommandError(str(error)) from error

    def result(self) -> SearchResult:
        """The search."""
        from swiftnas.command_line.stored_result import read_result

        return read_result(self.path / TRIALS)


def check_run(path: Path, *, force: bool) -> None:
    """Raise an error unless a run may be written at `path`: before anything is searched."""
    if path.exists() and not path.is_dir():
        raise CommandError(f"--out must be a folder, got the file {path}")
    if path.is_dir() and any(path.iterdir()):
        if not force:
            raise CommandError(
                f"--out must be a folder that is new or empty, got {path}; --force replaces a run"
            )
        # Nobody's home folder is replaced.
        others = sorted({item.name for item in path.iterdir()} - {*FILES, ONNX, TORCH})
        if not (path / SUMMARY).is_file() or others:
            what = f"it has {others[0]!r} too" if others else f"it has no {SUMMARY}"
            raise CommandError(f"--force replaces the folder of a run only, {path} is none: {what}")
    parent = next(folder for folder in path.absolute().parents if folder.exists())
    probe = parent / f".{path.name}.{secrets.token_hex(4)}"
    try:
        probe.mkdir()
        probe.rmdir()
    except OSError as error:
        raise CommandError(f"--out cannot be written: {parent}: {because(error)}") from error


def write_run(
    path: Path,
    *,
    model: Model,
    columns: Columns,
    result: SearchResult,
    summary: dict[str, Any],
    title: str | None,
    force: bool,
) -> None:
    """Write everything into a new folder, which then takes the place of `path`.

    Parameters
    ----------
    title : str or None
        What the report page is called; None for no page.
    """
    from swiftnas._json import json_data, json_text

    check_run(path, force=force)
    try:
        with _whole_folder(path) as folder:
            model.save(folder / MODEL)
            columns.write(folder / COLUMNS, target=summary["target"])
            result.to_json(folder / TRIALS)
            result.to_frame().to_csv(folder / TRIALS_TABLE)
            if title is not None:
                result.report(folder / REPORT, title=title)
            facts = {"format": FORMAT, "version": VERSION} | summary
            json_text(json_data(facts), folder / SUMMARY, indent=2)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {because(error)}") from error


@contextmanager
def _whole_folder(path: Path) -> Iterator[Path]:
    """A temporary folder beside `path` that takes its place when it is complete."""
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    old = temporary.with_name(temporary.name + ".old")
    temporary.mkdir()
    try:
        yield temporary
        if target.exists():
            target.rename(old)
        temporary.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)
        for folder in (temporary, old):
            shutil.rmtree(folder, ignore_errors=True)
