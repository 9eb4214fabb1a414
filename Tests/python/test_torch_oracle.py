"""The engine against real PyTorch: weights, masks, loss curves and optimizers."""

from __future__ import annotations

import functools
import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

import torch_reference as reference  # noqa: E402

from swiftnas import _native  # noqa: E402

ROWS, HELD_OUT, FEATURES = 160, 40, 3


def dataset() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A smooth regression with noise, three features, one target."""
    random = np.random.default_rng(0)
    X = random.normal(size=(ROWS + HELD_OUT, FEATURES)).astype(np.float32)
    y = (np.sin(2 * X[:, :1]) + 0.5 * X[:, 1:2] * X[:, 2:3]).astype(np.float32)
    return X[:ROWS], y[:ROWS], X[ROWS:], y[ROWS:]


def article_architectures() -> list[dict[str, object]]:
    """36 architectures: every activation with every optimizer and rate, the other axes in turn."""
    layers, sizes = (
        itertools.cycle([1, 2, 3, 4, 5]),
        itertools.cycle([32, 64, 128, 256, 512, 32, 64]),
    )
    dropout = itertools.cycle([0.0, 0.2, 0.4, 0.6, 0.2, 0.0, 0.4])
    return [
        {
            "num_hidden_layers": next(layers),
            "hidden_layer_size": next(sizes),
            "activation_function": activation,
            "learning_rate": rate,
            "optimizer": optimizer,
            "dropout_rate": next(dropout),
        }
        for activation in ("ReLU", "LeakyReLU", "Tanh")
        for optimizer in ("Adam", "SGD", "RMSprop")
        for rate in (0.1, 0.01, 0.001, 0.0001)
    ]


def swiftnas_run(architecture, data, epochs, seed):
    borrowed = _native.Dataset(*data, ("X_train", "y_train", "X_val", "y_val"))
    return _native.train(architecture, borrowed, epochs, seed, "torch", None, True, None, 1)


def weights_of(model) -> list[np.ndarray]:
    arrays = []
    for index, (_, shape) in enumerate(model.parameters()):
        array = np.empty(shape, np.float32)
        model.read(index, array)
        arrays.append(array)
    return arrays


def largest_error(curve, exact) -> float:
    """The largest relative difference of two curves."""
    curve, exact = np.asarray(curve), np.asarray(exact)
    return float(np.max(np.abs(curve - exact) / np.maximum(np.abs(exact), 1e-12)))


def test_axes_are_covered():
    architectures = article_architectures()
    assert len(architectures) >= 30
    for key, values in {
        "num_hidden_layers": {1, 2, 3, 4, 5},
        "hidden_layer_size": {32, 64, 128, 256, 512},
        "dropout_rate": {0.0, 0.2, 0.4, 0.6},
    }.items():
        assert {a[key] for a in architectures} == values


@functools.cache
def curve_errors(number: int, seed: int) -> dict[int, tuple[float, float]]:
    """Our error and PyTorch's against float64, over 10 epochs and over 50 with the validation."""
    ours, theirs, exact = three_curves(article_architectures()[number], seed)
    if not np.isfinite(theirs).all():
        # Wherever PyTorch diverges so do we, and there is nothing to compare.
        return {} if ours[-1] == np.inf else dict.fromkeys((10, 50), (np.inf, 0.0))
    return {
        epochs: (largest_error(ours[part], exact[part]), largest_error(theirs[part], exact[part]))
        for epochs, part in {10: slice(0, 10), 50: slice(None)}.items()
    }


def seeds_of(number: int) -> tuple[int, int, int]:
    return number, 1000 + number, 2000 + number


def within_bound(error: float, reference_error: float) -> bool:
    return error <= 3 * reference_error + 1e-6


def test_one_seed_is_enough_for_thirty_architectures():
    """One unchosen seed each: at least 30 keep the bound, every value among them."""
    architectures = article_architectures()
    kept = []
    for number, architecture in enumerate(architectures):
        run = curve_errors(number, number)
        if run and all(within_bound(*run[epochs]) for epochs in (10, 50)):
            kept.append(architecture)
    print(f"{len(kept)} of {len(architectures)} architectures keep the bound on their first seed")
    assert len(kept) >= 30
    for key in architectures[0]:
        assert {a[key] for a in kept} == {a[key] for a in architectures}


@pytest.mark.parametrize("epochs", [10, 50])
@pytest.mark.parametrize("number", range(36))
def test_curves_are_as_exact_as_pytorch(number, epochs):
    """Against float64 with the same weights and masks: at most 3 × PyTorch's own error + 1e-6.

    One of three seeds must do it: where a pre-activation lies within rounding of a kink, either
    library can come out on its other side, and from there on that one run is another run.
    """
    runs = [curve_errors(number, seed) for seed in seeds_of(number)]
    assert any(epochs not in run or within_bound(*run[epochs]) for run in runs)


def test_runs_that_leave_the_float64_curve_are_few():
    """Over all 108 runs at most one in ten; by the same measure PyTorch leaves ours at times."""
    runs = [
        curve_errors(n, seed)[50]
        for n in range(36)
        for seed in seeds_of(n)
        if curve_errors(n, seed)
    ]
    ours = sum(not within_bound(ours, theirs) for ours, theirs in runs)
    theirs = sum(not within_bound(theirs, ours) for ours, theirs in runs)
    print(
        f"{len(runs)} runs; beyond the bound: ours {ours}, PyTorch's by the same measure {theirs}"
    )
    assert ours <= len(runs) / 10


def three_curves(architecture, seed):
    """50 training losses and the validation loss: ours, PyTorch's in float32, and in float64."""
    data = dataset()
    torch.manual_seed(seed)
    model = reference.network(architecture, FEATURES, 1)
    theirs, their_validation = reference.train(model, architecture, data, 50)
    twin = reference.float64_twin(architecture, seed, ROWS, FEATURES, 1, 50)
    exact, exact_validation = reference.train(twin, architecture, data, 50, torch.float64)
    outcome, _ = swiftnas_run(architecture, data, 50, seed)
    ours = [*outcome["training_losses"], outcome["validation_loss"]]
    return ours, [*theirs, their_validation], [*exact, exact_validation]


@pytest.mark.parametrize("seed", [0, 1, 2**32 - 1, 2**32 + 5])
def test_initial_weights_are_pytorchs_to_one_ulp(seed):
    architecture = {
        "num_hidden_layers": 3,
        "hidden_layer_size": 70,
        "learning_rate": 1e-30,
        "optimizer": "SGD",
        "dropout_rate": 0.0,
        "activation_function": "Tanh",
    }
    _, model = swiftnas_run(architecture, dataset(), 1, seed)
    torch.manual_seed(seed)
    theirs = reference.network(architecture, FEATURES, 1)
    for ours, parameter in zip(weights_of(model), theirs.parameters(), strict=True):
        expected = parameter.detach().numpy()
        assert ours.shape == expected.shape
        assert (np.abs(ours - expected) <= np.spacing(np.abs(expected))).all()


@pytest.mark.parametrize("rate", [0.2, 0.4, 0.5, 0.6])
def test_masks_are_pytorchs_exactly(rate):
    """One SGD step from weights that make the first gradient a picture of the mask."""
    width = 37
    architecture = {
        "num_hidden_layers": 1,
        "hidden_layer_size": width,
        "activation_function": "Identity",
        "learning_rate": 1.0,
        "optimizer": "SGD",
        "dropout_rate": rate,
    }
    # One row: hidden values 1, output 0, target 1, so dL/dw of the output layer is −2·mask.
    data = [np.ones((1, 1), np.float32) for _ in range(4)]
    initial = [
        np.zeros((width, 1), np.float32),
        np.ones(width, np.float32),
        np.zeros((1, width), np.float32),
        np.zeros(1, np.float32),
    ]
    for seed in range(20):
        borrowed = _native.Dataset(*data, ("a", "b", "c", "d"))
        _, model = _native.train(architecture, borrowed, 1, seed, "torch", initial, True, None, 1)
        ours = weights_of(model)[2][0] != 0
        torch.manual_seed(seed)
        reference.network(architecture, 1, 1)
        theirs = torch.nn.functional.dropout(torch.ones(1, width), rate)[0].numpy() != 0
        assert (ours == theirs).all()


def test_masks_of_many_rows_and_layers_are_pytorchs():
    """Masks of three layers over several blocks of rows: a curve that only equal masks can give."""
    architecture = {
        "num_hidden_layers": 3,
        "hidden_layer_size": 21,
        "activation_function": "Tanh",
        "learning_rate": 0.05,
        "optimizer": "SGD",
        "dropout_rate": 0.4,
    }
    random = np.random.default_rng(1)
    X = random.normal(size=(1001, FEATURES)).astype(np.float32)
    y = X[:, :1] * X[:, 1:2]
    data = (X, y, X[:50], y[:50])
    torch.manual_seed(3)
    theirs, _ = reference.train(reference.network(architecture, FEATURES, 1), architecture, data, 5)
    outcome, _ = swiftnas_run(architecture, data, 5, 3)
    np.testing.assert_allclose(outcome["training_losses"], theirs, rtol=2e-6)


@pytest.mark.parametrize("activation", sorted(reference.ACTIVATIONS))
def test_every_activation_trains_like_pytorchs(activation):
    architecture = {
        "num_hidden_layers": 2,
        "hidden_layer_size": 24,
        "activation_function": activation,
        "learning_rate": 0.01,
        "optimizer": "Adam",
        "dropout_rate": 0.3,
    }
    assert_curve_matches(architecture)


@pytest.mark.parametrize(
    ("optimizer", "options"),
    [
        ("SGD", {"momentum": 0.9}),
        ("SGD", {"weight_decay": 0.1}),
        ("SGD", {"momentum": 0.5, "weight_decay": 0.01}),
        ("RMSprop", {"momentum": 0.9}),
        ("RMSprop", {"weight_decay": 0.1}),
        ("Adam", {"weight_decay": 0.1}),
        ("AdamW", {}),
        ("AdamW", {"weight_decay": 0.2}),
    ],
)
def test_every_optimizer_option_is_pytorchs(optimizer, options):
    architecture = {
        "num_hidden_layers": 1,
        "hidden_layer_size": 16,
        "activation_function": "Tanh",
        "learning_rate": 0.01,
        "optimizer": optimizer,
        "dropout_rate": 0.0,
        **options,
    }
    assert_curve_matches(architecture)


def assert_curve_matches(architecture):
    """30 epochs within 1e-5: ten times what float32 rounding does here, a tenth of any mistake."""
    data = dataset()
    torch.manual_seed(5)
    theirs, validation = reference.train(
        reference.network(architecture, FEATURES, 1), architecture, data, 30
    )
    outcome, _ = swiftnas_run(architecture, data, 30, 5)
    np.testing.assert_allclose(outcome["training_losses"], theirs, rtol=1e-5)
    np.testing.assert_allclose(outcome["validation_loss"], validation, rtol=1e-5)


RESIDUAL = {
    "one projection": [(24, "Tanh", 0.0, True)],
    "the data themselves": [(FEATURES, "GELU", 0.2, True), (FEATURES, "SiLU", 0.0, True)],
    "equal widths": [(20, "Tanh", 0.3, True)] * 4,
    "different widths": [(33, "ReLU", 0.2, True), (7, "Tanh", 0.4, True), (16, "ELU", 0.0, True)],
    "some layers": [
        (16, "Tanh", 0.2, False),
        (16, "LeakyReLU", 0.3, True),
        (5, "Sigmoid", 0.0, True),
        (9, "GELU", 0.5, False),
        (9, "Identity", 0.1, True),
    ],
}


def per_layer(layers):
    """The keys that say the same as a list of `torch_reference.residual_network`."""
    architecture = {"num_hidden_layers": len(layers), "learning_rate": 0.01, "optimizer": "Adam"}
    for number, (width, activation, rate, skip) in enumerate(layers, 1):
        architecture[f"hidden_layer_size_{number}"] = width
        architecture[f"activation_function_{number}"] = activation
        architecture[f"dropout_rate_{number}"] = rate
        architecture[f"skip_connection_{number}"] = skip
    return architecture


@pytest.mark.parametrize("name", sorted(RESIDUAL))
@pytest.mark.parametrize("outputs", [1, 3])
def test_residual_networks_train_like_pytorchs(name, outputs):
    """The same initial weights, masks and steps as a module written by hand, by the same names."""
    X, y, X_val, y_val = dataset()
    data = (X, np.tile(y, outputs), X_val, np.tile(y_val, outputs))
    architecture = per_layer(RESIDUAL[name])
    torch.manual_seed(5)
    module = reference.residual_network(RESIDUAL[name], FEATURES, outputs)
    theirs, validation = reference.train(module, architecture, data, 30)
    outcome, model = swiftnas_run(architecture, data, 30, 5)
    np.testing.assert_allclose(outcome["training_losses"], theirs, rtol=1e-5)
    np.testing.assert_allclose(outcome["validation_loss"], validation, rtol=1e-5)
    assert [name for name, _ in model.parameters()] == list(module.state_dict())


def test_initial_weights_of_residual_networks_are_pytorchs_to_one_ulp():
    layers = RESIDUAL["some layers"]
    still = per_layer(layers) | {"optimizer": "SGD", "learning_rate": 1e-30}
    _, model = swiftnas_run(still, dataset(), 1, 11)
    torch.manual_seed(11)
    theirs = reference.residual_network(layers, FEATURES, 1)
    for ours, parameter in zip(weights_of(model), theirs.parameters(), strict=True):
        expected = parameter.detach().numpy()
        assert (np.abs(ours - expected) <= np.spacing(np.abs(expected))).all()
