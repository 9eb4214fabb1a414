"""The target of a table: numbers to estimate, or classes to tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas.command_line.columns import (
    all_numbers,
    as_numbers,
    as_texts,
    check_text_among_numbers,
)
from swiftnas.command_line.errors import CommandError, mistakes_in

if TYPE_CHECKING:
    import numpy.typing as npt
    import pandas

#: The tasks that --task takes, with the loss that each has by default.
TASKS = {"regression": "mse", "classification": "cross_entropy"}

#: Numbers 0, 1, 2 and so on are taken for classes up to so many.
_MOST_NUMBERED = 20


@dataclass(frozen=True, kw_only=True)
class Target:
    """What is to be predicted.

    Attributes
    ----------
    names : tuple of str
    task : str
        ``"regression"`` or ``"classification"``.
    loss : str
    reason : str
        Why it is that task.
    rows : ndarray of bool
        The rows of the table that have a target.
    values : ndarray
        The targets of these rows, of shape ``(rows,)`` or ``(rows, targets)``.
    """

    names: tuple[str, ...]
    task: str
    loss: str
    reason: str
    rows: npt.NDArray[np.bool_]
    values: npt.NDArray[Any]

    @property
    def is_classification(self) -> bool:
        """Whether there are classes."""
        return self.task == "classification"


def target_of(frame: pandas.DataFrame, task: str | None, loss: str | None) -> Target:
    """The target that a frame of one or several columns holds.

    Parameters
    ----------
    task : str or None
        None decides by the values, see `_task`.
    loss : str or None
        None takes that of `TASKS`.
    """
    from swiftnas.labels import classifies

    asked = task
    if loss is not None:
        with mistakes_in():
            asked = "classification" if classifies(loss) else "regression"
        if task not in (None, asked):
            raise CommandError(f"--loss must be one for {task}, got {loss!r}")
    rows = frame.notna().all(axis=1).to_numpy()
    if not rows.any():
        raise CommandError(f"the target {_listed(frame)} must have values, got none in any row")
    present = frame[rows]
    if len(frame.columns) > 1:
        if asked == "classification":
            raise CommandError(f"classification takes one target, got {_listed(frame)}")
        found, reason = "regression", "several targets"
    elif asked is not None:
        found, reason = asked, f"by --{'task' if loss is None else 'loss'}"
    else:
        found, reason = _task(present.iloc[:, 0])
    values = _classes(present.iloc[:, 0]) if found == "classification" else _numbers(frame, rows)
    return Target(
        names=tuple(frame.columns),
        task=found,
        loss=TASKS[found] if loss is None else loss,
        reason=reason,
        rows=rows,
        values=values,
    )


def _task(column: pandas.Series) -> tuple[str, str]:
    """The task that the values of one column suggest, and why.

    Texts, booleans and categories are classes, and so are two whole numbers, as 0 and 1, or all
    numbers from 0 to k; other numbers are numbers.
    """
    from pandas.api import types

    if types.is_bool_dtype(column.dtype):
        return "classification", "the target holds true and false"
    if not types.is_numeric_dtype(column.dtype) and not all_numbers(column):
        check_text_among_numbers(column, "--task classification")
        return "classification", "the target holds texts"
    found = np.unique(as_numbers(column))
    is_whole = bool((found == np.floor(found)).all())
    if is_whole and len(found) == 2:
        return "classification", "the target holds two whole numbers"
    if is_whole and len(found) <= _MOST_NUMBERED and (found == np.arange(len(found))).all():
        if len(found) > 1:
            return "classification", f"the target holds the numbers 0 to {len(found) - 1} only"
    elif is_whole and len(found) <= _MOST_NUMBERED:
        return "regression", (
            f"the target holds {len(found)} different whole numbers; "
            "if they are classes: --task classification"
        )
    return "regression", "the target holds numbers"


def _classes(column: pandas.Series) -> npt.NDArray[Any]:
    """Labels as booleans, whole numbers or strings."""
    from pandas.api import types

    labels: npt.NDArray[Any]
    if types.is_bool_dtype(column.dtype):
        labels = column.to_numpy(bool)
    elif types.is_numeric_dtype(column.dtype):
        numbers = as_numbers(column)
        wrong = numbers != np.floor(numbers)
        if wrong.any():
            place = int(np.argmax(wrong))
            raise CommandError(
                f"the target {column.name!r} must hold texts or whole numbers for classification, "
                f"got {numbers[place]} in data row {column.index[place] + 1}"
            )
        labels = numbers.astype(np.int64)
    else:
        labels = as_texts(column).astype(str)
    count = len(np.unique(labels))
    if count < 2:
        raise CommandError(
            f"the target {column.name!r} must hold at least two classes, "
            f"got only {labels[0].item()!r}"
        )
    if 2 * count > len(labels):
        raise CommandError(
            f"the target {column.name!r} must hold classes that repeat, "
            f"got {count} different ones in {len(labels)} rows"
        )
    return labels


def _numbers(frame: pandas.DataFrame, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
    """Targets of regression, one-dimensional if there is one."""
    matrix = np.column_stack([as_numbers(frame[name]) for name in frame.columns])[rows]
    for name, column in zip(frame.columns, matrix.T, strict=True):
        if column.min() == column.max():
            raise CommandError(
                f"the target {name!r} must hold different numbers, got only {column[0]:g}"
            )
    matrix = matrix.astype(np.float32)
    return matrix[:, 0] if matrix.shape[1] == 1 else matrix


def _listed(frame: pandas.DataFrame) -> str:
    return ", ".join(map(repr, frame.columns))
