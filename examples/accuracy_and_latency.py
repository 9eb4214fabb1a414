"""Several objectives: the Pareto front of accuracy and measured latency, with a limit on size.

Handwritten digits; the latency is that of one image through the network in this engine, so it
differs from machine to machine.

Usage: python examples/accuracy_and_latency.py [--trials 100] [--seed 0] [--picture front.png]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from sklearn.datasets import load_digits

import swiftnas as nas

SPACE = nas.spaces.mlp(
    max_layers=3, widths=[8, 16, 32, 64, 128, 256], dropout=[0.0, 0.1], optimizers=["Adam"]
)


def main() -> None:
    """Search, and list the front from the fastest network to the most accurate one."""
    parser = argparse.ArgumentParser(description="Accuracy and latency.")
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture", type=Path, help="where to draw the front, needs matplotlib")
    arguments = parser.parse_args()

    X, y = load_digits(return_X_y=True)
    task = nas.Task.split(X / 16, y, loss="cross_entropy", seed=arguments.seed)
    # One worker: other trainings at the same time would disturb the measurement.
    result = nas.search(
        SPACE,
        task,
        strategy=nas.NSGA2(population_size=20),
        objectives=["validation_accuracy", "latency"],
        constraints={"parameters": 20_000},
        trials=arguments.trials,
        epochs=30,
        seed=arguments.seed,
    )
    refused = sum(trial.status == "infeasible" for trial in result.trials)
    print(f"{len(result.trials)} candidates, {refused} of them too large and not trained\n")
    print("accuracy  microseconds  widths")
    for trial in sorted(result.pareto_front, key=lambda trial: trial.measures["latency"]):
        depth = trial.architecture["num_hidden_layers"]
        widths = [trial.architecture[f"hidden_layer_size_{k}"] for k in range(1, depth + 1)]
        microseconds = 1e6 * trial.measures["latency"]
        print(f"{trial.measures['validation_accuracy']:8.3f}  {microseconds:12.2f}  {widths}")
    if arguments.picture is not None:
        result.plot.pareto().figure.savefig(arguments.picture)
        print(f"\nPicture: {arguments.picture}")


if __name__ == "__main__":
    main()
