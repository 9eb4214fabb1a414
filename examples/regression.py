"""Regression: a search on the diabetes data, judged on rows that it has never seen.

442 patients, ten measurements; the progression of the disease after a year is predicted. A fifth
of the rows is put aside before the search, and beside the network stands a ridge regression.

Usage: python examples/regression.py [--trials 100] [--seed 0] [--workers 2]
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split

import swiftnas as nas

#: Networks of the best architectures whose predictions are averaged.
MEMBERS = 5


def r2(y: np.ndarray, predicted: np.ndarray) -> float:
    """The explained share of the variance."""
    return 1 - float(np.mean((y - predicted) ** 2) / np.var(y))


def main() -> None:
    """Search, train the best again, and compare on the rows put aside."""
    parser = argparse.ArgumentParser(description="Regression on the diabetes data.")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()

    X, y = load_diabetes(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.2, random_state=arguments.seed)
    task = nas.Task.split(X, y, validation=0.25, seed=arguments.seed, standardize=True)
    space = nas.spaces.mlp(max_layers=3, widths=[8, 16, 32, 64])
    result = nas.search(
        space,
        task,
        strategy=nas.TPE(),
        initial=nas.cheapest(space, task, seed=arguments.seed),
        trials=arguments.trials,
        epochs=40,
        seed=arguments.seed,
        workers=arguments.workers,
        stopping=nas.stopping.Patience(10),
    )
    print(f"{len(result.trials)} candidates in {result.wall_seconds:.1f} s; the best one:")
    print(result.best.architecture)

    models = [
        nas.train(trial.architecture, task, epochs=40, seed=trial.seed, patience=10)
        for trial in result.top(MEMBERS)
    ]
    ridge = RidgeCV(np.logspace(-3, 3, 13)).fit(X, y)
    average = np.mean([model.predict(X_test) for model in models], axis=0)
    print(f"\nR² on {len(X_test)} rows that took no part in the search:")
    print(f"  best network                  {r2(y_test, models[0].predict(X_test)):.3f}")
    print(f"  mean of the {MEMBERS} best networks   {r2(y_test, average):.3f}")
    print(f"  ridge regression              {r2(y_test, ridge.predict(X_test)):.3f}")


if __name__ == "__main__":
    main()
