"""How well zero-cost proxies order trained networks: rank correlations on the diabetes data.

Trains random architectures of the published space, and the space's networks alone with one training
for all; prints for each proxy the mean correlation over the seeds with its range, and what a score
costs beside a training. Positive is right, 0 is chance.

Usage: python benchmarks/proxies.py [--trials 150] [--epochs 50] [--seeds 3] [--workers 2]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "examples"))

from demo import SPACE, diabetes

import swiftnas as nas

#: One training for all: what proxies, which see none of it, are meant for.
FIXED = {"learning_rate": [0.001], "optimizer": ["Adam"], "dropout_rate": [0.0]}


def summary(values: list[float]) -> str:
    """Mean and range."""
    return f"{statistics.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    """Print one table per space, in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=150)
    parser.add_argument("--epochs", type=int, default=50)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    task = nas.Task.split(*diabetes(), validation=0.2, shuffle=False)
    for title, space in {
        "The published space": SPACE,
        "Its networks, trained by Adam with rate 0.001 and no dropout": SPACE | FIXED,
    }.items():
        found, finished, training_seconds = [], [], []
        for seed in range(arguments.seeds):
            result = nas.search(
                space,
                task,
                strategy=nas.RandomSearch(),
                trials=arguments.trials,
                epochs=arguments.epochs,
                seed=seed,
                workers=arguments.workers,
            )
            found.append(nas.proxies.rank_correlations(result, task))
            finished.append(len(found[-1].values))
            training_seconds += [trial.wall_seconds for trial in result.trials]
        print(f"### {title}\n")
        print(
            f"{arguments.epochs} epochs, trials that did not diverge per seed: "
            f"{', '.join(map(str, finished))}; "
            f"a training took {1e3 * statistics.mean(training_seconds):.0f} ms in the mean.\n"
        )
        print("| proxy | Spearman's ρ | Kendall's τ | ms per score |")
        print("|---|---|---|---|")
        for name in nas.proxies.names():
            start = time.perf_counter()
            for trial in result.trials:
                nas.proxies.score(trial.architecture, task, name, seed=trial.seed)
            seconds = (time.perf_counter() - start) / len(result.trials)
            print(
                f"| `{name}` | {summary([one[name].spearman for one in found])} "
                f"| {summary([one[name].kendall for one in found])} | {1e3 * seconds:.2f} |"
            )
        print()


if __name__ == "__main__":
    main()
