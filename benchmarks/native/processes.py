"""Jobs in several processes, whose results come as they are finished."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections.abc import Callable, Iterator, Sequence

from quality.store import Record


def in_processes(jobs: Sequence[Callable[[], Record]], processes: int) -> Iterator[Record]:
    """Run the jobs; an interruption ends all processes at once."""
    if not jobs:
        return
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, _ignore_interrupts) as pool:
        for count, record in enumerate(pool.imap_unordered(_call, jobs), start=1):
            yield record
            print(f"\r{count} of {len(jobs)} searches", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _call(job: Callable[[], Record]) -> Record:
    return job()


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the process that writes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
