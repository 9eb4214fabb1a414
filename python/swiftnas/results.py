"""What comes out of a search: its trials and the result that holds them. Plain, picklable data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.strategy import Strategy

if TYPE_CHECKING:
    import os


class AllTrialsDivergedError(RuntimeError):
    """No trial of a search has a finite value, so there is no best one."""


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
        What the search minimises: the validation loss, or what the objective returned. Infinite
        for a candidate that diverged.
    status : str
        ``"ok"``, ``"diverged"`` if a loss became NaN or infinite, or ``"stopped"`` if a rule of
        `swiftnas.stopping` ended it early; the value is then as good as any.
    seed : int
        The seed that the value belongs to.
    epochs : int or None
        Full-batch steps after which the value was taken: the last ones, or with
        `swiftnas.stopping.Patience` those up to the best validation. None for an objective, like
        the following figures.
    training_losses : tuple of float
        The loss of each epoch, taken before its step, with dropout on; empty for an objective.
    validation_losses : tuple of (int, float)
        Epochs and losses of all validations, if a rule of `swiftnas.stopping` asked for them.
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

    @property
    def values(self) -> tuple[float, ...]:
        """The value as a tuple."""
        return (self.value,)

    @property
    def violation(self) -> float:
        """How far from allowed the architecture is."""
        return 0.0

    def to_dict(self) -> dict[str, Any]:
        """The attributes by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class SearchResult:
    """The trials of a search and what they came from.

    Attributes
    ----------
    trials : tuple of Trial
        In the order of their numbers.
    space : SearchSpace
    strategy : Strategy
    seed : int
        The search's seed; a fresh one if none was given.
    epochs : int or None
        Full-batch steps per trial; None for an objective.
    rng : str or None
        The generator that the trials drew from; None for an objective.
    exhausted : bool
        Whether the search ended early because the strategy had nothing more to propose.
    wall_seconds : float
        Time that the whole search took.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = nas.SearchSpace({"x": [-2, -1, 0, 1, 2]})
    >>> result = nas.search(
    ...     space, objective=lambda a: a["x"] ** 2, strategy=nas.RandomSearch(), trials=5, seed=0
    ... )
    >>> result.best.architecture, result.best.value
    ({'x': 0}, 0.0)
    """

    trials: tuple[Trial, ...]
    space: SearchSpace
    strategy: Strategy
    seed: int
    epochs: int | None
    rng: str | None
    exhausted: bool
    wall_seconds: float = field(compare=False)

    @property
    def best(self) -> Trial:
        """The trial of least value, the first of them if there are several.

        Raises
        ------
        AllTrialsDivergedError
            If no trial has a finite value.
        """
        best = min(self.trials, key=lambda trial: trial.value)
        if math.isinf(best.value):
            raise AllTrialsDivergedError(
                f"all {len(self.trials)} trials diverged; "
                "try smaller learning rates or standardised data"
            )
        return best

    def __repr__(self) -> str:
        finite = [trial.value for trial in self.trials if math.isfinite(trial.value)]
        best = f"best {min(finite):.6g}" if finite else "all diverged"
        return (
            f"SearchResult({len(self.trials)} trials, {best}, {self.strategy!r}, "
            f"seed {self.seed}, {self.wall_seconds:.3g} s)"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data of the types of JSON; see `to_json`."""
        # Not needed for a search, so not loaded with the package.
        from swiftnas._json import json_data

        strategy = {"name": type(self.strategy).__name__, "options": self.strategy.options}
        data: dict[str, Any] = json_data(
            {
                "strategy": strategy,
                "space": self.space.to_dict(),
                "seed": self.seed,
                "epochs": self.epochs,
                "rng": self.rng,
                "exhausted": self.exhausted,
                "wall_seconds": self.wall_seconds,
                "trials": [trial.to_dict() for trial in self.trials],
            }
        )
        return data

    def to_json(self, path: str | os.PathLike[str] | None = None, *, indent: int | None = 2) -> str:
        """Everything as JSON text, also written to `path` if given.

        Values that are not finite become ``null``, which JSON has instead. Choices of a callable
        objective that JSON does not know become their ``repr``.
        """
        from swiftnas._json import json_text

        return json_text(self.to_dict(), path, indent=indent)
