"""A strategy driven by hand: `ask` for architectures, evaluate them anywhere, `tell` the values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swiftnas._arguments import real_number, seed_or_fresh, whole_number
from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.strategies import Evolution
from swiftnas.strategy import Strategy


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
        The share of the full budget to evaluate with, in (0, 1].
    origin : int
        The number of the trial whose evaluation this one continues, with its seed; its own number
        if it begins one.
    known : int
        How many trials were told before the strategy proposed this one's batch.
    """

    number: int
    architecture: Architecture
    seed: int
    fresh: bool
    fidelity: float = 1.0
    origin: int = 0
    known: int = 0


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
    strategy : Strategy, optional
        How to search; `Evolution` by default.
    seed : int, optional
        The same seed gives the same course; None draws a fresh one, found in `seed`.

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
        strategy: Strategy | None = None,
        seed: int | None = None,
    ) -> None:
        self.space = SearchSpace.of(space)
        self.strategy = checked_strategy(strategy)
        self.seed = seed_or_fresh(seed)
        self._native = self.strategy._start(self.space._native, self.seed)

    def __repr__(self) -> str:
        return f"AskTell({self.space!r}, {self.strategy!r}, seed={self.seed})"

    def __getstate__(self) -> dict[str, Any]:
        return {
            "space": self.space,
            "strategy": self.strategy,
            "seed": self.seed,
            "state": self._native.state(),
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["space"], state["strategy"], state["seed"])  # type: ignore[misc]
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
        asked = self._native.ask(limit)
        known = self._native.state()["first"] if asked else 0
        return [
            (
                Proposal(
                    number=number,
                    architecture=self.space._decode(architecture),
                    seed=seed,
                    fresh=fresh,
                    origin=number,
                    known=known,
                ),
                architecture,
            )
            for number, architecture, seed, fresh in asked
        ]

    def tell(self, proposal: Proposal | int, value: float) -> None:
        """Give the value of a proposal, by itself or its number; smaller is better.

        NaN and infinity stand for a failed evaluation, which ranks last.
        """
        number = proposal.number if isinstance(proposal, Proposal) else proposal
        number = whole_number(number, "proposal", minimum=0)
        self._native.tell(number, real_number(value, "value"))


def checked_strategy(strategy: Strategy | None) -> Strategy:
    """`strategy` itself, or the default one for None."""
    if strategy is None:
        return Evolution()
    if isinstance(strategy, Strategy):
        return strategy
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        raise TypeError(f"strategy must be an object, got a class; write {strategy.__name__}()")
    raise TypeError(f"strategy must be a swiftnas strategy, got {strategy!r}")
