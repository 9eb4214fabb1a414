"""Classification: handwritten digits, in mini-batches, with a rule that ends hopeless trainings.

1,797 images of 8 × 8 pixels; a fifth of them is put aside before the search.

Usage: python examples/classification.py [--trials 40] [--seed 0] [--workers 2]
"""

from __future__ import annotations

import argparse

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

import swiftnas as nas

SPACE = nas.SearchSpace(
    {
        **nas.spaces.residual_mlp(max_layers=4, widths=[32, 64, 128], per_layer=False),
        "batch_size": [32, 64, 128],
        "weight_decay": [0.0, 1e-4, 1e-2],
    }
)


def confusion(y: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """How often each digit (row) was taken for each digit (column)."""
    counts = np.zeros((10, 10), int)
    np.add.at(counts, (y, predicted), 1)
    return counts


def main() -> None:
    """Search, train the best for longer, and look at its mistakes."""
    parser = argparse.ArgumentParser(description="Classification of handwritten digits.")
    parser.add_argument("--trials", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()

    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(
        X / 16, y, test_size=0.2, stratify=y, random_state=arguments.seed
    )
    task = nas.Task.split(X, y, loss="cross_entropy", seed=arguments.seed)
    result = nas.search(
        SPACE,
        task,
        strategy=nas.RegularizedEvolution(population_size=15, sample_size=5, batch_size=2),
        initial=nas.cheapest(SPACE, task, 5, seed=arguments.seed),
        trials=arguments.trials,
        epochs=10,
        seed=arguments.seed,
        workers=arguments.workers,
        stopping=nas.stopping.Median(),
    )
    statuses = [trial.status for trial in result.trials]
    print(
        f"{len(statuses)} candidates in {result.wall_seconds:.1f} s, "
        f"{statuses.count('stopped')} of them stopped early; the best one:"
    )
    print(result.best.architecture)

    model = nas.train(result.best.architecture, task, epochs=40, seed=result.best.seed, patience=5)
    predicted = model.predict(X_test)
    print(f"\nOn {len(X_test)} images that took no part in the search:")
    print(f"  accuracy  {nas.metrics.accuracy(y_test, predicted):.3f}")
    print(f"  log-loss  {nas.metrics.log_loss(y_test, model.predict_proba(X_test)):.3f}")
    counts = confusion(y_test, predicted)
    np.fill_diagonal(counts, 0)
    for place in np.argsort(-counts, axis=None)[:3]:
        digit, taken = np.unravel_index(place, counts.shape)
        if counts[digit, taken]:
            print(f"  {digit} was taken for {taken} in {counts[digit, taken]} images")


if __name__ == "__main__":
    main()
