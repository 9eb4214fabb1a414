"""Programs that train a search's best architecture in PyTorch, as scripts and piece by piece."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from every_kind_of_result import results

import swiftnas as nas

X = np.random.default_rng(0).normal(size=(60, 3)).astype(np.float32)
Y = X[:, 0] * X[:, 1]
SPACE: dict[str, Any] = {
    "num_hidden_layers": [2],
    "hidden_layer_size": [8],
    "learning_rate": [0.01],
}


def searched(
    change: dict[str, Any] | None = None, task: nas.Task | None = None, **options: Any
) -> nas.SearchResult:
    task = nas.Task.split(X, Y) if task is None else task
    settings = {"trials": 1, "epochs": 5, "seed": 0, "rng": "torch"} | options
    return nas.search(SPACE | (change or {}), task, **settings)


def arrays(task: nas.Task) -> dict[str, np.ndarray]:
    return {
        "X_train": task.X_train,
        "y_train": task._targets(task.y_train),
        "X_val": task.X_val,
        "y_val": task._targets(task.y_val),
    }


def module(code: str, tmp_path: Path) -> dict[str, Any]:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    path = tmp_path / "program.py"
    path.write_text(code, encoding="utf-8")
    return runpy.run_path(str(path))


def test_the_program_runs_by_itself(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    labels = np.where(Y > 0, "yes", "no")
    task = nas.Task.split(X, labels, loss="cross_entropy", standardize=True)
    result = searched({"dropout_rate": [0.3], "batch_size": [7]}, task)
    (tmp_path / "program.py").write_text(result.to_pytorch_code(), encoding="utf-8")
    np.savez(tmp_path / "data.npz", **arrays(task))
    # Where nothing of this package can be found.
    command = [sys.executable, "-I", "-W", "error", "program.py", "data.npz"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    name, _, loss = done.stdout.strip().partition(": ")
    assert name == "validation loss"
    assert float(loss) == pytest.approx(result.best.value, rel=1e-4)
    done = subprocess.run(command[:-1], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "usage: python program.py data.npz\n")


def test_programs_read_well() -> None:
    for kind in ("task", "fidelities", "stopped", "one trial"):
        code = results()[kind].to_pytorch_code()
        ast.parse(code)
        assert max(map(len, code.splitlines())) <= 100
        assert "swiftnas" not in code.partition('"""\n\n')[2]
        assert code.endswith("\n")
        assert "$" not in code


def test_another_trial_than_the_best() -> None:
    result = results()["task"]
    other = next(trial for trial in result.trials if trial is not result.best)
    code = result.to_pytorch_code(other)
    assert f"SEED = {other.seed}\n" in code
    assert f"its loss was {other.value:.6g}" in code
    front = results()["several objectives"]
    code = front.to_pytorch_code(front.pareto_front[0])
    assert "it had validation_loss " in code
    accuracy = results()["maximised"]
    highest = accuracy.best.measures["validation_accuracy"]
    assert f"it had validation_accuracy {highest:.6g}" in accuracy.to_pytorch_code()


def test_what_the_losses_are_of() -> None:
    assert "from torch.manual_seed" in searched().to_pytorch_code()
    assert "from a generator of its own" in searched(rng="default").to_pytorch_code()
    task = nas.Task.split(X, Y, standardize=True)
    assert "its loss (of standardised targets) was" in searched(task=task).to_pytorch_code()


@pytest.mark.parametrize("seed", [0, 1, 2**32 + 5, 2**63 - 1])
@pytest.mark.parametrize("rows", [8, 9, 100, 1001])
def test_batches_are_those_of_the_engine(seed: int, rows: int, tmp_path: Path) -> None:
    code = searched({"batch_size": [7]}).to_pytorch_code()
    space = module(code, tmp_path)
    space["batches"].__globals__["SEED"] = seed
    for epoch in (0, 1, 1000):
        batches = space["batches"](rows, epoch)
        assert {len(batch) for batch in batches[:-1]} == {7}
        order = np.concatenate([batch.numpy() for batch in batches])
        np.testing.assert_array_equal(order, nas.batch_order(rows, seed, epoch))


@pytest.mark.parametrize(
    ("name", "deviation"),
    [
        # Of 200 inputs and 300 outputs, see `Initializer.swift`.
        ("XavierUniform", (2 / 500) ** 0.5),
        ("XavierNormal", (2 / 500) ** 0.5),
        ("KaimingUniform", (2 / 200) ** 0.5),
        ("KaimingNormal", (2 / 200) ** 0.5),
    ],
)
def test_initial_weights(name: str, deviation: float, tmp_path: Path) -> None:
    change = {"initializer": [name], "hidden_layer_size": [300], "learning_rate": [1e-30]}
    task = nas.Task(*(np.zeros((4, width), np.float32) for width in (200, 1, 200, 1)))
    code = searched(change | {"optimizer": ["SGD"]}, task, rng="default").to_pytorch_code()
    network, _ = module(code, tmp_path)["train"](arrays(task))
    weights = network.linear_1.weight.detach().numpy()
    # 60,000 numbers: the deviation of their deviation is about 0.3 %.
    assert weights.std() == pytest.approx(deviation, rel=0.02)
    largest = abs(weights).max()
    assert (largest < deviation * 3**0.5 * 1.001) == name.endswith("Uniform")
    assert not network.linear_1.bias.detach().numpy().any()


def test_the_first_rows_only(tmp_path: Path) -> None:
    task = nas.Task.split(X, Y)
    result = searched(
        {"hidden_layer_size": [8, 16, 32], "learning_rate": [0.01, 0.001]},
        task,
        strategy=nas.SuccessiveHalving(),
        trials=6,
        epochs=9,
        fidelity="rows",
    )
    partial = next(trial for trial in result.trials if trial.fidelity < 1)
    _, loss = module(result.to_pytorch_code(partial), tmp_path)["train"](arrays(task))
    assert loss == pytest.approx(partial.value, rel=1e-4)


def test_projections_depend_on_the_features(tmp_path: Path) -> None:
    """The result does not hold the data, so the program looks how many features there are."""
    for features in (2, 3):
        task = nas.Task.split(X[:, :features], Y)
        result = searched({"hidden_layer_size": [3], "skip_connection": [True]}, task)
        _, loss = module(result.to_pytorch_code(), tmp_path)["train"](arrays(task))
        assert loss == pytest.approx(result.best.value, rel=1e-4)


def test_results_know_what_was_learnt() -> None:
    task = nas.Task.split(X, Y, loss="huber", standardize=True, sample_weight=np.arange(60.0))
    result = searched(task=task)
    assert (result.loss, result.standardized, result.weighted) == ("huber", True, True)
    data = result.to_dict()
    assert (data["loss"], data["standardized"], data["weighted"]) == ("huber", True, True)
    assert "sample_weight" in result.to_pytorch_code()
    plain = results()["objective"]
    assert (plain.loss, plain.standardized, plain.weighted) == (None, False, False)


def test_bad_input() -> None:
    with pytest.raises(ValueError, match="needs a search with a task, this one had an objective"):
        results()["objective"].to_pytorch_code()
    with pytest.raises(TypeError, match="trial must be a Trial of the result, got int"):
        results()["task"].to_pytorch_code(3)  # type: ignore[arg-type]
    result = results()["several objectives"]
    with pytest.raises(ValueError, match=r"best needs one objective.*see pareto_front"):
        result.to_pytorch_code()
    infeasible = next(trial for trial in result.trials if trial.status == "infeasible")
    message = f"trial {infeasible.number} was not trained, it is infeasible"
    with pytest.raises(ValueError, match=message):
        result.to_pytorch_code(infeasible)
