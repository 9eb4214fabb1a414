"""Trials, the evaluated architectures of a search, as plain and picklable data; the best one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from typing import Any

from swiftnas.search_space import Architecture

#: Attributes of a trial that are one number or word, in the order of a table's columns.
FACTS = (
    "status",
    "fidelity",
    "epochs",
    "trained_epochs",
    "validation_accuracy",
    "parameters",
    "flops",
    "wall_seconds",
    "cached",
    "violation",
    "seed",
    "error",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """One evaluated architecture.

    ``nas.train(trial.architecture, task, epochs=trial.epochs, seed=trial.seed)`` repeats the
    training bit for bit, given the search's `rng`; and its first rows only, if the search was by
    ``fidelity="rows"``.

    Attributes
    ----------
    number : int
        Counted from 0 in the order of the search.
    architecture : dict
        The user's own choices by name.
    value : float
        What the search minimises: the validation loss, or what the objective returned; the first
        of several. Infinite if it is not known.
    status : str
        ``"ok"``; ``"diverged"`` if a loss became NaN or infinite; ``"stopped"`` if a rule of
        `swiftnas.stopping` ended the training early, whose value is then as good as any;
        ``"infeasible"`` if a constraint is not kept; ``"failed"`` if an error was raised.
    seed : int
        The seed that the value belongs to.
    epochs : int or None
        Epochs after which the value was taken: the last ones, or with
        `swiftnas.stopping.Patience` those up to the best validation. None for an objective, like
        the following figures.
    training_losses : tuple of float
        The loss of each epoch, taken before its step, with dropout on; empty for an objective.
    validation_losses : tuple of (int, float)
        Epochs and losses of all validations, if a rule of `swiftnas.stopping` asked for them.
    validation_accuracy : float or None
        In classification the share of validation rows whose class is predicted right, taken with
        the value; None if diverged.
    parameters : int or None
        Trainable numbers of the network.
    flops : int or None
        Floating-point operations of one row's forward pass.
    wall_seconds : float
        Time that the evaluation took; 0 if it was not needed.
    cached : bool
        Whether the same architecture was evaluated before and its outcome taken over.
    fidelity : float
        The share of the full budget that was spent.
    values : tuple of float
        The value of each objective, to be minimised: the negative of what is to be maximised.
    violation : float
        How far from allowed the architecture is: the sum, over all constraints, of what exceeds the
        limit as a share of the limit.
    measures : dict of str to float
        All numbers that objectives and constraints are about, as they were measured.
    trained_epochs : float
        Epochs that this trial added to the search: none if it was cached or not trained, and only
        the new ones if it went on with the training of an earlier one. An epoch over the first
        third of the rows counts as a third of one.
    error : str or None
        What was raised, for ``"failed"``.
    """

    number: int
    architecture: Architecture
    value: float
    status: str
    seed: int
    epochs: int | None = None
    training_losses: tuple[float, ...] = ()
    parameters: int | None = None
    flops: int | None = None
    wall_seconds: float = 0.0
    cached: bool = False
    fidelity: float = 1.0
    validation_losses: tuple[tuple[int, float], ...] = ()
    values: tuple[float, ...] = ()
    violation: float = 0.0
    measures: dict[str, float] = field(default_factory=dict)
    trained_epochs: float = 0
    error: str | None = None
    validation_accuracy: float | None = None

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", (self.value,))

    @property
    def succeeded(self) -> bool:
        """Whether all values are finite and all constraints kept."""
        return self.violation == 0 and all(map(math.isfinite, self.values))

    def to_dict(self) -> dict[str, Any]:
        """The attributes by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


def highest_fidelity(trials: Iterable[Trial]) -> float:
    """The highest fidelity of some trials; 1 if there are none."""
    return max((trial.fidelity for trial in trials), default=1.0)


class Incumbent:
    """The best trial so far: the first of least value.

    Only trials that keep all constraints count, and of these only those with the highest fidelity
    that any has reached.
    """

    def __init__(self) -> None:
        self.trial: Trial | None = None

    @property
    def value(self) -> float:
        """Infinity while there is none."""
        return math.inf if self.trial is None else self.trial.value

    def offer(self, trial: Trial) -> None:
        """Compare the next trial with it."""
        if not trial.succeeded:
            return
        best = self.trial
        if best is None or (-trial.fidelity, trial.value) < (-best.fidelity, best.value):
            self.trial = trial
