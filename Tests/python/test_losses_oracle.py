"""Losses, weights and mini-batches against PyTorch: the curves of plain training scripts."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import torch_reference as reference  # noqa: E402
from torch import nn  # noqa: E402

import swiftnas as nas  # noqa: E402
from swiftnas import _native  # noqa: E402

ROWS, HELD_OUT, FEATURES = 170, 50, 3
ARCHITECTURE = {
    "num_hidden_layers": 2,
    "hidden_layer_size": 24,
    "activation_function": "Tanh",
    "learning_rate": 0.01,
    "optimizer": "Adam",
    "dropout_rate": 0.3,
}
NAMES = ("X_train", "y_train", "X_val", "y_val")

#: PyTorch's own modules, one value per element.
MODULES = {
    "mse": nn.MSELoss,
    "mae": nn.L1Loss,
    "huber": nn.HuberLoss,
    "cross_entropy": nn.CrossEntropyLoss,
    "binary_cross_entropy": nn.BCEWithLogitsLoss,
}

CASES = [
    *((name, outputs) for name in ("mse", "mae", "huber") for outputs in (1, 3)),
    *(("cross_entropy", outputs) for outputs in (2, 3, 20)),
    ("binary_cross_entropy", 1),
]


def dataset(loss: str, outputs: int) -> tuple[np.ndarray, ...]:
    """Inputs, and targets that fit the loss and can be learnt in part."""
    random = np.random.default_rng(0)
    X = random.normal(size=(ROWS + HELD_OUT, FEATURES)).astype(np.float32)
    mixed = X @ random.normal(size=(FEATURES, outputs)) + random.normal(size=(len(X), outputs))
    if loss == "cross_entropy":
        y = mixed.argmax(axis=1).reshape(-1, 1)
        y[:outputs, 0] = range(outputs)
    elif loss == "binary_cross_entropy":
        y = mixed > 0
    else:
        y = 2 * mixed
    y = np.ascontiguousarray(y, np.float32)
    return X[:ROWS], y[:ROWS], X[ROWS:], y[ROWS:]


def row_losses(loss: str, outputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """PyTorch's loss of each row: the mean over its targets."""
    module = MODULES[loss](reduction="none")
    if loss == "cross_entropy":
        return module(outputs, targets[:, 0].long())
    return module(outputs, targets).mean(dim=1)


def torch_run(architecture, loss, data, epochs, seed, weights=None):
    """A training script: the loss of each epoch, the validation loss and accuracy, the weights."""
    X, y, X_val, y_val = (torch.from_numpy(array) for array in data)
    outputs = int(y.max()) + 1 if loss == "cross_entropy" else y.shape[1]
    w = torch.ones(len(X)) if weights is None else torch.from_numpy(weights[:, 0])
    size = architecture.get("batch_size", len(X))
    torch.manual_seed(seed)
    network = reference.network(architecture, FEATURES, outputs)
    stepper = reference.optimizer(architecture, network)
    losses = []
    for epoch in range(epochs):
        order = np.arange(len(X)) if size >= len(X) else nas.batch_order(len(X), seed, epoch)
        total = 0.0
        for first in range(0, len(X), size):
            rows = order[first : first + size]
            stepper.zero_grad()
            each = row_losses(loss, network(X[rows]), y[rows])
            value = (w[rows] * each).sum() / w[rows].sum()
            value.backward()
            stepper.step()
            total += value.item() * w[rows].sum().item()
        losses.append(total / w.sum().item())
    network.eval()
    with torch.no_grad():
        predicted = network(X_val)
        validation = row_losses(loss, predicted, y_val).mean().item()
    if loss == "cross_entropy":
        right = predicted.argmax(dim=1) == y_val[:, 0]
    else:
        right = (predicted > 0) == (y_val > 0.5)
    return losses, validation, right.float().mean().item(), list(network.state_dict().values())


def swiftnas_run(architecture, loss, data, epochs, seed, weights=None, threads=1):
    outputs = int(data[1].max()) + 1 if loss == "cross_entropy" else data[1].shape[1]
    borrowed = _native.Dataset(*data, NAMES, loss, outputs, weights)
    return _native.train(architecture, borrowed, epochs, seed, "torch", None, True, None, threads)


def assert_same(architecture, loss, data, epochs=30, seed=5, weights=None, rtol=1e-5):
    """Both curves within 1e-5: ten times what float32 rounding does, a tenth of any mistake."""
    losses, validation, accuracy, tensors = torch_run(
        architecture, loss, data, epochs, seed, weights
    )
    outcome, model = swiftnas_run(architecture, loss, data, epochs, seed, weights)
    np.testing.assert_allclose(outcome["training_losses"], losses, rtol=rtol)
    np.testing.assert_allclose(outcome["validation_loss"], validation, rtol=rtol)
    if loss.endswith("cross_entropy"):
        assert outcome["validation_accuracy"] == pytest.approx(accuracy, abs=1e-6)
    else:
        assert outcome["validation_accuracy"] is None
    for index, tensor in enumerate(tensors):
        array = np.empty(tuple(tensor.shape), np.float32)
        model.read(index, array)
        np.testing.assert_allclose(array, tensor.numpy(), rtol=1e-3, atol=2e-4)


def random_weights() -> np.ndarray:
    return np.random.default_rng(7).integers(0, 4, size=(ROWS, 1)).astype(np.float32)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("loss", "outputs"), CASES)
def test_every_loss_trains_like_pytorchs(loss, outputs, weighted):
    weights = random_weights() if weighted else None
    assert_same(ARCHITECTURE, loss, dataset(loss, outputs), weights=weights)


@pytest.mark.parametrize("size", [1, 7, 32, 100, 169])
def test_mini_batches_train_like_a_shuffled_loop(size):
    """With dropout, so that masks must be drawn batch by batch in the order of its rows."""
    architecture = ARCHITECTURE | {"batch_size": size, "learning_rate": 0.003}
    # A step for each row adds up the rounding of 170 times as many steps.
    assert_same(architecture, "mse", dataset("mse", 1), epochs=6, rtol=1e-5 if size > 1 else 1e-4)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("loss", "outputs"), CASES)
def test_mini_batches_of_every_loss(loss, outputs, weighted):
    architecture = ARCHITECTURE | {"batch_size": 50, "learning_rate": 0.003}
    weights = random_weights() if weighted else None
    assert_same(architecture, loss, dataset(loss, outputs), epochs=8, weights=weights)


@pytest.mark.parametrize("optimizer", ["SGD", "RMSprop", "AdamW"])
def test_mini_batches_with_every_optimizer(optimizer):
    architecture = ARCHITECTURE | {"batch_size": 64, "optimizer": optimizer, "learning_rate": 0.003}
    assert_same(architecture, "cross_entropy", dataset("cross_entropy", 3), epochs=8)


def test_batches_of_several_blocks():
    """Batches larger than the engine's blocks of rows, on several threads."""
    random = np.random.default_rng(1)
    X = random.normal(size=(2000, FEATURES)).astype(np.float32)
    y = (X[:, :1] * X[:, 1:2] > 0).astype(np.float32)
    data = (X, y, X[:100], y[:100])
    architecture = ARCHITECTURE | {"batch_size": 900}
    assert_same(architecture, "binary_cross_entropy", data, epochs=4)
    one, _ = swiftnas_run(architecture, "binary_cross_entropy", data, 4, 5)
    two, _ = swiftnas_run(architecture, "binary_cross_entropy", data, 4, 5, threads=2)
    assert one["training_losses"] == two["training_losses"]


def test_weights_of_classes_are_pytorchs():
    """`CrossEntropyLoss(weight)` divides by the sum of the rows' weights, as the engine does."""
    data = dataset("cross_entropy", 3)
    factors = np.array([0.5, 1.0, 4.0], np.float32)
    weights = factors[data[1].astype(int)]
    outcome, _ = swiftnas_run(ARCHITECTURE, "cross_entropy", data, 1, 5, weights)
    torch.manual_seed(5)
    network = reference.network(ARCHITECTURE, FEATURES, 3)
    criterion = nn.CrossEntropyLoss(weight=torch.from_numpy(factors))
    theirs = criterion(network(torch.from_numpy(data[0])), torch.from_numpy(data[1])[:, 0].long())
    assert outcome["training_losses"][0] == pytest.approx(theirs.item(), rel=1e-6)


@pytest.mark.parametrize("batch_size", [None, 16])
@pytest.mark.parametrize("loss", sorted(MODULES))
def test_replay_knows_losses_weights_and_batches(loss, batch_size):
    X, y, _, _ = dataset(loss, 1 if loss != "cross_entropy" else 3)
    targets = y[:, 0].astype(int) if loss.endswith("cross_entropy") else y
    task = nas.Task.split(
        X, targets, loss=loss, sample_weight=random_weights()[:, 0], standardize=True, seed=1
    )
    architecture = ARCHITECTURE if batch_size is None else ARCHITECTURE | {"batch_size": batch_size}
    report = nas.replay(architecture, task, epochs=10)
    assert report.max_relative_difference < 1e-4
    assert report.validation_loss == pytest.approx(report.torch_validation_loss, rel=1e-4)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("loss", "outputs"), CASES)
def test_gradient_norms_are_of_the_task_s_loss(loss, outputs, weighted):
    X, y, _, _ = dataset(loss, outputs)
    targets = y[:, 0].astype(int) if loss.endswith("cross_entropy") else y
    weight = random_weights()[:, 0] if weighted else None
    task = nas.Task(X, targets, X, targets, loss=loss, sample_weight=weight)
    ours = nas.proxies.score(ARCHITECTURE, task, "gradient_norm", seed=3, rng="torch", rows=len(X))
    torch.manual_seed(3)
    network = reference.network(ARCHITECTURE, FEATURES, outputs).eval()
    each = row_losses(loss, network(torch.from_numpy(X)), torch.from_numpy(y))
    w = torch.ones(len(X)) if weight is None else torch.from_numpy(weight)
    ((w * each).sum() / w.sum()).backward()
    theirs = sum((p.grad.double() ** 2).sum().item() for p in network.parameters()) ** 0.5
    assert ours == pytest.approx(theirs, rel=1e-5)


def test_every_registered_loss_is_compared():
    assert {item["name"] for item in _native.losses()} == set(MODULES)
