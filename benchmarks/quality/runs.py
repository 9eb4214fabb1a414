"""Running what is not in the store yet, in several processes."""

from __future__ import annotations

import itertools
import multiprocessing
import signal
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import TypeAlias

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


#: Competitor, table, seed and budget.
_Job: TypeAlias = tuple[str, str, int, int]

_EXPERIMENTS = {"regret": regret_run, "fronts": front_run}


def run(
    experiment: str,
    store: Store,
    limits: dict[str, tuple[int, int]],
    tables: Sequence[str],
    processes: int,
) -> None:
    """Run what is missing of each competitor's budget and number of seeds."""
    jobs: list[_Job] = []
    for competitor, (budget, seeds) in limits.items():
        done = store.has(competitor, budget)
        jobs += [
            (competitor, table, seed, budget)
            for seed, table in itertools.product(range(seeds), tables)
            if (table, seed) not in done
        ]
    if jobs:
        _work(experiment, store, jobs, processes)


def _work(experiment: str, store: Store, jobs: Sequence[_Job], processes: int) -> None:
    """Run jobs; only this process writes, and an interruption ends the others at once."""
    # Forked processes would inherit the threads of the libraries in a state of their own.
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _ignore_interrupts) as pool:
        records = pool.imap_unordered(partial(_run, experiment), jobs)
        for count, record in enumerate(records, start=1):
            store.append(record["competitor"], record)
            if count % 20 == 0 or count == len(jobs):
                print(f"\r{experiment}: {count} of {len(jobs)}", end="", file=sys.stderr)
    print(file=sys.stderr)


def _run(experiment: str, job: _Job) -> Record:
    return _EXPERIMENTS[experiment](*job)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that writes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
