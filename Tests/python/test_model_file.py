"""Model files: what `docs/model-file.md` promises, and everything that is not such a file."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

import swiftnas as nas

X = np.linspace(-1, 1, 30).reshape(-1, 1)
ARCHITECTURE = {
    "num_hidden_layers": 2,
    "hidden_layer_size": (6, 4),
    "activation_function": "Tanh",
    "learning_rate": 0.01,
    "dropout_rate": 0.2,
    "skip_connection": (True, False),
}
#: Labels of every kind, and the type that they must have when they come back.
LABELS = {
    "strings": np.array(["näh", "weit", "\U0001f600", 'a"\\\n']),
    "wide strings": np.array(["a", "b", "c"], "U50"),
    "booleans": np.array([True, False]),
    "integers": np.array([-3, 0, 7]),
    "small integers": np.array([1, 200], np.uint8),
    "large integers": np.array([1, 2**64 - 1], np.uint64),
    "whole numbers": np.array([-1.0, 1e15, 1e300]),
    "small whole numbers": np.array([1.0, 2.0], np.float16),
}


def labelled(labels: np.ndarray, loss: Any = "cross_entropy") -> nas.Model:
    y = labels[np.arange(30) % len(labels)]
    task = nas.Task(X, y, X, y, loss=loss, standardize=True)
    return nas.train(ARCHITECTURE, task, epochs=3, seed=0, validate_every=1)


@pytest.fixture(scope="module")
def model() -> nas.Model:
    """With standardised inputs and targets."""
    task = nas.Task.split(X, np.hstack([X, X**2]), seed=0, standardize=True)
    return nas.train(ARCHITECTURE, task, epochs=5, seed=3)


@pytest.fixture
def path(model: nas.Model, tmp_path: Path) -> Path:
    path = tmp_path / "model.safetensors"
    model.save(path)
    return path


def description_of(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    with safe_open(path, framework="numpy") as file:
        return json.loads(file.metadata()["swiftnas"]), load_file(path)


def written(path: Path, description: Any, tensors: dict[str, np.ndarray]) -> None:
    """A file with the right checksum, as its page says."""
    if isinstance(description, dict) and "sha256" in description:
        description = description | {"sha256": "0" * 64}
        text = json.dumps(description)
        digest = hashlib.sha256(text.encode())
        for name in sorted(tensors):
            digest.update(tensors[name].tobytes())
        text = text.replace("0" * 64, digest.hexdigest())
    else:
        text = description if isinstance(description, str) else json.dumps(description)
    save_file(tensors, path, metadata={"swiftnas": text})


def require_refusal(path: Path, pattern: str = "must be an intact swiftnas model file: ") -> str:
    before = path.read_bytes()
    with pytest.raises(ValueError, match=pattern) as caught:
        nas.load(path)
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 600
    assert path.read_bytes() == before
    return message


def test_a_saved_model_is_the_same(model: nas.Model, tmp_path: Path) -> None:
    path = tmp_path / "model"
    model.save(path)
    # The name is kept as it is, and nothing else is left behind.
    assert [p.name for p in tmp_path.iterdir()] == ["model"]
    again = nas.load(str(path))
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    for name, value in model.facts().items():
        if name == "standardization":
            np.testing.assert_array_equal(again.standardization.input_mean, value.input_mean)
        else:
            assert getattr(again, name) == value, name
    before = path.read_bytes()
    again.save(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", LABELS)
def test_labels_keep_their_type(kind: str, tmp_path: Path) -> None:
    model = labelled(LABELS[kind])
    model.save(tmp_path / "file")
    again = nas.load(tmp_path / "file")
    assert again.classes.dtype == model.classes.dtype
    np.testing.assert_array_equal(again.classes, model.classes)
    np.testing.assert_array_equal(again.predict(X), model.predict(X))
    np.testing.assert_array_equal(again.predict_proba(X), model.predict_proba(X))
    assert again.validation_accuracy == model.validation_accuracy
    assert again.validation_losses == model.validation_losses


def test_figures_that_are_not_finite(tmp_path: Path) -> None:
    task = nas.Task(X, X[:, 0], X, X[:, 0])
    wild = {"num_hidden_layers": 1, "hidden_layer_size": 4, "activation_function": "Identity"}
    with pytest.warns(RuntimeWarning, match="diverged"):
        model = nas.train(wild | {"optimizer": "SGD", "learning_rate": 1e9}, task, epochs=100)
    model.save(tmp_path / "file")
    again = nas.load(tmp_path / "file")
    assert again.validation_loss == np.inf
    np.testing.assert_array_equal(again.training_losses, model.training_losses)
    for name, array in model.weights.items():
        np.testing.assert_array_equal(again.weights[name], array)


def test_the_page_describes_the_file(path: Path, model: nas.Model) -> None:
    page = (Path(__file__).parents[2] / "docs" / "model-file.md").read_text("utf-8")
    table = page.partition("## Description")[2].partition("## Versions")[0]
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", table, re.MULTILINE)
    fields = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    description, tensors = description_of(path)
    assert set(fields) == set(description)
    assert description["format"] == "swiftnas model"
    assert description["version"] == 1
    # The predictions of the model by what stands on the page alone.
    x = (X - tensors["input_mean"]) / tensors["input_scale"]
    hidden = np.tanh(x @ tensors["0.linear.weight"].T + tensors["0.linear.bias"])
    hidden = hidden + x @ tensors["0.projection.weight"].T
    hidden = np.tanh(hidden @ tensors["1.weight"].T + tensors["1.bias"])
    outputs = hidden @ tensors["4.weight"].T + tensors["4.bias"]
    predictions = outputs * tensors["target_scale"] + tensors["target_mean"]
    np.testing.assert_allclose(model.predict(X), predictions, rtol=1e-5, atol=1e-6)
    # And the checksum.
    content = path.read_bytes()
    written(path, description, tensors)
    assert path.read_bytes() == content


def test_pytorch_reads_the_weights(path: Path, model: nas.Model) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    from safetensors.torch import load_file

    module = model.to_torch()
    expected = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor.zero_()
    module.load_state_dict(load_file(path))
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, expected[name])


# Writing


def test_saving_replaces_a_file_only_when_it_is_complete(
    path: Path, model: nas.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def fail(number: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        model.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_saving_follows_links_and_the_umask(model: nas.Model, tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    before = os.umask(0o027)
    try:
        model.save(link)
    finally:
        os.umask(before)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o640


def test_pipes_are_written_to_and_not_replaced(
    path: Path, model: nas.Model, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_bytes)
        model.save(pipe)
        assert read.result(10) == path.read_bytes()
    assert pipe.is_fifo()


def test_folders_that_do_not_exist(model: nas.Model, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        model.save(tmp_path / "nowhere" / "model")
    # Not that of the temporary file.
    assert caught.value.filename == str(tmp_path / "nowhere" / "model")
    with pytest.raises(FileNotFoundError):
        nas.load(tmp_path / "nowhere")
    with pytest.raises(IsADirectoryError):
        nas.load(tmp_path)


def test_curves_that_do_not_fit(
    path: Path, model: nas.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    from swiftnas import model_file

    before = path.read_bytes()
    monkeypatch.setattr(model_file, "_LONGEST_HEADER", 1000)
    with pytest.raises(ValueError, match="holds about 4 million losses, got 5 of training and 0 "):
        model.save(path)
    assert path.read_bytes() == before


# Files that are none


def test_truncated_files_are_refused(path: Path) -> None:
    content = path.read_bytes()
    for length in [*range(0, len(content), 7), len(content) - 1]:
        path.write_bytes(content[:length])
        require_refusal(path)
    path.write_bytes(content + b"\0")
    require_refusal(path)


def test_damaged_files_are_refused(path: Path) -> None:
    content = path.read_bytes()
    header = 8 + struct.unpack("<Q", content[:8])[0]
    for position in [*range(0, header, 3), *range(header, len(content), 11)]:
        changed = bytearray(content)
        changed[position] ^= (0x01, 0x80, 0xFF)[position % 7 % 3]
        path.write_bytes(changed)
        require_refusal(path, "must be an intact swiftnas model file: |in version [0-9]+ of")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"PK\x03\x04" + bytes(100),
        b"\x93NUMPY\x01\x00" + bytes(100),
        pickle.dumps({"description": print}),
        bytes(1000),
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2**64 - 1) + b"{}",
        struct.pack("<Q", 99_999_999) + b"{}",
        struct.pack("<Q", 2) + b"{}",
        struct.pack("<Q", 4) + b"null",
        struct.pack("<Q", 20_000) + b"[" * 20_000,
    ],
    ids=lambda content: repr(content[:12]),
)
def test_foreign_files_are_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    require_refusal(path)


def test_weights_of_other_programs_are_refused(path: Path, model: nas.Model) -> None:
    save_file(model.weights, path)
    require_refusal(path, "its weights are of something else")
    save_file(model.weights, path, metadata={"format": "pt"})
    require_refusal(path, "its weights are of something else")
    np.savez(path.with_name("archive.npz"), description=np.array("{}"))
    require_refusal(path.with_name("archive.npz"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(version=2), "was written by swiftnas .* in version 2 of the format"),
        (
            lambda d: d.update(version=2, swiftnas="9\n9"),
            "was written by swiftnas 9 9 in version 2",
        ),
        (lambda d: d.update(version=0), "version must be an integer ≥ 1, got 0"),
        (lambda d: d.update(version="1"), "version must be an integer ≥ 1, got '1'"),
        (lambda d: d.pop("version"), "version must be an integer ≥ 1, got None"),
        (lambda d: d.update(format="other"), "it says that it is something else"),
        (lambda d: d.pop("sha256"), "its contents do not have the checksum"),
        (lambda d: d.pop("architecture"), "must have the field 'architecture'"),
        (lambda d: d.update(surprise=1), "must not have the field 'surprise'"),
        (lambda d: d.update(architecture=[]), "architecture must be an object"),
        (lambda d: d["architecture"].update(optimizer="X"), "optimizer must be one of"),
        (lambda d: d["architecture"].update(optimizer={}), "intact swiftnas model file"),
        (lambda d: d["architecture"].update(num_hidden_layers=3), "intact swiftnas model file"),
        (lambda d: d["architecture"].update(hidden_layer_size=2**20), "parameters must be"),
        (lambda d: d["architecture"].update(hidden_layer_size=10**30), "intact swiftnas model"),
        (lambda d: d["architecture"].update(skip_connection=True), "intact swiftnas model file"),
        (lambda d: d.update(input_width=0), "input_width must be an integer"),
        (lambda d: d.update(input_width=2), "parameters must be"),
        (lambda d: d.update(input_width=2**62), "intact swiftnas model file"),
        (lambda d: d.update(output_width=1.0), "output_width must be an integer"),
        (lambda d: d.update(flat_targets=1), "flat_targets must be true or false, got 1"),
        (lambda d: d.update(flat_targets=True), "output_width must be 1, got 2"),
        (lambda d: d.update(seed=-1), "seed must be an integer"),
        (lambda d: d.update(rng="x"), "rng must be one of"),
        (lambda d: d.update(rng=None), "rng must be one of"),
        (lambda d: d.update(status="fine"), "status must be one of"),
        (lambda d: d.update(training_losses=5), "training_losses must be a list, got 5"),
        (lambda d: d.update(training_losses=[None]), "training_losses must be a number"),
        (lambda d: d.update(validation_losses=[[1]]), "validation_losses must be a list of pairs"),
        (lambda d: d.update(validation_losses=[["1", 2]]), "validation_losses must be an integer"),
        (lambda d: d.update(validation_loss=None), "validation_loss must be a number"),
        (lambda d: d.update(validation_loss="infinite"), "validation_loss must be a number"),
        (lambda d: d.update(validation_loss=float("nan")), "JSON has no NaN"),
        (lambda d: d.update(wall_seconds=float("inf")), "JSON has no Infinity"),
        (lambda d: d.update(validation_accuracy="inf"), r"validation_accuracy must be in \[0, 1\]"),
        (lambda d: d.update(loss="other"), "loss must be one of"),
        (lambda d: d.update(loss="cross_entropy"), "classes do not go with the loss"),
        (
            lambda d: d.update(classes={"dtype": "int64", "labels": [1, 2]}),
            "classes do not go with the loss 'mse'",
        ),
    ],
)
def test_wrong_descriptions_are_refused(
    change: Callable[[dict[str, Any]], None], message: str, path: Path
) -> None:
    description, tensors = description_of(path)
    change(description)
    written(path, description, tensors)
    require_refusal(path, message)


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (None, "classes do not go with the loss"),
        ([1, 2, 3], "classes must have dtype and labels"),
        ({"dtype": "int64", "labels": [1, 2]}, "output_width must be 2, got 3"),
        ({"dtype": "int64", "labels": [1]}, "classes must be a list of two labels or more"),
        ({"dtype": "int64", "labels": [3, 2, 1]}, "classes must be sorted labels"),
        ({"dtype": "int64", "labels": [1, 1, 2]}, "classes must be sorted labels"),
        ({"dtype": "int8", "labels": [1, 2, 300]}, "intact swiftnas model file"),
        ({"dtype": "int64", "labels": [1, 2, 2**70]}, "intact swiftnas model file"),
        ({"dtype": "int64", "labels": [1, 2, "3"]}, "classes must be whole numbers"),
        ({"dtype": "int64", "labels": [1, 2, [3]]}, "classes must be whole numbers"),
        ({"dtype": "str", "labels": ["a", "b", 3]}, "classes must be strings"),
        ({"dtype": "<U1000000000", "labels": ["a", "b", "c"]}, "must have the dtype of labels"),
        ({"dtype": "(99999,99999)f8", "labels": [1, 2, 3]}, "must have the dtype of labels"),
        ({"dtype": "object", "labels": [1, 2, 3]}, "must have the dtype of labels"),
        ({"dtype": None, "labels": [1, 2, 3]}, "must have the dtype of labels"),
    ],
)
@pytest.mark.filterwarnings("ignore:NumPy will stop allowing conversion:DeprecationWarning")
def test_wrong_classes_are_refused(classes: Any, message: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    labelled(np.array([1, 2, 3])).save(path)
    description, tensors = description_of(path)
    written(path, description | {"classes": classes}, tensors)
    require_refusal(path, message)


def test_classes_that_could_not_be_read_are_not_written(tmp_path: Path) -> None:
    odd = replace(labelled(np.array(["a", "b"])), classes=np.array(["a", "b"], object))
    with pytest.raises(TypeError, match=r"^classes must be strings, .* got dtype object$"):
        odd.save(tmp_path / "file")
    assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{", "[" * 100_000, '"swiftnas model"', "1" * 5000]
)
def test_descriptions_that_are_none(text: str, path: Path) -> None:
    written(path, text, description_of(path)[1])
    require_refusal(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.pop("1.bias"), "it must have the tensor '1.bias'"),
        (lambda t: t.update({"9.bias": np.ones(3)}), "it must not have the tensor '9.bias'"),
        (
            lambda t: t.update({"1.bias": np.ones(5, np.float32)}),
            r"tensor '1.bias' must be \(4,\) of F32, got \(5,\) of F32",
        ),
        (
            lambda t: t.update({"1.bias": np.ones(4)}),
            r"tensor '1.bias' must be \(4,\) of F32, got \(4,\) of F64",
        ),
        (lambda t: t.update({"1.bias": np.ones(4, np.int32)}), "of F32, got .* of I32"),
        (lambda t: t.update({"1.bias": np.ones((), np.float32)}), "of F32, got "),
        (lambda t: t.update({"1.bias": np.ones((0, 2**20), np.float32)}), "of F32, got "),
        (lambda t: t.pop("input_mean"), "it must have the tensors"),
        (lambda t: t.pop("target_scale"), "it must have the tensors"),
        (lambda t: t["input_scale"].fill(0), "tensor 'input_scale' must be finite, and above 0"),
        (lambda t: t["target_mean"].fill(np.nan), "tensor 'target_mean' must be finite"),
    ],
)
def test_wrong_tensors_are_refused(
    change: Callable[[dict[str, np.ndarray]], None], message: str, path: Path
) -> None:
    description, tensors = description_of(path)
    change(tensors)
    written(path, description, tensors)
    require_refusal(path, message)


def test_a_swapped_weight_is_noticed(path: Path) -> None:
    """Both files are whole, so that only the checksum can tell."""
    description, tensors = description_of(path)
    tensors["1.bias"] = tensors["1.bias"] + 1
    save_file(tensors, path, metadata={"swiftnas": json.dumps(description)})
    require_refusal(path, "its contents do not have the checksum that it gives")


def test_large_files_of_something_else_take_no_memory(tmp_path: Path) -> None:
    """A sparse file of 8 GB that begins like safetensors."""
    path = tmp_path / "large"
    header = json.dumps({"a": {"dtype": "F32", "shape": [2**31], "data_offsets": [0, 2**33]}})
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header.encode())
        file.truncate(8 + len(header) + 2**33)
    script = f"""
import swiftnas as nas
try:
    nas.load({str(path)!r})
except ValueError as error:
    print(error)
# The system's figure of resources would have the parent's, too.
status = open("/proc/self/status").read()
print(status.partition("VmHWM:")[2].split()[0])
"""
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    message, kilobytes = printed.splitlines()
    assert "its weights are of something else" in message
    assert int(kilobytes) < 400_000


def test_saving_and_loading_need_safetensors_only() -> None:
    script = """
import sys, os, tempfile
import numpy
import swiftnas as nas
task = nas.Task([[0.0], [1.0]], [0.0, 1.0], [[0.5]], [0.5])
model = nas.train({"num_hidden_layers": 1, "hidden_layer_size": 4}, task, epochs=1)
assert "safetensors" not in sys.modules
before = set(sys.modules)
with tempfile.TemporaryDirectory() as folder:
    model.save(os.path.join(folder, "model"))
    nas.load(os.path.join(folder, "model"))
names = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*(names - set(sys.stdlib_module_names)))
"""
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert set(printed.split()) == {"safetensors", "swiftnas"}
