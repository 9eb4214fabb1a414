"""Columns of a table as the numbers that a network takes, by scikit-learn's transformers.

What is learnt from the training rows are the medians of columns of numbers, which stand in for
missing ones, and the texts of the other columns, which become a column of zeros and ones each. They
are kept as JSON, never pickled: transformers are made again from them by fitting them on one row.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Number
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas._json import json_text
from swiftnas.command_line.errors import CommandError, intact, one_of, read_description

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas

FORMAT, VERSION = "swiftnas-columns", 1

#: Texts of a column that count, the most frequent ones; others are like none of them.
_MOST_TEXTS = 100

#: The share of numbers above which texts in a column are taken for mistakes.
_MOSTLY = 0.5

_LARGEST = float(np.finfo(np.float32).max)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """What was learnt about the columns of a table.

    Attributes
    ----------
    names : list of str
        The columns of the table, in the order of the encoded ones.
    medians : dict of str to float
        Columns of numbers.
    texts : dict of str to list of str
        Columns of texts, with those that count; the empty one stands for missing ones.
    left_out : dict of str to str
        Columns that are of no use, and why.
    """

    medians: dict[str, float]
    texts: dict[str, list[str]]
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The columns that are used."""
        return [*self.medians, *self.texts]

    @property
    def encoded(self) -> list[str]:
        """What each input of the network is: ``age``, or ``colour=red`` for ones and zeros."""
        ones = (f"{name}={text}" for name, texts in self.texts.items() for text in texts)
        return [*self.medians, *ones]

    def encode(self, frame: pandas.DataFrame) -> npt.NDArray[np.float32]:
        """The inputs of the network, of shape (rows, encoded)."""
        import pandas
        from sklearn.compose import ColumnTransformer
        from sklearn.impute import SimpleImputer
        from sklearn.preprocessing import OneHotEncoder

        encoder = OneHotEncoder(
            categories=[np.array(texts, object) for texts in self.texts.values()],
            handle_unknown="ignore",
            sparse_output=False,
            dtype=np.float32,
        )
        transformer = ColumnTransformer(
            [
                ("numbers", SimpleImputer(strategy="median"), list(self.medians)),
                ("texts", encoder, list(self.texts)),
            ]
        )
        first = {name: texts[0] for name, texts in self.texts.items()}
        transformer.fit(
            pandas.DataFrame([self.medians | first]).astype(dict.fromkeys(first, object))
        )
        matrix = transformer.transform(_plain(frame, self.medians, self.texts))
        return np.ascontiguousarray(matrix, np.float32)

    def write(self, path: Path, **more: Any) -> None:
        """Write the file that `read` reads; `more` is for whoever else reads it."""
        data = {
            "format": FORMAT,
            "version": VERSION,
            "medians": self.medians,
            "texts": self.texts,
            "left_out": self.left_out,
            "encoded": self.encoded,
        }
        json_text(data | more, path, indent=2)

    @classmethod
    def read(cls, path: Path) -> Columns:
        """What a run has learnt; an error of one line if the file is damaged or another one."""
        with intact(path, "description of columns"):
            data = read_description(path, FORMAT, VERSION)
            medians = {str(name): float(number) for name, number in data["medians"].items()}
            texts = {str(name): [str(t) for t in found] for name, found in data["texts"].items()}
            if not all(texts.values()) or not np.isfinite([*medians.values()]).all():
                raise ValueError("it holds no texts, or numbers that are none")
            columns = cls(medians=medians, texts=texts, left_out=dict(data["left_out"]))
            # Inputs in another order would be taken for each other.
            if columns.encoded != data["encoded"]:
                raise ValueError("medians and texts are not those of the inputs it lists")
            if any(len(set(names)) < len(names) for names in (columns.names, *texts.values())):
                raise ValueError("a name or text stands in it twice")
            return columns


def learn(
    frame: pandas.DataFrame, training_rows: Any, as_text: Iterable[str], ignored: Iterable[str]
) -> Columns:
    """Decide by all rows what kind each column is; the rest is learnt from the training rows.

    Parameters
    ----------
    frame : DataFrame
        With the rows' places in the table as index, for errors.
    training_rows : array of int or slice
    as_text : iterable of str
        Columns to take for texts, whatever they hold.
    ignored : iterable of str
        Columns to leave out.
    """
    from sklearn.impute import SimpleImputer

    as_text, left_out = list(as_text), dict.fromkeys(ignored, "asked for")
    for option, names in (("--categorical", as_text), ("--ignore", left_out)):
        for name in names:
            if name not in frame.columns:
                raise CommandError(one_of(name, frame.columns, option))
    numbers: list[str] = []
    texts: list[str] = []
    for name in frame.columns:
        if name in left_out:
            continue
        kind, reason = ("text", "") if name in as_text else _kind(frame[name])
        if reason:
            left_out[name] = reason
        else:
            (numbers if kind == "number" else texts).append(name)
    training = _plain(frame.iloc[training_rows], numbers, texts)
    medians: dict[str, float] = {}
    if numbers:
        imputer = SimpleImputer(strategy="median", keep_empty_features=True)
        found = imputer.fit(training[numbers]).statistics_
        # A column may be missing in all training rows, but not in the others.
        medians = dict(zip(numbers, np.nan_to_num(found).tolist(), strict=True))
    columns = Columns(
        medians=medians,
        texts={name: _frequent(training[name]) for name in texts},
        left_out=left_out,
    )
    if not columns.names:
        raise CommandError(
            "the table must have a column of use besides the target, all are left out: "
            + "; ".join(f"{name!r}: {reason}" for name, reason in left_out.items())
        )
    return columns


def _kind(column: pandas.Series) -> tuple[str, str]:
    """Whether a column holds numbers or texts; or why it is of no use."""
    import pandas
    from pandas.api import types

    values = column.dropna()
    if not len(values):
        return "", "no values"
    dtype = column.dtype
    if types.is_bool_dtype(dtype) or (
        types.is_numeric_dtype(dtype) and not types.is_complex_dtype(dtype)
    ):
        # What pandas writes before the columns of a frame.
        is_index = str(column.name).startswith("Unnamed: ") and (column == column.index).all()
        return ("", "the numbers of the rows") if is_index else ("number", "")
    if isinstance(dtype, pandas.CategoricalDtype):
        return "text", ""
    if not types.is_object_dtype(dtype) and not types.is_string_dtype(dtype):
        return "", f"{dtype}, neither numbers nor texts"
    if types.infer_dtype(values) != "string":
        if all_numbers(values):
            return "number", ""
        if not values.map(lambda value: isinstance(value, str | Number)).all():
            return "", f"holds {type(values.iloc[0]).__name__}, neither numbers nor texts"
    check_text_among_numbers(column, "--categorical")
    if len(values) > 2 and values.nunique() == len(values):
        return "", "another text in every row"
    return "text", ""


def all_numbers(values: pandas.Series) -> bool:
    """Whether Python's objects are numbers, as integers too large for NumPy are read."""
    return bool(values.map(lambda value: isinstance(value, Number)).all())


def check_text_among_numbers(column: pandas.Series, option: str) -> None:
    """Raise an error if a column of texts seems to be one of numbers with mistakes in it."""
    import pandas

    values = column.dropna()
    parsed = pandas.to_numeric(values.astype(str), errors="coerce")
    if _MOSTLY < parsed.notna().mean() < 1:
        place = int(np.argmax(parsed.isna()))
        raise CommandError(
            f"column {column.name!r} must hold numbers, got {values.iloc[place]!r} in data row "
            f"{values.index[place] + 1}; {option} takes all of it for texts"
        )


def _frequent(texts: pandas.Series) -> list[str]:
    """The most frequent texts, sorted; of equally frequent ones the first in the alphabet."""
    counts = texts.value_counts()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return sorted(str(text) for text, _ in ranked[:_MOST_TEXTS])


def _plain(
    frame: pandas.DataFrame, numbers: Iterable[str], texts: Iterable[str]
) -> pandas.DataFrame:
    """The columns in use: numbers as float64 with NaN for missing ones, texts with an empty one."""
    import pandas

    plain = {name: as_numbers(frame[name]) for name in numbers}
    plain |= {name: as_texts(frame[name]) for name in texts}
    return pandas.DataFrame(plain, index=range(len(frame)))


def as_numbers(column: pandas.Series) -> Any:
    """A column as float64; an error that names the first value which is no number."""
    import pandas

    numbers = pandas.to_numeric(column, errors="coerce")
    values = numbers.to_numpy(np.float64, na_value=np.nan)
    wrong = (np.isnan(values) & column.notna().to_numpy()) | (abs(values) > _LARGEST)
    if wrong.any():
        row = int(np.argmax(wrong))
        value = column.iloc[row]
        value = value.item() if isinstance(value, np.generic) else value
        raise CommandError(
            f"column {column.name!r} must hold finite numbers that fit in float32, "
            f"got {value!r} in data row {column.index[row] + 1}"
        )
    return values


def as_texts(column: pandas.Series) -> npt.NDArray[np.object_]:
    """A column as strings; missing ones are empty, whole numbers have no decimals."""
    missing = column.isna().to_numpy()
    texts = [
        "" if is_missing else _text(value)
        for value, is_missing in zip(column.tolist(), missing, strict=True)
    ]
    return np.array(texts, object)


def _text(value: Any) -> str:
    # Whole numbers become floats in columns with missing ones.
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
