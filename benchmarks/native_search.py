"""What several fidelities and better strategies save on the engine's own trainer.

Every search is stored, so that what is there is not run again: an interrupted benchmark goes on
where it was. Prints tables in Markdown.

Usage: python benchmarks/native_search.py [--full] [--parts PART ...] [--only NAME ...] [--fresh]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

# Several processes work side by side: one thread each. Read when the libraries are loaded.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

PARTS = ["curves", "fidelity", "target"]

#: Seeds and data sets of the sample, and of the full benchmark.
_SHORT = (3, ("diabetes",))
_FULL_SEEDS = 10


def main() -> None:
    """Run what was asked for and is not stored yet."""
    from native import competitors, curves, data, fidelity, report, target
    from quality.store import Store

    names = list(dict.fromkeys([*competitors.COMPETITORS, *target.COMPETITORS]))
    arguments = _arguments(names, list(data.NAMES))
    seeds, sets = (_FULL_SEEDS, data.NAMES) if arguments.full else _SHORT
    seeds, sets = arguments.seeds or seeds, arguments.data or sets
    chosen = arguments.only or names
    for part, everyone, run in (
        ("fidelity", competitors.COMPETITORS, fidelity.run_missing),
        ("target", target.COMPETITORS, target.run_missing),
    ):
        if part in arguments.parts:
            taking_part = [name for name in chosen if name in everyone]
            store = Store(arguments.results / part)
            if arguments.fresh:
                store.forget(taking_part)
            run(store, taking_part, sets, seeds, arguments.processes)
    if "curves" in arguments.parts:
        print(f"### {curves.TITLE}\n\n{curves.curves(sets)}\n")
    print(report.render(arguments.results))


def _arguments(names: list[str], sets: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="all data sets, 10 seeds")
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="competitors")
    parser.add_argument("--data", nargs="+", choices=sets, metavar="SET", help="data sets")
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--fresh", action="store_true", help="forget the stored runs of --only")
    parser.add_argument("--processes", type=int, default=2, help="of what is not timed")
    parser.add_argument("--results", type=Path, default=Path("runs/native"))
    return parser.parse_args()


if __name__ == "__main__":
    start = time.perf_counter()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on where it was")
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
