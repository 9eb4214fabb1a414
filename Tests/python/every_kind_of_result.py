"""Results of every kind that pictures and reports must show."""

from __future__ import annotations

import math
import warnings
from functools import cache
from typing import Any

import numpy as np

import swiftnas as nas

SPACE = nas.SearchSpace(
    {
        "num_hidden_layers": [1, 2, 3],
        "hidden_layer_size": [4, 8, 16],
        "activation_function": ["ReLU", "Tanh"],
        "skip_connection": [False, True],
        "learning_rate": nas.Float(1e-3, 0.1, log=True),
        "dropout_rate": [0.0],
    }
)

CONDITIONAL = nas.SearchSpace(
    {
        "kind": ["a", "b", "broken"],
        "rate": nas.Float(1e-4, 1, log=True),
        "count": nas.Integer(1, 9).when(kind="a"),
        "shape": [(1, 2), (3,)],
    }
)


def task() -> nas.Task:
    X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(-1, 1)
    return nas.Task.split(X, X[:, 0] ** 2, seed=0)


def classification() -> nas.Task:
    X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(-1, 1)
    labels = np.where(abs(X[:, 0]) < 0.5, "near", "far")
    return nas.Task.split(X, labels, loss="cross_entropy", seed=0)


def function(architecture: dict[str, Any]) -> float:
    """Spans decades; fails, diverges and succeeds."""
    if architecture["kind"] == "broken":
        raise RuntimeError("<broken> & more")
    if architecture["rate"] > 0.5:
        return math.nan
    return float(architecture["rate"] * architecture.get("count", 5))


@cache
def results() -> dict[str, nas.SearchResult]:
    """A search of each kind, by name."""
    random = nas.RandomSearch()
    data = task()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return {
            "one trial": nas.search(SPACE, data, strategy=random, trials=1, epochs=1, seed=0),
            "task": nas.search(SPACE, data, strategy=random, trials=30, epochs=8, seed=0),
            "objective": nas.search(
                CONDITIONAL, objective=function, strategy=random, trials=60, seed=0
            ),
            "none succeeded": nas.search(
                CONDITIONAL, objective=lambda _: math.inf, strategy=random, trials=4, seed=0
            ),
            "several objectives": nas.search(
                SPACE,
                data,
                objectives=["validation_loss", "parameters"],
                constraints={"parameters": 300},
                strategy=random,
                trials=40,
                epochs=4,
                seed=0,
            ),
            "fidelities": nas.search(
                SPACE, data, strategy=nas.Hyperband(), trials=30, epochs=9, seed=0
            ),
            "stopped": nas.search(
                SPACE,
                data,
                strategy=random,
                trials=20,
                epochs=60,
                stopping=nas.stopping.Median(),
                seed=0,
            ),
            "maximised": nas.search(
                SPACE,
                classification(),
                objectives=["validation_accuracy"],
                strategy=random,
                trials=12,
                epochs=8,
                seed=0,
            ),
        }


@cache
def supernet() -> nas.DARTSResult:
    space = {
        "num_hidden_layers": [1, 2, 3],
        "hidden_layer_size": [8],
        "activation_function": ["ReLU", "Tanh"],
        "learning_rate": [0.01, 0.001],
    }
    return nas.darts(space, task(), seed=0, epochs=12, final_epochs=10)
