"""How soon our searches find what the published evolution ends with, on the same trainings.

The published search (10 candidates, 5 generations, 10 epochs) runs as it is; its result is the
least loss of all its candidates. Then every competitor, with the same space, split and epochs,
searches until one fully trained candidate is as good. One worker each, in one process; the
published search is timed before the competitors and after them.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from quality.store import Record, Store

import swiftnas as nas
from native.data import data, task

SPACE = nas.spaces.article()

#: The published settings.
EPOCHS, POPULATION, GENERATIONS = 10, 10, 5

BUDGET = EPOCHS * POPULATION * GENERATIONS

#: A search that takes so many times the published one's time has failed.
_PATIENCE = 1.0

#: What `search` is given, for a task and a seed.
_Options = Callable[[nas.Task, int], dict[str, Any]]


def _frugal(strategy: nas.Strategy, count: int = 10) -> _Options:
    """A strategy that begins with architectures of little cost."""
    return lambda task, seed: {
        "strategy": strategy,
        "initial": nas.cheapest(SPACE, task, count, seed=seed),
    }


def _plain(strategy: nas.Strategy, **options: Any) -> _Options:
    return lambda task, seed: {"strategy": strategy, **options}


_SMALL_EVOLUTION = nas.RegularizedEvolution(population_size=10, sample_size=5)

#: One setting for all data sets and seeds each.
COMPETITORS: dict[str, _Options] = {
    "Evolution (caching)": _plain(nas.Evolution()),
    "ASHA (halving)": _plain(nas.ASHA()),
    "TPE": _plain(nas.TPE()),
    "RegularizedEvolution of 10": _plain(_SMALL_EVOLUTION),
    "TPE, cheapest first": _frugal(nas.TPE()),
    "RegularizedEvolution of 10, cheapest first": _frugal(_SMALL_EVOLUTION),
}


class Spent(NamedTuple):
    """What a search took."""

    wall: float
    #: Processor time of this process, which others on the machine disturb less.
    processor: float


def run_missing(
    store: Store, names: Sequence[str], sets: Sequence[str], seeds: int, processes: int = 1
) -> None:
    """Run what is not stored, one after the other whatever `processes`: times count."""
    done = {name: store.has(name, BUDGET) for name in names}
    for seed, one in itertools.product(range(seeds), sets):
        missing = [name for name in names if (one, seed) not in done[name]]
        if missing:
            print(f"\r{one}, seed {seed}   ", end="", file=sys.stderr, flush=True)
            for record in _round(missing, one, seed):
                store.append(record["competitor"], record)
    print(file=sys.stderr)


def _round(names: Sequence[str], one: str, seed: int) -> list[Record]:
    """The published search before and after the competitors, on one data set with one seed."""
    given = task(one)
    target, before = _published(one, seed)
    results = {
        name: _search(given, COMPETITORS[name], target, _PATIENCE * before.processor, seed)
        for name in names
    }
    after = _published(one, seed)[1]
    published = Spent((before.wall + after.wall) / 2, (before.processor + after.processor) / 2)
    return [
        {
            "competitor": name,
            "table": one,
            "seed": seed,
            "budget": BUDGET,
            "target": target,
            "reached": result.stop_reason == "target",
            "trainings": sum(trial.trained_epochs > 0 for trial in result.trials),
            "epochs": sum(trial.trained_epochs for trial in result.trials),
            "seconds": spent,
            "published_seconds": published,
        }
        for name, (spent, result) in results.items()
    ]


def _published(one: str, seed: int) -> tuple[float, Spent]:
    """Its result and what it took."""
    X, y = data(one)
    space = SPACE.to_dict()["parameters"]
    start = _now()
    loss = nas.run_evolutionary_search(X, y, space, POPULATION, GENERATIONS, seed=seed)[1]
    return loss, _since(start)


def _search(
    given: nas.Task, options: _Options, target: float, patience: float, seed: int
) -> tuple[Spent, nas.SearchResult]:
    """A search until the target, or until it has taken too much processor time."""
    start = _now()

    def give_up(trial: nas.Trial) -> None:
        if _since(start).processor > patience:
            raise nas.StopSearch

    # Not the published search's own random choices.
    seed += 1000
    result = nas.search(
        SPACE,
        given,
        **options(given, seed),
        epochs=EPOCHS,
        target=target,
        trials=SPACE.size,
        seed=seed,
        callback=give_up,
    )
    return _since(start), result


def _now() -> Spent:
    return Spent(time.perf_counter(), time.process_time())


def _since(start: Spent) -> Spent:
    now = _now()
    return Spent(now.wall - start.wall, now.processor - start.processor)
