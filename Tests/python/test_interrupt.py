"""Ctrl-C: within half a second, from every function that takes its time, with nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import swiftnas as nas

#: What the requirement says.
HALF_A_SECOND = 0.5

#: So many epochs that no training of this file would ever end by itself.
FOREVER = 10**9

SPACE = {"num_hidden_layers": [2, 3], "hidden_layer_size": [64, 128]}
ARCHITECTURE = {"num_hidden_layers": 3, "hidden_layer_size": 128}


@pytest.fixture(scope="module")
def large_task() -> nas.Task:
    X = np.random.RandomState(0).normal(size=(2000, 4)).astype(np.float32)
    return nas.Task.split(X, X[:, 0])


def seconds_to_stop(call: Callable[[], Any], delay: float = 0.4) -> float:
    """How long after Ctrl-C, pressed `delay` seconds after the start, `call` ends."""
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(delay, press)
    timer.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            call()
        return time.perf_counter() - pressed[0]
    finally:
        timer.cancel()
        timer.join()


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_search(workers: int, large_task: nas.Task) -> None:
    threads = threading.active_count()
    seconds = seconds_to_stop(
        lambda: nas.search(SPACE, large_task, epochs=FOREVER, seed=0, workers=workers)
    )
    assert seconds < HALF_A_SECOND
    # Neither workers nor their trainings go on.
    assert threading.active_count() == threads
    # And the same process can search on.
    assert len(nas.search(SPACE, large_task, trials=3, epochs=1, workers=workers).trials) == 3


@pytest.mark.parametrize("workers", [1, 2])
def test_search_of_several_fidelities(workers: int, large_task: nas.Task) -> None:
    """In the trainings that can pause, begun or continued."""
    threads = threading.active_count()
    # Candidates of one epoch are promoted to so many that none comes to its end.
    strategy = nas.SuccessiveHalving(min_fidelity=1e-9, reduction_factor=1000, candidates=2)
    trials: list[nas.Trial] = []
    seconds = seconds_to_stop(
        lambda: nas.search(
            SPACE,
            large_task,
            strategy=strategy,
            epochs=FOREVER,
            workers=workers,
            callback=trials.append,
            seed=0,
        ),
        delay=1.0,
    )
    assert seconds < HALF_A_SECOND
    assert [trial.epochs for trial in trials[:2]] == [1, 1]
    assert threading.active_count() == threads


@pytest.mark.parametrize("workers", [1, 2])
def test_search_with_an_objective(workers: int) -> None:
    released = threading.Event()
    calls: list[int] = []

    def objective(architecture: dict[str, Any]) -> float:
        calls.append(architecture["x"])
        # One worker is the main thread, where Python handles signals while it waits.
        released.wait(20)
        return 0.0

    threads = threading.active_count()
    space = {"x": list(range(100))}
    try:
        seconds = seconds_to_stop(
            lambda: nas.search(
                space, objective=objective, strategy=nas.RandomSearch(), workers=workers
            )
        )
    finally:
        released.set()
    assert seconds < HALF_A_SECOND
    assert len(calls) == workers
    # What a worker had begun ends with its call; nothing else is begun.
    deadline = time.perf_counter() + 10
    while threading.active_count() > threads and time.perf_counter() < deadline:
        time.sleep(0.01)
    assert threading.active_count() == threads
    assert len(calls) == workers


def test_train(large_task: nas.Task) -> None:
    def call() -> None:
        nas.train(ARCHITECTURE, large_task, epochs=FOREVER, seed=0)

    assert seconds_to_stop(call) < HALF_A_SECOND


def test_the_published_functions(large_task: nas.Task) -> None:
    t = large_task
    data = (t.X_train, t.y_train, t.X_val, t.y_val)
    for call in (
        lambda: nas.evaluate_architecture(ARCHITECTURE, *data, num_epochs=FOREVER),
        lambda: nas.run_rl_search(SPACE, *data, num_epochs=FOREVER),
        lambda: nas.run_evolutionary_search(t.X_train, t.y_train, SPACE, num_generations=10**6),
        lambda: nas.run_gradient_based_search(
            SPACE | {"activation_function": ["ReLU", "Tanh"]}, *data, num_epochs=FOREVER
        ),
    ):
        assert seconds_to_stop(call) < HALF_A_SECOND


def test_a_handler_s_own_exception_comes_through(large_task: nas.Task) -> None:
    class AlarmError(Exception):
        pass

    def handler(number: int, frame: object) -> None:
        raise AlarmError

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for workers in (1, 2):
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(AlarmError):
                nas.search(SPACE, large_task, epochs=FOREVER, workers=workers)
    finally:
        signal.signal(signal.SIGALRM, before)


def test_a_handler_that_returns_disturbs_nothing(large_task: nas.Task) -> None:
    handled: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: handled.append(number))
    try:
        expected = nas.train(ARCHITECTURE, large_task, epochs=20, seed=0)
        signal.setitimer(signal.ITIMER_REAL, 0.02)
        model = nas.train(ARCHITECTURE, large_task, epochs=20, seed=0)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert handled == [signal.SIGALRM]
    assert model.training_losses == expected.training_losses


@pytest.mark.parametrize("workers", [1, 2])
def test_a_whole_process_ends(workers: int) -> None:
    script = f"""
        import numpy as np, swiftnas as nas
        X = np.random.RandomState(0).normal(size=(2000, 4)).astype(np.float32)
        task = nas.Task.split(X, X[:, 0])
        print("started", flush=True)
        nas.search({SPACE}, task, epochs={FOREVER}, workers={workers})
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    time.sleep(0.5)
    pressed = time.perf_counter()
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    # Half a second for the search, the rest for the interpreter's own end.
    assert time.perf_counter() - pressed < 2 * HALF_A_SECOND
    assert errors.strip().splitlines()[-1] == "KeyboardInterrupt"
    assert process.returncode == -signal.SIGINT
