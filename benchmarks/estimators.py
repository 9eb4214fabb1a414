"""How good the estimators are: test errors beside an MLPRegressor that Optuna tunes as long.

One fit at a time, each on as many workers. Every fit is stored, so that what is there is not run
again: an interrupted benchmark goes on where it was. Prints the results as Markdown; --render
writes them into docs/estimators.md.

Usage: python benchmarks/estimators.py [--full] [--seconds S] [--splits N] [--only NAME ...]
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

# Workers are processes or threads of their own. Read when the libraries are loaded.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "estimators.md"
MARKERS = ("<!-- begin: make bench-estimators-full -->", "<!-- end -->")

#: Seconds of a fit, splits, and splits of digits: of the sample, and of the full benchmark.
_SHORT = (5.0, 2, 0)
_FULL = (20.0, 20, 2)

#: What a fit on digits may take.
_DIGITS_SECONDS = 60.0


def main() -> None:
    """Run what was asked for and is not stored yet."""
    from quality.store import Store
    from tabular import data, fits, report

    arguments = _arguments([*data.REGRESSIONS, data.CLASSIFICATION])
    seconds, splits, digits = _FULL if arguments.full else _SHORT
    seconds, splits = arguments.seconds or seconds, arguments.splits or splits
    if arguments.only and data.CLASSIFICATION in arguments.only:
        digits = arguments.splits or 1
    sets = [one for one in data.REGRESSIONS if one in (arguments.only or data.REGRESSIONS)]
    store = Store(arguments.results / f"{seconds:g}s")
    if arguments.fresh:
        store.forget([fits.OURS, fits.PEER, fits.CLASSIFIER])
    numbers = range(splits)
    for one in sets:
        for name in (fits.OURS, fits.PEER):
            fits.run_missing(store, name, [one], numbers, seconds, arguments.workers)
    if digits and (not arguments.only or data.CLASSIFICATION in arguments.only):
        digits_seconds = arguments.seconds or _DIGITS_SECONDS
        fits.run_missing(
            *(store, fits.CLASSIFIER, [data.CLASSIFICATION], range(digits)),
            *(digits_seconds, arguments.workers),
        )
    text = report.render(store)
    print(text)
    if arguments.render:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKERS[0])
        after = rest.partition(MARKERS[1])[2]
        page = f"{before}{MARKERS[0]}\n\n{text}\n{MARKERS[1]}{after}"
        PAGE.write_text(page, encoding="utf-8")


def _arguments(sets: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="20 s, 20 splits, digits: 80 minutes")
    parser.add_argument("--seconds", type=float, help="of each fit")
    parser.add_argument("--splits", type=int)
    parser.add_argument("--only", nargs="+", choices=sets, metavar="SET", help="data sets")
    parser.add_argument("--workers", type=int, default=2, help="of each fit")
    parser.add_argument("--fresh", action="store_true", help="forget the stored fits")
    parser.add_argument("--render", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    parser.add_argument("--results", type=Path, default=Path("runs/estimators"))
    return parser.parse_args()


if __name__ == "__main__":
    start = time.perf_counter()
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on where it was")
    print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
