"""What asking and telling cost by themselves."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence

from quality import competitors
from quality.evaluations import Evaluations
from quality.tables import table

#: Rounds of ask and tell, and how often they are timed; the median counts.
_ROUNDS, _REPETITIONS = 1000, 3

#: Takes minutes for as many as the others.
_FEWER_ROUNDS = {"Optuna GP": 50}

#: Of a sampler's variants only the default one is timed.
_VARIANTS = "Optuna TPE,"


def overhead(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Rounds on the space of FCNet and their seconds, the look-ups subtracted."""
    everyone = competitors.competitors()
    measured = {}
    for name in names:
        if name.startswith(_VARIANTS):
            continue
        rounds = _FEWER_ROUNDS.get(name, _ROUNDS)
        times = [_seconds(everyone[name], rounds, seed) for seed in range(_REPETITIONS)]
        measured[name] = {"rounds": rounds, "seconds": statistics.median(times)}
    return measured


def _seconds(competitor: competitors.Competitor, rounds: int, seed: int) -> float:
    evaluations = Evaluations(table("protein"), rounds, seed)
    start = time.perf_counter()
    competitor.run(evaluations, seed)
    total = time.perf_counter() - start
    sample = evaluations.table.space.sample(seed, count=rounds)
    look_ups = Evaluations(evaluations.table, rounds, seed)
    start = time.perf_counter()
    for architecture in sample:
        look_ups.evaluate(architecture)
    return total - (time.perf_counter() - start)
