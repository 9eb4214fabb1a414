"""The benchmark of search quality: budgets, statistics, hypervolumes, store; on small tables."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.benchmarks import TabularBenchmark

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from quality import competitors, fronts, report, runs, statistics, text
from quality.evaluations import Evaluations
from quality.store import Store


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="module")
def table() -> TabularBenchmark:
    """50 architectures with four seeds that scatter about their mean."""
    losses = np.linspace(0, 1, 50)[:, None] + np.array([-0.3, -0.1, 0.1, 0.3])
    return TabularBenchmark("small", {"x": list(range(10)), "y": ["a", "b", "c", "d", "e"]}, losses)


def test_an_evaluation_gives_one_random_seed_and_regret_is_that_of_means(
    table: TabularBenchmark,
) -> None:
    evaluations = Evaluations(table, budget=400, seed=0)
    worst = {"x": 9, "y": "e"}
    values = [evaluations.evaluate(worst) for _ in range(400)]
    assert evaluations.finished
    assert set(np.round(values, 9)) == {0.7, 0.9, 1.1, 1.3}
    assert {regret for _, regret in evaluations.steps} == {1.0}
    assert evaluations.steps[0][0] == 1


def test_the_incumbent_is_the_best_observed_whatever_its_mean(
    table: TabularBenchmark, rng: np.random.Generator
) -> None:
    evaluations = Evaluations(table, budget=100, seed=1)
    observed = []
    for row in rng.permutation(50):
        architecture = table.architecture(int(row))
        observed.append((evaluations.evaluate(architecture), table.regret(architecture)))
    assert evaluations.steps[-1][1] == min(observed)[1]
    spent = [step for step, _ in evaluations.steps]
    assert spent == sorted(set(spent))


def test_every_strategy_spends_its_budget(table: TabularBenchmark) -> None:
    for name, competitor in competitors.competitors().items():
        if name.startswith("Optuna"):
            continue
        runs = [Evaluations(table, 30, seed) for seed in (0, 0, 1)]
        for evaluations, seed in zip(runs, (0, 0, 1), strict=True):
            competitor.run(evaluations, seed)
            assert evaluations.spent <= 30
        assert runs[0].steps == runs[1].steps
        assert runs[0].steps != runs[2].steps


class Scripted:
    """Proposals from a list, and the values that are told."""

    def __init__(self, proposals: list[SimpleNamespace]) -> None:
        self.proposals = proposals
        self.told: list[Any] = []

    def ask(self, limit: int) -> list[SimpleNamespace]:
        return [self.proposals.pop(0)] if self.proposals else []

    def tell(self, proposal: SimpleNamespace, value: Any) -> None:
        self.told.append(value)


def proposal(number: int, x: int, fresh: bool = False, **fields: object) -> SimpleNamespace:
    architecture = {"x": x, "y": "a"}
    return SimpleNamespace(number=number, architecture=architecture, fresh=fresh, **fields)


def test_a_repeat_is_paid_for_and_fresh_ones_are_drawn_again(table: TabularBenchmark) -> None:
    asking = Scripted([proposal(n, x=3, fresh=n >= 10) for n in range(60)])
    evaluations = Evaluations(table, budget=50, seed=0)
    competitors.search(asking, evaluations, partly=False)  # type: ignore[arg-type]
    assert (evaluations.spent, len(asking.told)) == (50, 50)
    assert len(set(asking.told[:10])) == 1
    assert len(set(asking.told)) == 4


def test_multi_fidelity_pays_for_additional_seeds_only(table: TabularBenchmark) -> None:
    asking = Scripted(
        [
            proposal(0, x=5, fidelity=0.25, origin=0),
            proposal(1, x=0, fidelity=0.1, origin=None),
            proposal(2, x=5, fidelity=0.5, origin=0),
            proposal(3, x=5, fidelity=1.0, origin=2),
            proposal(4, x=0, fidelity=1.0, origin=4),
            # Three more seeds are wanted, one is left.
            proposal(5, x=0, fidelity=1.0, origin=1),
        ]
    )
    evaluations = Evaluations(table, budget=10, seed=0)
    spent = []
    tell = asking.tell
    asking.tell = lambda p, value: (spent.append(evaluations.spent), tell(p, value))  # type: ignore[func-returns-value, assignment, method-assign]
    competitors.search(asking, evaluations, partly=True)  # type: ignore[arg-type]
    assert spent == [1, 2, 3, 5, 9]
    assert evaluations.spent == 10
    # All four seeds are read: what is told is the mean.
    assert asking.told[3] == pytest.approx(table.mean({"x": 5, "y": "a"}))
    # More seeds go before fewer: the good but barely trained one waits for its turn.
    assert evaluations.steps[-1] == (9, table.regret({"x": 0, "y": "a"}))
    assert evaluations.steps[-2][1] == table.regret({"x": 5, "y": "a"})


def test_value_at_a_budget() -> None:
    steps = [(1, 0.5), (30, 0.2)]
    assert [statistics.value_at(steps, budget) for budget in (1, 29, 30, 99)] == [
        0.5,
        0.5,
        0.2,
        0.2,
    ]
    assert np.isnan(statistics.value_at([(2, 0.5)], 1))


def test_bootstrap_intervals_cover_the_mean(rng: np.random.Generator) -> None:
    hits = 0
    for _ in range(200):
        value, low, high = statistics.mean(rng.normal(3, 1, 50))
        assert low < value < high
        hits += low < 3 < high
    # A percentile bootstrap of 50 covers about 94 %; three standard deviations of 200 trials.
    assert 0.94 - 3 * 0.017 < hits / 200 < 0.94 + 3 * 0.017
    values = rng.exponential(size=31)
    assert statistics.median(values) == statistics.median(values)
    assert statistics.median(values).value == np.median(values)


def test_superiority_ranks_and_ratios() -> None:
    low, high = np.array([1.0, 2.0]), np.array([2.0, 3.0])
    assert statistics.superiority(low, high) == (3 + 0.5) / 4
    assert statistics.superiority(high, low) == 0.5 / 4
    runs = {
        "one": {"A": np.array([1.0]), "B": np.array([2.0]), "C": np.array([3.0]), "D": low},
        "two": {"A": np.array([1.0]), "B": np.array([1.0]), "C": np.array([0.0])},
    }
    # Ranks are 1, 2, 3 on the first table; 2½, 2½, 1 on the second; D misses it.
    assert statistics.average_ranks(runs) == {"A": 1.75, "B": 2.25, "C": 2.0}
    assert statistics.ratios(runs, "A")["B"] == (1.5, 1.5, 1.5)
    # The reference's mean is 0 on the second table, which is left out, so D is not.
    assert set(statistics.ratios(runs, "C")) == {"A", "B", "C", "D"}
    assert statistics.ratios(runs, "C")["A"].value == pytest.approx(1 / 3)


def test_mann_whitney(rng: np.random.Generator) -> None:
    pytest.importorskip("scipy")
    first, second = rng.normal(0, 1, 40), rng.normal(2, 1, 40)
    assert statistics.mann_whitney(first, second) < 1e-6
    assert statistics.mann_whitney(first, first) > 0.9
    assert statistics.mann_whitney(np.zeros(5), np.zeros(5)) == 1


def test_hypervolume_against_a_grid(rng: np.random.Generator) -> None:
    for count in (1, 2, 7, 40):
        points = rng.integers(0, 12, (count, 2)).astype(float)
        reference = np.array([10.0, 9.0])
        cells = itertools.product(range(10), range(9))
        area = sum(bool(np.any(np.all(points <= cell, axis=1))) for cell in cells)
        assert fronts.hypervolume(points, reference) == area
        front = set(fronts.nondominated(points))
        for index, point in enumerate(points):
            others = np.delete(points, index, axis=0)
            beaten = np.any(np.all(others <= point, axis=1) & np.any(others < point, axis=1))
            assert (index in front) <= (not beaten)
    assert fronts.hypervolume(np.array([[10.0, 0.0]]), np.array([10.0, 9.0])) == 0


def test_the_front_is_chosen_by_observations_and_measured_by_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = TabularBenchmark(
        "sizes",
        {"x": [0, 1, 2]},
        [[0.1, 0.01], [0.01, 0.01], [0.5, 0.5]],
        parameters=[10, 100, 1000],
    )
    monkeypatch.setattr(fronts, "load", lambda name: given)
    fronts.scale.cache_clear()
    reference, whole = fronts.scale("sizes")
    assert reference.tolist() == [3, 0]
    mean = -np.log10(0.055)
    assert whole == pytest.approx(mean * 1 + 2 * 1)
    for seed in range(5):
        run = fronts.TwoObjectives("sizes", 2, seed)
        size, loss = run.evaluate({"x": 0})
        assert size == 1
        assert loss in (-1, -2)
        run.evaluate({"x": 1})
        # Where a lucky seed shows 0.01, the larger network seems to be dominated.
        assert run.hypervolume(2) == pytest.approx((2 * mean if loss == -2 else whole) / whole)
    assert run.finished
    fronts.scale.cache_clear()


def test_ours_is_told_both_objectives(monkeypatch: pytest.MonkeyPatch) -> None:
    given = TabularBenchmark("two", {"x": [0, 1]}, [0.1, 0.01], parameters=[10, 100])
    monkeypatch.setattr(fronts, "load", lambda name: given)
    asking = Scripted([SimpleNamespace(architecture={"x": x}) for x in (0, 1, 0)])
    asked = []

    def start(*arguments: object, objectives: int) -> Scripted:
        asked.append((*arguments, objectives))
        return asking

    monkeypatch.setattr(nas, "AskTell", start)
    strategy = nas.RandomSearch()
    evaluations = fronts.TwoObjectives("two", 2, seed=5)
    fronts.ours(strategy)(evaluations, 5)
    assert asked == [(given.space, strategy, 5, 2)]
    assert asking.told == [[1, -1], [2, -2]]
    assert evaluations.finished


def test_the_store_keeps_the_longest_runs(tmp_path: Path) -> None:
    store = Store(tmp_path / "regret")
    assert store.records("Optuna TPE") == []

    def record(seed: int, budget: int) -> dict[str, object]:
        steps = [(1, 0.5), (60, 0.1)]
        name = {"competitor": "Optuna TPE", "table": "car"}
        return name | {"seed": seed, "budget": budget, "steps": steps}

    store.append("Optuna TPE", record(0, 100))
    store.append("Optuna TPE", record(0, 25))
    store.append("Optuna TPE", record(1, 50))
    with store.path("Optuna TPE").open("a") as file:
        file.write('{"table": "car", "se')
    assert store.has("Optuna TPE", 100) == {("car", 0)}
    assert store.has("Optuna TPE", 50) == {("car", 0), ("car", 1)}
    assert store.has("Optuna GP", 50) == set()
    rendered = report.render(tmp_path)
    assert "| Optuna TPE (2) | 0.5 [0.5, 0.5] | 0.5 [0.5, 0.5] | 0.1 [0.1, 0.1] |" in rendered
    store.forget(["Optuna TPE"])
    assert store.records("Optuna TPE") == []


@pytest.mark.skipif(
    not os.environ.get("SWIFTNAS_DATA"),
    reason="SWIFTNAS_DATA does not name a directory of tables",
)
def test_what_is_stored_is_not_run_again(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for seeds in (1, 3):
        runs.run("regret", store, {"RandomSearch": (25, seeds)}, ["credit_g"], processes=2)
    assert [record["seed"] for record in store.records("RandomSearch")] == [0, 1, 2]
    assert len(store.path("RandomSearch").read_text().splitlines()) == 3
    assert {record["spent"] for record in store.records("RandomSearch")} == {25}


def test_text() -> None:
    assert text.estimate(statistics.Estimate(0.12345, 1e-5, 20)) == "0.123 [1e-05, 20]"
    assert text.estimate(None) == "–"
    assert [text.p_value(p) for p in (1e-9, 0.0234)] == ["p < 0.0001", "p = 0.023"]
    assert text.table(["a"], [["1"]]) == "| a |\n| --- |\n| 1 |"


def test_ours_can_be_found_by_name() -> None:
    everyone = competitors.competitors()
    assert {"RandomSearch", "Evolution", "Optuna TPE", "Optuna GP"} <= set(everyone)
    assert everyone["Optuna GP"].limits(500, 50) == (100, 10)
    assert everyone["Evolution"].limits(500, 50) == (500, 50)
    assert isinstance(nas.RandomSearch(), nas.Strategy)
