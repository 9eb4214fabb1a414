"""The numbers and words of a trial that other programs keep."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from swiftnas._json import json_data
from swiftnas.trial import Incumbent

if TYPE_CHECKING:
    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: Attributes of a trial that are one number.
_NUMBERS = ("validation_accuracy", "parameters", "flops", "fidelity", "wall_seconds", "violation")


class Figures:
    """The figures of a search's trials, one after the other.

    Parameters
    ----------
    result : SearchResult
        The search, of which the trials may be missing.
    """

    def __init__(self, result: SearchResult) -> None:
        self._result = result
        self._incumbent = Incumbent()

    def of(self, trial: Trial) -> dict[str, float]:
        """All finite figures by name; with one objective ``best`` is the best value so far.

        What is maximised has its own sign.
        """
        self._incumbent.offer(trial)
        figures: dict[str, Any] = {}
        values, best = self._result.objective_values(trial), self._incumbent.trial
        if len(values) > 1:
            named = zip(self._result.objectives, values, strict=True)
            figures = {f"values/{name}": value for name, value in named}
        else:
            figures["value"] = values[0]
            figures["best"] = None if best is None else self._result.objective_values(best)[0]
        figures |= {name: getattr(trial, name) for name in _NUMBERS}
        figures |= {f"measures/{name}": value for name, value in trial.measures.items()}
        return {
            name: float(value)
            for name, value in figures.items()
            if value is not None and math.isfinite(value)
        }


def choices(trial: Trial) -> dict[str, bool | int | float | str]:
    """The architecture in types that every program takes; lists and objects as text."""
    plain = {name: json_data(value) for name, value in trial.architecture.items()}
    return {
        name: value if isinstance(value, bool | int | float | str) else str(value)
        for name, value in plain.items()
    }


def curves(trial: Trial) -> dict[str, list[tuple[int, float]]]:
    """Learning curves by name: epochs, counted from 1, and finite losses."""
    named = {
        "training_loss": list(enumerate(trial.training_losses, 1)),
        "validation_loss": list(trial.validation_losses),
    }
    return {
        name: [(epoch, loss) for epoch, loss in curve if math.isfinite(loss)]
        for name, curve in named.items()
    }
