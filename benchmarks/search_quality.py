"""How good the searches are: regret and hypervolume for a number of evaluations, beside peers.

Every run is stored, so that what is there is not run again: an interrupted benchmark goes on where
it was, and a strategy that has changed is run alone by --only NAME --fresh. Prints the results as
Markdown; --render writes them to docs/search-quality.md.

Usage: python benchmarks/search_quality.py [--full] [--only NAME ...] [--fresh] [--render]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

# Several processes work side by side: one thread each. Read when the libraries are loaded.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "search-quality.md"

#: Budget, seeds and tables of the sample, and of the full benchmark.
_SHORT = (200, 10, ("protein", "naval", "nasbench201"))
_FULL_BUDGET, _FULL_SEEDS = 500, 500

#: Hypervolumes vary less than regrets.
_FRONT_SEEDS = 50

#: Takes most of an hour by itself.
_ONLY_IN_FULL = ("Optuna GP",)


def main() -> None:
    """Run what was asked for and is not stored yet."""
    from quality import competitors, fronts, overhead, report, runs
    from quality.store import Store
    from quality.tables import TABLES, TWO_OBJECTIVE_TABLES

    everyone = competitors.competitors()
    two_objectives = fronts.competitors()
    names = list(dict.fromkeys([*everyone, *two_objectives]))
    arguments = _arguments(names, list(TABLES))
    budget, seeds, tables = _SHORT
    if arguments.full:
        budget, seeds, tables = _FULL_BUDGET, _FULL_SEEDS, tuple(TABLES)
    budget, seeds = arguments.budget or budget, arguments.seeds or seeds
    tables = arguments.tables or tables
    chosen = arguments.only or [n for n in names if arguments.full or n not in _ONLY_IN_FULL]

    regret, front = Store(arguments.results / "regret"), Store(arguments.results / "fronts")
    if "regret" in arguments.parts:
        taking_part = [name for name in chosen if name in everyone]
        if arguments.fresh:
            regret.forget(taking_part)
        limits = {name: everyone[name].limits(budget, seeds) for name in taking_part}
        runs.run("regret", regret, limits, tables, arguments.processes)
    if "fronts" in arguments.parts:
        taking_part = [name for name in chosen if name in two_objectives]
        if arguments.fresh:
            front.forget(taking_part)
        limits = dict.fromkeys(taking_part, (budget, min(seeds, _FRONT_SEEDS)))
        few = [name for name in TWO_OBJECTIVE_TABLES if name in tables]
        runs.run("fronts", front, limits, few, arguments.processes)
    if "overhead" in arguments.parts:
        path = arguments.results / "overhead.json"
        stored = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        wanted = [n for n in chosen if n in everyone and (arguments.fresh or n not in stored)]
        stored |= overhead.overhead(wanted)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")

    text = report.render(arguments.results)
    print(text)
    if arguments.render:
        PAGE.write_text(text, encoding="utf-8")


def _arguments(names: list[str], tables: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--full", action="store_true", help="all tables, 500 evaluations, up to 500 seeds"
    )
    parser.add_argument("--only", nargs="+", choices=names, metavar="NAME", help="competitors")
    parser.add_argument("--tables", nargs="+", choices=tables, metavar="TABLE")
    parser.add_argument("--budget", type=int, help="evaluations of a run")
    parser.add_argument("--seeds", type=int, help="runs of each competitor on each table")
    parser.add_argument("--parts", nargs="*", choices=PARTS, default=PARTS, metavar="PART")
    parser.add_argument("--fresh", action="store_true", help="forget the stored runs of --only")
    parser.add_argument("--render", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


PARTS = ["regret", "fronts", "overhead"]


if __name__ == "__main__":
    start = time.perf_counter()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on where it was")
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
