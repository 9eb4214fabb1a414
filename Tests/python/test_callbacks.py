"""Callbacks that know the whole search, and what MLflow and tensorboardX keep of it."""

from __future__ import annotations

import json
import math
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.callbacks.figures import Figures, choices

SPACE: dict[str, Any] = {
    "num_hidden_layers": [1, 2],
    "hidden_layer_size": [4, 8],
    "learning_rate": nas.Float(1e-3, 1e-2, log=True),
}


def searched(callback: Any, **options: Any) -> nas.SearchResult:
    X = np.linspace(-1, 1, 60, dtype=np.float32).reshape(-1, 1)
    settings: dict[str, Any] = {"task": nas.Task.split(X, X[:, 0] ** 2), "trials": 4, "epochs": 3}
    settings |= {"seed": 0, "strategy": nas.RandomSearch(), "callback": callback}
    return nas.search(SPACE, **(settings | options))


class Recorder(nas.callbacks.Callback):
    def __init__(self) -> None:
        self.calls: list[Any] = []

    def started(self, result: nas.SearchResult) -> None:
        self.calls.append(("started", result))

    def __call__(self, trial: nas.Trial) -> None:
        self.calls.append(("trial", trial))

    def ended(self, result: nas.SearchResult | None) -> None:
        self.calls.append(("ended", result))


# What the search tells


def test_callbacks_know_when_a_search_begins_and_ends() -> None:
    recorder = Recorder()
    result = searched(recorder)
    names = [name for name, _ in recorder.calls]
    assert names == ["started", "trial", "trial", "trial", "trial", "ended"]
    first = recorder.calls[0][1]
    assert (first.trials, first.seed, first.epochs) == ((), 0, 3)
    assert (first.space, first.strategy) == (result.space, result.strategy)
    assert first.objectives == ("validation_loss",)
    assert tuple(trial for _, trial in recorder.calls[1:-1]) == result.trials
    assert recorder.calls[-1][1] is result


@pytest.mark.parametrize("error", [nas.StopSearch, KeyboardInterrupt, OSError])
def test_callbacks_are_told_of_every_end(error: type[BaseException]) -> None:
    recorder = Recorder()

    def stop(trial: nas.Trial) -> None:
        raise error

    if error is nas.StopSearch:
        assert searched([stop, recorder]).stop_reason == "callback"
        assert recorder.calls[-1][1].stop_reason == "callback"
    else:
        with pytest.raises(error):
            searched([stop, recorder])
        assert recorder.calls[-1] == ("ended", None)


def test_what_the_end_raises_does_not_cost_the_result() -> None:
    class Clumsy(Recorder):
        def ended(self, result: nas.SearchResult | None) -> None:
            raise OSError("server gone")

    recorder = Recorder()
    with pytest.warns(RuntimeWarning, match="Clumsy could not end: OSError: server gone"):
        result = searched([Clumsy(), recorder])
    assert len(result.trials) == 4
    assert recorder.calls[-1][1] is result


def test_what_the_beginning_raises_ends_the_search() -> None:
    class Clumsy(Recorder):
        def started(self, result: nas.SearchResult) -> None:
            raise OSError("server gone")

    recorder = Recorder()
    with pytest.raises(OSError, match="server gone"):
        searched([recorder, Clumsy()])
    assert [name for name, _ in recorder.calls] == ["started", "ended"]


def function(architecture: dict[str, Any]) -> Any:
    """Fails, diverges and succeeds."""
    if architecture["x"] == 2:
        raise RuntimeError("<no>")
    return math.inf if architecture["x"] == 1 else architecture["x"]


OBJECTS = {"x": [3, 2, 1, 0], "shape": [(1, 2)], "word": [None]}


# TensorBoard


def events(folder: Path) -> list[Any]:
    """The events of all files of a folder, read by the format of records alone."""
    event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2")
    found = []
    for path in sorted(folder.glob("events.*")):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            event = event_pb2.Event()
            event.ParseFromString(content[12 : 12 + length])
            content = content[16 + length :]
            found.append(event)
    return found


def scalars(folder: Path) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def test_tensorboard(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
    result = searched(nas.callbacks.TensorBoard(tmp_path / "log"))
    found = scalars(tmp_path / "log")
    values = [trial.value for trial in result.trials]
    # Scalars are float32.
    assert [value for _, value in found["value"]] == pytest.approx(values, rel=1e-6)
    assert [step for step, _ in found["value"]] == [0, 1, 2, 3]
    best = np.minimum.accumulate(values)
    assert [value for _, value in found["best"]] == pytest.approx(best, rel=1e-6)
    assert found["parameters"] == [(t.number, t.parameters) for t in result.trials]
    for trial in result.trials:
        run = tmp_path / "log" / f"trial_{trial.number:05d}"
        curve = scalars(run)["curves/training_loss"]
        assert [step for step, _ in curve] == [1, 2, 3]
        assert [loss for _, loss in curve] == pytest.approx(trial.training_losses, rel=1e-6)
        tags = {value.tag for event in events(run) for value in event.summary.value}
        assert "_hparams_/session_start_info" in tags
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("events.*"))
    assert b"RandomSearch()" in everything
    assert b"hidden_layer_size" in everything


def test_figures_of_what_is_maximised() -> None:
    gain = nas.objectives.Objective("gain", maximize=True)
    space, options = {"x": [1, 2, 3]}, {"strategy": nas.GridSearch(), "trials": 3}
    result = nas.search(space, objective=lambda a: a["x"], objectives=[gain], **options)
    figures = Figures(result)
    found = [figures.of(trial) for trial in result.trials]
    assert [(of["value"], of["best"]) for of in found] == [(1, 1), (2, 2), (3, 3)]
    both = nas.search(space, objective=lambda a: (a["x"], 1), objectives=[gain, "b"], **options)
    assert Figures(both).of(both.trials[2])["values/gain"] == 3


def test_tensorboard_takes_what_is_no_number(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
    log = nas.callbacks.TensorBoard(tmp_path, trial_runs=False)
    options: dict[str, Any] = {"strategy": nas.GridSearch(), "callback": log}
    result = nas.search(OBJECTS, objective=function, **options)
    assert [name for name in tmp_path.iterdir() if name.is_dir()] == []
    finite = [(t.number, t.value) for t in result.trials if math.isfinite(t.value)]
    assert len(finite) == 2
    assert scalars(tmp_path)["value"] == finite
    nas.search(OBJECTS, objective=function, callback=nas.callbacks.TensorBoard(tmp_path), trials=4)
    assert (tmp_path / "trial_00003").is_dir()


# MLflow


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of a folder: no server, no database."""
    mlflow = pytest.importorskip("mlflow", reason="mlflow is not installed")
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    return mlflow.MlflowClient(tracking_uri=(tmp_path / "runs").as_uri())


@pytest.mark.filterwarnings("ignore:The filesystem tracking backend:FutureWarning")
def test_mlflow(client: Any, tmp_path: Path) -> None:
    log = nas.callbacks.MLflow("mine", tracking_uri=client.tracking_uri, run_name="first")
    result = searched(log, objectives=["validation_loss"], constraints={"parameters": 100})
    run = client.get_run(log.run_id)
    assert (run.info.run_name, run.info.status) == ("first", "FINISHED")
    assert run.data.params["strategy"] == "RandomSearch()"
    assert run.data.params["space.hidden_layer_size"] == "Ordinal([4, 8])"
    assert run.data.params["best.number"] == str(result.best.number)
    for name, value in result.best.architecture.items():
        assert run.data.params[f"best.{name}"] == str(value)
    best = client.get_metric_history(log.run_id, "best")
    trained = [trial for trial in result.trials if trial.succeeded]
    assert [(m.step, m.value) for m in best] == [
        (trial.number, min(t.value for t in trained if t.number <= trial.number))
        for trial in result.trials
        if trial.number >= trained[0].number
    ]
    path = client.download_artifacts(log.run_id, "result.json", str(tmp_path))
    assert json.loads(Path(path).read_text("utf-8")) == result.to_dict()
    query = f"tags.`mlflow.parentRunId` = '{log.run_id}'"
    children = client.search_runs([run.info.experiment_id], query)
    assert len(children) == 4
    for child in children:
        trial = result.trials[int(child.info.run_name.removeprefix("trial "))]
        assert child.data.tags["status"] == trial.status
        assert child.data.params == {
            name: str(value) for name, value in (choices(trial) | {"seed": trial.seed}).items()
        }
        if trial.status == "ok":
            curve = client.get_metric_history(child.info.run_id, "curves/training_loss")
            assert [point.value for point in curve] == list(trial.training_losses)
            assert child.data.metrics["value"] == trial.value
            assert child.data.metrics["parameters"] == trial.parameters


@pytest.mark.filterwarnings("ignore:The filesystem tracking backend:FutureWarning")
def test_mlflow_takes_what_is_no_number(client: Any) -> None:
    import mlflow

    log = nas.callbacks.MLflow(tracking_uri=client.tracking_uri)
    options: dict[str, Any] = {"strategy": nas.GridSearch(), "callback": log}
    result = nas.search(OBJECTS, objective=function, **options)
    run = client.get_run(log.run_id)
    assert run.data.params["best.shape"] == "[1, 2]"
    children = client.search_runs([run.info.experiment_id], "attributes.status = 'FAILED'")
    assert [child.data.tags["error"] for child in children] == ["RuntimeError: <no>"]
    assert mlflow.active_run() is None
    # Once more with the same object: another run, several objectives with any names.
    first = log.run_id
    nas.search(
        {"x": [1, 2]},
        objective=lambda a: (a["x"], -a["x"]),
        objectives=["a (ms)", "b"],
        trials=2,
        callback=log,
    )
    assert log.run_id != first
    run = client.get_run(log.run_id)
    assert set(run.data.metrics) >= {"values/a _ms_", "values/b"}
    assert "best" not in run.data.metrics
    assert len(result.trials) == 4


@pytest.mark.filterwarnings("ignore:The filesystem tracking backend:FutureWarning")
def test_mlflow_of_a_search_that_an_error_ends(client: Any) -> None:
    log = nas.callbacks.MLflow(tracking_uri=client.tracking_uri, trial_runs=False)

    def stop(trial: nas.Trial) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        searched([log, stop])
    run = client.get_run(log.run_id)
    assert run.info.status == "FAILED"
    assert len(client.search_runs([run.info.experiment_id])) == 1
    # A search that cannot even begin leaves the run before it alone.
    searched(log)
    finished, log.experiment = log.run_id, ""
    with pytest.raises(Exception, match="xperiment"):
        searched(log)
    assert client.get_run(finished).info.status == "FINISHED"
    assert log.run_id is None


@pytest.mark.parametrize(
    ("name", "module", "message"),
    [
        (
            "MLflow()",
            "mlflow",
            "MLflow needs mlflow; install it with: pip install 'swiftnas[mlflow]'",
        ),
        (
            "TensorBoard('log')",
            "tensorboardX",
            "TensorBoard needs tensorboardX; install it with: pip install 'swiftnas[tensorboard]'",
        ),
    ],
)
def test_missing_extras_are_named(name: str, module: str, message: str) -> None:
    script = f"""
import sys
sys.modules[{module!r}] = None
import swiftnas as nas
from swiftnas.callbacks.figures import Figures
try:
    nas.callbacks.{name}
except ImportError as error:
    print(error)
"""
    command = [sys.executable, "-c", script]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed == message + "\n"
