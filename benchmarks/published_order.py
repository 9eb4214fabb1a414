"""How often the published conclusion, evolution < REINFORCE < DARTS, holds over many seeds.

Runs the three compatible searches with their defaults on the two data sets of the demo and counts
the orders of their best losses. A search that diverged counts as infinite.

Usage: python benchmarks/published_order.py [--seeds 20] [--workers 2]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples"))

from demo import SPACE, diabetes, one_feature

import swiftnas as nas


def main() -> None:
    """Print one line per data set."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    for name, (X, y) in {"one feature": one_feature(), "diabetes": diabetes()}.items():
        task = nas.Task.split(X, y, validation=0.2, shuffle=False)
        data = (task.X_train, task.y_train, task.X_val, task.y_val)
        losses = []
        for seed in range(arguments.seeds):
            options = {"seed": seed, "workers": arguments.workers}
            losses.append(
                (
                    nas.run_evolutionary_search(X, y, SPACE, **options)[1],
                    nas.run_rl_search(SPACE, *data, **options)[1],
                    nas.run_gradient_based_search(SPACE, *data, **options)[1],
                )
            )
            print(name, seed, *(f"{loss:.4f}" for loss in losses[-1]), file=sys.stderr)
        count = len(losses)
        print(
            f"{name}: EA < RL {sum(a < b for a, b, _ in losses)}/{count}, "
            f"RL < DARTS {sum(b < c for _, b, c in losses)}/{count}, "
            f"EA < DARTS {sum(a < c for a, _, c in losses)}/{count}, "
            f"EA < RL < DARTS {sum(a < b < c for a, b, c in losses)}/{count}; median losses "
            + ", ".join(
                f"{title} {statistics.median(column):.4f}"
                for title, column in zip(
                    ("EA", "RL", "DARTS"), zip(*losses, strict=True), strict=True
                )
            )
        )


if __name__ == "__main__":
    main()
