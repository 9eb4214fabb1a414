"""Class labels of any kind, as the numbers that the engine counts classes by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas import _native
from swiftnas._arguments import real_number

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas._arrays import Matrix


def classifies(loss: Any) -> bool:
    """Whether a loss is one of classification; an error unless it is a loss."""
    losses = _classifications()
    if not isinstance(loss, str) or loss not in losses:
        allowed = ", ".join(map(repr, losses))
        raise ValueError(f"loss must be one of {allowed}, got {loss!r}")
    return losses[loss]


@cache
def _classifications() -> dict[str, bool]:
    """Each loss by name: whether it is one of classification."""
    return {item["name"]: bool(item["is_classification"]) for item in _native.losses()}


def classes_of(labels: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    """The different labels, sorted; an error unless there are several."""
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ValueError(f"{name} must hold at least two classes, got only {shown(classes[0])}")
    # Strings no wider than needed, as they come back from a file.
    return np.array(classes.tolist()) if classes.dtype.kind == "U" else classes


def class_numbers(
    labels: npt.NDArray[Any], classes: npt.NDArray[Any], name: str, source: str = "y_train"
) -> Matrix:
    """Each label's place among the sorted classes that `source` has: a read-only float32 column."""
    seen = np.zeros(len(labels), bool)
    places = np.zeros(len(labels), np.intp)
    # NumPy would compare texts with the texts of numbers.
    if (labels.dtype.kind == "U") == (classes.dtype.kind == "U"):
        places = np.minimum(np.searchsorted(classes, labels), len(classes) - 1)
        seen = classes[places] == labels
    if not seen.all():
        row = int(np.argmin(seen))
        raise ValueError(
            f"{name} must hold labels that {source} has, got {shown(labels[row])} at row {row}"
        )
    numbers = places.astype(np.float32).reshape(-1, 1)
    # The engine reads them where they lie.
    numbers.flags.writeable = False
    return numbers


def most_likely(logits: npt.NDArray[Any]) -> npt.NDArray[np.intp]:
    """The place of each row's predicted class: of the largest logit, the first of equal ones.

    One column is the second class's logit against 0.
    """
    places = logits[:, 0] > 0 if logits.shape[1] == 1 else logits.argmax(axis=1)
    return places.astype(np.intp)


def probabilities(logits: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """The softmax of logits, a column per class; one column is the second class's against 0."""
    logits = logits.astype(np.float64)
    if logits.shape[1] == 1:
        # The softmax of 0 and the logit is the sigmoid of the logit.
        logits = np.column_stack([np.zeros(len(logits)), logits])
    # A training that diverged leaves no numbers, and its probabilities are none either.
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: npt.NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def row_weights(
    sample_weight: npt.NDArray[np.float64] | None,
    class_weight: str | Mapping[Any, float] | None,
    classes: npt.NDArray[Any] | None,
    numbers: Matrix,
) -> Matrix | None:
    """How much each training row counts, as a column with mean 1; None if all count the same.

    Parameters
    ----------
    numbers : ndarray of shape (rows, 1)
        The class of each row, if there are classes.
    """
    weights = sample_weight
    if class_weight is not None:
        if classes is None:
            raise ValueError("class_weight needs classes, got a loss of regression")
        places = numbers[:, 0].astype(np.intp)
        factors = class_factors(class_weight, classes, places)[places]
        weights = factors if weights is None else weights * (factors / factors.max(initial=1.0))
    if weights is None:
        return None
    largest = weights.max()
    if not largest > 0:
        raise ValueError("sample_weight and class_weight must not be 0 for all rows together")
    # Only ratios matter; about 1 they lose nothing in float32.
    weights = weights / largest
    return np.ascontiguousarray(weights / weights.mean(), np.float32).reshape(-1, 1)


def class_factors(
    class_weight: str | Mapping[Any, float],
    classes: npt.NDArray[Any],
    places: npt.NDArray[np.intp],
    weights: npt.NDArray[np.float64] | None = None,
    source: str = "y_train",
) -> npt.NDArray[np.float64]:
    """What the weights of each class's rows are multiplied by.

    Parameters
    ----------
    places : ndarray of shape (rows,)
        The class of each row; all classes are there.
    weights : ndarray of shape (rows,), optional
        How much each row counts where ``"balanced"`` makes the sums of classes equal.
    source : str
        What has the labels, for errors.
    """
    if isinstance(class_weight, str) and class_weight == "balanced":
        sums = np.bincount(places, weights, len(classes))
        balanced: npt.NDArray[np.float64] = sums.sum() / (len(classes) * sums)
        return balanced
    if not isinstance(class_weight, Mapping):
        raise TypeError(
            f"class_weight must be 'balanced' or a dict of labels to numbers, got {class_weight!r}"
        )
    known = classes.tolist()
    factors = np.ones(len(classes))
    for label, value in class_weight.items():
        if label not in known:
            allowed = ", ".join(map(repr, known[:10])) + (", …" if len(known) > 10 else "")
            raise ValueError(f"class_weight has the label {shown(label)}, {source} has: {allowed}")
        number = real_number(value, f"class_weight[{label!r}]")
        if not 0 <= number < float("inf"):
            raise ValueError(f"class_weight[{label!r}] must be a finite number ≥ 0, got {value!r}")
        factors[known.index(label)] = number
    return factors


def shown(label: Any) -> str:
    """A label as it is written in Python."""
    return repr(label.item() if isinstance(label, np.generic) else label)
