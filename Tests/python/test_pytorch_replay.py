"""The same training here and in PyTorch, and models as modules, through the functions users call.

Whether the engine computes what PyTorch computes is the subject of `test_torch_oracle.py`.
"""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

import swiftnas as nas

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

X = np.linspace(-1, 1, 30, dtype=np.float32).reshape(-1, 1)
ARCHITECTURE = {
    "num_hidden_layers": 2,
    "hidden_layer_size": 32,
    "activation_function": "Tanh",
    "learning_rate": 0.01,
    "optimizer": "Adam",
    "dropout_rate": 0.2,
}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"activation_function": "LeakyReLU", "optimizer": "RMSprop", "learning_rate": 0.001},
        {"optimizer": "SGD", "momentum": 0.9, "weight_decay": 0.01},
        {"optimizer": "AdamW", "dropout_rate": 0.0},
        {
            "hidden_layer_size": [8, 4],
            "dropout_rate": (0.5, 0.0),
            "activation_function": ["ReLU"] * 2,
        },
        {"num_hidden_layers": 0},
        {"skip_connection": True},
        {"hidden_layer_size": [8, 4], "skip_connection": [False, True], "dropout_rate_2": 0.5},
        {"hidden_layer_size": np.int64(16), "learning_rate": np.float64(0.01)},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", [0, 2**32 - 1])
def test_the_curves_agree(change: dict[str, Any], seed: int, task: nas.Task) -> None:
    report = nas.replay(ARCHITECTURE | change, task, epochs=20, seed=seed)
    # Rounding of float32, grown over 20 epochs; other masks or weights would differ by 1e-2.
    assert report.max_relative_difference < 1e-4
    assert report.validation_loss == pytest.approx(report.torch_validation_loss, rel=1e-4)
    assert len(report.training_losses) == len(report.torch_training_losses) == 20
    assert report.wall_seconds > 0
    assert report.torch_wall_seconds > 0


def test_the_difference_is_the_curves_own(task: nas.Task) -> None:
    report = nas.replay(ARCHITECTURE, task, epochs=10)
    ours, theirs = np.array(report.training_losses), np.array(report.torch_training_losses)
    assert report.max_relative_difference == np.max(np.abs(ours - theirs) / np.abs(theirs))
    assert repr(report).startswith("ReplayReport(max_relative_difference=")
    assert "seconds" in str(report)
    assert torch.__version__ in str(report)


def test_both_diverge_alike(task: nas.Task) -> None:
    wild = {"num_hidden_layers": 2, "hidden_layer_size": 8, "activation_function": "Identity"}
    report = nas.replay(wild | {"optimizer": "SGD", "learning_rate": 1e6}, task, seed=1)
    assert report.validation_loss == report.torch_validation_loss == np.inf
    assert not np.isfinite(report.training_losses[-1])
    assert len(report.training_losses) == len(report.torch_training_losses)


def test_pytorch_s_own_generator_is_left_alone(task: nas.Task) -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    nas.replay(ARCHITECTURE, task, epochs=2, seed=1)
    nas.train(ARCHITECTURE, task, epochs=2).to_torch()
    assert torch.equal(torch.rand(3), expected)


def test_read_only_data(task: nas.Task) -> None:
    data = X.copy()
    data.setflags(write=False)
    assert nas.replay(ARCHITECTURE, nas.Task(data, data, data, data), epochs=2).epochs == 2


def test_bad_input(task: nas.Task) -> None:
    with pytest.raises(ValueError, match="initializer must be 'Default' with PyTorch's generator"):
        nas.replay(ARCHITECTURE | {"initializer": "KaimingNormal"}, task)
    with pytest.raises(ValueError, match="epochs must be an integer ≥ 1, got 0"):
        nas.replay(ARCHITECTURE, task, epochs=0)
    with pytest.raises(TypeError, match="seed must be an integer ≥ 0, got None"):
        nas.replay(ARCHITECTURE, task, seed=None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"task must be a swiftnas\.Task"):
        nas.replay(ARCHITECTURE, X)  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{}, {"skip_connection": True, "hidden_layer_size_2": 5}])
def test_modules_predict_the_same(change: dict[str, Any], task: nas.Task) -> None:
    model = nas.train(ARCHITECTURE | change, task, epochs=20, seed=0)
    module = model.to_torch()
    assert isinstance(module, torch.nn.Sequential)
    assert not module.training
    with torch.no_grad():
        np.testing.assert_allclose(
            module(torch.from_numpy(X))[:, 0].numpy(), model.predict(X), rtol=1e-5, atol=1e-6
        )
    assert list(module.state_dict()) == list(model.weights)
    for name, tensor in module.state_dict().items():
        np.testing.assert_array_equal(tensor.numpy(), model.weights[name])


def test_modules_can_be_trained_on(task: nas.Task) -> None:
    model = nas.train(ARCHITECTURE, task, epochs=20, seed=0)
    module = model.to_torch().train()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    before = model.weights["0.weight"]
    torch.nn.functional.mse_loss(module(torch.from_numpy(X)), torch.from_numpy(X)).backward()
    optimizer.step()
    assert not np.array_equal(module.state_dict()["0.weight"].numpy(), before)
    np.testing.assert_array_equal(model.weights["0.weight"], before)


@pytest.mark.parametrize("change", [{}, {"skip_connection": True, "hidden_layer_size_2": 5}])
def test_a_module_s_weights_can_be_where_training_starts(
    change: dict[str, Any], task: nas.Task
) -> None:
    architecture = ARCHITECTURE | change
    model = nas.train(architecture, task, epochs=20, seed=0)
    module = model.to_torch()
    for weights in (module.state_dict(), list(module.parameters())):
        again = nas.train(architecture, task, epochs=1, seed=0, initial_weights=weights)
        same = nas.train(architecture, task, epochs=1, seed=0, initial_weights=model.weights)
        assert again.training_losses == same.training_losses


@pytest.mark.parametrize("name", ["replay", "to_torch"])
def test_without_torch_the_error_says_what_to_install(name: str) -> None:
    script = f"""
import sys
sys.modules["torch"] = None
import swiftnas as nas
task = nas.Task([[0.0]], [0.0], [[0.0]], [0.0])
architecture = {{"num_hidden_layers": 1, "hidden_layer_size": 2}}
model = nas.train(architecture, task, epochs=1)
try:
    model.to_torch() if {name == "to_torch"} else nas.replay(architecture, task)
except ImportError as error:
    print(error)
"""
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == "this needs PyTorch: pip install 'swiftnas[torch]'\n"
