"""Objectives and constraints: what is measured, when, and what becomes of it."""

from __future__ import annotations

import importlib
import math
import pickle
import sys
import types
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.architecture import cost
from swiftnas.objectives import Objective, Soft

SPACE = nas.SearchSpace({"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 8, 16, 32]})


def search(task: nas.Task, **options: Any) -> nas.SearchResult:
    options = {"strategy": nas.RandomSearch(), "epochs": 3, "seed": 0} | options
    return nas.search(SPACE, task, **options)


def test_named_objectives_are_those_of_the_engine(task: nas.Task) -> None:
    plain = search(task)
    names = ["parameters", "validation_loss", "flops", "memory"]
    result = search(task, objectives=names)
    assert result.objectives == tuple(names)
    for trial, reference in zip(result.trials, plain.trials, strict=True):
        facts = cost(trial.architecture, task)
        expected = (facts.parameters, reference.value, facts.flops, facts.bytes)
        assert trial.values == expected
        assert trial.value == facts.parameters
        assert trial.measures == dict(zip(names, expected, strict=True))
        assert trial.training_losses == reference.training_losses
    assert pickle.loads(pickle.dumps(result)) == result
    assert result.to_dict()["trials"][0]["values"] == list(result.trials[0].values)


def test_infeasible_architectures_are_not_trained(task: nas.Task) -> None:
    result = search(task, constraints={"parameters": 100, "flops": 150})
    plain = search(task)
    assert result.objectives == ("validation_loss",)
    for trial, reference in zip(result.trials, plain.trials, strict=True):
        facts = cost(trial.architecture, task)
        excess = max(0, facts.parameters / 100 - 1) + max(0, facts.flops / 150 - 1)
        assert trial.violation == pytest.approx(excess)
        assert trial.status == ("infeasible" if excess else "ok")
        assert trial.value == (math.inf if excess else reference.value)
        assert trial.trained_epochs == (0 if excess else 3)
    assert {trial.status for trial in result.trials} == {"ok", "infeasible"}
    assert result.best.parameters <= 100  # type: ignore[operator]


def test_if_nothing_is_feasible_the_result_says_so(task: nas.Task) -> None:
    with pytest.warns(RuntimeWarning, match="all 8 trials are infeasible"):
        result = search(task, constraints={"parameters": 1})
    with pytest.raises(nas.AllTrialsDivergedError, match="infeasible; try looser constraints"):
        _ = result.best
    assert result.pareto_front == ()
    assert "none succeeded" in repr(result)


def test_latency_is_measured_before_training_if_it_is_limited(
    task: nas.Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured: list[Any] = []

    def measure_latency(architecture: dict[str, Any], of: nas.Task) -> float:
        assert of is task
        measured.append(architecture)
        return architecture["hidden_layer_size"] * 1e-6

    module = types.ModuleType("swiftnas.latency")
    module.measure_latency = measure_latency  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "swiftnas.latency", module)
    result = search(task, objectives=["validation_loss", "latency"], constraints={"latency": 1e-5})
    assert len(measured) == len(result.trials) == 8
    for trial in result.trials:
        assert trial.measures["latency"] == trial.architecture["hidden_layer_size"] * 1e-6
        assert (trial.status == "infeasible") == (trial.architecture["hidden_layer_size"] > 10)
        assert trial.values[1] == trial.measures["latency"]


def test_latency_is_that_of_the_engine(task: nas.Task) -> None:
    pytest.importorskip("swiftnas.latency")
    assert importlib.import_module("swiftnas.latency").measure_latency
    result = search(task, objectives=["latency"], trials=2)
    assert all(0 < trial.value < 1 for trial in result.trials)


def test_own_objectives_of_architectures_and_outcomes(task: nas.Task) -> None:
    def depth(architecture: dict[str, Any]) -> float:
        depth = architecture["num_hidden_layers"]
        architecture.clear()
        return depth

    gain = Objective(
        "gain",
        lambda outcome: outcome.training_losses[0] - outcome.training_losses[-1],
        maximize=True,
        of="outcome",
    )
    result = search(task, objectives=["validation_loss", depth, gain], constraints={"depth": 1})
    assert result.objectives == ("validation_loss", "depth", "gain")
    for trial in result.trials:
        assert trial.values[1] == trial.architecture["num_hidden_layers"]
        assert (trial.status == "ok") == (trial.architecture["num_hidden_layers"] == 1)
        if trial.status == "ok":
            gained = trial.training_losses[0] - trial.training_losses[-1]
            assert trial.measures["gain"] == gained
            assert trial.values[2] == -gained
        else:
            assert trial.values[2] == math.inf


def test_constraints_on_own_objectives_that_are_to_be_large() -> None:
    accuracy = Objective("accuracy", maximize=True)
    result = nas.search(
        {"x": [0.2, 0.5, 0.9]},
        objective=lambda a: {"accuracy": a["x"], "other": None},
        objectives=[accuracy],
        constraints={"accuracy": 0.4},
        strategy=nas.RandomSearch(),
    )
    assert result.best.measures == {"accuracy": 0.9}
    assert result.best.value == -0.9
    violations = {trial.architecture["x"]: trial.violation for trial in result.trials}
    assert violations == {0.2: pytest.approx(0.5), 0.5: 0.0, 0.9: 0.0}


def test_a_target_has_the_direction_of_its_objective() -> None:
    result = nas.search(
        {"x": range(100)},
        objective=lambda a: a["x"],
        objectives=[Objective("x", maximize=True)],
        strategy=nas.RandomSearch(),
        target=50,
        seed=0,
    )
    assert result.stop_reason == "target"
    assert [trial.architecture["x"] >= 50 for trial in result.trials].index(True) == (
        len(result.trials) - 1
    )


@pytest.mark.parametrize(
    "returned",
    [{"b": 2.0, "a": 1.0, "c": 3.0}, (1.0, 2.0), [1, 2], np.array([1.0, 2.0])],
)
def test_objectives_may_return_several_numbers(returned: Any) -> None:
    result = nas.search({"x": [1]}, objective=lambda _: returned, objectives=["a", "b"], trials=1)
    assert result.trials[0].values == (1.0, 2.0)
    assert result.trials[0].measures == {"a": 1.0, "b": 2.0}


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (1.0, r"must return 2 numbers \(a, b\), got 1.0"),
        ((1.0, 2.0, 3.0), "must return 2 numbers"),
        ({"a": 1.0}, r"must return 'b', got \['a'\]"),
        ((1.0, "2"), r"the value of objective \(b\) must be a number, got '2'"),
    ],
)
def test_objectives_must_return_what_was_named(returned: Any, message: str) -> None:
    with pytest.raises(nas.AllTrialsFailedError, match=message):
        nas.search({"x": [1]}, objective=lambda _: returned, objectives=["a", "b"], trials=1)


def test_one_value_that_is_not_finite_makes_a_trial_diverge() -> None:
    result = nas.search(
        {"x": [1, 2]},
        objective=lambda a: (a["x"], math.nan if a["x"] == 1 else 0.0),
        objectives=["a", "b"],
        strategy=nas.RandomSearch(),
    )
    assert {(t.status, t.values) for t in result.trials} == {
        ("diverged", (math.inf, math.inf)),
        ("ok", (2.0, 0.0)),
    }


def test_soft_constraints_are_mnasnets(task: nas.Task) -> None:
    soft = Soft("parameters", target=100, exponent=0.5, exponent_below=0.25)
    result = search(task, objectives=[soft])
    assert result.objectives == ("soft(parameters)",)
    for trial, reference in zip(result.trials, search(task).trials, strict=True):
        ratio = reference.parameters / 100  # type: ignore[operator]
        expected = reference.value * ratio ** (0.5 if ratio > 1 else 0.25)
        assert trial.value == pytest.approx(expected, rel=1e-12)
        assert trial.measures["validation_loss"] == reference.value
    # The reward of the paper: accuracy · (latency / target)^−0.07.
    assert Soft("latency", 0.08).combined(1 / 0.75, 0.16) == pytest.approx(
        1 / (0.75 * (0.16 / 0.08) ** -0.07)
    )


def test_soft_constraints_multiply(task: nas.Task) -> None:
    first = Soft("parameters", target=100, exponent=1)
    result = search(task, objectives=[Soft("flops", target=10, exponent=1, loss=first)], trials=1)
    (trial,) = result.trials
    m = trial.measures
    assert trial.value == pytest.approx(
        m["validation_loss"] * m["parameters"] / 100 * m["flops"] / 10
    )


def test_a_soft_constraint_leads_reinforce_to_small_networks(task: nas.Task) -> None:
    # With repeats, as the space is small: what is left in the end are the likeliest.
    strategy = nas.Reinforce(learning_rate=0.01, retrain_repeated=True)
    hard = Soft("parameters", target=20, exponent=3)
    mean = {}
    for name, objectives in (("soft", [hard]), ("loss", None)):
        result = search(task, objectives=objectives, strategy=strategy, trials=300, epochs=1)
        mean[name] = np.mean([t.parameters or 0 for t in result.trials[-50:]])
    assert mean["soft"] < mean["loss"] / 2


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"objectives": []}, ValueError, "objectives must hold at least one objective"),
        ({"objectives": "parameters"}, TypeError, "objectives must be a list, got 'parameters'"),
        ({"objectives": ["size"]}, ValueError, "must be among 'validation_loss', .*got 'size'"),
        ({"objectives": [3]}, TypeError, "must hold names, functions, .* got 3"),
        (
            {"objectives": [Objective("a", len), Objective("a", abs)]},
            ValueError,
            "must have different names, got 'a' twice",
        ),
        ({"constraints": ["parameters"]}, TypeError, "constraints must be a dict of names to"),
        ({"constraints": {"parameters": "few"}}, TypeError, r"constraints\['parameters'\] must be"),
        ({"constraints": {"flops": math.inf}}, ValueError, r"constraints\['flops'\] must be fini"),
        ({"objectives": ["flops", "memory"], "target": 1}, TypeError, "target needs one objective"),
    ],
)
def test_bad_arguments(
    options: dict[str, Any], error: type[Exception], message: str, task: nas.Task
) -> None:
    with pytest.raises(error, match=message):
        search(task, **options)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Soft("flops", 0), ValueError, "target must be a finite number > 0, got 0"),
        (lambda: Soft("flops", 1, -1), ValueError, "exponent must be a finite number ≥ 0, got -1"),
        (lambda: Soft("flops", 1).combined(-1, 1), ValueError, "must be ≥ 0, got -1 and 1"),
        (lambda: Objective(""), TypeError, "name must be a string, got ''"),
        (lambda: Objective("a", 3), TypeError, "function must be callable, got 3"),  # type: ignore[arg-type]
        (lambda: Objective("a", of="x"), ValueError, "of must be 'architecture' or 'outcome'"),  # type: ignore[arg-type]
    ],
)
def test_bad_objectives(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_an_objective_must_be_asked_for_a_number() -> None:
    with pytest.raises(ValueError, match="objectives must name a number that objective returns"):
        nas.search({"x": [1]}, objective=lambda _: 1, objectives=[Objective("d", len)])
