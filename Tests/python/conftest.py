"""Data and spaces that the tests share."""

from __future__ import annotations

import numpy as np
import pytest

import swiftnas as nas


@pytest.fixture(scope="session")
def task() -> nas.Task:
    """60 rows of a parabola with one feature and 1-D targets."""
    X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(-1, 1)
    return nas.Task.split(X, X[:, 0] ** 2, seed=0)


@pytest.fixture(scope="session")
def space() -> nas.SearchSpace:
    """48 small networks."""
    return nas.SearchSpace(
        {
            "num_hidden_layers": [1, 2, 3],
            "hidden_layer_size": [8, 16],
            "activation_function": ["ReLU", "Tanh"],
            "learning_rate": [0.01, 0.001],
            "optimizer": ["Adam", "SGD"],
        }
    )


@pytest.fixture(scope="session")
def article_space() -> dict[str, list[object]]:
    """The published space, as its plain dictionary, with smaller layers."""
    return {
        "num_hidden_layers": [1, 2, 3, 4, 5],
        "hidden_layer_size": [8, 16, 32],
        "activation_function": ["ReLU", "LeakyReLU", "Tanh"],
        "learning_rate": [0.1, 0.01, 0.001, 0.0001],
        "optimizer": ["Adam", "SGD", "RMSprop"],
        "dropout_rate": [0.0, 0.2, 0.4, 0.6],
    }
