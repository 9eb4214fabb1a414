"""Figures of merit of predictions, in plain NumPy: for models, and for objectives of one's own.

Examples
--------
>>> import swiftnas as nas
>>> nas.metrics.accuracy(["a", "b", "b"], ["a", "b", "a"])
0.6666666666666666
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas import _arrays
from swiftnas.labels import class_numbers

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["accuracy", "f1", "log_loss", "roc_auc"]


def accuracy(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """The share of labels that are predicted right.

    Parameters
    ----------
    y_true, y_pred : array_like of shape (rows,)
        Labels: strings, whole numbers or booleans, of one kind in both.

    Returns
    -------
    float
        In [0, 1].
    """
    true, predicted = _pair(y_true, y_pred)
    return float(np.mean(true == predicted))


def f1(y_true: npt.ArrayLike, y_pred: npt.ArrayLike) -> float:
    """The mean over all classes of 2·TP / (2·TP + FP + FN), every class counting the same.

    Classes are those of either argument; one that is never predicted right has 0.

    Parameters
    ----------
    y_true, y_pred : array_like of shape (rows,)
        See `accuracy`.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.metrics.f1([0, 0, 1, 1], [0, 1, 1, 1])
    0.7333333333333334
    """
    true, predicted = _pair(y_true, y_pred)
    scores = []
    for label in np.union1d(true, predicted):
        hits = np.sum((true == label) & (predicted == label))
        scores.append(2 * hits / (np.sum(true == label) + np.sum(predicted == label)))
    return float(np.mean(scores))


def log_loss(
    y_true: npt.ArrayLike, probabilities: npt.ArrayLike, classes: npt.ArrayLike | None = None
) -> float:
    """The mean of −log p over the rows, p being the probability given to the row's own class.

    Parameters
    ----------
    y_true : array_like of shape (rows,)
        See `accuracy`.
    probabilities : array_like of shape (rows, classes) or (rows,)
        As `Model.predict_proba` gives them; one column is that of the second of two classes.
        Clipped to what float64 tells from 0 and 1.
    classes : array_like, optional
        What the columns stand for, sorted; the labels of `y_true` by default.

    Returns
    -------
    float
        ≥ 0; less is better.

    Examples
    --------
    >>> import swiftnas as nas
    >>> round(nas.metrics.log_loss(["a", "b"], [[0.5, 0.5], [0.25, 0.75]]), 6)
    0.490415
    """
    places, shares = _scored(y_true, probabilities, classes, "probabilities")
    if shares.min() < 0 or shares.max() > 1:
        raise ValueError(f"probabilities must be in [0, 1], got {shares.min()} to {shares.max()}")
    own = shares[np.arange(len(places)), places]
    epsilon = np.finfo(np.float64).eps
    return float(-np.mean(np.log(np.clip(own, epsilon, 1 - epsilon))))


def roc_auc(
    y_true: npt.ArrayLike, scores: npt.ArrayLike, classes: npt.ArrayLike | None = None
) -> float:
    """The area under the receiver operating characteristic; of several classes, the mean.

    The probability that a row of a class has a larger score for it than a row of another class,
    ties counting half (Hanley and McNeil 1982). Of more than two classes each is taken against all
    others, and all that `y_true` has count the same.

    Parameters
    ----------
    y_true : array_like of shape (rows,)
        See `accuracy`.
    scores : array_like of shape (rows, classes) or (rows,)
        Probabilities or logits; one column is that of the second of two classes.
    classes : array_like, optional
        What the columns stand for, sorted; the labels of `y_true` by default.

    Returns
    -------
    float
        In [0, 1]; 0.5 is chance.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.metrics.roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75
    """
    places, table = _scored(y_true, scores, classes, "scores")
    present = np.unique(places)
    if len(present) < 2:
        raise ValueError("y_true must hold at least two classes, got one")
    if table.shape[1] == 2:
        # The second column decides: scores need not add up to one.
        return _area(places == 1, table[:, 1])
    return float(np.mean([_area(places == k, table[:, k]) for k in present]))


def _area(positive: npt.NDArray[np.bool_], scores: npt.NDArray[np.float64]) -> float:
    """Mann and Whitney's statistic by mean ranks."""
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[places]
    count = int(positive.sum())
    statistic = ranks[positive].sum() - count * (count + 1) / 2
    return float(statistic / (count * (len(scores) - count)))


def _pair(
    y_true: npt.ArrayLike, y_pred: npt.ArrayLike
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    true, predicted = _arrays.labels(y_true, "y_true"), _arrays.labels(y_pred, "y_pred")
    if len(true) != len(predicted):
        raise ValueError(
            f"y_pred must have as many rows as y_true ({len(true)}), got {len(predicted)}"
        )
    if (true.dtype.kind == "U") != (predicted.dtype.kind == "U"):
        raise TypeError(
            f"y_pred must hold labels like y_true's ({true.dtype}), got {predicted.dtype}"
        )
    return true, predicted


def _scored(
    y_true: npt.ArrayLike, scores: npt.ArrayLike, classes: npt.ArrayLike | None, name: str
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.float64]]:
    """The place of each row's class, and a column per class."""
    true = _arrays.labels(y_true, "y_true")
    known = np.unique(true if classes is None else _arrays.labels(classes, "classes"))
    table = np.asarray(scores)
    if table.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {table.dtype}")
    table = table.astype(np.float64)
    if table.ndim == 1:
        table = np.column_stack([1 - table, table])
    if table.shape != (len(true), len(known)):
        raise ValueError(
            f"{name} must have a row for each of {len(true)} labels and a column for each of "
            f"{len(known)} classes, got shape {np.shape(scores)}"
        )
    if not np.isfinite(table).all():
        raise ValueError(f"{name} must be finite")
    return class_numbers(true, known, "y_true", "classes")[:, 0].astype(np.intp), table
