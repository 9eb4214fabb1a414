"""DARTS beside the same supernet in PyTorch."""

from __future__ import annotations

import pytorch_article

import swiftnas as nas
from sections.data import ROWS, SPACE, data
from sections.roofline import darts_work, training_work
from sections.timing import Settings, Table, in_turns

EPOCHS = 50


def darts(settings: Settings) -> list[Table]:
    """50 epochs of the published form, the chosen architecture's training included."""
    given = data()
    found = nas.run_gradient_based_search(SPACE, *given.arrays, EPOCHS, seed=0)[0]
    if found is None:
        raise RuntimeError("the search diverged")
    work = darts_work(
        found["num_hidden_layers"],
        found["hidden_layer_size"],
        SPACE["activation_function"],
        EPOCHS,
    ) + training_work(found, ROWS, EPOCHS)
    timing = in_turns(
        {
            "swiftnas": lambda: nas.run_gradient_based_search(SPACE, *given.arrays, EPOCHS, seed=0),
            "torch": lambda: pytorch_article.run_gradient_based_search(
                SPACE, given.tensors, EPOCHS
            ),
        },
        settings.rounds,
        work.passes,
    )
    seconds = [timing.seconds["swiftnas"], timing.seconds["torch"]]
    least = work.least_seconds(timing)
    table = Table(
        f"DARTS as published, {EPOCHS} epochs, one thread",
        ["swiftnas (s)", "PyTorch (s)", "ratio"],
        [[*seconds, timing.ratio("torch")]],
    )
    table.notes.append(
        f"{least / seconds[0]:.2f} of the {seconds[1] / least:.1f} that it would be at the "
        "roofline."
    )
    return [table]
