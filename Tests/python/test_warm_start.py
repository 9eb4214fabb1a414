"""Searches that begin with what earlier ones have found."""

from __future__ import annotations

from typing import Any

import pytest

import swiftnas as nas


def test_earlier_outcomes_are_not_evaluated_again(space: nas.SearchSpace, task: nas.Task) -> None:
    earlier = nas.search(space, task, strategy=nas.RandomSearch(), trials=30, epochs=3, seed=0)
    known = {repr(trial.architecture): trial for trial in earlier.trials}
    result = nas.search(
        space,
        task,
        strategy=nas.RandomSearch(replacement=True),
        trials=40,
        epochs=3,
        seed=1,
        warm_start=earlier,
    )
    repeated = [trial for trial in result.trials if repr(trial.architecture) in known]
    assert len(repeated) > 10
    for trial in repeated:
        source = known[repr(trial.architecture)]
        assert trial.cached
        assert (trial.value, trial.seed, trial.training_losses) == (
            source.value,
            source.seed,
            source.training_losses,
        )
    assert result.history.epochs[-1] == 3 * sum(not trial.cached for trial in result.trials)


def test_the_order_of_names_does_not_matter() -> None:
    def search(space: dict[str, Any], **options: Any) -> nas.SearchResult:
        return nas.search(
            space, objective=lambda a: a["x"] + a["y"], strategy=nas.GridSearch(), **options
        )

    earlier = search({"x": [1, 2], "y": [3, 4]})
    result = search({"y": [3, 4, 5], "x": [1, 2]}, warm_start=earlier.trials)
    assert {t.architecture["y"] for t in result.trials if not t.cached} == {5}


def test_strategies_learn() -> None:
    space = {"x": nas.Float(0, 1)}
    options: dict[str, Any] = {"objective": lambda a: abs(a["x"] - 0.3), "seed": 1}
    earlier = nas.search(space, strategy=nas.RandomSearch(), trials=100, **options)
    cold = nas.search(space, strategy=nas.TPE(), trials=10, **options)
    warm = nas.search(space, strategy=nas.TPE(), trials=10, warm_start=earlier, **options)
    assert sum(t.value for t in warm.trials) < sum(t.value for t in cold.trials) / 2


def test_failures_are_tried_again() -> None:
    def fragile(architecture: dict[str, Any]) -> float:
        if architecture["x"] == 1:
            raise OSError("out of disk")
        return 1.0

    space = {"x": [0, 1, 2]}
    earlier = nas.search(space, objective=fragile, strategy=nas.GridSearch())
    assert [t.status for t in earlier.trials].count("failed") == 1
    result = nas.search(
        space, objective=lambda a: 2.0, strategy=nas.GridSearch(), warm_start=earlier
    )
    assert [t.architecture["x"] for t in result.trials if not t.cached] == [1]
    assert [t.value for t in result.trials if t.architecture["x"] == 1] == [2.0]


def test_the_best_of_another_search_come_first(space: nas.SearchSpace, task: nas.Task) -> None:
    other = nas.search(space, task, strategy=nas.RandomSearch(), trials=30, epochs=5, seed=0)
    top = other.top(3)
    values = sorted(trial.value for trial in other.trials)
    assert [trial.value for trial in top] == values[:3]
    result = nas.search(space, task, trials=10, epochs=2, seed=0, initial=top)
    assert [t.architecture for t in result.trials[:3]] == [t.architecture for t in top]
    assert not result.trials[0].cached
    with pytest.raises(ValueError, match="must be one of"):
        nas.search({"x": [1]}, objective=lambda a: 1.0, initial=[{"x": 2}])
    with pytest.raises(ValueError, match="count must be an integer ≥ 1, got 0"):
        other.top(0)


def test_the_top_lists_each_architecture_once() -> None:
    calls: list[int] = []
    result = nas.search(
        {"x": [0, 1, 2]},
        objective=lambda a: a["x"] + len(calls) / 100 + (calls.append(1) or 0),
        strategy=nas.Evolution(population_size=4, retrain_elites=True),
        trials=30,
        seed=0,
    )
    assert sorted(trial.architecture["x"] for trial in result.top(10)) == [0, 1, 2]
