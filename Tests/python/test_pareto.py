"""Pareto fronts and hypervolumes against definitions written out and against known values."""

from __future__ import annotations

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.pareto import hypervolume, non_dominated


def brute_force(points: np.ndarray) -> set[int]:
    return {
        i for i, p in enumerate(points) if not any((q <= p).all() and (q < p).any() for q in points)
    }


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_non_dominated_is_what_the_definition_says(objectives: int) -> None:
    random = np.random.default_rng(objectives)
    for count in (1, 2, 10, 60):
        # Few different numbers, so that there are ties and equal points.
        points = random.integers(0, 6, (count, objectives)).astype(float)
        front = non_dominated(points)
        assert set(front) == brute_force(points)
        assert len(set(front)) == len(front)
        values = [tuple(points[index]) for index in front]
        assert values == sorted(values)
    assert non_dominated([]) == []


def counted_volume(points: np.ndarray, reference: tuple[int, ...]) -> int:
    """The volume of integer points: unit cubes that some point dominates."""
    corners = np.stack(np.meshgrid(*map(np.arange, reference), indexing="ij"), -1)
    corners = corners.reshape(-1, len(reference))
    return int((corners[:, None] >= points[None]).all(-1).any(-1).sum())


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
def test_hypervolume_counts_the_dominated_cubes(objectives: int) -> None:
    random = np.random.default_rng(objectives)
    reference = (9, 8, 7, 6)[:objectives]
    for count in (1, 2, 7, 25):
        points = random.integers(0, 11, (count, objectives)).astype(float)
        assert hypervolume(points, reference) == counted_volume(points, reference)


def test_hypervolume_of_a_known_front() -> None:
    # x + y = 1 cut into n steps.
    n = 1000
    x = np.arange(n + 1) / n
    points = np.stack([x, 1 - x], 1)
    assert hypervolume(points, (1, 1)) == pytest.approx(0.5 - 0.5 / n, abs=1e-12)
    # One point at the origin dominates everything.
    assert hypervolume([[0.0] * 4], (2, 3, 4, 5)) == 120
    assert hypervolume([], (1, 1)) == 0
    assert hypervolume([[2, 0]], (1, 1)) == 0


def test_bad_references() -> None:
    with pytest.raises(ValueError, match=r"one finite number per objective \(2\), got \(1,\)"):
        hypervolume([[0, 0]], (1,))
    with pytest.raises(ValueError, match=r"one finite number per objective \(2\)"):
        hypervolume([[0, 0]], (1, np.inf))


@pytest.fixture(scope="module")
def result() -> nas.SearchResult:
    return nas.search(
        {"x": list(range(-3, 6))},
        objective=lambda a: {"f": a["x"] ** 2, "g": (a["x"] - 2) ** 2},
        objectives=["f", "g"],
        constraints={"f": 3},
        strategy=nas.RandomSearch(),
        seed=0,
    )


def test_the_front_of_a_result(result: nas.SearchResult) -> None:
    # Schaffer's problem: x in [0, 2] is optimal; f ≤ 3 forbids 2.
    assert [trial.architecture["x"] for trial in result.pareto_front] == [0, 1]
    assert result.hypervolume((5, 5)) == 5 * 1 + 4 * 3
    assert [trial.architecture["x"] for trial in result.top(3)] == [0, 1, -1]
    assert "2 on the Pareto front" in repr(result)
    with pytest.raises(ValueError, match=r"best needs one objective, this search has 2 \(f, g\)"):
        _ = result.best
    with pytest.raises(ValueError, match="history needs one objective"):
        _ = result.history
    with pytest.raises(ValueError, match=r"one number per objective \(2\), got \[1\]"):
        result.hypervolume([1])


@pytest.mark.parametrize("name", ["NSGA2", "TPE", "Reinforce", "RegularizedEvolution"])
def test_workers_change_nothing(name: str, space: nas.SearchSpace, task: nas.Task) -> None:
    def search(workers: int) -> list[tuple[object, ...]]:
        found = nas.search(
            space,
            task,
            strategy=getattr(nas, name)(),
            objectives=["validation_loss", "parameters"],
            constraints={"flops": 600},
            trials=30,
            epochs=3,
            seed=0,
            workers=workers,
        )
        assert {t.status for t in found.trials} == {"ok", "infeasible"}
        return [(t.architecture, t.values, t.violation, t.status) for t in found.trials]

    assert search(1) == search(4)
