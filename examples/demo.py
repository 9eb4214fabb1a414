"""The main job: the three published searches on real data, beside the published figures.

Runs REINFORCE, evolution and DARTS on a seeded regression with one feature, as in the published
experiment, and on the diabetes data of scikit-learn (442 rows, 10 features, standardised); prints
the comparison and writes everything that happened under ``runs/``: as JSON, and as a page to read.

Usage: python examples/demo.py [--seed 0] [--workers 2] [--out runs/demo.json]
"""

from __future__ import annotations

import argparse
import json
import math
import os
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_diabetes

import swiftnas as nas
from swiftnas.article import published_evolution, published_reinforce
from swiftnas.differentiable import article_darts
from swiftnas.report import write_report

#: The published search space: 3,600 architectures.
SPACE = nas.spaces.article()

#: Best losses of the one unseeded run that was published, on data that was not.
PUBLISHED = {"REINFORCE": 0.2744, "Evolution": 0.1498, "DARTS": 3.6725}


def one_feature(rows: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """A regression like the published one: a wave on a slope, with noise of variance 0.09."""
    random = np.random.default_rng(0)
    X = random.uniform(-3, 3, (rows, 1))
    y = np.sin(2 * X[:, 0]) + 0.5 * X[:, 0] + random.normal(0, 0.3, rows)
    return X.astype(np.float32), y.astype(np.float32)


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    """Disease progression after a year from ten measurements, all with mean 0 and deviation 1."""
    X, y = load_diabetes(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order], y[order]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return X.astype(np.float32), ((y - y.mean()) / y.std()).astype(np.float32)


def run_searches(
    X: np.ndarray, y: np.ndarray, seed: int, workers: int
) -> tuple[dict[str, dict], dict[str, nas.SearchResult | nas.DARTSResult]]:
    """The three searches as they were published; histories and results by name."""
    task = nas.Task.split(X, y, validation=0.2, shuffle=False)
    histories: dict[str, dict] = {}
    results: dict[str, nas.SearchResult | nas.DARTSResult] = {}

    for name, strategy, trials in (
        ("REINFORCE", published_reinforce(), 5),
        ("Evolution", published_evolution(10), 50),
    ):
        result = nas.search(
            SPACE, task, strategy=strategy, trials=trials, epochs=10, seed=seed, workers=workers
        )
        results[name] = result
        histories[name] = result.to_dict() | {
            "best_architecture": result.best.architecture,
            "best_loss": result.best.value,
        }

    found = article_darts(SPACE, task, epochs=50, seed=seed)
    results["DARTS"] = found
    histories["DARTS"] = {
        "best_architecture": found.architecture,
        "best_loss": found.value,
        "supernet": {
            "candidates": found.candidates,
            "alphas": found.alphas,
            "training_losses": found.training_losses,
            "alpha_losses": found.alpha_losses,
        },
        **found.settings.to_dict(),
        "wall_seconds": found.wall_seconds + found.settings.wall_seconds,
    }
    return histories, results


def table(title: str, histories: dict[str, dict]) -> Table:
    """One row per search."""
    view = Table(title=title, title_justify="left")
    for column in ("search", "best MSE", "published", "best architecture", "trials", "seconds"):
        right = column in ("best MSE", "published", "trials", "seconds")
        view.add_column(column, justify="right" if right else "left")
    for name, history in histories.items():
        best = history["best_architecture"]
        text = (
            f"{best['num_hidden_layers']} × {best['hidden_layer_size']} "
            f"{best['activation_function']}, {best['optimizer']}, lr {best['learning_rate']}, "
            f"dropout {best['dropout_rate']}"
        )
        view.add_row(
            name,
            f"{history['best_loss']:.4f}",
            f"{PUBLISHED[name]:.4f}",
            text,
            str(len(history["trials"])),
            f"{history['wall_seconds']:.2f}",
        )
    return view


def main() -> None:
    """Run everything and report."""
    parser = argparse.ArgumentParser(description="The three searches on real data.")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--out", type=Path, default=Path("runs/demo.json"))
    arguments = parser.parse_args()

    console = Console()
    nas.show_config()
    report, pages = {}, {}
    for short, title, (X, y) in (
        ("one feature", "One feature, as in the published experiment", one_feature()),
        ("diabetes", "Diabetes (442 rows, 10 features, standardised)", diabetes()),
    ):
        histories, results = run_searches(X, y, arguments.seed, arguments.workers)
        report[title] = histories
        pages |= {f"{name}, {short}": result for name, result in results.items()}
        console.print(table(title, histories))
        variance = float(np.var(y[int(0.8 * len(y)) :]))
        console.print(f"Predicting the mean would score about {variance:.4f}.\n")
    console.print(
        "The published figures are from one unseeded run on data that was not published: they give "
        "the order of the searches, not a target for these data."
    )

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [plain(item) for item in value]
        return None if isinstance(value, float) and not math.isfinite(value) else value

    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(plain(report), indent=2) + "\n", encoding="utf-8")
    console.print(f"Full history: {arguments.out}")
    page = arguments.out.with_suffix(".html")
    write_report(page, pages, title="The three published searches")
    console.print(f"Report page: {page}")


if __name__ == "__main__":
    main()
