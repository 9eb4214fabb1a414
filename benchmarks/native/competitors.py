"""Who takes part: one setting for all data sets, the defaults where nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass

import swiftnas as nas
from swiftnas.stopping import Extrapolation, Median, Stopping


@dataclass(frozen=True)
class Competitor:
    """A strategy, and the rule that ends its trainings early."""

    strategy: nas.Strategy
    stopping: Stopping | None = None


#: What all others are compared with.
REFERENCE = "RandomSearch"

COMPETITORS = {
    REFERENCE: Competitor(nas.RandomSearch()),
    "SuccessiveHalving": Competitor(nas.SuccessiveHalving()),
    "Hyperband": Competitor(nas.Hyperband()),
    "ASHA": Competitor(nas.ASHA()),
    "BOHB": Competitor(nas.BOHB()),
    "SuccessiveHalving from 1/27": Competitor(
        nas.SuccessiveHalving(min_fidelity=1 / 27, candidates=81)
    ),
    "ASHA from 1/27": Competitor(nas.ASHA(min_fidelity=1 / 27)),
    "BOHB from 1/27": Competitor(nas.BOHB(min_fidelity=1 / 27)),
    "RandomSearch + Median": Competitor(nas.RandomSearch(), Median()),
    "TPE": Competitor(nas.TPE()),
    "TPE + Median": Competitor(nas.TPE(), Median()),
    "TPE + Extrapolation": Competitor(nas.TPE(), Extrapolation()),
    "RegularizedEvolution + Median": Competitor(nas.RegularizedEvolution(), Median()),
    "Evolution + Median": Competitor(nas.Evolution(), Median()),
    "BayesianOptimization + Median": Competitor(nas.BayesianOptimization(), Median()),
}
