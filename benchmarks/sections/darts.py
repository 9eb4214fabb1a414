"""DARTS beside the same supernet in PyTorch."""

from __future__ import annotations

import pytorch_article

import swiftnas as nas
from sections.data import SPACE, data
from sections.timing import Settings, Table, in_turns


def darts(settings: Settings) -> list[Table]:
    """50 epochs of the published form, the chosen architecture's training included."""
    given = data()
    timing = in_turns(
        {
            "swiftnas": lambda: nas.run_gradient_based_search(SPACE, *given.arrays, 50, seed=0),
            "torch": lambda: pytorch_article.run_gradient_based_search(SPACE, given.tensors, 50),
        },
        settings.rounds,
    )
    seconds = [timing.seconds["swiftnas"], timing.seconds["torch"]]
    return [
        Table(
            "DARTS as published, 50 epochs, one thread",
            ["swiftnas (s)", "PyTorch (s)", "ratio"],
            [[*seconds, timing.ratio("torch")]],
        )
    ]
