"""How much a loss after few epochs says about the one after all of them: what limits halving."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
<<<<<<< HEAD
=======
from quality.text import figure, table
>>>>>>> native

import swiftnas as nas
from native.data import task
from native.fidelity import EPOCHS, SPACE
<<<<<<< HEAD
from quality.text import figure, table
from swiftnas.rank_correlation import spearman

TITLE = "Spearman's ρ with the loss after all epochs; the share of the best tenth in the top third"
    "Spearman's ρ with the loss after all epochs; how many of the best tenth are in the top third"
)
=======
from swiftnas.rank_correlation import spearman

TITLE = "Spearman's ρ with the loss after all epochs; the share of the best tenth in the top third"
>>>>>>> native

#: The epochs of the rungs from 1/27 on.
_RUNGS = (2, 6, 17)

_TRIALS = 200

#: A third is promoted; how many of the best tenth are among them?
_PROMOTED, _BEST = 1 / 3, 1 / 10


def curves(sets: Sequence[str]) -> str:
    """Rank correlations with the loss after all epochs, and what a rung keeps of the best."""
    columns = ["", *(f"{epochs} epochs" for epochs in _RUNGS), "another seed"]
    return table(columns, [[name, *_row(name)] for name in sets])


def _row(name: str) -> list[str]:
    given = task(name)
    result = nas.search(
        SPACE,
        given,
        strategy=nas.RandomSearch(),
        trials=_TRIALS,
        epochs=EPOCHS,
        seed=0,
        # Validates after every epoch and never stops a training.
        stopping=nas.stopping.Patience(EPOCHS),
    )
    finished = [trial for trial in result.trials if trial.status == "ok"]
    losses = {
        epochs: np.array([dict(trial.validation_losses)[epochs] for trial in finished])
        for epochs in (*_RUNGS, EPOCHS)
    }
    again = [
        nas.train(t.architecture, given, epochs=EPOCHS, seed=t.seed + 1).validation_loss
        for t in finished
    ]
    final = losses[EPOCHS]
    return [_cell(losses[epochs], final) for epochs in _RUNGS] + [_cell(np.array(again), final)]


def _cell(early: np.ndarray, final: np.ndarray) -> str:
    """The correlation, and the share of the best that is promoted."""
    promoted = np.argsort(early)[: round(_PROMOTED * len(early))]
    best = np.argsort(final)[: round(_BEST * len(final))]
    kept = np.isin(best, promoted).mean()
    return f"{figure(spearman(early, final))}, {100 * kept:.0f} %"
