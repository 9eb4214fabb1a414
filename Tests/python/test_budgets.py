"""Budgets: what ends a search, alone and together, with any number of workers."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import budget as budgets

SPACE = {"x": list(range(1000))}


def x(architecture: dict[str, Any]) -> float:
    return architecture["x"]


@pytest.mark.parametrize("workers", [1, 4])
def test_the_target_ends_the_search(workers: int) -> None:
    strategy = nas.RandomSearch()
    free = nas.search(SPACE, objective=x, strategy=strategy, trials=500, seed=3)
    result = nas.search(
        SPACE, objective=x, strategy=strategy, trials=500, target=20, seed=3, workers=workers
    )
    assert result.stop_reason == "target"
    assert result.trials[-1].value <= 20
    assert all(trial.value > 20 for trial in result.trials[:-1])
    assert [t.value for t in result.trials] == [t.value for t in free.trials[: len(result.trials)]]


def test_a_target_is_not_reached_by_what_is_not_allowed() -> None:
    result = nas.search(
        SPACE,
        objective=lambda a: {"value": a["x"], "excess": 500 - a["x"]},
        constraints={"excess": 0},
        strategy=nas.GridSearch(),
        target=600,
        trials=1000,
    )
    assert result.stop_reason == "target"
    assert 500 <= result.trials[-1].value <= 600


def test_a_target_counts_at_full_fidelity_only() -> None:
    result = nas.search(SPACE, objective=x, strategy=nas.Hyperband(), target=900, trials=200)
    assert result.trials[0].fidelity < 1
    assert result.stop_reason == "target"
    assert result.trials[-1].fidelity == 1
    assert result.best == result.trials[-1]


@pytest.mark.parametrize("workers", [1, 3])
def test_epochs_of_all_trainings(workers: int, space: nas.SearchSpace, task: nas.Task) -> None:
    strategy = nas.RandomSearch()
    result = nas.search(
        space, task, strategy=strategy, total_epochs=33, epochs=5, seed=0, workers=workers
    )
    assert result.stop_reason == "total_epochs"
    assert len(result.trials) == 7
    assert result.history.epochs.tolist() == [5, 10, 15, 20, 25, 30, 35]


def test_cached_trials_train_nothing(task: nas.Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budgets, "_IDLE_TRIALS", 20)
    space = {"num_hidden_layers": [1, 2], "hidden_layer_size": [4]}
    strategy = nas.RandomSearch(replacement=True)
    result = nas.search(space, task, strategy=strategy, total_epochs=100, epochs=5, seed=0)
    assert result.history.epochs[-1] == 10
    assert result.stop_reason == "total_epochs"
    assert all(trial.cached and trial.trained_epochs == 0 for trial in result.trials[-20:])


@pytest.mark.parametrize("workers", [1, 3])
def test_no_evaluation_begins_after_the_time(workers: int) -> None:
    begun: list[float] = []
    lock = threading.Lock()
    start = time.perf_counter()

    def slow(architecture: dict[str, Any]) -> float:
        with lock:
            begun.append(time.perf_counter() - start)
        time.sleep(0.05)
        return architecture["x"]

    options = {"objective": slow, "strategy": nas.RandomSearch(), "seed": 0}
    result = nas.search(SPACE, seconds=0.3, workers=workers, **options)  # type: ignore[arg-type]
    assert result.stop_reason == "seconds"
    # One look at the clock may come late by an interval and more on a busy machine, but the
    # thousand evaluations of the space would take a thousand times as long.
    assert len(begun) < 100
    # What had begun is recorded, in order.
    assert len(result.trials) == len(begun)
    assert [trial.number for trial in result.trials] == list(range(len(begun)))
    free = nas.search(SPACE, objective=x, strategy=nas.RandomSearch(), seed=0, trials=len(begun))
    assert [t.value for t in result.trials] == [t.value for t in free.trials]


def test_what_waits_when_the_time_is_over_is_withdrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    is_late = threading.Event()
    monkeypatch.setattr(budgets.Budget, "is_late", property(lambda budget: is_late.is_set()))

    def objective(architecture: dict[str, Any]) -> float:
        begun.append(1)
        if len(begun) == 5:
            is_late.set()
        if is_late.is_set():
            # Longer than from one look at the clock to the next.
            time.sleep(0.3)
        return 0.0

    strategy = nas.Evolution(population_size=100)
    result = nas.search(SPACE, objective=objective, strategy=strategy, seconds=9, workers=3)
    assert len(result.trials) == len(begun)
    # Of two dozen proposals in flight, those of three workers, once or a few times.
    assert 5 <= len(begun) <= 17


@pytest.mark.parametrize("workers", [1, 3])
def test_there_is_always_a_first_trial(workers: int) -> None:
    result = nas.search(SPACE, objective=x, seconds=1e-9, workers=workers)
    assert result.stop_reason == "seconds"
    assert result.trials


def test_the_nearest_limit_decides() -> None:
    options = {"objective": x, "strategy": nas.RandomSearch()}
    assert nas.search(SPACE, **options).stop_reason == "trials"  # type: ignore[arg-type]
    result = nas.search(SPACE, trials=7, seconds=1000, target=-1, **options)  # type: ignore[arg-type]
    assert (len(result.trials), result.stop_reason) == (7, "trials")
    result = nas.search({"x": [1, 2]}, seconds=1000, **options)  # type: ignore[arg-type]
    assert (len(result.trials), result.stop_reason) == (2, "exhausted")
    assert result.exhausted
    assert result.to_dict()["stop_reason"] == "exhausted"


def test_the_incumbent_curve() -> None:
    result = nas.search(SPACE, objective=x, strategy=nas.RandomSearch(), trials=30, seed=0)
    best = [min(t.value for t in result.trials[: i + 1]) for i in range(30)]
    assert result.history.best.tolist() == best
    assert result.history.seconds[-1] == pytest.approx(sum(t.wall_seconds for t in result.trials))
    assert best[-1] == result.best.value


def test_the_best_trial_has_the_highest_fidelity() -> None:
    result = nas.search(SPACE, objective=x, strategy=nas.SuccessiveHalving(), trials=100, seed=0)
    reached = max(trial.fidelity for trial in result.trials)
    assert min(trial.fidelity for trial in result.trials) < reached
    assert result.best.fidelity == reached
    assert result.best.value == min(t.value for t in result.trials if t.fidelity == reached)
    assert result.history.best[-1] == result.best.value


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"seconds": 0}, ValueError, "seconds must be a finite number > 0, got 0"),
        ({"seconds": "1"}, TypeError, "seconds must be a number, got '1'"),
        ({"target": float("nan")}, ValueError, "target must be a number, got nan"),
        ({"total_epochs": 10}, TypeError, "total_epochs needs a task, got 10 with an objective"),
        ({"progress": "yes"}, TypeError, "progress must be True, False or None, got 'yes'"),
    ],
)
def test_bad_arguments(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        nas.search(SPACE, objective=x, **options)


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (1, (1, None)),
        (np.int64(7), (7, None)),
        ("200", (200, None)),
        (" 60s ", (None, 60.0)),
        ("1.5 h", (None, 5400.0)),
        ("1h30min", (None, 5400.0)),
        ("2 Minutes 5 seconds", (None, 125.0)),
        (".5s", (None, 0.5)),
        (timedelta(minutes=3), (None, 180.0)),
    ],
)
def test_budgets_are_trials_or_times(budget: Any, expected: tuple[Any, Any]) -> None:
    assert budgets.trials_and_seconds(budget) == expected


@pytest.mark.parametrize(
    ("budget", "error"),
    [
        (0, ValueError),
        ("0", ValueError),
        ("9" * 5000, ValueError),
        (True, TypeError),
        (1.5, TypeError),
        (None, TypeError),
        ("", ValueError),
        ("s", ValueError),
        ("-5s", ValueError),
        ("0s", ValueError),
        ("5 parsecs", ValueError),
        ("60s,", ValueError),
        ("9" * 400 + "s", ValueError),
        (timedelta(0), ValueError),
    ],
)
def test_other_budgets_are_refused(budget: Any, error: type[Exception]) -> None:
    with pytest.raises(
        error, match="budget must be a number of trials ≥ 1 or a time such as '60s'"
    ):
        budgets.trials_and_seconds(budget)
