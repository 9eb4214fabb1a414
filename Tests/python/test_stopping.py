"""Early stopping and several fidelities: the same trials for any number of workers."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.architecture import plain_architecture
from swiftnas.evaluation import TaskEvaluator
from swiftnas.paused_trainings import PausedTrainings
from swiftnas.stopping import Extrapolation, Median, Patience, Rule, extrapolate
from swiftnas.trial import Trial
from swiftnas.trial_loop import TrialLoop, finished_trial

SPACE = nas.SearchSpace(
    {
        "num_hidden_layers": [1, 2, 3],
        "hidden_layer_size": [8, 16, 32],
        "activation_function": ["ReLU", "Tanh"],
        "learning_rate": [0.1, 0.01, 0.001, 0.0001],
        "dropout_rate": [0.0, 0.3],
    }
)
ARCHITECTURE = {"num_hidden_layers": 2, "hidden_layer_size": 16, "learning_rate": 0.01}


@pytest.fixture(scope="module")
def noisy_task() -> nas.Task:
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 3))
    return nas.Task.split(X, np.sin(X[:, 0]) * X[:, 1] + random.normal(size=400) * 0.1, seed=0)


def facts(result: nas.SearchResult) -> list[Trial]:
    """The trials without their times."""
    return [replace(trial, wall_seconds=0.0) for trial in result.trials]


# Single trainings.


def test_training_validates_when_asked_to(noisy_task: nas.Task) -> None:
    plain = nas.train(ARCHITECTURE, noisy_task, epochs=23, seed=1)
    checked = nas.train(ARCHITECTURE, noisy_task, epochs=23, seed=1, validate_every=5)
    assert plain.validation_losses == ()
    assert [epoch for epoch, _ in checked.validation_losses] == [5, 10, 15, 20, 23]
    assert checked.training_losses == plain.training_losses
    assert checked.validation_losses[-1][1] == checked.validation_loss == plain.validation_loss
    for epoch, loss in checked.validation_losses:
        assert nas.train(ARCHITECTURE, noisy_task, epochs=epoch, seed=1).validation_loss == loss


def test_patience_keeps_the_best_model(noisy_task: nas.Task) -> None:
    restless = ARCHITECTURE | {"learning_rate": 0.1, "dropout_rate": 0.3}
    model = nas.train(restless, noisy_task, epochs=10**6, seed=1, patience=4)
    assert model.status == "stopped"
    epoch, loss = min(model.validation_losses, key=lambda point: point[1])
    assert model.validation_loss == loss
    assert len(model.training_losses) == epoch + 4
    best = nas.train(restless, noisy_task, epochs=epoch, seed=1)
    for name, weights in best.weights.items():
        np.testing.assert_array_equal(model.weights[name], weights)
    assert pickle.loads(pickle.dumps(model)).validation_losses == model.validation_losses


def test_the_curve_is_saved(noisy_task: nas.Task, tmp_path: Any) -> None:
    model = nas.train(ARCHITECTURE, noisy_task, epochs=7, seed=1, validate_every=2)
    model.save(tmp_path / "model.safetensors")
    assert nas.load(tmp_path / "model.safetensors").validation_losses == model.validation_losses


@pytest.mark.parametrize("name", ["validate_every", "patience"])
def test_intervals_must_be_positive(noisy_task: nas.Task, name: str) -> None:
    arguments: dict[str, Any] = {name: 0}
    with pytest.raises(ValueError, match=f"{name} must be an integer ≥ 1, got 0"):
        nas.train(ARCHITECTURE, noisy_task, epochs=1, **arguments)


# Searches.


@pytest.mark.parametrize(
    "rule", [Patience(3), Median(warmup_trials=4, warmup_epochs=2), Extrapolation(0.2)]
)
def test_workers_do_not_change_a_stopped_search(noisy_task: nas.Task, rule: Any) -> None:
    def search(workers: int, stopping: Any = rule) -> nas.SearchResult:
        strategy = nas.Evolution(population_size=6)
        return nas.search(
            SPACE,
            noisy_task,
            strategy=strategy,
            trials=24,
            epochs=30,
            seed=3,
            workers=workers,
            stopping=stopping,
        )

    alone = search(1)
    stopped = [trial for trial in alone.trials if trial.status == "stopped"]
    assert stopped
    assert len(stopped) < 24
    assert facts(search(2)) == facts(alone)
    for trial in stopped:
        assert np.isfinite(trial.value)
        assert len(trial.training_losses) == trial.validation_losses[-1][0] < 30
        assert dict(trial.validation_losses)[trial.epochs or 0] == trial.value
        # What the documentation promises.
        again = nas.train(trial.architecture, noisy_task, epochs=trial.epochs or 0, seed=trial.seed)
        assert again.validation_loss == trial.value
    # The first batch knows nothing, so nothing but patience stops it.
    if not isinstance(rule, Patience):
        assert facts(alone)[0].training_losses == facts(search(1, None))[0].training_losses
        assert all(trial.status == "ok" for trial in alone.trials[:6])


def test_median_agrees_with_a_search_by_hand(noisy_task: nas.Task) -> None:
    """Each decision of the search, made again from its result."""
    strategy = nas.Evolution(population_size=6, elite_fraction=0.5)
    result = nas.search(
        SPACE,
        noisy_task,
        strategy=strategy,
        trials=24,
        epochs=20,
        seed=4,
        stopping=Median(warmup_trials=3, warmup_epochs=3),
    )
    for trial in result.trials:
        if trial.cached:
            continue
        # A generation of six, then three children in each.
        known = trial.number // 3 * 3 if trial.number >= 6 else 0
        earlier = [t for t in result.trials[:known] if not t.cached]
        expected = "ok"
        for epoch, _ in trial.validation_losses:
            bests = [
                min(loss for e, loss in t.validation_losses if e <= epoch)
                for t in earlier
                if t.validation_losses[-1][0] >= epoch
            ]
            own = min(loss for e, loss in trial.validation_losses if e <= epoch)
            if 3 < epoch < 20 and len(bests) >= 3 and own > np.median(bests):
                expected = "stopped"
                assert trial.validation_losses[-1][0] == epoch
                break
        assert trial.status == expected


def trial_of(losses: list[float], seed: int = 0, **changes: Any) -> Trial:
    curve = tuple(enumerate(losses, start=1))
    facts = {"number": 0, "architecture": {}, "value": losses[-1], "status": "ok", "seed": seed}
    return Trial(**(facts | {"validation_losses": curve} | changes))


def rule_of(stopping: Any, trials: list[Trial], epochs: int, all_epochs: int) -> Rule:
    return stopping._rule([stopping._seen(trial) for trial in trials], epochs, all_epochs)


def test_median_thresholds() -> None:
    trials = [trial_of([3.0, 1.0, 2.0], 0), trial_of([2.0, 4.0], 1), trial_of([5.0, 5.0, 0.5], 2)]
    rule = Median(warmup_trials=2)
    plain = rule_of(rule, trials, 3, 3)
    assert plain == Rule(thresholds=(3.0, 2.0, 0.75))
    assert rule_of(rule, trials, 2, 3) == Rule(thresholds=(3.0, 2.0))
    assert rule_of(Median(warmup_trials=3), trials, 3, 3) == Rule(thresholds=(3.0, 2.0))
    assert rule_of(Median(warmup_trials=4), trials, 3, 3) == Rule()
    late = rule_of(Median(2, warmup_epochs=2), trials, 3, 3)
    assert late.thresholds == (np.inf, np.inf, 0.75)
    # A fifth of all epochs, by default.
    assert rule_of(rule, trials, 3, 14).thresholds == (np.inf, np.inf, 0.75)
    # What diverged is the worst.
    diverged = trial_of([np.nan, 4.0, 4.0], 3)
    assert rule_of(rule, [*trials, diverged], 3, 3).thresholds == (4.0, 3.0, 1.0)
    assert rule_of(rule, [], 3, 3) == rule_of(rule, trials, 0, 3) == Rule()
    # A continued training counts once, a repetition not at all.
    longer = trial_of([3.0, 1.0, 2.0, 0.1], 0)
    assert rule_of(rule, [*trials, longer], 3, 3) == plain
    assert rule_of(rule, [*trials, trial_of([0.0], 9, cached=True)], 3, 3) == plain
    # Every second validation, and none between them.
    sparse = [trial_of([9.0, 2.0, 0.0], 0), trial_of([9.0, 4.0, 0.0, 3.0], 1)]
    assert rule_of(Median(1, validate_every=2), sparse, 4, 4).thresholds == (3.0, 3.0)


def test_extrapolation_needs_a_goal() -> None:
    assert Extrapolation()._rule([], 10, 50) == Rule()
    assert rule_of(Extrapolation(), [trial_of([np.inf])], 10, 50) == Rule()
    trials = [trial_of([3.0]), trial_of([2.0])]
    assert rule_of(Extrapolation(0.1, 4), trials, 10, 50) == Rule(forecast=(2.0, 0.1, 4))
    assert rule_of(Extrapolation(), trials, 10, 50) == Rule(forecast=(2.0, 0.05, 10))


def test_extrapolate() -> None:
    curve = [(epoch, 0.25 + np.exp(-epoch / 10)) for epoch in range(1, 101)]
    forecast = extrapolate(curve, 200)
    assert forecast is not None
    assert forecast.mean == pytest.approx(0.25, abs=0.01)
    assert extrapolate(curve[:4], 200) is None
    for bad, message in [
        ([(2, 1.0), (2, 1.0)], "rising epochs"),
        ([(1, np.nan)], "finite losses"),
        ([(0, 1.0)], "epoch must be an integer ≥ 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            extrapolate(bad, 10)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Patience(0), ValueError, "validations must be an integer ≥ 1, got 0"),
        (lambda: Median(validate_every=0), ValueError, "validate_every must be"),
        (lambda: Median(1.5), TypeError, "warmup_trials must be"),  # type: ignore[arg-type]
        (lambda: Extrapolation(1.0), ValueError, r"probability must be in \(0, 1\), got 1.0"),
    ],
)
def test_rules_are_checked(make: Any, error: Any, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_what_search_is_given_is_checked(noisy_task: nas.Task) -> None:
    def search(**arguments: Any) -> None:
        nas.search(SPACE, noisy_task, trials=1, epochs=1, **arguments)

    with pytest.raises(TypeError, match=r"write Median\(\)"):
        search(stopping=Median)
    with pytest.raises(TypeError, match="stopping must be one of Patience, Median, Extrapolation"):
        search(stopping=3)
    with pytest.raises(ValueError, match="fidelity must be one of 'epochs', 'rows', got 'time'"):
        search(fidelity="time")
    with pytest.raises(TypeError, match="stopping needs a task"):
        nas.search(SPACE, objective=lambda _: 0.0, stopping=Median())


# Fidelities.


def proposal_of(number: int, share: float, origin: int | None = None, known: int = 0) -> Any:
    """A proposal as a strategy of several fidelities makes it."""
    first = number if origin is None else origin
    return nas.Proposal(
        number=number,
        architecture=ARCHITECTURE | {"hidden_layer_size": 8 + first},
        seed=100 + first,
        fresh=origin is not None,
        fidelity=share,
        origin=first,
        known=known,
    )


def evaluator_of(task: nas.Task, **options: Any) -> TaskEvaluator:
    return TaskEvaluator(SPACE, task, epochs=27, rng="default", workers=1, **options)


def evaluated(evaluator: TaskEvaluator, proposal: Any, threads: int = 1) -> Trial:
    architecture = plain_architecture(proposal.architecture)
    outcome = evaluator.evaluate(proposal, architecture, threads)
    trial = replace(finished_trial(proposal, outcome, 0), wall_seconds=0.0)
    evaluator.told(trial)
    return trial


@pytest.mark.parametrize("room", [1 << 30, 0])
def test_a_promoted_trial_is_the_training_without_a_pause(noisy_task: nas.Task, room: int) -> None:
    """Also if there was no room to keep it."""
    evaluator = evaluator_of(noisy_task)
    evaluator._paused = PausedTrainings(room)
    for number in range(3):
        low = evaluated(evaluator, proposal_of(number, 1 / 9))
        assert (low.epochs, len(low.training_losses), low.fidelity) == (3, 3, 1 / 9)
    assert len(evaluator._paused) == (3 if room else 0)
    middle = evaluated(evaluator, proposal_of(3, 1 / 3, 1), threads=2)
    high = evaluated(evaluator, proposal_of(4, 1.0, 1))
    whole = nas.train(high.architecture, noisy_task, epochs=27, seed=high.seed)
    assert high.training_losses == whole.training_losses
    assert high.value == whole.validation_loss
    assert middle.training_losses == whole.training_losses[:9]
    # What has had its full budget is not kept.
    assert len(evaluator._paused) == (2 if room else 0)


def test_stopping_goes_with_fidelities(noisy_task: nas.Task) -> None:
    """A rung's rule is that of all its epochs, whether the training was kept or is done again."""
    trials = []
    for room in (1 << 30, 0):
        evaluator = evaluator_of(noisy_task, stopping=Median(warmup_trials=2))
        evaluator._paused = PausedTrainings(room)
        told = [evaluated(evaluator, proposal_of(number, 1 / 3)) for number in range(6)]
        told += [evaluated(evaluator, proposal_of(6 + n, 1.0, n, known=6)) for n in range(6)]
        trials.append(told)
    assert trials[0] == trials[1]
    assert {trial.status for trial in trials[0]} == {"ok", "stopped"}


@pytest.mark.parametrize("fidelity", ["epochs", "rows"])
@pytest.mark.parametrize("rule", [None, Median(warmup_trials=3, validate_every=2)])
@pytest.mark.parametrize(
    "strategy",
    [nas.SuccessiveHalving(candidates=9), nas.Hyperband(), nas.ASHA(), nas.BOHB()],
    ids=lambda strategy: type(strategy).__name__,
)
def test_several_fidelities_are_the_same_for_any_number_of_workers(
    noisy_task: nas.Task, fidelity: str, rule: Any, strategy: nas.Strategy
) -> None:
    def search(workers: int) -> nas.SearchResult:
        return nas.search(
            SPACE,
            noisy_task,
            strategy=strategy,
            total_epochs=200,
            epochs=27,
            seed=1,
            workers=workers,
            fidelity=fidelity,
            stopping=rule,
        )

    alone = search(1)
    assert facts(search(2)) == facts(alone)
    assert len({trial.fidelity for trial in alone.trials}) > 1
    spent = alone.history.epochs
    assert spent[-2] < 200 - 1e-6 <= spent[-1]
    if fidelity == "epochs":
        # A training counts once, however often it was paused or looked at.
        for seed in {trial.seed for trial in alone.trials}:
            same = [trial for trial in alone.trials if trial.seed == seed]
            longest = max(len(trial.training_losses) for trial in same)
            assert sum(trial.trained_epochs for trial in same) == longest
    else:
        for trial in alone.trials:
            assert trial.trained_epochs == len(trial.training_losses) * trial.fidelity
    if rule is None and fidelity == "epochs":
        for trial in alone.trials:
            assert len(trial.training_losses) == trial.epochs == max(1, round(27 * trial.fidelity))
            whole = nas.train(trial.architecture, noisy_task, epochs=trial.epochs, seed=trial.seed)
            assert trial.training_losses == whole.training_losses
            assert trial.value == whole.validation_loss


def test_a_rule_that_stops_a_paused_training_earlier_trains_nothing(noisy_task: nas.Task) -> None:
    """The loop must not count the epochs before the pause again."""
    outcome = evaluator_of(noisy_task).evaluate(
        proposal_of(0, 1 / 3), plain_architecture(proposal_of(0, 1 / 3).architecture), 1
    )
    shorter = replace(outcome, training_losses=outcome.training_losses[:4])
    outcomes = iter([outcome, shorter, outcome, replace(outcome, row_share=1 / 3)])
    loop: Any = TrialLoop.__new__(TrialLoop)
    loop._reached = {}
    proposals = [proposal_of(0, 1 / 3), *(proposal_of(n, 1.0, 0) for n in (1, 2, 3))]
    assert [loop._new_epochs(p, next(outcomes)) for p in proposals] == [9, 0, 0, 3]


def test_a_result_says_what_was_saved_on(noisy_task: nas.Task) -> None:
    rule = Median(warmup_trials=3)
    result = nas.search(
        SPACE,
        noisy_task,
        strategy=nas.Hyperband(),
        trials=20,
        epochs=9,
        fidelity="rows",
        stopping=rule,
    )
    assert (result.fidelity, result.stopping) == ("rows", rule)
    assert pickle.loads(pickle.dumps(result)) == result
    data = json.loads(result.to_json())
    assert data["fidelity"] == "rows"
    assert data["stopping"] == {
        "name": "Median",
        "options": {"warmup_trials": 3, "warmup_epochs": None, "validate_every": 1},
    }
    assert [t["fidelity"] for t in data["trials"]] == [t.fidelity for t in result.trials]
    plain = nas.search(SPACE, objective=lambda _: 1.0, trials=1)
    assert (plain.fidelity, plain.stopping) == (None, None)
    assert plain.to_dict()["stopping"] is None


def test_rows_are_the_first_ones(noisy_task: nas.Task) -> None:
    evaluator = evaluator_of(noisy_task, fidelity="rows")
    trial = evaluated(evaluator, proposal_of(0, 0.3))
    task = noisy_task
    part = nas.Task(task.X_train[:96], task.y_train[:96, 0], task.X_val, task.y_val[:, 0])
    alone = nas.train(trial.architecture, part, epochs=27, seed=trial.seed)
    assert task.rows == 320
    assert trial.training_losses == alone.training_losses
    assert trial.value == alone.validation_loss
    promoted = evaluated(evaluator, proposal_of(1, 1.0, 0))
    whole = nas.train(trial.architecture, task, epochs=27, seed=trial.seed)
    assert promoted.training_losses == whole.training_losses
    assert len(evaluator._paused) == 0


def test_the_store_is_bounded() -> None:
    class Training:
        byte_count = 10
        paused = 0

        def pause(self) -> None:
            self.paused += 1

    store = PausedTrainings(25)
    trainings: list[Any] = [Training() for _ in range(3)]
    for origin, training in enumerate(trainings):
        store.put(origin, training)
        assert training.paused == 1
    assert (len(store), store.byte_count) == (2, 20)
    assert store.take(0) is None
    assert store.take(2) is trainings[2]
    assert store.take(2) is None
    assert (len(store), store.byte_count) == (1, 10)
