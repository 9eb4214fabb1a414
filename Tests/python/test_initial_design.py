"""Initial designs: the cheapest of random architectures."""

from __future__ import annotations

from typing import Any

import pytest

import swiftnas as nas

SPACE = nas.spaces.article()


def test_they_are_the_cheapest_of_the_sample(task: nas.Task) -> None:
    first = nas.cheapest(SPACE, task, 7, among=50, seed=3)
    drawn = SPACE.sample(3, count=50)
    costs = [nas.cost(architecture, task).flops for architecture in first]
    assert costs == sorted(costs) == sorted(nas.cost(a, task).flops for a in drawn)[:7]
    assert all(architecture in drawn for architecture in first)
    assert nas.cheapest(SPACE, task, 7, among=50, seed=3) == first
    assert nas.cheapest(SPACE, task, 7, among=50, seed=4) != first


def test_they_are_different(task: nas.Task) -> None:
    space = {"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 8]}
    found = nas.cheapest(space, task, 10, seed=0)
    assert found == [
        {"num_hidden_layers": depth, "hidden_layer_size": width}
        for width, depth in [(4, 1), (8, 1), (4, 2), (8, 2)]
    ]


def test_conditions_and_ranges(task: nas.Task) -> None:
    space = nas.spaces.mlp(max_layers=3)
    found = nas.cheapest(space, task, 5, seed=0)
    assert len(found) == 5
    for architecture in found:
        space.validate(architecture)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"count": 0}, ValueError, "count must be an integer ≥ 1, got 0"),
        ({"count": 9, "among": 8}, ValueError, "among must be an integer ≥ 9, got 8"),
        ({"count": 1.5}, TypeError, "count must be an integer"),
    ],
)
def test_bad_arguments(
    task: nas.Task, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        nas.cheapest(SPACE, task, **arguments)


def test_there_must_be_a_task() -> None:
    with pytest.raises(TypeError, match=r"task must be a swiftnas.Task, got int"):
        nas.cheapest(SPACE, 3)  # type: ignore[arg-type]
