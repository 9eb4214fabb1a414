"""Training by hand, and prediction."""

from __future__ import annotations

import copy
import gc
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swiftnas as nas

ARCHITECTURE = {
    "num_hidden_layers": 2,
    "hidden_layer_size": 16,
    "activation_function": "Tanh",
    "learning_rate": 0.01,
    "dropout_rate": 0.2,
}
X = np.linspace(-1, 1, 30).reshape(-1, 1)


@pytest.fixture
def model(task: nas.Task) -> nas.Model:
    return nas.train(ARCHITECTURE, task, epochs=50, seed=3)


def test_training_learns(task: nas.Task) -> None:
    model = nas.train(ARCHITECTURE | {"dropout_rate": 0.0}, task, epochs=300, seed=0)
    assert model.validation_loss < 1e-3
    predictions = model.predict(X)
    assert predictions.shape == (30,)
    assert predictions.dtype == np.float32
    np.testing.assert_allclose(predictions, X[:, 0] ** 2, atol=0.1)


def test_the_validation_loss_is_that_of_the_predictions(model: nas.Model, task: nas.Task) -> None:
    errors = model.predict(task.X_val).astype(np.float64) - task.y_val[:, 0]
    # One rounding to float32 in each prediction.
    assert model.validation_loss == pytest.approx(np.mean(errors**2), rel=1e-5)


def test_predictions_agree_with_numpy(model: nas.Model) -> None:
    weights = {name: array.astype(np.float64) for name, array in model.weights.items()}
    hidden = X
    for index in (0, 3):
        hidden = np.tanh(hidden @ weights[f"{index}.weight"].T + weights[f"{index}.bias"])
    expected = hidden @ weights["6.weight"].T + weights["6.bias"]
    np.testing.assert_allclose(model.predict(X), expected[:, 0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("layers", [0, 1, 2])
@pytest.mark.parametrize("features", [1, 5])
@pytest.mark.parametrize("targets", [1, 2])
def test_a_prediction_does_not_depend_on_the_rows_beside_it(
    layers: int, features: int, targets: int
) -> None:
    rows = np.random.default_rng(3).normal(size=(450, features)).astype(np.float32)
    y = np.repeat(rows[:, :1] ** 2, targets, axis=1)
    architecture = {"num_hidden_layers": layers, "hidden_layer_size": 100}
    model = nas.train(architecture, nas.Task(rows, y, rows, y), epochs=2, seed=0)
    together = model.predict(rows)
    for part in (slice(1), slice(3, 10), slice(70, 93), slice(400, 450)):
        np.testing.assert_array_equal(model.predict(rows[part]), together[part])


def test_several_targets_give_a_matrix() -> None:
    task = nas.Task(X, np.hstack([X, X**2]), X, np.hstack([X, X**2]))
    model = nas.train(ARCHITECTURE, task, epochs=2)
    assert model.predict(X).shape == (30, 2)
    column = nas.Task(X, X, X, X)
    assert nas.train(ARCHITECTURE, column, epochs=2).predict(X).shape == (30, 1)


def test_the_same_arguments_give_the_same_model(model: nas.Model, task: nas.Task) -> None:
    again = nas.train(ARCHITECTURE, task, epochs=50, seed=3)
    assert again.training_losses == model.training_losses
    assert again.validation_loss == model.validation_loss
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    other = nas.train(ARCHITECTURE, task, epochs=50, seed=4)
    assert other.training_losses != model.training_losses
    fresh = nas.train(ARCHITECTURE, task, epochs=5)
    repeated = nas.train(ARCHITECTURE, task, epochs=5, seed=fresh.seed)
    assert repeated.training_losses == fresh.training_losses


def test_weights_have_pytorch_s_names_and_shapes(model: nas.Model) -> None:
    shapes = {name: array.shape for name, array in model.weights.items()}
    assert shapes == {
        "0.weight": (16, 1),
        "0.bias": (16,),
        "3.weight": (16, 16),
        "3.bias": (16,),
        "6.weight": (1, 16),
        "6.bias": (1,),
    }
    assert model.parameters == sum(array.size for array in model.weights.values())
    model.weights["0.weight"][:] = 0
    assert model.weights["0.weight"].any()


def test_facts(model: nas.Model, task: nas.Task) -> None:
    assert model.architecture == ARCHITECTURE
    assert (model.epochs, model.seed, model.rng, model.status) == (50, 3, "default", "ok")
    assert len(model.training_losses) == 50
    assert model.flops == 2 * (16 + 256 + 16) or model.flops > 2 * (16 + 256 + 16)
    assert repr(model).startswith("Model({'num_hidden_layers': 2, ")
    with pytest.raises(AttributeError):
        model.seed = 4  # type: ignore[misc]


def test_layer_lists(task: nas.Task) -> None:
    architecture = {
        "num_hidden_layers": 3,
        "hidden_layer_size": [4, 8, 2],
        "activation_function": ("ReLU", "Tanh", "GELU"),
        "dropout_rate": [0.0, 0.5, 0.0],
    }
    model = nas.train(architecture, task, epochs=3, seed=0)
    assert [a.shape for a in model.weights.values() if a.ndim == 2] == [
        (4, 1),
        (8, 4),
        (2, 8),
        (1, 2),
    ]


def test_keys_of_single_layers(task: nas.Task) -> None:
    listed = {
        "num_hidden_layers": 3,
        "hidden_layer_size": [4, 8, 2],
        "activation_function": ["Tanh", "ReLU", "Tanh"],
        "dropout_rate": [0.0, 0.5, 0.1],
        "skip_connection": [True, False, True],
    }
    numbered = {
        "num_hidden_layers": 3,
        **{f"hidden_layer_size_{k}": width for k, width in enumerate([4, 8, 2], 1)},
        "activation_function": "Tanh",
        "activation_function_2": "ReLU",
        "dropout_rate_3": 0.1,
        "dropout_rate_2": 0.5,
        "skip_connection": True,
        "skip_connection_2": np.bool_(False),
    }
    models = [
        nas.train(architecture, task, epochs=5, seed=0)
        for architecture in (listed, numbered, listed | {"hidden_layer_size_2": 8})
    ]
    for model in models:
        assert model.training_losses == models[0].training_losses
        assert list(model.weights) == list(models[0].weights)
    plain = nas.train(listed | {"skip_connection": False}, task, epochs=5, seed=0)
    assert plain.training_losses != models[0].training_losses


def test_residual_predictions_agree_with_numpy(task: nas.Task, tmp_path: Path) -> None:
    architecture = ARCHITECTURE | {"hidden_layer_size_2": 5, "skip_connection_1": True}
    model = nas.train(architecture | {"skip_connection_2": True}, task, epochs=30, seed=0)
    shapes = {name: array.shape for name, array in model.weights.items()}
    assert shapes == {
        "0.linear.weight": (16, 1),
        "0.linear.bias": (16,),
        "0.projection.weight": (16, 1),
        "1.linear.weight": (5, 16),
        "1.linear.bias": (5,),
        "1.projection.weight": (5, 16),
        "2.weight": (1, 5),
        "2.bias": (1,),
    }
    assert model.parameters == sum(array.size for array in model.weights.values())
    weights = {name: array.astype(np.float64) for name, array in model.weights.items()}
    hidden = X
    for index in range(2):
        branch = hidden @ weights[f"{index}.linear.weight"].T + weights[f"{index}.linear.bias"]
        hidden = np.tanh(branch) + hidden @ weights[f"{index}.projection.weight"].T
    expected = hidden @ weights["2.weight"].T + weights["2.bias"]
    np.testing.assert_allclose(model.predict(X), expected[:, 0], rtol=1e-5, atol=1e-6)
    model.save(tmp_path / "model.safetensors")
    for again in (nas.load(tmp_path / "model.safetensors"), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(again.predict(X), model.predict(X))
        assert again.facts() == model.facts()


def test_no_hidden_layers_is_linear_regression(task: nas.Task) -> None:
    model = nas.train({"num_hidden_layers": 0, "hidden_layer_size": 1}, task, epochs=3)
    assert list(model.weights) == ["0.weight", "0.bias"]


def test_numpy_scalars_in_architectures(model: nas.Model, task: nas.Task) -> None:
    architecture = {
        "num_hidden_layers": np.int64(2),
        "hidden_layer_size": np.uint8(16),
        "activation_function": np.str_("Tanh"),
        "learning_rate": np.float64(0.01),
        "dropout_rate": np.float64(0.2),
    }
    assert nas.train(architecture, task, epochs=50, seed=3).training_losses == model.training_losses


def test_a_training_that_diverges_says_so(task: nas.Task, tmp_path: Path) -> None:
    architecture = ARCHITECTURE | {"activation_function": "Identity", "optimizer": "SGD"}
    architecture |= {"learning_rate": 1e9}
    with pytest.warns(RuntimeWarning, match=r"the training diverged in epoch \d+"):
        model = nas.train(architecture, task, epochs=100, seed=0)
    assert model.status == "diverged"
    assert model.validation_loss == np.inf
    assert len(model.training_losses) < 100
    model.save(tmp_path / "model.safetensors")
    again = nas.load(tmp_path / "model.safetensors")
    assert again.validation_loss == np.inf
    np.testing.assert_array_equal(again.training_losses, model.training_losses)


# Initial weights


def test_initial_weights_are_where_training_starts(task: nas.Task) -> None:
    drawn = nas.train(ARCHITECTURE, task, epochs=1, seed=1)
    first = nas.train(ARCHITECTURE, task, epochs=30, seed=2)
    for weights in (
        first.weights,
        dict(reversed(first.weights.items())),
        list(first.weights.values()),
        {name: array.astype(np.float64) for name, array in first.weights.items()},
        {name: array.tolist() for name, array in first.weights.items()},
        {name: np.asfortranarray(array) for name, array in first.weights.items()},
    ):
        model = nas.train(ARCHITECTURE, task, epochs=20, seed=1, initial_weights=weights)
        assert model.training_losses[0] < drawn.training_losses[0] / 2
        again = nas.train(ARCHITECTURE, task, epochs=20, seed=1, initial_weights=first.weights)
        assert model.training_losses == again.training_losses


def test_drawn_weights_given_back_change_nothing(task: nas.Task) -> None:
    # A step too small to move any weight shows the drawn ones.
    still = ARCHITECTURE | {"optimizer": "SGD", "learning_rate": 1e-30}
    drawn = nas.train(still, task, epochs=1, seed=7).weights
    expected = nas.train(ARCHITECTURE, task, epochs=20, seed=7)
    model = nas.train(ARCHITECTURE, task, epochs=20, seed=7, initial_weights=drawn)
    assert model.training_losses == expected.training_losses


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda w: w | {"9.bias": [0.0]}, ValueError, "initial_weights has the key '9.bias', the "),
        (
            lambda w: {k: v for k, v in w.items() if k != "3.bias"},
            ValueError,
            "initial_weights must have the key '3.bias'",
        ),
        (
            lambda w: w | {"3.weight": np.zeros((16, 15))},
            ValueError,
            r"initial_weights\['3.weight'\] must have the shape \(16, 16\), got \(16, 15\)",
        ),
        (
            lambda w: w | {"3.bias": np.full(16, np.nan)},
            ValueError,
            r"initial_weights\['3.bias'\] must be finite, got nan",
        ),
        (
            lambda w: w | {"3.bias": ["a"] * 16},
            TypeError,
            r"initial_weights\['3.bias'\] must hold real numbers",
        ),
        (lambda w: list(w.values())[:-1], ValueError, "initial_weights must have 6 arrays .*got 5"),
        (lambda w: 3.0, TypeError, "initial_weights must be a dict or a list of arrays, got float"),
    ],
)
def test_bad_initial_weights(
    change: Callable[[dict[str, Any]], Any],
    error: type[Exception],
    message: str,
    model: nas.Model,
    task: nas.Task,
) -> None:
    with pytest.raises(error, match=message):
        nas.train(ARCHITECTURE, task, initial_weights=change(model.weights))


# Bad input


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"hidden_layers": 2}, ValueError, "hidden_layers"),
        (
            {"activation_function": "relu"},
            ValueError,
            "activation_function must be one of .*'relu'",
        ),
        ({"optimizer": "adam"}, ValueError, "optimizer must be one of .*'adam'"),
        ({"hidden_layer_size": -1}, ValueError, "hidden_layer_size must be .*got -1"),
        ({"hidden_layer_size": "wide"}, ValueError, "hidden_layer_size must be .*'wide'"),
        ({"dropout_rate": 1.0}, ValueError, r"dropout_rate must be in \[0, 1\), got 1.0"),
        ({"dropout_rate": -0.1}, ValueError, r"dropout_rate must be in \[0, 1\), got -0.1"),
        ({"dropout_rate": float("nan")}, ValueError, r"dropout_rate must be in \[0, 1\), got nan"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be a finite number > 0, got 0"),
        ({"learning_rate": 10**400}, TypeError, "learning_rate"),
        ({"learning_rate": None}, ValueError, "learning_rate must be a finite .*got None"),
        ({"optimizer": object()}, TypeError, r"architecture\['optimizer'\] must be a number of"),
        ({3: 4}, TypeError, "architecture must have strings as keys, got 3"),
        ({"hidden_layer_size": [8]}, ValueError, "hidden_layer_size must have one value for each"),
        ({"hidden_layer_size": [[8], [8]]}, ValueError, "hidden_layer_size must be"),
        ({"num_hidden_layers": [2, 2]}, ValueError, "num_hidden_layers must be"),
        (
            {"hidden_layer_size_3": 8},
            ValueError,
            "architecture has the key 'hidden_layer_size_3', but its hidden layers are 1 to 2",
        ),
        ({"dropout_rate_0": 0.1}, ValueError, "has the key 'dropout_rate_0', but its hidden"),
        ({"dropout_rate_02": 0.1}, ValueError, "has the key 'dropout_rate_02', but its hidden"),
        ({f"dropout_rate_{10**30}": 0.1}, ValueError, "but its hidden layers are 1 to 2"),
        (
            {"num_hidden_layers": 0, "skip_connection_1": True},
            ValueError,
            "has the key 'skip_connection_1', but its hidden layers are none",
        ),
        (
            {"hidden_layer_size": [8, 4], "hidden_layer_size_2": 8},
            ValueError,
            "hidden_layer_size_2 must be 4 as in the list hidden_layer_size, got 8",
        ),
        ({"dropout_rate_2": 1.5}, ValueError, r"dropout_rate_2 must be in \[0, 1\), got 1.5"),
        ({"hidden_layer_size_1": [8, 8]}, ValueError, "hidden_layer_size_1 must be an integer"),
        ({"skip_connection": 1}, ValueError, "skip_connection must be a boolean, got 1"),
        ({"skip_connection": [True]}, ValueError, "skip_connection must have one value for each"),
        ({"learning_rate_1": 0.1}, ValueError, "architecture has no option 'learning_rate_1'"),
        ({"dropout_rate_": 0.1}, ValueError, "architecture has no option 'dropout_rate_'"),
    ],
)
def test_bad_architectures(
    change: dict[Any, Any], error: type[Exception], message: str, task: nas.Task
) -> None:
    with pytest.raises(error, match=message):
        nas.train(ARCHITECTURE | change, task, epochs=1)


@pytest.mark.parametrize("architecture", [None, [], "ReLU", [("num_hidden_layers", 1)]])
def test_architectures_are_dictionaries(architecture: Any, task: nas.Task) -> None:
    with pytest.raises(TypeError, match="architecture must be a dict, got "):
        nas.train(architecture, task)


def test_missing_keys_are_named(task: nas.Task) -> None:
    with pytest.raises(ValueError, match="must have the key 'hidden_layer_size'"):
        nas.train({"num_hidden_layers": 1}, task)
    message = "'hidden_layer_size', or one such as 'hidden_layer_size_1' for each of the 2 .* got 1"
    with pytest.raises(ValueError, match=message):
        nas.train({"num_hidden_layers": 2, "hidden_layer_size_2": 4}, task)


def test_sizes_that_do_not_fit_in_memory(task: nas.Task) -> None:
    with pytest.raises(MemoryError, match="GiB"):
        nas.train({"num_hidden_layers": 1000, "hidden_layer_size": 2**20}, task, epochs=1)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be an integer ≥ 1, got 0"),
        ({"epochs": 1.5}, TypeError, "epochs must be an integer ≥ 1, got 1.5"),
        ({"seed": -1}, ValueError, "seed must be an integer in"),
        ({"seed": 2**63}, ValueError, "seed must be an integer in"),
        ({"rng": "Torch"}, ValueError, "rng must be one of 'default', 'torch', got 'Torch'"),
        ({"rng": None}, ValueError, "rng must be one of 'default', 'torch', got None"),
        ({"task": X}, TypeError, "task must be a swiftnas.Task, got ndarray"),
    ],
)
def test_bad_arguments(
    arguments: dict[str, Any], error: type[Exception], message: str, task: nas.Task
) -> None:
    with pytest.raises(error, match=message):
        nas.train(ARCHITECTURE, **({"task": task} | arguments))


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.zeros((3, 2)), ValueError, r"X must have as many features as in training \(1\), got 2"),
        (np.zeros(3), ValueError, r"X must be 2-D .*X.reshape\(-1, 1\)"),
        (np.zeros((0, 1)), ValueError, "X must have at least one row"),
        ([[np.nan]], ValueError, "X must be finite, got nan at row 0, column 0"),
        (np.full((2, 1), np.inf, np.float32), ValueError, "X must be finite, got inf at row 0"),
        ([["a"]], TypeError, "X must hold real numbers"),
    ],
)
def test_bad_inputs(value: Any, error: type[Exception], message: str, model: nas.Model) -> None:
    with pytest.raises(error, match=message):
        model.predict(value)


# Copies


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))]
)
def test_copies_predict_the_same(copied: Callable[[Any], Any], model: nas.Model) -> None:
    again = copied(model)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.facts() == model.facts()


def test_models_outlive_their_task() -> None:
    def make() -> nas.Model:
        data = np.random.RandomState(0).normal(size=(50, 1)).astype(np.float32)
        return nas.train(ARCHITECTURE, nas.Task(data, data, data, data), epochs=2, seed=0)

    model = make()
    gc.collect()
    assert np.isfinite(model.predict(X)).all()
