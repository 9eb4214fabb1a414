"""Multi-fidelity: what the same epochs give when bad candidates are not trained to the end.

Random search trains every candidate for all epochs. Hyperband and BOHB train many for few epochs,
pause them, and go on with the best. All may spend the same number of epochs.

Usage: python examples/hyperband.py [--budget 1000] [--seeds 3] [--workers 2]
"""

from __future__ import annotations

import argparse
from statistics import median

from sklearn.datasets import load_diabetes

import swiftnas as nas

#: Epochs of a full training.
EPOCHS = 50

SPACE = nas.spaces.mlp(widths=(8, 16, 32, 64), per_layer=False)

SEARCHES = {
    "random search": (nas.RandomSearch(), None),
    "random search, stopped by the median": (nas.RandomSearch(), nas.stopping.Median()),
    "Hyperband": (nas.Hyperband(), None),
    "BOHB": (nas.BOHB(), None),
}


def main() -> None:
    """Run every search with several seeds and print medians."""
    parser = argparse.ArgumentParser(description="The same epochs, spent differently.")
    parser.add_argument("--budget", type=int, default=1000, help="epochs of each search")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()

    X, y = load_diabetes(return_X_y=True)
    task = nas.Task.split(X, y, validation=0.2, seed=0, standardize=True)
    print(f"{arguments.budget} epochs each, {EPOCHS} for a full training; medians")
    print(f"of {arguments.seeds} seeds\n")
    print(f"{'':<37}  candidates  fully trained  best loss")
    for name, (strategy, stopping) in SEARCHES.items():
        results = [
            nas.search(
                SPACE,
                task,
                strategy=strategy,
                stopping=stopping,
                total_epochs=arguments.budget,
                epochs=EPOCHS,
                seed=seed,
                workers=arguments.workers,
            )
            for seed in range(arguments.seeds)
        ]
        candidates = median(
            len({str(trial.architecture) for trial in result.trials}) for result in results
        )
        full = median(sum(trial.epochs == EPOCHS for trial in result.trials) for result in results)
        loss = median(result.best.value for result in results)
        print(f"{name:<37}  {candidates:10.0f}  {full:13.0f}  {loss:9.4f}")


if __name__ == "__main__":
    main()
