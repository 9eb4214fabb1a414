"""Results: the best trial, and what becomes of a result in files."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swiftnas as nas


@pytest.fixture(scope="module")
def result(space: nas.SearchSpace, task: nas.Task) -> nas.SearchResult:
    strategy = nas.Evolution(population_size=4)
    return nas.search(space, task, strategy=strategy, trials=10, epochs=3, seed=0)


def test_best_is_the_first_of_least_value(result: nas.SearchResult) -> None:
    assert result.best.value == min(trial.value for trial in result.trials)
    tied = nas.search({"x": list(range(9))}, objective=lambda _: 1.0, trials=9)
    assert tied.best.number == 0


def test_a_result_says_where_it_came_from(result: nas.SearchResult, space: nas.SearchSpace) -> None:
    assert result.space == space
    assert result.strategy == nas.Evolution(population_size=4)
    assert (result.seed, result.epochs, result.rng, result.exhausted) == (0, 3, "default", False)
    assert result.wall_seconds >= sum(trial.wall_seconds for trial in result.trials)
    assert repr(result).startswith("SearchResult(10 trials, best ")
    assert "Evolution(population_size=4), seed 0" in repr(result)


def test_trials_hold_what_was_measured(result: nas.SearchResult) -> None:
    for trial in result.trials:
        assert trial.status == "ok"
        assert trial.epochs == len(trial.training_losses) == 3
        assert trial.parameters is not None
        assert trial.parameters > 0
        assert trial.flops is not None
        assert trial.flops > 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.trials[0].value = 0.0  # type: ignore[misc]


def test_results_can_be_pickled(result: nas.SearchResult) -> None:
    assert pickle.loads(pickle.dumps(result)) == result


def test_json(result: nas.SearchResult, tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    text = result.to_json(path)
    assert path.read_text(encoding="utf-8") == text + "\n"
    data = json.loads(text)
    assert data == result.to_dict()
    assert data["strategy"] == {"name": "Evolution", "options": result.strategy.options}
    assert data["space"] == result.space.to_dict()
    assert [trial["value"] for trial in data["trials"]] == [t.value for t in result.trials]
    assert nas.SearchSpace.from_dict(data["space"]) == result.space


def test_json_replaces_a_file_only_when_it_is_complete(
    result: nas.SearchResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError("no space left on device")

    path = tmp_path / "result.json"
    path.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    for write in (result.to_json, result.space.to_json):
        with pytest.raises(OSError, match="no space left"):
            write(path)
        assert [(item.name, item.read_text()) for item in tmp_path.iterdir()] == [
            ("result.json", "old")
        ]


def test_json_knows_neither_infinity_nor_numpy() -> None:
    choices: list[Any] = [np.float64(0.5), np.int64(3), (1, 2), len]
    result = nas.search(
        {"a": choices, "b": nas.Integer(1, 1), "c": nas.Float(0, 1, log=False)},
        objective=lambda a: np.nan if a["a"] == 0.5 else 1.0,
        strategy=nas.RandomSearch(),
        trials=20,
        seed=0,
    )
    text = result.to_json()
    assert "Infinity" not in text
    assert "NaN" not in text
    data = json.loads(text)
    assert data["space"]["parameters"]["a"] == [0.5, 3, [1, 2], "<built-in function len>"]
    assert data["space"]["parameters"]["c"] == {
        "type": "float",
        "low": 0.0,
        "high": 1.0,
        "log": False,
    }
    assert {trial["value"] for trial in data["trials"]} == {None, 1.0}
