"""How fast swiftnas is: beside PyTorch, JAX and scikit-learn, and beside what the machine can do.

All in one process and one run: competitors take turns, medians count, results are ratios. Prints
tables in Markdown; writes them and the figures to `speed.md` and `speed.json`.

Usage: python benchmarks/speed.py [--full] [--only SECTION ...] [--out runs/bench]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from sections import darts, growth, peers, products, report, searches, training
from sections.timing import Settings, one_thread

SECTIONS = {
    "products": products.products,
    "training": training.training,
    "rows": training.rows,
    "sweep": searches.sweep,
    "searches": searches.searches,
    "darts": darts.darts,
    "sparse": training.sparse,
    "growth": growth.growth,
    "overhead": growth.overhead,
    "threads": growth.threads,
    # Last, as the peers leave threads behind that disturb what uses both cores.
    "jax": peers.jax,
    "compile": peers.torch_compile,
    "sklearn": peers.scikit_learn,
}


def main() -> None:
    """Run the sections that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="every cell instead of a sample")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS))
    parser.add_argument("--out", type=Path, default=Path("runs/bench"))
    arguments = parser.parse_args()
    one_thread()
    settings = Settings(full=arguments.full)
    tables = []
    for name in arguments.only:
        start = time.perf_counter()
        print(f"{name} …", end=" ", flush=True, file=sys.stderr)
        tables += SECTIONS[name](settings)
        print(f"{time.perf_counter() - start:.0f} s", file=sys.stderr)
    print(report.write(tables, settings, arguments.out))


if __name__ == "__main__":
    main()
