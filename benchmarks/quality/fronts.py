"""Two objectives at once: log10 of the parameters and log10 of the validation error.

Protocol: an evaluation gives the size and the validation loss of one training of a random seed; the
front is what no other observation dominates; its hypervolume is that of the front's architectures
by their means over all seeds, relative to the hypervolume of the whole table. The reference point
is the largest size and log10 of the loss 0.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from functools import cache

import numpy as np
import numpy.typing as npt

import swiftnas as nas
from quality.evaluations import Architecture, generator
from quality.tables import table as load
from swiftnas.benchmarks import TabularBenchmark

_Array = npt.NDArray[np.float64]

#: For every competitor; it must fit the budgets.
POPULATION = 20


class TwoObjectives:
    """A budget of evaluations of a table, and what they showed."""

    def __init__(self, name: str, budget: int, seed: int) -> None:
        self.table: TabularBenchmark = load(name)
        self.budget = budget
        self._name = name
        self._rng = generator(self.table.name, seed)
        self._observed: list[tuple[float, float]] = []
        self._means: list[float] = []

    @property
    def spent(self) -> int:
        """How many evaluations were made."""
        return len(self._means)

    @property
    def finished(self) -> bool:
        """Whether the budget is used up."""
        return self.spent >= self.budget

    def evaluate(self, architecture: Architecture) -> list[float]:
        """Both objectives of one training of a random seed."""
        index = int(self._rng.integers(self.table.seeds(architecture)))
        size = math.log10(self.table.parameters(architecture))
        loss = math.log10(self.table.value(architecture, index))
        self._observed.append((size, loss))
        self._means.append(math.log10(self.table.mean(architecture)))
        return [size, loss]

    def hypervolume(self, budget: int) -> float:
        """The relative hypervolume of the front after `budget` evaluations."""
        reference, whole = scale(self._name)
        observed = np.array(self._observed[:budget])
        front = nondominated(observed)
        points = np.column_stack([observed[front, 0], np.array(self._means[:budget])[front]])
        return hypervolume(points, reference) / whole


def nondominated(points: _Array) -> npt.NDArray[np.intp]:
    """The rows of (points, 2) that no other row dominates, by the first objective; ties once."""
    order = np.lexsort((points[:, 1], points[:, 0]))
    second = points[order, 1]
    before = np.minimum.accumulate(np.concatenate([[np.inf], second[:-1]]))
    return order[second < before]


def hypervolume(points: _Array, reference: _Array) -> float:
    """The area that (points, 2) dominate below the reference point, both objectives minimised."""
    inside = points[np.all(points < reference, axis=1)]
    if not len(inside):
        return 0.0
    front = inside[nondominated(inside)]
    heights = np.concatenate([[reference[1]], front[:-1, 1]]) - front[:, 1]
    return float(np.sum((reference[0] - front[:, 0]) * heights))


@cache
def scale(name: str) -> tuple[_Array, float]:
    """The reference point of a table and the hypervolume of all its architectures."""
    given = load(name)
    architectures = [given.architecture(row) for row in range(given.size)]
    points = np.log10([[given.parameters(a), given.mean(a)] for a in architectures])
    reference = np.array([points[:, 0].max(), 0.0])
    return reference, hypervolume(points, reference)


def ours(strategy: nas.Strategy) -> Callable[[TwoObjectives, int], None]:
    """A run of a strategy of swiftnas."""

    def run(evaluations: TwoObjectives, seed: int) -> None:
        asking = nas.AskTell(evaluations.table.space, strategy, seed, objectives=2)
        while not evaluations.finished:
            proposals = asking.ask(1)
            if not proposals:
                return
            asking.tell(proposals[0], evaluations.evaluate(proposals[0].architecture))

    return run


def peer(name: str) -> Callable[[TwoObjectives, int], None]:
    """A run of a function of `multiobjective_peers`."""

    def run(evaluations: TwoObjectives, seed: int) -> None:
        from quality import multiobjective_peers

        getattr(multiobjective_peers, name)(evaluations, seed, POPULATION)

    return run


def competitors() -> dict[str, Callable[[TwoObjectives, int], None]]:
    """All of them by name, ours first; ours need an engine that takes several objectives."""
    several = "objectives" in inspect.signature(nas.AskTell).parameters
    strategies: dict[str, nas.Strategy] = {}
    if several:
        strategies["RandomSearch"] = nas.RandomSearch()
    if several and hasattr(nas, "NSGA2"):
        strategies["NSGA2"] = nas.NSGA2(population_size=POPULATION)
    return {name: ours(strategy) for name, strategy in strategies.items()} | {
        "Optuna random": peer("optuna_random"),
        "Optuna NSGA-II": peer("optuna_nsga2"),
        "pymoo NSGA2": peer("pymoo_nsga2"),
    }
