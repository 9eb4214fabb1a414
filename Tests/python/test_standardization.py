"""Standardisation inside the model: what the network sees, and what comes out."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import swiftnas as nas

random = np.random.default_rng(0)
#: Columns of very different scales and places, the last one constant.
X = (random.normal(size=(150, 4)) * [1, 1e4, 1e-4, 0] + [0, 1e5, 3, 7]).astype(np.float32)
y = 1000 + 50 * np.sin(X[:, 0]) + (X[:, 1] - 1e5) / 1e3
Y = np.column_stack([y, 1e-3 * X[:, 0]])
ARCHITECTURE = {
    "num_hidden_layers": 1,
    "hidden_layer_size": 32,
    "activation_function": "Tanh",
    "learning_rate": 0.01,
}


def by_hand(matrix: np.ndarray, training: np.ndarray) -> np.ndarray:
    """NumPy's own, with the scale 1 for constant columns.

    Means and scales are rounded to float32, which PyTorch's module has them in: with deviations
    that are 30,000 times smaller than the mean, that shifts a column by a thousandth.
    """
    training = training.astype(np.float32).astype(np.float64)
    is_constant = training.min(axis=0) == training.max(axis=0)
    deviation = np.where(is_constant, 1, training.std(axis=0))
    center, scale = (each.astype(np.float32) for each in (training.mean(axis=0), deviation))
    return (matrix.astype(np.float32).astype(np.float64) - center) / scale


@pytest.mark.parametrize("targets", [y, Y], ids=["flat", "columns"])
@pytest.mark.parametrize("batch_size", [None, 20])
def test_it_is_the_same_as_by_hand(targets: np.ndarray, batch_size: int | None) -> None:
    size = {} if batch_size is None else {"batch_size": batch_size}
    task = nas.Task(X[:100], targets[:100], X[100:], targets[100:], standardize=True)
    inputs = [by_hand(part, X[:100]) for part in (X[:100], X[100:])]
    outputs = [by_hand(part, targets[:100]) for part in (targets[:100], targets[100:])]
    plain = nas.Task(inputs[0], outputs[0], inputs[1], outputs[1])
    first, second = (
        nas.train(ARCHITECTURE | size, each, epochs=20, seed=0) for each in (task, plain)
    )
    np.testing.assert_allclose(first.training_losses, second.training_losses, rtol=1e-5)
    assert first.validation_loss == pytest.approx(second.validation_loss, rel=1e-5)
    center, scale = targets[:100].mean(axis=0), targets[:100].std(axis=0)
    np.testing.assert_allclose(
        first.predict(X[100:]), second.predict(inputs[1]) * scale + center, rtol=1e-5
    )


def test_losses_are_in_units_of_the_standardised_targets() -> None:
    task = nas.Task(X[:100], y[:100], X[100:], y[100:], standardize=True)
    model = nas.train(ARCHITECTURE, task, epochs=200, seed=0)
    error = np.mean((model.predict(X[100:]) - y[100:]) ** 2)
    assert model.validation_loss == pytest.approx(error / np.var(y[:100]), rel=1e-3)
    # What cannot be learnt from the raw numbers in this time.
    assert model.validation_loss < 0.5
    assert nas.train(ARCHITECTURE, nas.Task.split(X, y), epochs=200, seed=0).validation_loss > 1e5


def test_only_the_training_part_counts() -> None:
    far = X[100:].copy() + 1e6
    task = nas.Task(X[:100], y[:100], far, y[100:], standardize=True)
    other = nas.Task(X[:100], y[:100], X[100:], y[100:], standardize=True)
    for name in ("input_mean", "input_scale", "target_mean", "target_scale"):
        first, second = (getattr(each.standardization, name) for each in (task, other))
        np.testing.assert_array_equal(first, second)
    assert task.standardization.input_scale[3] == 1


@pytest.mark.parametrize("value", [7.0, 0.1, 1e30, 1e-40, -123456.7])
def test_constant_columns_become_zero(value: float) -> None:
    column = np.full((1001, 1), value, np.float32)
    task = nas.Task(column, column, column, column, standardize=True)
    assert task.standardization.input_scale.tolist() == [1]
    assert abs(task.standardization.inputs(column)).max() <= abs(value) * 1e-7
    model = nas.train({"num_hidden_layers": 0, "hidden_layer_size": 1}, task, epochs=1)
    assert np.isfinite(model.predict(column)).all()


def test_without_it_nothing_is_copied() -> None:
    data = y[:, None].astype(np.float32)
    task = nas.Task(X, data, X, data)
    assert task.standardization is None
    for array, own in zip((X, data, X, data), task._data, strict=True):
        assert own is array


def test_it_goes_with_the_model(tmp_path: Path) -> None:
    task = nas.Task.split(X, Y, standardize=True)
    model = nas.train(ARCHITECTURE, task, epochs=20, seed=0)
    model.save(tmp_path / "model.safetensors")
    for again in (nas.load(tmp_path / "model.safetensors"), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
    same = pickle.loads(pickle.dumps(task))
    assert nas.train(ARCHITECTURE, same, epochs=20, seed=0).training_losses == model.training_losses


@pytest.mark.parametrize("targets", [y, Y, y > 1000], ids=["flat", "columns", "classes"])
@pytest.mark.parametrize("skip", [False, True])
def test_the_module_takes_raw_inputs(targets: np.ndarray, skip: bool) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    loss = "cross_entropy" if targets.dtype == bool else "mse"
    task = nas.Task.split(X, targets, standardize=True, loss=loss)
    model = nas.train(ARCHITECTURE | {"skip_connection": skip}, task, epochs=20, seed=0)
    module = model.to_torch()
    assert not module.training
    with torch.no_grad():
        theirs = module(torch.from_numpy(X)).numpy()
    ours = model.predict(X) if loss == "mse" else model.decision_function(X)
    np.testing.assert_allclose(theirs.reshape(ours.shape), ours, rtol=1e-4, atol=1e-5)
    names = [name for name in module.state_dict() if not name.startswith(("input_", "target_"))]
    assert names == list(model.weights)
    # A slice is a plain network: what it takes and gives is not standardised.
    hidden = module[:-1]
    assert type(hidden) is torch.nn.Sequential
    assert list(hidden) == list(module)[:-1]
    assert module[-1] is list(module)[-1]
    # Its state is where a training can start, as that of any module.
    again = nas.train(
        model.architecture, task, epochs=1, seed=0, initial_weights=module.state_dict()
    )
    same = nas.train(model.architecture, task, epochs=1, seed=0, initial_weights=model.weights)
    assert again.training_losses == same.training_losses


def test_bad_input() -> None:
    with pytest.raises(TypeError, match="standardize must be a boolean, got 1"):
        nas.Task.split(X, y, standardize=1)  # type: ignore[arg-type]
    odd = X.copy()
    odd[5, 1] = np.nan
    with pytest.raises(ValueError, match="X_val must be finite, got nan at row 5, column 1"):
        nas.Task(X, y, odd, y, standardize=True)
    task = nas.Task(X[:, 2:3], y, X[:, 2:3], y, standardize=True)
    model = nas.train(ARCHITECTURE, task, epochs=1)
    with pytest.raises(ValueError, match="X must be finite, got nan at row 5, column 0"):
        model.predict(odd[:, 1:2])
    with pytest.raises(ValueError, match="must be finite, got inf at row 0, column 0"):
        model.predict(np.float32([[3e38]]))
    with pytest.raises(
        ValueError, match=r"X_val \(standardised\) must be finite, got inf at row 0"
    ):
        nas.Task(X[:, 2:3], y, np.full((150, 1), 3e38, np.float32), y, standardize=True)
