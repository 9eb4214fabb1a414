"""Fifty random architectures of all ready-made spaces through every exporter."""

from __future__ import annotations

import runpy
import warnings
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import _native

ROWS = 60
ACTIVATIONS = next(
    key["choices"] for key in _native.architecture_keys() if key["name"] == "activation_function"
)

#: What is common to all spaces: everything else that an architecture may say.
MORE: dict[str, Any] = {
    "optimizer": ["Adam", "SGD", "RMSprop", "AdamW"],
    "momentum": [0.0, 0.5],
    "weight_decay": [0.0, 0.01],
    "learning_rate": nas.Float(1e-3, 1e-2, log=True),
}

BATCHES: dict[str, Any] = {"batch_size": [7, 16, 1000]}

#: Narrow layers, so that fifty of them are trained in no time.
LAYERS: dict[str, Any] = {"widths": [4, 7, 16], "activations": ACTIVATIONS, "dropout": [0.0, 0.3]}

SPACES = {
    "article": nas.SearchSpace(
        {**nas.spaces.article(), "hidden_layer_size": [8, 32], **MORE, **BATCHES}
    ),
    "mlp": nas.SearchSpace({**nas.spaces.mlp(max_layers=4, **LAYERS), **MORE}),
    "equal mlp": nas.SearchSpace({**nas.spaces.mlp(per_layer=False, **LAYERS), **MORE}),
    "residual": nas.SearchSpace(
        {**nas.spaces.residual_mlp(max_layers=4, **LAYERS), **MORE, **BATCHES}
    ),
    "equal residual": nas.SearchSpace(
        {**nas.spaces.residual_mlp(per_layer=False, **LAYERS), **MORE}
    ),
}

#: Loss, outputs (0 for flat targets), kind of labels.
TARGETS = [
    ("mse", 0, ""),
    ("mse", 1, ""),
    ("mae", 3, ""),
    ("huber", 2, ""),
    ("cross_entropy", 3, "strings"),
    ("cross_entropy", 2, "booleans"),
    ("binary_cross_entropy", 2, "integers"),
]

COUNT = 50


class Case(NamedTuple):
    task: nas.Task
    result: nas.SearchResult
    model: nas.Model
    X: np.ndarray


def data(number: int) -> nas.Task:
    """A task of any kind: loss, outputs, features, units, weights, standardised or not."""
    loss, outputs, labels = TARGETS[number % len(TARGETS)]
    random = np.random.default_rng(number)
    features = 1 + number % 4
    standardize = number // len(TARGETS) % 2 == 0
    X = random.normal(size=(ROWS, features))
    y = np.tanh(X @ random.normal(size=(features, max(outputs, 1))))
    y = y + random.normal(size=y.shape) / 10
    if standardize:
        X = X * 30 + 100
        y = y * 1000 - 3000 if not labels else y
    if labels:
        places = y.argmax(axis=1)
        places[:outputs] = range(outputs)
        names = {"strings": ["näh", "weit", "fern"], "booleans": [False, True], "integers": [-3, 8]}
        y = np.array(names[labels])[places]
    elif not outputs:
        y = y[:, 0]
    weights = random.uniform(0, 2, ROWS) if number % 3 == 0 else None
    return nas.Task.split(
        X, y, loss=loss, standardize=standardize, sample_weight=weights, stratify=False
    )


@cache
def case(number: int) -> Case:
    """A short search, and its best architecture trained once more."""
    task = data(number)
    space = list(SPACES.values())[number % len(SPACES)]
    with warnings.catch_warnings():
        # Some of three may diverge.
        warnings.simplefilter("ignore", RuntimeWarning)
        result = nas.search(
            space, task, strategy=nas.RandomSearch(), trials=3, epochs=4, seed=number, rng="torch"
        )
    best = result.best
    model = nas.train(best.architecture, task, epochs=best.epochs, seed=best.seed, rng="torch")
    assert model.validation_loss == best.value
    return Case(task, result, model, np.vstack([task.X_train, task.X_val]))


def require_near(theirs: np.ndarray, ours: np.ndarray) -> None:
    """Equal to 1e-5 of the largest value: float32 sums in another order."""
    assert theirs.shape == ours.shape
    assert np.abs(theirs - ours).max() <= 1e-5 * max(1e-3, np.abs(ours).max())


def test_the_sample_has_everything() -> None:
    found: dict[str, set[Any]] = {}
    for number in range(COUNT):
        made = case(number)
        for name, value in made.model.architecture.items():
            found.setdefault(name.rstrip("_1234"), set()).add(value)
    assert found["activation_function"] == set(ACTIVATIONS)
    assert found["skip_connection"] == {False, True}
    for name in ("batch_size", "optimizer", "momentum", "weight_decay"):
        assert found[name] == set((MORE | BATCHES)[name])
    kinds = {(case(n).task.loss, case(n).task.standardization is None) for n in range(COUNT)}
    assert {loss for loss, _ in kinds} == {loss["name"] for loss in _native.losses()}
    assert len(kinds) == 2 * len(_native.losses())


@pytest.mark.parametrize("number", range(COUNT))
def test_files(number: int, tmp_path: Path) -> None:
    _, _, model, X = case(number)
    model.save(tmp_path / "file")
    again = nas.load(tmp_path / "file")
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    assert again.predict(X).dtype == model.predict(X).dtype
    assert again.architecture == model.architecture
    assert again.training_losses == model.training_losses
    before = (tmp_path / "file").read_bytes()
    again.save(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == before


@pytest.mark.parametrize("number", range(COUNT))
def test_modules(number: int) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    _, _, model, X = case(number)
    with torch.no_grad():
        theirs = model.to_torch()(torch.from_numpy(X)).numpy()
    ours = model.predict(X) if model.classes is None else model.decision_function(X)
    assert theirs.shape == (ROWS, model.output_width)
    require_near(theirs.reshape(ours.shape), ours)


@pytest.mark.parametrize("number", range(COUNT))
def test_onnx(number: int) -> None:
    onnx = pytest.importorskip("onnx")
    onnxruntime = pytest.importorskip("onnxruntime")
    _, _, model, X = case(number)
    made = model.to_onnx()
    onnx.checker.check_model(made, full_check=True)
    session = onnxruntime.InferenceSession(made.SerializeToString())
    outputs = [output.name for output in session.get_outputs()]
    for rows in (X, X[:1]):
        found = dict(zip(outputs, session.run(None, {"X": rows}), strict=True))
        if model.classes is None:
            assert list(found) == ["predictions"]
            require_near(found["predictions"], model.predict(rows))
        else:
            assert list(found) == ["label", "probabilities"]
            require_near(found["probabilities"], model.predict_proba(rows))
            sure = np.ptp(model.predict_proba(rows), axis=1) > 1e-4
            labels = model.predict(rows)
            assert found["label"].shape == labels.shape
            assert found["label"][sure].tolist() == labels[sure].tolist()


@pytest.mark.parametrize("number", range(COUNT))
def test_pytorch_code(number: int, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    task, result, _, _ = case(number)
    path = tmp_path / "script.py"
    path.write_text(result.to_pytorch_code(), encoding="utf-8")
    arrays = {
        "X_train": task.X_train,
        "y_train": task._targets(task.y_train),
        "X_val": task.X_val,
        "y_val": task._targets(task.y_val),
    }
    if task.weights is not None:
        arrays["sample_weight"] = task.weights[:, 0]
    _, validation_loss = runpy.run_path(str(path))["train"](arrays)
    # Rounding, grown over four epochs of up to nine steps.
    assert validation_loss == pytest.approx(result.best.value, rel=1e-4)


@pytest.mark.parametrize("number", range(COUNT))
def test_tables_and_spaces(number: int) -> None:
    pytest.importorskip("pandas")
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    _, result, _, _ = case(number)
    frame, study = result.to_frame(), result.to_optuna()
    assert nas.SearchSpace.from_json(result.space.to_json()) == result.space
    for trial, theirs in zip(result.trials, study.trials, strict=True):
        row = frame.loc[trial.number]
        assert row["value"] == trial.value
        kept = {
            name.removeprefix("architecture."): value
            for name, value in row.items()
            if name.startswith("architecture.")
        }
        for name in result.space:
            if trial.architecture.get(name) is None:
                assert kept[name] is None or kept[name] != kept[name]
            else:
                assert kept[name] == trial.architecture[name]
        assert theirs.params == trial.architecture
        if np.isfinite(trial.value):
            assert theirs.value == trial.value
