"""Evaluations on executors: of threads, of processes, and of somebody's own."""

from __future__ import annotations

import math
import multiprocessing
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

import swiftnas as nas

SPACE = {"x": list(range(50)), "y": nas.Float(0.1, 1, log=True)}


def objective(architecture: dict[str, Any]) -> dict[str, float]:
    if architecture["x"] == 7:
        raise ValueError("seven")
    loss = math.sin(architecture["x"]) ** 2 + architecture["y"]
    return {"loss": loss, "size": architecture["x"]}


def facts(executor: Executor | None, **options: Any) -> list[Any]:
    result = nas.search(
        SPACE,
        objective=objective,
        objectives=["loss", "size"],
        constraints={"size": 40},
        strategy=nas.NSGA2(population_size=10),
        trials=60,
        seed=0,
        executor=executor,
        **options,
    )
    return [(t.architecture, t.values, t.status, t.violation, t.error) for t in result.trials]


class Backwards(Executor):
    """Makes all calls at once when the first outcome is waited for, the last call first."""

    def __init__(self) -> None:
        self._calls: list[tuple[Future[Any], Any]] = []

    def submit(self, call: Any, /, *arguments: Any, **options: Any) -> Future[Any]:
        executor = self

        class Waiting(Future[Any]):
            def done(self) -> bool:
                while executor._calls:
                    future, function = executor._calls.pop()
                    if future.set_running_or_notify_cancel():
                        try:
                            future.set_result(function())
                        except Exception as error:
                            future.set_exception(error)
                return super().done()

        future = Waiting()
        self._calls.append((future, call))
        return future


def test_executors_change_nothing() -> None:
    expected = facts(None)
    assert {status for _, _, status, _, _ in expected} == {"ok", "infeasible", "failed"}
    with ThreadPoolExecutor(3) as threads:
        assert facts(threads) == expected
        # It is not shut down.
        assert threads.submit(int).result() == 0
    assert facts(Backwards(), workers=2) == expected
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as processes:
        assert facts(processes) == expected


def test_a_task_runs_on_threads(space: nas.SearchSpace, task: nas.Task) -> None:
    one = nas.search(space, task, trials=20, epochs=3, seed=0)
    with ThreadPoolExecutor(2) as threads:
        many = nas.search(space, task, trials=20, epochs=3, seed=0, executor=threads)
    assert [t.value for t in one.trials] == [t.value for t in many.trials]
    with (
        ProcessPoolExecutor(1) as processes,
        pytest.raises(TypeError, match="must be a ThreadPoolExecutor for a task"),
    ):
        nas.search(space, task, executor=processes)


def test_what_cannot_be_pickled_is_a_clear_error() -> None:
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as processes,
        pytest.raises(nas.AllTrialsFailedError, match="pickle"),
    ):
        nas.search(SPACE, objective=lambda a: 1.0, trials=3, executor=processes)
