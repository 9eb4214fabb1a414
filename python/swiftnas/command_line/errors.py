"""Errors of the command line: what a user can mend, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


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


#: What reading a file of ours raises if it is damaged, or is another one.
FAULTS = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def fault(error: Exception) -> str:
    """What one of `FAULTS` says about the file."""
    return f"it lacks {error}" if isinstance(error, KeyError) else str(error)


def because(error: OSError) -> str:
    """The reason of an error of the operating system, without its number."""
    return error.strerror or str(error)
