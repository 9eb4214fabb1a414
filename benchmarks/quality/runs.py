"""Running what is not in the store yet, in several processes."""

from __future__ import annotations

import itertools
import multiprocessing
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed

from quality import competitors, fronts
from quality.evaluations import Evaluations
from quality.store import Record, Store
from quality.tables import table as load

#: Where results are looked at; a run up to the last one has them all.
BUDGETS = (25, 50, 100, 200, 500)


def regret_run(competitor: str, table: str, seed: int, budget: int) -> Record:
    """One search for the least loss."""
    evaluations = Evaluations(load(table), budget, seed)
    start = time.perf_counter()
    competitors.competitors()[competitor].run(evaluations, seed)
    return {
        "competitor": competitor,
        "table": table,
        "seed": seed,
        "budget": budget,
        "spent": evaluations.spent,
        "steps": evaluations.steps,
        "seconds": round(time.perf_counter() - start, 4),
    }


def front_run(competitor: str, table: str, seed: int, budget: int) -> Record:
    """One search for a front; `steps` are hypervolumes."""
    evaluations = fronts.TwoObjectives(table, budget, seed)
    start = time.perf_counter()
    fronts.competitors()[competitor](evaluations, seed)
    seconds = time.perf_counter() - start
    return {
        "competitor": competitor,
        "table": table,
        "seed": seed,
        "budget": budget,
        "spent": evaluations.spent,
        "steps": [(b, evaluations.hypervolume(b)) for b in BUDGETS if b <= budget],
        "seconds": round(seconds, 4),
    }


_EXPERIMENTS = {"regret": regret_run, "fronts": front_run}


def run(
    experiment: str,
    store: Store,
    limits: dict[str, tuple[int, int]],
    tables: Sequence[str],
    processes: int,
) -> None:
    """Run what is missing of each competitor's budget and number of seeds."""
    jobs = []
    for competitor, (budget, seeds) in limits.items():
        done = store.has(competitor, budget)
        jobs += [
            (competitor, table, seed, budget)
            for seed, table in itertools.product(range(seeds), tables)
            if (table, seed) not in done
        ]
    if jobs:
        _work(experiment, store, jobs, processes)


def _work(
    experiment: str, store: Store, jobs: Iterable[tuple[str, str, int, int]], processes: int
) -> None:
    """Run jobs; only this process writes."""
    # Forked processes would inherit the threads of the libraries in a state of their own.
    context = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(processes, mp_context=context)
    try:
        futures = {executor.submit(_EXPERIMENTS[experiment], *job): job for job in jobs}
        for count, future in enumerate(as_completed(futures), start=1):
            store.append(futures[future][0], future.result())
            if count % 20 == 0 or count == len(futures):
                print(f"\r{experiment}: {count} of {len(futures)}", end="", file=sys.stderr)
    finally:
        executor.shutdown(cancel_futures=True)
        print(file=sys.stderr)
