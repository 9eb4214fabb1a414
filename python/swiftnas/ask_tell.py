"""A strategy driven by hand: `ask` for architectures, evaluate them anywhere, `tell` the values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas._arguments import real_number, seed_or_fresh, whole_number
from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.strategy import checked_strategy

if TYPE_CHECKING:
    from swiftnas.strategy import Strategy
    from swiftnas.trial import Trial


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """An architecture that a strategy wants to have evaluated.

    Attributes
    ----------
    number : int
        Counted from 0 in the order of asking.
    architecture : dict
        The user's own choices by name.
    seed : int
        The seed to train with, derived from the search's seed and the number; 32 bits.
    fresh : bool
        Whether to evaluate even if the same architecture was evaluated before.
    fidelity : float
        The share of the full budget (epochs, rows, …) to spend, in (0, 1]; below 1 only with
        strategies such as `Hyperband`.
    origin : int
        The number of the proposal whose evaluation goes on here with more budget, and whose seed
        this is; its own number for a new one.
    known : int
        How many values had been told when this was proposed: those of all proposals numbered
        below. What decides about an evaluation should depend on no others, so that the order of
        evaluation does not matter.
    """

    number: int
    architecture: Architecture
    seed: int
    fresh: bool
    fidelity: float
    origin: int
    known: int


class AskTell:
    """A strategy at work: hands out architectures, takes back their values, in any order.

    The course of a search depends on the space, the strategy, the seed and the values only; not on
    how many architectures are asked for at a time, nor on the order in which they are told. Objects
    can be pickled at any point and go on from there; what was asked for and not told yet is then
    asked for again. One thread at a time may use an object.

    Parameters
    ----------
    space : SearchSpace or dict
        What to search.
    strategy : Strategy or str, optional
        How to search, such as ``nas.TPE()`` or its name ``"TPE"``; `Evolution` by default.
    seed : int, optional
        The same seed gives the same course; None draws a fresh one, found in `seed`.
    objectives : int, default 1
        How many values each proposal has. With several, strategies approach the Pareto front.

    Examples
    --------
    >>> import swiftnas as nas
    >>> optimizer = nas.AskTell({"x": nas.Float(-1, 1)}, nas.RandomSearch(), seed=0)
    >>> for _ in range(20):
    ...     for proposal in optimizer.ask(4):
    ...         optimizer.tell(proposal, proposal.architecture["x"] ** 2)
    """

    def __init__(
        self,
        space: SearchSpace | Mapping[str, Any],
        strategy: Strategy | str | None = None,
        seed: int | None = None,
        objectives: int = 1,
    ) -> None:
        self.space = SearchSpace.of(space)
        self.strategy = checked_strategy("Evolution" if strategy is None else strategy)
        self.seed = seed_or_fresh(seed)
        self.objectives = whole_number(objectives, "objectives", minimum=1, maximum=16)
        self._native = self.strategy._start(self.space._native, self.seed, self.objectives)

    def __repr__(self) -> str:
        return f"AskTell({self.space!r}, {self.strategy!r}, seed={self.seed})"

    def __getstate__(self) -> dict[str, Any]:
        return {
            "space": self.space,
            "strategy": self.strategy,
            "seed": self.seed,
            "objectives": self.objectives,
            "state": self._native.state(),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(  # type: ignore[misc]
            state["space"], state["strategy"], state["seed"], state["objectives"]
        )
        self._native.restore(state["state"])

    @property
    def exhausted(self) -> bool:
        """Whether the strategy has nothing more to propose, known when `ask` gave nothing."""
        exhausted: bool = self._native.exhausted
        return exhausted

    def ask(self, limit: int = 1) -> list[Proposal]:
        """Up to `limit` architectures to evaluate.

        The list may be shorter: strategies work in batches, and go on when a whole batch was told.
        It is empty while the strategy waits for values, and when it is exhausted.
        """
        return [proposal for proposal, _ in self._ask(limit)]

    def _ask(self, limit: int) -> list[tuple[Proposal, Architecture]]:
        """Proposals, each with its architecture as the engine has it: plain and hashable values."""
        limit = whole_number(limit, "limit", minimum=1)
        return [
            (
                Proposal(
                    number=number,
                    architecture=self.space._decode(architecture),
                    seed=seed,
                    fresh=fresh,
                    fidelity=fidelity,
                    origin=origin,
                    known=known,
                ),
                architecture,
            )
            for number, architecture, seed, fresh, fidelity, origin, known in self._native.ask(
                limit
            )
        ]

    def tell(
        self, proposal: Proposal | int, value: float | Sequence[float], violation: float = 0.0
    ) -> None:
        """Give the value of a proposal, by itself or its number; smaller is better.

        Parameters
        ----------
        proposal : Proposal or int
        value : float, or one per objective
            NaN and infinity stand for a failed evaluation, which ranks last.
        violation : float, default 0
            How far from allowed the architecture is, such as the seconds beyond a limit. What is
            allowed ranks before all that is not.
        """
        number = proposal.number if isinstance(proposal, Proposal) else proposal
        number = whole_number(number, "proposal", minimum=0)
        self._native.tell(
            number, _values(value, self.objectives), real_number(violation, "violation")
        )

    def learn(self, trials: Iterable[Trial]) -> None:
        """Give the strategy the trials of an earlier search of the same problem, before it begins.

        Trials with less than the full budget are left out, as are those whose architecture is not
        in the space. The strategy does not propose what it knows again, where it can avoid it.

        Examples
        --------
        >>> import swiftnas as nas
        >>> space = nas.SearchSpace({"x": [-2, -1, 0, 1, 2]})
        >>> def f(a):
        ...     return a["x"] ** 2
        >>> earlier = nas.search(space, objective=f, strategy=nas.RandomSearch(), trials=3, seed=0)
        >>> optimizer = nas.AskTell(space, nas.TPE(), seed=1)
        >>> optimizer.learn(earlier.trials)
        """
        self._native.learn(
            [
                (self.space._encode(trial.architecture), trial.values, trial.violation)
                for trial in trials
                if trial.fidelity == 1 and self.space.contains(trial.architecture)
            ]
        )

    def enqueue(self, architectures: Iterable[Mapping[str, Any]]) -> None:
        """Architectures to be proposed first, such as the best of a search on other data."""
        encoded = []
        for architecture in architectures:
            self.space.validate(architecture)
            encoded.append(self.space._encode(architecture))
        self._native.enqueue(encoded)


def _values(value: float | Sequence[float], objectives: int) -> list[float]:
    """One number per objective."""
    if isinstance(value, Sequence | np.ndarray) and not isinstance(value, str | bytes):
        values = [real_number(number, "value") for number in value]
        if len(values) != objectives:
            raise ValueError(
                f"value must be one number per objective ({objectives}), got {len(values)}"
            )
        return values
    if objectives > 1:
        raise TypeError(f"value must be a list of {objectives} numbers, got {value!r}")
    return [real_number(value, "value")]
