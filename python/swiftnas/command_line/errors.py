"""Errors of the command line: what a user can mend, in one line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any


class CommandError(Exception):
    """Ends the command with one line on stderr.

    Attributes
    ----------
    exit_code : int
        2 for a user's mistake; 130 after Ctrl-C; 1 for anything else.
    """

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def mistakes_in(what: str = "") -> Iterator[None]:
    """Take errors that the library raises over its arguments for mistakes in `what`."""
    try:
        yield
    except (TypeError, ValueError, OverflowError, MemoryError) as error:
        raise CommandError(f"{what}: {error}" if what else str(error)) from error


def one_of(given: str, known: Iterable[str], what: str, *, most: int = 20) -> str:
    """The message that `given` is none of the known names; it lists them and guesses one."""
    names = list(known)
    listed = ", ".join(names[:most]) + (f", … ({len(names)} in all)" if len(names) > most else "")
    near = get_close_matches(given, names, 1) or [
        name for name in names if name.casefold() == given.casefold()
    ]
    guess = f"; did you mean {near[0]!r}?" if near else ""
    return f"{what} must be one of {listed or 'none'}, got {given!r}{guess}"


@contextmanager
def intact(path: Path, what: str) -> Iterator[None]:
    """Say in one line why a file of ours cannot be read: it is damaged, or is another one."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {because(error)}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise CommandError(f"{path} must be an intact {what}: {reason}") from error


def read_description(path: Path, kind: str, version: int) -> dict[str, Any]:
    """The JSON object in a file that says of itself what it is; within `intact`."""
    data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if data["format"] != kind or data["version"] != version:
        raise ValueError("it is of another format or version")
    return data


def because(error: OSError) -> str:
    """The reason of an error of the operating system, without its number."""
    return error.strerror or str(error)
