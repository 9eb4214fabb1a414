"""The rows that an estimator trains and validates on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas import splits
from swiftnas._arguments import whole_number
from swiftnas.division import Rows
from swiftnas.labels import shown

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas.task import Loss

#: Up to so many rows all of them are validated on, in five folds: a fifth of them alone would say
#: little. With more rows, folds would only cost time.
_FEW_ROWS = 5_000
_FOLDS = 5

#: The share that is held out of more rows.
_SHARE = 0.2

#: So many copies at most are made of rows for their weights.
_MOST_COPIES = 1_000_000


def is_splitter(validation: Any) -> bool:
    """Whether `validation` is like scikit-learn's splitters; texts can be split, but do not."""
    return hasattr(validation, "split") and not isinstance(validation, str)


def sorted_rows(
    table: npt.NDArray[np.float64], weights: npt.NDArray[np.float64]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The rows of inputs and targets in their sorted order, with their weights.

    A row of weight 2 is the same as two rows, and the order of rows does not matter. Whole weights
    are copies, some of which may train and others validate, as rows that happen to be equal may; a
    factor that all have in common says nothing. A row of any other weight stands once, with the sum
    of the weights of its copies.

    Returns
    -------
    rows : ndarray of int
        The place of each row's first copy, as often as the row is taken.
    weights : ndarray of float64

    Examples
    --------
    >>> import numpy as np
    >>> from swiftnas.estimators.rows import sorted_rows
    >>> table = np.array([[2.0], [1.0], [2.0]])
    >>> rows, weights = sorted_rows(table, np.ones(3))
    >>> rows.tolist(), weights.tolist()
    ([1, 0, 0], [1.0, 1.0, 1.0])
    >>> rows, weights = sorted_rows(table, np.full(3, 0.5))
    >>> rows.tolist(), weights.tolist()
    ([1, 0], [0.5, 1.0])
    """
    order = np.lexsort(table.T[::-1])
    ordered = table[order]
    is_new = np.ones(len(table), bool)
    is_new[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    starts = np.flatnonzero(is_new)
    rows, weights = order[starts], np.add.reduceat(weights[order], starts)
    if (weights == np.floor(weights)).all() and weights.max() < _MOST_COPIES:
        counts = weights.astype(np.intp)
        counts //= np.gcd.reduce(counts)
        if counts.sum() <= _MOST_COPIES:
            rows = np.repeat(rows, counts)
            return rows, np.ones(len(rows))
    return rows, weights


def repeated_by_weight(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Places of rows, each as often as its weight says; all of them once if the weights are equal.

    A mean over these rows is the weighted mean, for which the engine has no weights when it
    validates: exactly if weights are small whole numbers, else as near as twice the rows allow.
    """
    if (weights == weights[0]).all():
        return np.arange(len(weights))
    bounds = np.cumsum(weights)
    count = round(bounds[-1]) if (weights == np.floor(weights)).all() else np.inf
    if count > 4 * len(weights):
        count = max(2 * len(weights), 100)
    marks = (np.arange(count) + 0.5) * (bounds[-1] / count)
    places: npt.NDArray[np.intp] = np.searchsorted(bounds, marks).clip(max=len(weights) - 1)
    return places


def divided(
    validation: Any,
    X: npt.NDArray[np.float64],
    y: npt.NDArray[Any],
    *,
    loss: Loss,
    classes: npt.NDArray[np.intp] | None,
    groups: npt.ArrayLike | None,
    seed: int,
) -> list[splits.Split]:
    """Rows to train on and rows to validate on, once or several times.

    Parameters
    ----------
    validation : None, int, float or splitter
        See `NASEstimator`.
    classes : ndarray of int, optional
        The class of each row: all parts have the classes in the same proportions, and a class's
        only row is always trained on.
    groups : array_like, optional
        For the splitter.
    """
    rows = len(X)
    if is_splitter(validation):
        return Rows(X, y, loss, False, groups, None, False).by(validation)
    if groups is not None:
        raise ValueError(
            f"groups need a splitter such as GroupKFold() for validation, got {validation!r}"
        )
    if rows < 2:
        # Copies of one row, from which only that row can be learnt.
        return [(np.arange(rows), np.arange(rows))]
    if validation is None and rows > _FEW_ROWS:
        validation = _SHARE
    if isinstance(validation, float | np.floating):
        return [splits.hold_out(rows, float(validation), seed, strata=classes)]
    folds = min(_FOLDS, rows)
    if validation is not None:
        allowed = "validation must be None, a share in (0, 1), a number of folds, or a splitter"
        try:
            folds = whole_number(validation, "validation", minimum=2)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{allowed}, got {validation!r}") from None
        if folds > rows:
            raise ValueError(f"{allowed} of at most the {rows} different rows, got {folds}")
    pairs = splits.k_fold(rows, folds, seed, shuffle=True, strata=classes)
    return pairs if classes is None else _keeping_classes(pairs, classes)


def _keeping_classes(
    pairs: list[splits.Split], classes: npt.NDArray[np.intp]
) -> list[splits.Split]:
    """The pairs with each class's only row on the side of training."""
    is_only = np.bincount(classes)[classes] == 1
    kept = [
        (np.concatenate([train, rest[is_only[rest]]]), rest[~is_only[rest]])
        for train, rest in pairs
    ]
    everything = np.arange(len(classes))
    return [pair for pair in kept if len(pair[1])] or [(everything, everything)]


def require_all_classes(
    pairs: list[splits.Split], classes: npt.NDArray[np.intp], labels: npt.NDArray[Any]
) -> None:
    """Raise an error unless every pair trains on all classes; a splitter may leave one out.

    Parameters
    ----------
    classes : ndarray of int
        The class of each row.
    labels : ndarray
        What each class is called.
    """
    for number, (train, _) in enumerate(pairs):
        missing = np.setdiff1d(np.arange(len(labels)), classes[train])
        if len(missing):
            raise ValueError(
                f"validation must leave rows of every class to train on, "
                f"got none of {shown(labels[missing[0]])} in split {number}"
            )
