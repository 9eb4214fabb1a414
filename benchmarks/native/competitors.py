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


#: Also in the first fifth of the epochs.
AT_ONCE = Median(warmup_epochs=0)

#: What all others are compared with.
REFERENCE = "RandomSearch"

COMPETITORS = {
    REFERENCE: Competitor(nas.RandomSearch()),
    "SuccessiveHalving": Competitor(nas.SuccessiveHalving()),
    "Hyperband": Competitor(nas.Hyperband()),
    "ASHA": Competitor(nas.ASHA()),
    "BOHB": Competitor(nas.BOHB()),
    "BOHB from 1/27": Competitor(nas.BOHB(min_fidelity=1 / 27)),
    "RandomSearch + Median at once": Competitor(nas.RandomSearch(), AT_ONCE),
    "TPE": Competitor(nas.TPE()),
    "TPE + Median": Competitor(nas.TPE(), Median()),
    "TPE + Median at once": Competitor(nas.TPE(), AT_ONCE),
    "TPE + Extrapolation": Competitor(nas.TPE(), Extrapolation()),
    "RegularizedEvolution + Median at once": Competitor(nas.RegularizedEvolution(), AT_ONCE),
    "Evolution + Median at once": Competitor(nas.Evolution(), AT_ONCE),
    "BayesianOptimization + Median at once": Competitor(nas.BayesianOptimization(), AT_ONCE),
}
