"""Classification through the functions users call: labels, weights, figures, and bad input."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import swiftnas as nas

random = np.random.default_rng(0)
X = random.normal(size=(240, 2)).astype(np.float32)
#: Three classes by angle, so that a linear model has something to do.
NUMBERS = (np.degrees(np.arctan2(X[:, 1], X[:, 0])) % 360 // 120).astype(int)
NAMES = np.array(["left", "right", "up"])[NUMBERS]
ARCHITECTURE = {
    "num_hidden_layers": 1,
    "hidden_layer_size": 16,
    "activation_function": "Tanh",
    "learning_rate": 0.03,
}
CROSS = {"loss": "cross_entropy"}
BINARY = {"loss": "binary_cross_entropy"}


@pytest.fixture(scope="module")
def task() -> nas.Task:
    return nas.Task.split(X, NAMES, loss="cross_entropy")


@pytest.fixture(scope="module")
def model(task: nas.Task) -> nas.Model:
    return nas.train(ARCHITECTURE, task, epochs=150, seed=0)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (NAMES, ["left", "right", "up"]),
        (NAMES.astype(object), ["left", "right", "up"]),
        (NAMES.tolist(), ["left", "right", "up"]),
        (pd.Series(NAMES), ["left", "right", "up"]),
        (pd.Series(NAMES, dtype="category"), ["left", "right", "up"]),
        (pd.Series(NAMES, dtype="string"), ["left", "right", "up"]),
        (NUMBERS * 10 - 5, [-5, 5, 15]),
        (NUMBERS.astype(np.uint8), [0, 1, 2]),
        (NUMBERS.astype(float), [0.0, 1.0, 2.0]),
        (NUMBERS.tolist(), [0, 1, 2]),
        (pd.Series(NUMBERS, dtype="Int64"), [0, 1, 2]),
        (NUMBERS > 0, [False, True]),
        ((NUMBERS > 0).tolist(), [False, True]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_labels_of_any_kind(labels: Any, classes: list[Any]) -> None:
    task = nas.Task.split(X, labels, loss="cross_entropy", seed=1)
    assert task.classes is not None
    assert task.classes.tolist() == classes
    assert task.output_width == len(classes)
    model = nas.train(ARCHITECTURE, task, epochs=60, seed=0)
    predicted = model.predict(X)
    assert set(predicted.tolist()) <= set(classes)
    assert nas.metrics.accuracy(list(labels), predicted.tolist()) > 0.8
    again = pickle.loads(pickle.dumps(task))
    assert again.classes.tolist() == classes
    np.testing.assert_array_equal(again.y_val, task.y_val)


def test_torch_labels_and_zero_copy() -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    task = nas.Task(
        X, torch.from_numpy(NUMBERS), X, torch.from_numpy(NUMBERS), loss="cross_entropy"
    )
    np.testing.assert_array_equal(task.y_train[:, 0], NUMBERS)
    assert task.X_train is X


def test_outputs_of_a_model(model: nas.Model) -> None:
    logits, shares = model.decision_function(X), model.predict_proba(X)
    assert logits.shape == shares.shape == (len(X), 3)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)
    powers = np.exp(logits)
    np.testing.assert_allclose(shares, powers / powers.sum(axis=1, keepdims=True), rtol=1e-5)
    assert (model.predict(X) == model.classes[logits.argmax(axis=1)]).all()


def test_figures_are_those_of_the_predictions(task: nas.Task, model: nas.Model) -> None:
    labels = task.classes[task.y_val[:, 0].astype(int)]
    assert model.validation_accuracy == nas.metrics.accuracy(labels, model.predict(task.X_val))
    assert model.validation_accuracy > 0.9
    loss = nas.metrics.log_loss(labels, model.predict_proba(task.X_val), task.classes)
    assert model.validation_loss == pytest.approx(loss, rel=1e-5)
    assert "validation_accuracy=" in repr(model)


def test_one_output_for_two_classes() -> None:
    task = nas.Task.split(X, NAMES == "up", loss="binary_cross_entropy", seed=1)
    assert (task.output_width, task.classes.tolist()) == (1, [False, True])
    model = nas.train(ARCHITECTURE, task, epochs=100, seed=0)
    logits, shares = model.decision_function(X), model.predict_proba(X)
    assert (logits.shape, shares.shape) == ((len(X),), (len(X), 2))
    np.testing.assert_allclose(shares[:, 1], 1 / (1 + np.exp(-logits)), rtol=1e-5)
    assert model.predict(X).dtype == bool
    assert (model.predict(X) == (logits > 0)).all()
    held_out = task.y_val[:, 0] == 1
    assert model.validation_accuracy == np.mean(model.predict(task.X_val) == held_out)
    assert model.validation_loss == pytest.approx(
        nas.metrics.log_loss(held_out, model.predict_proba(task.X_val)), rel=1e-5
    )


@pytest.mark.parametrize("options", [CROSS, BINARY, CROSS | {"standardize": True}], ids=str)
@pytest.mark.parametrize("labels", [NAMES == "up", (NUMBERS > 0) * 7, NAMES != "up"])
def test_files_and_pickles(options: dict[str, Any], labels: np.ndarray, tmp_path: Path) -> None:
    named = np.where(labels.astype(bool), "yes", "no") if labels[0] else labels
    task = nas.Task.split(X, named, **options)
    model = nas.train(ARCHITECTURE | {"batch_size": 32}, task, epochs=5, seed=0)
    model.save(tmp_path / "model.safetensors")
    for again in (nas.load(tmp_path / "model.safetensors"), pickle.loads(pickle.dumps(model))):
        assert again.classes.dtype == model.classes.dtype
        for name in ("predict", "predict_proba", "decision_function"):
            np.testing.assert_array_equal(getattr(again, name)(X), getattr(model, name)(X))
        for name in ("loss", "validation_accuracy", "validation_loss", "epochs"):
            assert getattr(again, name) == getattr(model, name)


def test_weights_are_ratios_and_can_leave_rows_out() -> None:
    half = np.arange(len(X)) % 2
    kept = half == 1
    some = nas.Task(X[kept], NAMES[kept], X, NAMES, loss="cross_entropy")
    weighted = nas.Task(X, NAMES, X, NAMES, loss="cross_entropy", sample_weight=half * 1e-300)
    assert weighted.weights is not None
    assert weighted.weights.mean() == 1
    first, second = (nas.train(ARCHITECTURE, t, epochs=20, seed=0) for t in (some, weighted))
    np.testing.assert_allclose(first.training_losses, second.training_losses, rtol=1e-5)


def test_balanced_classes_have_equal_sums() -> None:
    rare = np.where(np.arange(len(X)) < 10, "rare", "common")
    task = nas.Task(X, rare, X, rare, loss="cross_entropy", class_weight="balanced")
    sums = [task.weights[task.y_train == k].sum() for k in (0, 1)]
    assert sums[0] == pytest.approx(sums[1], rel=1e-5)
    same = nas.Task(X, rare, X, rare, loss="cross_entropy", class_weight={"rare": 23.0})
    np.testing.assert_allclose(task.weights, same.weights, rtol=1e-6)
    both = nas.Task(
        X, rare, X, rare, **CROSS, class_weight={"rare": 2}, sample_weight=np.arange(len(X))
    )
    expected = np.arange(len(X)) * np.where(rare == "rare", 2, 1)
    np.testing.assert_allclose(both.weights[:, 0], expected / expected.mean(), rtol=1e-6)


def test_weights_shift_the_decision() -> None:
    """Overlapping classes: what is weighted more is predicted more."""
    noise = np.random.default_rng(1).integers(0, 2, len(X))
    counts = []
    for factor in (0.1, 1, 10):
        task = nas.Task(X, noise, X, noise, **BINARY, class_weight={1: factor})
        counts.append(nas.train(ARCHITECTURE, task, epochs=50, seed=0).predict(X).sum())
    assert counts[0] < counts[1] < counts[2]


def test_search_maximises_accuracy(task: nas.Task) -> None:
    result = nas.search(
        {"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 16], "batch_size": [16, 64, 500]},
        task,
        objectives=["validation_accuracy", "parameters"],
        constraints={"validation_accuracy": 0.5},
        strategy=nas.RandomSearch(),
        trials=8,
        epochs=10,
        seed=0,
    )
    for trial in result.trials:
        assert trial.measures["validation_accuracy"] == trial.validation_accuracy
        assert trial.values[0] == -trial.validation_accuracy
        assert (trial.status == "infeasible") == (trial.validation_accuracy < 0.5)
        again = nas.train(trial.architecture, task, epochs=10, seed=trial.seed)
        assert again.validation_accuracy == trial.validation_accuracy
    assert result.to_dict()["trials"][0]["validation_accuracy"] is not None


def test_accuracy_belongs_to_the_value(task: nas.Task) -> None:
    """With patience, the accuracy is that of the best validation."""
    model = nas.train(ARCHITECTURE, task, epochs=400, seed=0, validate_every=5, patience=3)
    labels = task.classes[task.y_val[:, 0].astype(int)]
    assert model.validation_accuracy == nas.metrics.accuracy(labels, model.predict(task.X_val))


def test_darts_knows_the_loss(task: nas.Task) -> None:
    space = {
        "num_hidden_layers": [1, 2],
        "hidden_layer_size": [8],
        "activation_function": ["ReLU", "Tanh"],
        "batch_size": [64],
    }
    result = nas.darts(space, task, seed=0, trials=1, final_epochs=30, epochs=20)
    assert result.training_losses[0] == pytest.approx(np.log(3), abs=0.4)
    assert result.settings.best.validation_accuracy > 0.4


REFUSED: list[tuple[Any, dict[str, Any], str]] = [
    (["a"] * 240, CROSS, "y_train must hold at least two classes, got only 'a'"),
    (NUMBERS + 0.5, CROSS, "y_train must hold labels .* got 0.5 at row|got 1.5|got 2.5"),
    ([np.nan] * 240, CROSS, "y_train must hold labels that are .*, got nan at row 0"),
    ([None] * 240, CROSS, "y_train must hold labels that are .*, got None at row 0"),
    (["a", 1] * 120, CROSS, r"labels of one kind \(strings\), got 1 at row 1"),
    ([1, True] * 120, CROSS, r"labels of one kind \(numbers\), got True at row 1"),
    (NAMES[:-1], CROSS, r"y_train must have as many rows as X_train \(240\), got 239"),
    (NAMES[:, None], CROSS, "y_train must be 1-D with one label per row, got 2-D"),
    (NAMES.astype("S"), CROSS, "y_train must hold labels that are strings, .* got dtype"),
    (NAMES, BINARY, "y_train must hold two classes with loss='binary_cross_entropy', got 3"),
    (NAMES, {"loss": "hinge"}, "loss must be one of 'mse', .*, got 'hinge'"),
    (NAMES, {"loss": None}, "loss must be one of 'mse', .*, got None"),
    (NAMES, {}, "y_train must hold real numbers"),
    (NAMES, CROSS | {"sample_weight": [1] * 239}, "one weight for each of 240 rows, got 239"),
    (NAMES, CROSS | {"sample_weight": [-1] * 240}, "finite numbers ≥ 0, got -1.0 at row 0"),
    (NAMES, CROSS | {"sample_weight": [np.inf] * 240}, "finite numbers ≥ 0, got inf at row 0"),
    (NAMES, CROSS | {"sample_weight": [0] * 240}, "sample_weight must not be 0 for all rows"),
    (NAMES, CROSS | {"sample_weight": np.ones((240, 1))}, "sample_weight must be 1-D"),
    (NAMES, CROSS | {"class_weight": "auto"}, "class_weight must be 'balanced' or a dict"),
    (
        NAMES,
        CROSS | {"class_weight": {"down": 1}},
        "class_weight has the label 'down', y_train has",
    ),
    (NAMES, CROSS | {"class_weight": {"up": -1}}, "must be a finite number ≥ 0, got -1"),
    (NAMES, CROSS | {"class_weight": {"up": "1"}}, r"class_weight\['up'\] must be a number"),
    (
        NAMES,
        CROSS | {"class_weight": dict.fromkeys(["up", "left", "right"], 0)},
        "must not be 0 for all rows together",
    ),
    (NUMBERS, {"class_weight": "balanced"}, "class_weight needs classes"),
]


@pytest.mark.parametrize(("labels", "options", "message"), REFUSED, ids=lambda v: str(v)[:40])
def test_bad_input(labels: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message) as caught:
        nas.Task(X, labels, X, labels, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("odd", ["down", 3, True])
def test_labels_unseen_in_training(odd: Any) -> None:
    with pytest.raises(ValueError, match=f"y_val must hold labels that y_train has, got {odd!r}"):
        nas.Task(X, NAMES, X[:1], [odd], loss="cross_entropy")


def test_regression_has_no_classes(task: nas.Task) -> None:
    plain = nas.Task.split(X, X[:, 0])
    model = nas.train(ARCHITECTURE, plain, epochs=1)
    assert (model.classes, model.validation_accuracy) == (None, None)
    for name in ("predict_proba", "decision_function"):
        with pytest.raises(
            ValueError, match=f"{name} needs a model of classification, got .*'mse'"
        ):
            getattr(model, name)(X)
    with pytest.raises(ValueError, match="'validation_accuracy' needs a task of classification"):
        nas.search({"num_hidden_layers": [0]}, plain, objectives=["validation_accuracy"])
    lower = nas.objectives.Objective("validation_accuracy")
    with pytest.raises(ValueError, match="'validation_accuracy' must be maximised"):
        nas.search({"num_hidden_layers": [0]}, task, objectives=[lower])


def test_a_diverged_training_has_no_accuracy(task: nas.Task) -> None:
    wild = ARCHITECTURE | {"activation_function": "Identity", "optimizer": "SGD"}
    with pytest.warns(RuntimeWarning, match="the training diverged in epoch"):
        model = nas.train(wild | {"learning_rate": 1e30, "batch_size": 50}, task, epochs=20, seed=0)
    assert (model.status, model.validation_accuracy) == ("diverged", None)
    assert set(model.predict(X)) <= {"left", "right", "up"}
    assert model.predict_proba(X).shape == (len(X), 3)


def test_batch_order_refuses_bad_input() -> None:
    with pytest.raises(ValueError, match="rows must be an integer ≥ 1, got 0"):
        nas.batch_order(0, seed=0, epoch=0)
    with pytest.raises(ValueError, match=r"rows must be in \[1, 4294967295\]"):
        nas.batch_order(2**40, seed=0, epoch=0)
    with pytest.raises(ValueError, match="epoch must be an integer ≥ 0, got -1"):
        nas.batch_order(3, seed=0, epoch=-1)
    # The orders of a seed are a promise: results depend on them.
    assert nas.batch_order(6, seed=1, epoch=2).tolist() == [0, 5, 2, 4, 3, 1]
