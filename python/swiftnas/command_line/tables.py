"""Tables in files: CSV and Parquet with named columns, npz with arrays of inputs and targets."""

from __future__ import annotations

import os
import re
import sys
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas.command_line.errors import CommandError, because, one_of
from swiftnas.whole_file import whole_file

if TYPE_CHECKING:
    import pandas

#: Endings of the files that can be read, by their kind.
_ENDINGS = {
    "csv": (".csv", ".tsv", ".txt"),
    "parquet": (".parquet", ".pq"),
    "npz": (".npz",),
}

#: Endings that pandas sees through by itself.
_COMPRESSED = (".gz", ".bz2", ".xz", ".zip")

#: A number with a comma for the point, or a whole one.
_WITH_COMMA = re.compile(r"\s*[+-]?\d*,?\d+(e[+-]?\d+)?\s*", re.IGNORECASE)


def kind_of(path: Path) -> str:
    """What a file is, by its name: ``"csv"``, ``"parquet"`` or ``"npz"``."""
    if _ending(path) in _ENDINGS["csv"]:
        return "csv"
    for kind, endings in _ENDINGS.items():
        if path.suffix.lower() in endings:
            return kind
    known = ", ".join(ending for endings in _ENDINGS.values() for ending in endings)
    raise CommandError(f"{path} must end in one of {known}, got {path.suffix or 'no ending'!r}")


def _ending(path: Path) -> str:
    """The ending of a file's name, as it was before the file was compressed."""
    is_compressed = path.suffix.lower() in _COMPRESSED
    return (path.with_suffix("") if is_compressed else path).suffix.lower()


def read_training(
    path: Path, target: Sequence[str], inputs: str
) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """Inputs and targets as two frames with a row per example.

    Parameters
    ----------
    target : sequence of str
        Columns to predict; in an npz file the name of one array, ``y`` if there is none.
    inputs : str
        The array of inputs in an npz file.
    """
    import pandas

    if kind_of(path) == "npz":
        name = target[0] if target else "y"
        if len(target) > 1:
            raise CommandError(f"--target must be one array of {path}, got {len(target)}")
        if name == inputs:
            raise CommandError(f"--target must be another array than the inputs, got {name!r}")
        X, y = _arrays(path, inputs, name)
        names = [name] if y.ndim == 1 else [f"{name}{place}" for place in range(y.shape[1])]
        return _inputs_frame(X), pandas.DataFrame(y.reshape(len(y), -1), columns=names)
    frame = read_frame(path)
    if not target:
        raise CommandError("--target must name a column to predict, got none")
    for name in target:
        if name not in frame.columns:
            raise CommandError(f"{path}: {one_of(name, frame.columns, '--target')}")
    if len(set(target)) < len(target):
        raise CommandError(f"--target must name different columns, got {', '.join(target)}")
    rest = frame.drop(columns=list(target))
    if not len(rest.columns):
        raise CommandError(f"{path} must have a column besides the target, got none")
    return rest, frame[list(target)]


def read_inputs(path: Path, columns: Sequence[str], inputs: str) -> pandas.DataFrame:
    """The columns that a model takes; others are ignored, and missing ones an error."""
    if kind_of(path) == "npz":
        (X,) = _arrays(path, inputs)
        if X.shape[1] != len(columns):
            raise CommandError(
                f"{path}: {inputs} must have as many columns as in training ({len(columns)}), "
                f"got {X.shape[1]}"
            )
        frame = _inputs_frame(X)
        frame.columns = list(columns)
        return frame
    frame = read_frame(path)
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        listed = ", ".join(map(repr, missing[:10])) + (", …" if len(missing) > 10 else "")
        raise CommandError(
            f"{path} must have the columns of the training, it lacks {len(missing)}: {listed}"
        )
    return frame[list(columns)]


def read_frame(path: Path) -> pandas.DataFrame:
    """A CSV or Parquet file as a frame of at least one row, its columns named by strings."""
    import pandas

    with _readable(path):
        if kind_of(path) == "parquet":
            import pyarrow  # noqa: F401

            frame = pandas.read_parquet(path, engine="pyarrow")
            # An index that was a column when the file was written is one again.
            if not isinstance(frame.index, pandas.RangeIndex):
                frame = frame.reset_index()
            for name in frame.columns:
                if pandas.api.types.infer_dtype(frame[name]) == "decimal":
                    frame[name] = frame[name].astype(np.float64)
        else:
            with warnings.catch_warnings():
                # Columns without a name would be lost.
                warnings.simplefilter("error", pandas.errors.ParserWarning)
                frame = _read_csv(path)
    frame.columns = [str(name) for name in frame.columns]
    _check_names(path, frame.columns)
    if not len(frame):
        raise CommandError(f"{path} must have at least one row below its header")
    return frame


def _read_csv(path: Path) -> pandas.DataFrame:
    """A CSV file; behind semicolons numbers may have a comma for the point."""
    import pandas

    separator = _separator(path)
    # pandas would call the second of two equal names "a.1".
    header = pandas.read_csv(path, sep=separator, header=None, nrows=1, dtype=str)
    _check_names(path, header.iloc[0].dropna())
    frame = pandas.read_csv(
        path,
        sep=separator,
        index_col=False,
        # Types are taken from whole columns, not from pieces of them.
        low_memory=False,
    )
    if separator == ";":
        for name in frame.select_dtypes(exclude=["number", "bool"]).columns:
            texts = frame[name].dropna().astype(str)
            if texts.map(lambda text: _WITH_COMMA.fullmatch(text) is not None).all():
                # Rows that are missing stay so.
                frame[name] = texts.str.replace(",", ".").astype(np.float64).reindex(frame.index)
    return frame


def _check_names(path: Path, names: Iterable[str]) -> None:
    """Raise an error unless the columns of a table have different names."""
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise CommandError(f"{path} must have columns of different names, got {twice[0]!r} twice")


def _separator(path: Path) -> str:
    """The separator of a CSV file: a comma, unless its first line has none but another one."""
    from pandas.io.common import get_handle

    if _ending(path) == ".tsv":
        return "\t"
    with get_handle(path, "rb", compression="infer", is_text=False) as opened:
        first = opened.handle.readline(1 << 16)
    return next((mark for mark in (",", ";", "\t") if mark.encode() in first), ",")


def _arrays(path: Path, *names: str) -> list[Any]:
    """Arrays of an npz file: the inputs, and the targets if two names are given."""
    arrays = []
    with _readable(path), path.open("rb") as file:
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it holds one array, not an archive of arrays by name")
        with archive:
            for name in names:
                if name not in archive.files:
                    raise CommandError(f"{path}: {one_of(name, archive.files, 'the array')}")
                array = archive[name]
                # pandas takes no other byte order than the machine's.
                arrays.append(array.astype(array.dtype.newbyteorder("="), copy=False))
    X = arrays[0]
    if X.ndim != 2 or X.dtype.kind not in "biuf" or 0 in X.shape:
        raise CommandError(
            f"{path}: {names[0]} must be a matrix of real numbers with a row per example, "
            f"got shape {X.shape} of {X.dtype}"
        )
    for name, y in zip(names[1:], arrays[1:], strict=True):
        if y.ndim not in (1, 2) or y.dtype.kind not in "biufU" or y.shape[1:] == (0,):
            raise CommandError(
                f"{path}: {name} must hold numbers or texts, one or several per row, "
                f"got shape {y.shape} of {y.dtype}"
            )
        if len(y) != len(X):
            raise CommandError(
                f"{path}: {name} must have as many rows as {names[0]} ({len(X)}), got {len(y)}"
            )
    return arrays


def _inputs_frame(X: np.ndarray) -> pandas.DataFrame:
    """A matrix as a frame; columns are called x0, x1 and so on."""
    import pandas

    return pandas.DataFrame(X, columns=[f"x{place}" for place in range(X.shape[1])])


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Say in one line what keeps a file from being read."""
    try:
        if path.is_dir():
            raise CommandError(f"{path} must be a file, got a folder")
        yield
    except (CommandError, ImportError):
        raise
    except OSError as error:
        raise CommandError(f"{path} cannot be read: {because(error)}") from error
    except UnicodeDecodeError as error:
        byte = error.object[error.start]
        raise CommandError(
            f"{path} must be text in UTF-8, got the byte 0x{byte:02x}, which is none there"
        ) from error
    except (
        *(ValueError, KeyError, EOFError, MemoryError, Warning),
        *(zipfile.BadZipFile, zlib.error, NotImplementedError),
    ) as error:
        kind = {"csv": "CSV", "parquet": "Parquet", "npz": "npz"}[kind_of(path)]
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CommandError(f"{path} must be an intact {kind} file: {reason}") from error


def write_frame(frame: pandas.DataFrame, path: str) -> None:
    """Write a frame as CSV or Parquet, by the ending; ``-`` is CSV on stdout.

    A file is either complete or not there; an old one is replaced in one step.
    """
    if path == "-":
        frame.to_csv(sys.stdout, index=False)
        return
    with whole_output(Path(path)) as temporary:
        if kind_of(Path(path)) == "parquet":
            frame.to_parquet(temporary, index=False)
        else:
            separator = "\t" if _ending(Path(path)) == ".tsv" else ","
            frame.to_csv(temporary, index=False, sep=separator)


def check_output(path: str) -> None:
    """Raise an error if `write_frame` could not write there."""
    if path != "-" and kind_of(Path(path)) == "npz":
        raise CommandError(f"{path} must end in .csv, .tsv or .parquet, got '.npz'")
    if path != "-":
        check_parent(Path(path))


def check_parent(path: Path) -> None:
    """Raise an error unless a file may be written at `path`."""
    if path.is_dir():
        raise CommandError(f"{path} must be a file, got a folder")
    parent = path.absolute().parent
    if not parent.is_dir():
        raise CommandError(f"{path} must be in a folder that exists, got {path.parent}")
    if not os.access(parent, os.W_OK):
        raise CommandError(f"{path} cannot be written: {parent} is read-only")


@contextmanager
def whole_output(path: Path) -> Iterator[Path]:
    """As `whole_file`; what keeps it from being written is an error of one line."""
    try:
        with whole_file(path) as temporary:
            yield temporary
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {because(error)}") from error
