"""What fewer epochs per candidate save: searches that may train as many epochs as random search.

The reference trains 200 random candidates for 50 epochs each. Everybody else may train as many
epochs altogether, and ends as soon as it has a fully trained candidate as good as the reference's
best and has spent a quarter of the epochs.
"""

from __future__ import annotations

import functools
import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
from quality.store import Record, Store

import swiftnas as nas
from native.competitors import COMPETITORS, REFERENCE
from native.data import task
from native.processes import in_processes

#: Epochs of a full training, and candidates of the reference.
EPOCHS, TRIALS = 50, 200

BUDGET = EPOCHS * TRIALS

#: Share of the reference's epochs at which qualities are compared.
SHARE = 0.25

#: Architecture and training settings together: 1 to 5 equal hidden layers.
SPACE = nas.spaces.mlp(widths=(8, 16, 32, 64), per_layer=False)


class Course:
    """The least loss of a fully trained candidate, by the epochs trained so far."""

    def __init__(self, target: float = -math.inf) -> None:
        self.steps: list[tuple[float, float]] = []
        self.spent = 0.0
        self._best = math.inf
        self._target = target

    def __call__(self, trial: nas.Trial) -> None:
        """Take note of a trial; the search ends when nothing more is to be learnt from it."""
        self.spent += trial.trained_epochs
        if trial.fidelity == 1 and trial.succeeded and trial.value < self._best:
            self._best = trial.value
            self.steps.append((self.spent, self._best))
        if self._best <= self._target and self.spent >= SHARE * BUDGET:
            raise nas.StopSearch


def run(competitor: str, data: str, seed: int, target: float) -> Record:
    """One search."""
    chosen = COMPETITORS[competitor]
    course = Course(target)
    start = time.perf_counter()
    nas.search(
        SPACE,
        task(data),
        strategy=chosen.strategy,
        stopping=chosen.stopping,
        epochs=EPOCHS,
        total_epochs=BUDGET,
        seed=seed,
        callback=course,
    )
    return {
        "competitor": competitor,
        "table": data,
        "seed": seed,
        "budget": BUDGET,
        "spent": course.spent,
        "steps": course.steps,
        "seconds": round(time.perf_counter() - start, 4),
    }


def run_missing(
    store: Store, names: Sequence[str], data: Sequence[str], seeds: int, processes: int
) -> None:
    """Run what is not stored: the reference first, whose results are the others' targets."""
    _run(store, [REFERENCE], data, seeds, processes, {})
    records = [r for r in store.records(REFERENCE) if r["seed"] < seeds]
    # As good as the reference of the same seed, and as its median seed.
    targets = {}
    for name in data:
        finals = {r["seed"]: r["steps"][-1][1] for r in records if r["table"] == name}
        median = float(np.median(list(finals.values())))
        targets |= {(name, seed): min(value, median) for seed, value in finals.items()}
    _run(store, names, data, seeds, processes, targets)


def _run(
    store: Store,
    names: Sequence[str],
    data: Sequence[str],
    seeds: int,
    processes: int,
    targets: Mapping[tuple[str, int], float],
) -> None:
    done = {name: store.has(name, BUDGET) for name in names}
    jobs = [
        functools.partial(run, name, one, seed, targets.get((one, seed), -math.inf))
        for seed in range(seeds)
        for name in names
        for one in data
        if (one, seed) not in done[name]
    ]
    for record in in_processes(jobs, processes):
        store.append(record["competitor"], record)
