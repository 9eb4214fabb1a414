"""The evaluators that need no training."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.evaluators import Table
from swiftnas.evaluators.table import drawn_index

ARCHITECTURES = [{"depth": depth, "name": name} for depth in (1, 2) for name in ("a", "b")]
SPACE = {"depth": [1, 2], "name": ["a", "b"]}


def test_one_value_each() -> None:
    table = Table(ARCHITECTURES, [0.5, 0.25, 1, math.nan])
    assert table({"name": "b", "depth": 1}) == 0.25
    assert table({"name": "a", "depth": np.int64(2)}) == 1
    assert (len(table), repr(table)) == (4, "Table(4 architectures, seed=None)")
    result = nas.search(
        SPACE, objective=pickle.loads(pickle.dumps(table)), trials=20, seed=0, workers=2
    )
    assert result.best.architecture == {"depth": 1, "name": "b"}
    assert {t.status for t in result.trials if t.architecture == ARCHITECTURES[3]} <= {"diverged"}


def test_several_values_each() -> None:
    values = [[1, 3], [5, math.nan], [math.nan, math.nan], [2, 2]]
    mean = Table(ARCHITECTURES, values)
    assert [mean(architecture) for architecture in (ARCHITECTURES[0], ARCHITECTURES[1])] == [2, 5]
    assert math.isnan(mean(ARCHITECTURES[2]))
    tables = [Table(ARCHITECTURES, values, seed=seed) for seed in range(50)]
    assert {table(ARCHITECTURES[0]) for table in tables} == {1, 3}
    assert {table(ARCHITECTURES[1]) for table in tables} == {5}
    assert len({tables[0](ARCHITECTURES[0]) for _ in range(20)}) == 1


def test_from_a_mapping() -> None:
    table = Table.from_mapping({(1, "a"): [1, 2, 3], (2, "b"): 4}, names=["depth", "name"])
    assert table({"name": "a", "depth": 1}) == 2
    assert table({"name": "b", "depth": 2}) == 4
    with pytest.raises(ValueError, match="tuples of 2 choices as keys, got 1"):
        Table.from_mapping({1: 2}, names=["depth", "name"])


def test_what_is_not_in_the_table() -> None:
    table = Table(ARCHITECTURES[:2], [1, 2])
    with pytest.raises(ValueError, match=r"must be in the table, got .*'depth': 2, 'name': 'a'"):
        table(ARCHITECTURES[2])
    assert Table(ARCHITECTURES[:2], [1, 2], missing=9)(ARCHITECTURES[2]) == 9


def test_bad_tables() -> None:
    with pytest.raises(ValueError, match=r"each of 4 architectures, got the shape \(3,\)"):
        Table(ARCHITECTURES, [1, 2, 3])
    with pytest.raises(ValueError, match=r"architectures must be different, got .* twice"):
        Table([{"a": 1, "b": 2}, {"b": 2, "a": 1}], [1, 2])
    with pytest.raises(TypeError, match="architecture must be a dict, got int"):
        Table([1], [2])
    with pytest.raises(TypeError, match="architecture must hold numbers, text and tuples"):
        Table([{"a": object()}], [2])
    with pytest.raises(ValueError, match="seed must be an integer"):
        Table([{"a": 1}], [2], seed=-1)


def test_draws_are_even_and_independent_of_rows_and_seeds() -> None:
    by_row = np.bincount([drawn_index(0, row, 4) for row in range(10_000)], minlength=4)
    by_seed = np.bincount([drawn_index(seed, 0, 4) for seed in range(10_000)], minlength=4)
    # Five standard deviations of a binomial count with 10,000 draws of probability 1/4.
    assert np.abs(np.array([by_row, by_seed]) - 2500).max() < 5 * math.sqrt(10_000 * 3 / 16)
    equal = np.mean([drawn_index(1, row, 4) == drawn_index(2, row, 4) for row in range(10_000)])
    assert abs(equal - 0.25) < 5 * math.sqrt(3 / 16 / 10_000)


def test_a_proxy_is_an_objective_with_less_being_better(task: nas.Task) -> None:
    architecture = {"num_hidden_layers": 1, "hidden_layer_size": 8}
    for proxy in nas.proxies.names():
        evaluator = nas.evaluators.ZeroCost(proxy, task, seed=3, rows=20)
        assert evaluator(architecture) == -nas.proxies.score(
            architecture, task, proxy, seed=3, rows=20
        )
    with pytest.raises(ValueError, match=r"proxy must be one of .*, got 'luck'"):
        nas.evaluators.ZeroCost("luck", task)
    with pytest.raises(TypeError, match=r"task must be a swiftnas.Task, got int"):
        nas.evaluators.ZeroCost("synflow", 3)  # type: ignore[arg-type]
