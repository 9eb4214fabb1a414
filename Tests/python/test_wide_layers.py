"""Layers of 256 units and more, whose products are done by quarters: against PyTorch, and bits."""

from __future__ import annotations

import numpy as np
import pytest

import swiftnas as nas

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import torch_reference as reference  # noqa: E402

# Two blocks of 240 rows.
ROWS, FEATURES = 480, 3

ARCHITECTURES = [
    {
        "num_hidden_layers": layers,
        "hidden_layer_size": width,
        "activation_function": activation,
        "optimizer": optimizer,
        "learning_rate": rate,
        "dropout_rate": dropout,
    }
    for layers, width, activation, optimizer, rate, dropout in (
        (2, 512, "LeakyReLU", "SGD", 0.01, 0.0),
        (3, 256, "Tanh", "Adam", 0.001, 0.2),
        (3, 288, "GELU", "Adam", 0.0001, 0.0),
        (2, 320, "ReLU", "RMSprop", 0.0001, 0.0),
    )
]


@pytest.fixture(scope="module")
def task() -> nas.Task:
    random = np.random.default_rng(5)
    X = random.normal(size=(ROWS + 200, FEATURES)).astype(np.float32)
    y = (np.sin(2 * X[:, :1]) + 0.5 * X[:, 1:2] * X[:, 2:3]).astype(np.float32)
    return nas.Task(X[:ROWS], y[:ROWS], X[ROWS:], y[ROWS:])


def train(architecture: dict[str, object], task: nas.Task, **options: object) -> nas.Model:
    return nas.train(architecture, task, epochs=20, seed=11, rng="torch", **options)


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a["activation_function"])
def test_curves_are_as_exact_as_pytorch(architecture: dict[str, object], task: nas.Task) -> None:
    """Against float64 with the same weights and masks: at most 3 × PyTorch's own error + 1e-6."""
    data = (task.X_train, task.y_train, task.X_val, task.y_val)
    torch.manual_seed(11)
    theirs, _ = reference.train(
        reference.network(architecture, FEATURES, 1), architecture, data, 20
    )
    twin = reference.float64_twin(architecture, 11, ROWS, FEATURES, 1, 20)
    exact, _ = reference.train(twin, architecture, data, 20, torch.float64)
    ours = train(architecture, task).training_losses

    def error(curve: object) -> float:
        return float(np.max(np.abs(np.asarray(curve) - exact) / np.asarray(exact)))

    assert error(ours) <= 3 * error(theirs) + 1e-6


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda a: a["activation_function"])
def test_workers_do_not_change_a_bit(architecture: dict[str, object], task: nas.Task) -> None:
    one, two = (train(architecture, task, workers=workers) for workers in (1, 2))
    assert one.training_losses == two.training_losses
    assert one.validation_loss == two.validation_loss
    np.testing.assert_array_equal(one.predict(task.X_val), two.predict(task.X_val))


def test_a_prediction_does_not_depend_on_the_rows_beside_it(task: nas.Task) -> None:
    model = train(ARCHITECTURES[0], task)
    together = model.predict(task.X_train)
    for part in (slice(0, 1), slice(3, 250), slice(7, None)):
        np.testing.assert_array_equal(model.predict(task.X_train[part]), together[part])


def test_units_that_are_always_zero_do_not_move() -> None:
    """Their gradients are exactly zero: Adam would make whole steps of anything else."""
    random = np.random.default_rng(6)
    X = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
    task = nas.Task(X, X[:, :1] ** 2, X[:20], X[:20, :1] ** 2)
    architecture = ARCHITECTURES[3] | {"optimizer": "Adam", "learning_rate": 0.01}
    weights = dict(nas.train(architecture, task, epochs=1, seed=0).weights)
    _, bias, second, *_ = weights
    weights[bias] = np.where(np.arange(320) < 5, -100, weights[bias]).astype(np.float32)
    model = nas.train(architecture, task, epochs=5, seed=0, initial_weights=weights)
    np.testing.assert_array_equal(model.weights[second][:, :5], weights[second][:, :5])
    assert (model.weights[second][:, 5:] != weights[second][:, 5:]).mean() > 0.3
