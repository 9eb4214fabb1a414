"""What one run of a competitor on a table may spend, and what came of it.

Protocol: an evaluation gives the validation loss of one training of the table, of a random seed;
the incumbent is the best that was observed, the last of several; its regret is its mean over all
seeds minus the table's optimum.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from swiftnas.benchmarks import TabularBenchmark

Architecture = dict[str, Any]


def generator(table: str, seed: int) -> np.random.Generator:
    """What a run draws the table's seeds with."""
    return np.random.default_rng((zlib.crc32(table.encode()), seed))


@dataclass
class Training:
    """One architecture in training: the table's seeds in the order they are read."""

    order: list[int]
    values: list[float] = field(default_factory=list)


class Evaluations:
    """A budget of evaluations of a table, and the incumbent's regret after each of them.

    Attributes
    ----------
    spent : int
        How many evaluations were paid for.
    steps : list of (int, float)
        For each new incumbent, what had been spent then, and its regret.
    """

    def __init__(self, table: TabularBenchmark, budget: int, seed: int) -> None:
        self.table = table
        self.budget = budget
        self.spent = 0
        self.steps: list[tuple[int, float]] = []
        self._rng = generator(table.name, seed)
        self._best = (0, np.inf)
        self._trainings: dict[int, Training] = {}

    @property
    def finished(self) -> bool:
        """Whether the budget is used up."""
        return self.spent >= self.budget

    def evaluate(self, architecture: Architecture) -> float:
        """One training of a random seed."""
        count = self.table.seeds(architecture)
        value = self.table.value(architecture, int(self._rng.integers(count)))
        self.spent += 1
        self._offer(architecture, 1, value)
        return value

    def repeat(self) -> None:
        """Pay for an evaluation of which the outcome is known already."""
        self.spent += 1

    def evaluate_partly(
        self, number: int, origin: int | None, architecture: Architecture, fidelity: float
    ) -> float | None:
        """The mean of a share of the table's seeds; only those not read before are paid for.

        A trial that continues another one, its `origin`, goes on with that one's seeds. None if
        the budget does not reach; it is then used up.
        """
        training = self._trainings.get(-1 if origin is None else origin)
        if training is None:
            count = self.table.seeds(architecture)
            training = Training(self._rng.permutation(count).tolist())
        self._trainings[number] = training
        wanted = max(1, round(fidelity * len(training.order)))
        missing = training.order[len(training.values) : wanted]
        if self.spent + len(missing) > self.budget:
            self.spent = self.budget
            return None
        training.values += [self.table.value(architecture, index) for index in missing]
        self.spent += len(missing)
        value = float(np.mean(training.values[:wanted]))
        self._offer(architecture, wanted, value)
        return value

    def _offer(self, architecture: Architecture, seeds: int, value: float) -> None:
        """Compare with the incumbent: more seeds go before fewer, then the lesser value.

        Of equal ones the later one is kept: what a search knows better by then counts for it.
        Where the best possible value is observed early, as on `car`, nothing else could tell
        searches apart.
        """
        if np.isfinite(value) and (-seeds, value) <= self._best:
            self._best = (-seeds, value)
            self.steps.append((self.spent, self.table.regret(architecture)))
