"""ONNX graphs in onnxruntime; `test_round_trips.py` has fifty architectures more."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_model_file import LABELS, X, labelled

import swiftnas as nas

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

INPUTS = X.astype(np.float32)


def run(model: Any, inputs: np.ndarray = INPUTS) -> dict[str, np.ndarray]:
    content = model if isinstance(model, bytes) else model.SerializeToString()
    session = onnxruntime.InferenceSession(content)
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"X": inputs}), strict=True))


@pytest.mark.parametrize("loss", ["cross_entropy", "binary_cross_entropy"])
@pytest.mark.parametrize("kind", LABELS)
def test_labels_of_every_kind(kind: str, loss: str) -> None:
    labels = LABELS[kind] if loss == "cross_entropy" else LABELS[kind][:2]
    model = labelled(labels, loss)
    made = model.to_onnx()
    onnx.checker.check_model(made, full_check=True)
    outputs = run(made)
    assert outputs["label"].tolist() == model.predict(X).tolist()
    if labels.dtype.kind != "U":
        assert outputs["label"].dtype == labels.dtype
    # Sums and exponentials of float32.
    np.testing.assert_allclose(outputs["probabilities"], model.predict_proba(X), atol=1e-6)


def test_equal_logits_are_the_first_class(task: nas.Task) -> None:
    still = {"num_hidden_layers": 0, "hidden_layer_size": 1, "learning_rate": 1e-30}
    for loss, shape in (("cross_entropy", (2, 1)), ("binary_cross_entropy", (1, 1))):
        classes = nas.Task(X, X[:, 0] > 0, X, X[:, 0] > 0, loss=loss)  # type: ignore[arg-type]
        weights = [np.zeros(shape), np.zeros(shape[0])]
        model = nas.train(still | {"optimizer": "SGD"}, classes, epochs=1, initial_weights=weights)
        inputs = np.zeros((3, 1), np.float32)
        assert run(model.to_onnx(), inputs)["label"].tolist() == model.predict(inputs).tolist()


def test_files(task: nas.Task, tmp_path: Path) -> None:
    model = nas.train({"num_hidden_layers": 1, "hidden_layer_size": 4}, task, epochs=3, seed=5)
    path = tmp_path / "model.onnx"
    made = model.to_onnx(path)
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]
    assert path.read_bytes() == made.SerializeToString()
    np.testing.assert_allclose(run(path.read_bytes())["predictions"], model.predict(X), atol=1e-6)
    # The same model, the same file.
    assert model.to_onnx().SerializeToString() == path.read_bytes()
    loaded = onnx.load(path)
    assert [(o.domain, o.version) for o in loaded.opset_import] == [("", 17)]
    assert "opset 17" in (nas.Model.to_onnx.__doc__ or "")
    facts = {item.key: item.value for item in loaded.metadata_props}
    assert json.loads(facts["architecture"]) == model.architecture
    assert float(facts["validation_loss"]) == model.validation_loss
    assert (facts["loss"], facts["seed"], facts["epochs"]) == ("mse", "5", "3")
    assert loaded.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"


def test_a_file_is_whole_or_not_there(
    task: nas.Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(b"old")

    def fail(number: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    model = nas.train({"num_hidden_layers": 1, "hidden_layer_size": 4}, task, epochs=1)
    with pytest.raises(OSError, match="no space left"):
        model.to_onnx(path)
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["model.onnx"]


def test_units_far_from_zero() -> None:
    """Standardisation inside the graph is of float32, too."""
    inputs = (2000 + 5 * X).astype(np.float32)
    task = nas.Task.split(inputs, 1e6 + X[:, 0] ** 2, standardize=True)
    model = nas.train({"num_hidden_layers": 2, "hidden_layer_size": 8}, task, epochs=50, seed=0)
    np.testing.assert_allclose(
        run(model.to_onnx(), inputs)["predictions"], model.predict(inputs), rtol=1e-6
    )


def test_a_model_that_diverged_is_a_graph_all_the_same() -> None:
    wild = {"num_hidden_layers": 1, "hidden_layer_size": 4, "activation_function": "Identity"}
    task = nas.Task(X, X[:, 0], X, X[:, 0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        model = nas.train(wild | {"optimizer": "SGD", "learning_rate": 1e9}, task, epochs=100)
    made = model.to_onnx()
    onnx.checker.check_model(made, full_check=True)
    facts = {item.key: item.value for item in made.metadata_props}
    assert facts["validation_loss"] == "null"


def test_weights_that_a_protocol_buffer_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    from swiftnas import onnx_export

    monkeypatch.setattr(onnx_export, "_LARGEST", 2**20)
    model = labelled(np.array([1, 2]))
    with pytest.raises(ValueError, match=re.escape("to_onnx takes weights of up to 2 GiB, got ")):
        model.to_onnx()


def test_graphs_need_onnx_but_no_torch() -> None:
    script = """
import sys
sys.modules["torch"] = None
import swiftnas as nas
task = nas.Task([[0.0]], [0.0], [[0.0]], [0.0])
model = nas.train({"num_hidden_layers": 1, "hidden_layer_size": 2}, task, epochs=1)
print(len(model.to_onnx().graph.node))
del sys.modules["swiftnas.onnx_export"]
sys.modules["onnx"] = None
try:
    model.to_onnx()
except ImportError as error:
    print(error)
"""
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == [
        "4",
        "to_onnx needs onnx; install it with: pip install 'swiftnas[onnx]'",
    ]
