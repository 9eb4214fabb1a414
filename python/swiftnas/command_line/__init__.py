"""The command ``swiftnas``: searches over tables without writing a program.

It is a leaf of the package: nothing imports it. It needs the extra ``cli``, for Typer, Rich, pandas
and scikit-learn: ``pip install 'swiftnas[cli]'``.

Exit codes are 0, 1 for a failure that is not the user's, 2 for a mistake of the user's, and 130
after Ctrl-C. Every error is one line on stderr.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import NoReturn

#: The packages of the extra ``cli`` that may be missing, by the name of their module.
_PACKAGES = {
    "jinja2": "Jinja2",
    "matplotlib": "matplotlib",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "rich": "Rich",
    "sklearn": "scikit-learn",
    "typer": "Typer",
}


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and end the process with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind the command; those of the process by default.

    Examples
    --------
    >>> from swiftnas.command_line import main
    >>> main(["--version"])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    SystemExit: 0
    """
    given = sys.argv[1:] if arguments is None else list(arguments)
    # Seen to before anything is imported that could go wrong, wherever it stands.
    wants_traceback = "--traceback" in given or bool(os.environ.get("SWIFTNAS_TRACEBACK"))
    given = [argument for argument in given if argument != "--traceback"]
    try:
        from swiftnas.command_line.app import run

        code = run(given)
    except KeyboardInterrupt:
        code = _say("interrupted", 130)
    except Exception as error:
        if wants_traceback:
            raise
        code = _say(*_in_one_line(error))
    raise SystemExit(code)


def _in_one_line(error: Exception) -> tuple[str, int]:
    """What to say about an error, and the exit code."""
    package = (getattr(error, "name", None) or "").partition(".")[0]
    if isinstance(error, ImportError) and package in _PACKAGES:
        name = _PACKAGES[package]
        return f"error: this needs {name}; install it with: pip install 'swiftnas[cli]'", 2
    if isinstance(error, ImportError) and "pip install" in str(error):
        # The library's own word on an extra.
        return f"error: {error}", 2
    if (code := getattr(error, "exit_code", None)) is not None:
        # Typer's errors and ours have both; where Typer's come from depends on its version.
        message = getattr(error, "format_message", lambda: str(error))()
        # Without any argument there is help, and nothing more to say.
        return f"{'error: ' if message and code != 130 else ''}{message}", code
    if isinstance(error, OSError) and error.strerror:
        # The disk is full, a name too long, and so on.
        return f"error: {error.strerror}{f': {error.filename}' if error.filename else ''}", 2
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return f"error: internal failure: {text} (--traceback shows where)", 1


def _say(message: str, code: int) -> int:
    """Print one line on stderr, if there is anything to say; gives the exit code back."""
    if message:
        print(f"swiftnas: {' '.join(message.split())}", file=sys.stderr)
    return code
