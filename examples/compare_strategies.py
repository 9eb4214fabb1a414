"""Comparing strategies: several seeds on a table of values, and the interval of each median.

A table makes an evaluation a look-up, so that many seeds cost nothing. This one is made here: every
architecture of a small space is trained on the wine data with three seeds. A search sees the value
of one seed; its result is judged by the mean over all. `nas.benchmarks` reads large public tables
of the same kind.

Usage: python examples/compare_strategies.py [--evaluations 60] [--seeds 30]
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np
from sklearn.datasets import load_wine

import swiftnas as nas

#: Trainings of each architecture.
REPETITIONS = 3

SPACE = nas.SearchSpace(
    {
        "num_hidden_layers": [1, 2, 3],
        "hidden_layer_size": [4, 8, 16, 32],
        "activation_function": ["ReLU", "Tanh", "GELU"],
        "learning_rate": [0.1, 0.03, 0.01, 0.003, 0.001],
        "optimizer": ["Adam", "SGD", "RMSprop"],
        "dropout_rate": [0.0, 0.2, 0.4],
    }
)

STRATEGIES = (
    nas.RandomSearch(),
    nas.Evolution(),
    nas.RegularizedEvolution(),
    nas.Reinforce(),
    nas.PPO(),
    nas.TPE(),
    nas.BayesianOptimization(),
)


def table() -> tuple[list[dict], np.ndarray]:
    """All architectures of the space, and the validation losses of their trainings."""
    X, y = load_wine(return_X_y=True)
    task = nas.Task.split(X, y, validation=0.3, loss="cross_entropy", seed=0, standardize=True)
    architectures = [
        dict(zip(SPACE, choices, strict=True))
        for choices in product(*(SPACE[name].choices for name in SPACE))
    ]
    losses = [
        [trial.value for trial in result.trials]
        for result in (
            nas.search(
                SPACE, task, strategy=nas.GridSearch(), trials=SPACE.size, epochs=20, seed=seed
            )
            for seed in range(REPETITIONS)
        )
    ]
    return architectures, np.array(losses).T


def interval(values: np.ndarray, draws: int = 2000) -> tuple[float, float]:
    """The 95 % bootstrap interval of the median."""
    random = np.random.default_rng(0)
    medians = np.median(random.choice(values, (draws, len(values))), axis=1)
    low, high = np.quantile(medians, [0.025, 0.975])
    return float(low), float(high)


def main() -> None:
    """Make the table, run every strategy over all seeds, and print regrets."""
    parser = argparse.ArgumentParser(description="Strategies on a table.")
    parser.add_argument("--evaluations", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=30)
    arguments = parser.parse_args()

    architectures, losses = table()
    means = nas.evaluators.Table(architectures, losses)
    least = float(losses.mean(axis=1).min())
    print(f"{len(architectures)} architectures; the least mean loss is {least:.4f}\n")
    print(f"regret after {arguments.evaluations} evaluations, {arguments.seeds} seeds")
    print(f"{'':<22}  median  95 % interval")
    for strategy in STRATEGIES:
        regrets = []
        for seed in range(arguments.seeds):
            observed = nas.evaluators.Table(architectures, losses, seed=seed)
            result = nas.search(
                SPACE,
                objective=observed,
                strategy=strategy,
                trials=arguments.evaluations,
                seed=seed,
            )
            regrets.append(means(result.best.architecture) - least)
        low, high = interval(np.array(regrets))
        name = type(strategy).__name__
        print(f"{name:<22}  {np.median(regrets):.4f}  [{low:.4f}, {high:.4f}]")


if __name__ == "__main__":
    main()
