"""Scores of classification: how well a training's network does on the validation rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from swiftnas import metrics
from swiftnas.labels import most_likely, probabilities, shown

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas import _native
    from swiftnas._arrays import Matrix
    from swiftnas.task import Task

    #: A score of logits, of shape (rows, outputs), for rows whose classes are counted from 0.
    Score: TypeAlias = Callable[[npt.NDArray[np.intp], Matrix], float]


class ValidationScores:
    """The scores that a search asks for, of one training after the other.

    Parameters
    ----------
    names : iterable of str
        Among `swiftnas.objectives.SCORES`.
    task : Task
        What is trained and validated on, of classification.
    """

    def __init__(self, names: Iterable[str], task: Task) -> None:
        self._names = tuple(names)
        self._inputs = task._data[2]
        self._truth = task.y_val[:, 0].astype(np.intp)
        self._width = task.output_width

    @property
    def needs_model(self) -> bool:
        """Whether the engine's own figures do not tell."""
        return any(name in _OF_OUTPUTS for name in self._names)

    def of(
        self, outcome: Mapping[str, Any], model: Callable[[], _native.Model]
    ) -> dict[str, float]:
        """The scores of a training by name; none if it diverged or was cancelled.

        Parameters
        ----------
        outcome : dict
            The engine's figures of the training.
        model : callable
            Gives the network with the weights that the figures are about; called if it is needed.
        """
        if outcome["status"] not in ("ok", "stopped"):
            return {}
        if self.needs_model:
            outputs = np.empty((len(self._truth), self._width), np.float32)
            model().predict(self._inputs, outputs)
        return {
            name: _OF_OUTPUTS[name](self._truth, outputs) if name in _OF_OUTPUTS else outcome[name]
            for name in self._names
        }


def check_score(name: str, task: Task) -> None:
    """Raise an error if a score has no value on a task, whatever is trained."""
    if task.classes is None:
        raise ValueError(f"{name!r} needs a task of classification, got regression")
    if name == "validation_auc" and len(present := np.unique(task.y_val)) < 2:
        only = shown(task.classes[int(present[0])])
        raise ValueError(
            f"{name!r} needs a task with validation rows of at least two classes, got only {only}"
        )


def _f1(truth: npt.NDArray[np.intp], outputs: Matrix) -> float:
    return metrics.f1(truth, most_likely(outputs))


def _auc(truth: npt.NDArray[np.intp], outputs: Matrix) -> float:
    # In float64, as float32 would round many a probability to 1.
    shares = probabilities(outputs)
    # An infinite logit can leave the loss finite, but no order of the rows.
    if not np.isfinite(shares).all():
        return -math.inf
    return metrics.roc_auc(truth, shares, np.arange(shares.shape[1]))


#: Scores that take the network's outputs; the others are among the engine's figures.
_OF_OUTPUTS: dict[str, Score] = {"validation_f1": _f1, "validation_auc": _auc}
