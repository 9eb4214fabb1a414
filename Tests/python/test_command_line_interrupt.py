"""The command line: Ctrl-C keeps the best so far, a second one gives up; nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from swiftnas_command import houses, swiftnas, write_space

from swiftnas.command_line import search_run
from swiftnas.command_line.run_folder import Run

#: So many epochs that no training would ever end by itself.
FOREVER = 10**9


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A table and a space."""
    houses().to_csv(tmp_path / "houses.csv", index=False)
    write_space(tmp_path)
    return tmp_path


def arguments(folder: Path, *more: object) -> list[str]:
    given = (
        *("search", folder / "houses.csv", "--target", "price", "--out", folder / "run"),
        *("--space", folder / "space.json", "--no-report", *more),
    )
    return [str(argument) for argument in given]


def started(folder: Path, *more: object) -> subprocess.Popen[str]:
    """The command as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "swiftnas", *arguments(folder, *more)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process: subprocess.Popen[str], text: str) -> list[str]:
    """The lines on stderr up to one that has the text."""
    assert process.stderr is not None
    lines: list[str] = []
    while not lines or text not in lines[-1]:
        line = process.stderr.readline()
        assert line, lines
        lines.append(line)
    return lines


@pytest.mark.parametrize("workers", [1, 2])
def test_the_best_so_far_is_kept(workers: int, folder: Path) -> None:
    process = started(folder, "--budget", FOREVER, "--json", "--workers", workers)
    wait_for(process, "best validation_loss")
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.splitlines()[-1].startswith("swiftnas: interrupted: the best of ")
    summary = json.loads(out)
    assert summary["stop_reason"] == "interrupted"
    run = Run(folder / "run")
    result, model = run.result(), run.model()
    # The very training that the search had seen.
    assert summary["best"]["trial"] == result.best.number
    assert model.validation_loss == pytest.approx(result.best.value, rel=1e-6)
    assert len(result.trials) == summary["trials"] >= 1
    # Nothing of the search's settings is lost, which code for PyTorch and the page are made from.
    assert (result.loss, result.standardized) == ("mse", True)
    assert "class Network" in result.to_pytorch_code()
    assert swiftnas("predict", folder / "run", folder / "houses.csv").code == 0
    assert not list(folder.glob(".*"))


def test_a_second_one_gives_up(folder: Path) -> None:
    # Trainings that take a second or so, so that the second signal comes in one of them.
    process = started(folder, "--budget", FOREVER, "--epochs", 20_000)
    wait_for(process, "best validation_loss")
    process.send_signal(signal.SIGINT)
    wait_for(process, "interrupted: keeping the best so far")
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert errors == "swiftnas: interrupted: nothing was written\n"
    assert {item.name for item in folder.iterdir()} == {"houses.csv", "space.json"}


def press(delay: float) -> threading.Timer:
    timer = threading.Timer(delay, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def test_before_the_first_trial_nothing_is_kept(folder: Path) -> None:
    handler = signal.getsignal(signal.SIGINT)
    timer = press(0.5)
    try:
        done = swiftnas(*arguments(folder, "--epochs", FOREVER, "--quiet"))
    finally:
        timer.join()
    assert done.code == 130
    assert done.err == "swiftnas: interrupted before any trial had succeeded: nothing written\n"
    assert {item.name for item in folder.iterdir()} == {"houses.csv", "space.json"}
    assert signal.getsignal(signal.SIGINT) is handler


def test_in_the_last_training_the_trial_s_own_is_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[dict[str, Any]] = []
    train = search_run.train

    def interrupted(architecture: dict[str, Any], task: Any, **options: Any) -> Any:
        trained.append(options)
        if len(trained) == 1:
            os.kill(os.getpid(), signal.SIGINT)
        return train(architecture, task, **options)

    monkeypatch.setattr(search_run, "train", interrupted)
    done = swiftnas(*arguments(folder, "--budget", 2, "--epochs", 5, "--json"))
    assert done.code == 130
    assert done.json["stop_reason"] == "trials"
    assert [options["epochs"] for options in trained] == [500, 5]
    assert Run(folder / "run").model().epochs == 5


def test_while_writing_the_first_is_only_remembered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pressed(*_: object) -> dict[str, float]:
        os.kill(os.getpid(), signal.SIGINT)
        return {"r2": 0.5}

    monkeypatch.setattr(search_run, "scores", pressed)
    done = swiftnas(*arguments(folder, "--budget", 2, "--epochs", 5))
    assert done.code == 130
    assert "interrupted: the best of 2 trials is in" in done.err
    assert Run(folder / "run").model().epochs == 500
