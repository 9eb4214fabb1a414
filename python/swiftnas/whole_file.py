"""Writing a file so that it is either complete or not there."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary file beside `path`, of the same ending, that takes its place when it is complete.

    An old file is replaced in one step, or left as it was. Devices and pipes, which cannot be
    replaced, are written to as they are.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file() and not target.is_dir():
        yield target
        return
    temporary = target.with_name(f".{secrets.token_hex(4)}.{target.name}")
    try:
        yield temporary
        temporary.replace(target)
    except OSError as error:
        # Nobody has heard of the temporary file.
        if error.filename == str(temporary):
            raise type(error)(error.errno, error.strerror, os.fsdecode(path)) from error
        raise
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write a file; an old one of that name is replaced in one step, or left as it was."""
    with whole_file(path) as temporary, temporary.open("wb") as file:
        file.write(content)
        file.flush()
        if temporary.is_file():
            os.fsync(file.fileno())
