"""Who takes part: every strategy of the registry, and Optuna's samplers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import swiftnas as nas
from quality.evaluations import Evaluations
from swiftnas import _native

#: Strategies that train with a share of the budget first, so whose evaluations cost that share.
MULTI_FIDELITY = {"SuccessiveHalving", "Hyperband", "ASHA", "BOHB"}

#: No strategy asks this often for what costs nothing.
_ASKS_PER_EVALUATION = 20


@dataclass(frozen=True)
class Competitor:
    """A way to search: `run` spends the evaluations. Slow ones have a smaller budget and fewer
    seeds."""

    run: Callable[[Evaluations, int], None]
    budget: int | None = None
    seeds: int | None = None

    def limits(self, budget: int, seeds: int) -> tuple[int, int]:
        """The budget and the number of seeds that this one gets."""
        return min(budget, self.budget or budget), min(seeds, self.seeds or seeds)


#: Seeds of strategies that compute for a while before they propose; the others have all.
_FEWER_SEEDS = {
    "TPE": 100,
    "PredictorSearch": 100,
    "BayesianOptimization": 150,
}


def ours(strategy: nas.Strategy) -> Competitor:
    """A strategy of swiftnas."""
    partly = type(strategy).__name__ in MULTI_FIDELITY

    def run(evaluations: Evaluations, seed: int) -> None:
        search(nas.AskTell(evaluations.table.space, strategy, seed), evaluations, partly)

    return Competitor(run, seeds=_FEWER_SEEDS.get(type(strategy).__name__))


def search(asking: nas.AskTell, evaluations: Evaluations, partly: bool) -> None:
    """Ask and tell until the budget is used up, or nothing is left to ask for.

    As in `swiftnas.search`, an architecture that comes up again has the value it had, unless the
    strategy wants a fresh one; it is paid for all the same.
    """
    known: dict[int, float] = {}
    for _ in range(_ASKS_PER_EVALUATION * evaluations.budget):
        if evaluations.finished:
            return
        proposals = asking.ask(1)
        if not proposals:
            return
        proposal = proposals[0]
        if partly:
            value = evaluations.evaluate_partly(
                proposal.number,
                getattr(proposal, "origin", None),
                proposal.architecture,
                getattr(proposal, "fidelity", 1.0),
            )
            if value is None:
                return
        else:
            row = evaluations.table.row(proposal.architecture)
            if row in known and not proposal.fresh:
                evaluations.repeat()
            else:
                known[row] = evaluations.evaluate(proposal.architecture)
            value = known[row]
        asking.tell(proposal, value)


def optuna_sampler(
    name: str, *, ordered: bool = True, **options: Any
) -> Callable[[Evaluations, int], None]:
    """A run of a sampler of Optuna, which knows the order of choices or does not."""

    def run(evaluations: Evaluations, seed: int) -> None:
        from quality import peers

        peers.optuna_search(evaluations, peers.sampler(name, seed, **options), ordered)

    return run


def competitors() -> dict[str, Competitor]:
    """All of them by name, ours first.

    Optuna's TPE is multivariate unless told otherwise, from version 5.0 on.
    """
    strategies = [description["name"] for description in _native.strategies()]
    return {name: ours(getattr(nas, name)()) for name in strategies} | {
        "Optuna random": Competitor(optuna_sampler("RandomSampler"), seeds=50),
        "Optuna TPE": Competitor(optuna_sampler("TPESampler"), seeds=50),
        "Optuna TPE, independent": Competitor(
            optuna_sampler("TPESampler", multivariate=False), budget=200, seeds=20
        ),
        "Optuna TPE, categorical": Competitor(
            optuna_sampler("TPESampler", ordered=False), budget=200, seeds=20
        ),
        "Optuna NSGA-II": Competitor(optuna_sampler("NSGAIISampler"), seeds=50),
        "Optuna GP": Competitor(optuna_sampler("GPSampler"), budget=100, seeds=10),
    }
