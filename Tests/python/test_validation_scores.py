"""F1 and AUC of searches: scikit-learn's numbers, of the weights that the value belongs to."""

from __future__ import annotations

import math
import types
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as theirs

import swiftnas as nas
from swiftnas import evaluation, validation_scores
from swiftnas.architecture import plain_architecture
from swiftnas.evaluation import TaskEvaluator
from swiftnas.objectives import SCORES, Objective
from swiftnas.paused_trainings import PausedTrainings
from swiftnas.stopping import Extrapolation, Median, Patience
from swiftnas.trial import Trial
from swiftnas.trial_loop import finished_trial
from swiftnas.validation_scores import ValidationScores

SPACE = nas.SearchSpace(
    {
        "num_hidden_layers": [1, 2],
        "hidden_layer_size": [4, 8, 16],
        "activation_function": ["ReLU", "Tanh"],
        "learning_rate": [0.3, 0.1, 0.03, 0.01, 0.003],
        "dropout_rate": [0.0, 0.3],
        "batch_size": [50, 1000],
    }
)
OBJECTIVES = ["validation_f1", "validation_auc"]
random = np.random.default_rng(0)
X = random.normal(size=(400, 3))
#: Classes of different sizes that overlap, so that every epoch has other scores.
NOISY = X[:, 0] * X[:, 1] + X[:, 2] + random.normal(size=400)
TWO = np.where(NOISY > 0.8, "rare", "common")
THREE = np.array(["high", "low", "middle"])[np.digitize(NOISY, [-1, 0.8])]


def task_of(labels: Any, loss: Any, **options: Any) -> nas.Task:
    return nas.Task.split(X, labels, loss=loss, validation=0.3, seed=0, **options)


@pytest.fixture(scope="module")
def task() -> nas.Task:
    return task_of(THREE, "cross_entropy")


def expected(model: nas.Model, task: nas.Task) -> dict[str, float]:
    """Scikit-learn's scores of a model."""
    assert task.classes is not None
    truth = task.classes[task.y_val[:, 0].astype(int)]
    predicted, shares = model.predict(task.X_val), model.predict_proba(task.X_val)
    of_several = {"multi_class": "ovr", "average": "macro", "labels": task.classes}
    return {
        "validation_accuracy": theirs.accuracy_score(truth, predicted),
        "validation_f1": theirs.f1_score(truth, predicted, average="macro"),
        "validation_auc": theirs.roc_auc_score(truth, shares[:, 1])
        if len(task.classes) == 2
        # In float32 the shares do not add up to 1 as exactly as it asks for.
        else theirs.roc_auc_score(
            truth, shares / shares.sum(axis=1, keepdims=True, dtype=float), **of_several
        ),
    }


def retrained(trial: Trial, task: nas.Task) -> dict[str, float]:
    """Scikit-learn's scores of the trial's training, done again up to the value."""
    assert trial.epochs is not None
    model = nas.train(trial.architecture, task, epochs=trial.epochs, seed=trial.seed)
    return expected(model, task)


def check(trial: Trial, task: nas.Task) -> None:
    """Compare the scores of a trial with those of its training done again."""
    scores = retrained(trial, task)
    assert trial.validation_accuracy == scores["validation_accuracy"]
    assert {name: scores[name] for name in trial.measures} == pytest.approx(
        trial.measures, abs=1e-12
    )


@pytest.fixture
def accuracies_of_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The measure of accuracy is that of the same outputs as F1 and AUC, not the engine's."""

    def accuracy(truth: Any, outputs: Any) -> float:
        places = outputs[:, 0] > 0 if outputs.shape[1] == 1 else outputs.argmax(axis=1)
        return float(np.mean(places == truth))

    monkeypatch.setitem(validation_scores._OF_OUTPUTS, "validation_accuracy", accuracy)


@pytest.mark.parametrize(
    ("labels", "loss"),
    [
        (TWO, "binary_cross_entropy"),
        (TWO, "cross_entropy"),
        (NOISY > 0.8, "binary_cross_entropy"),
        (THREE, "cross_entropy"),
        (np.digitize(NOISY, [-1, 0, 0.8]) * 10, "cross_entropy"),
    ],
    ids=["two with one output", "two", "booleans", "three", "four numbers"],
)
@pytest.mark.parametrize("standardize", [False, True])
def test_scores_are_those_of_scikit_learn(labels: Any, loss: Any, standardize: bool) -> None:
    task = task_of(labels, loss, standardize=standardize)
    result = nas.search(
        SPACE, task, objectives=SCORES, strategy=nas.RandomSearch(), trials=6, epochs=8, seed=0
    )
    assert result.objectives == SCORES
    assert len({trial.values for trial in result.trials}) > 3
    for trial in result.trials:
        check(trial, task)
        assert list(trial.measures) == list(SCORES)
        assert trial.values == tuple(-number for number in trial.measures.values())


def test_generators_do_not_matter(task: nas.Task) -> None:
    result = nas.search(SPACE, task, objectives=SCORES, rng="torch", trials=2, epochs=5, seed=0)
    for trial in result.trials:
        model = nas.train(trial.architecture, task, 5, trial.seed, rng="torch")
        assert expected(model, task) == pytest.approx(trial.measures, abs=1e-12)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_constraint_is_a_lower_limit(task: nas.Task, name: str) -> None:
    options: dict[str, Any] = {"strategy": nas.RandomSearch(), "trials": 8, "epochs": 8, "seed": 0}
    free = nas.search(SPACE, task, objectives=[name], **options)
    found = sorted(trial.measures[name] for trial in free.trials)
    assert free.best.measures[name] == found[-1]
    limited = nas.search(SPACE, task, constraints={name: found[4]}, **options)
    assert limited.objectives == ("validation_loss",)
    for trial, reference in zip(limited.trials, free.trials, strict=True):
        assert trial.measures["validation_loss"] == trial.value
        assert trial.measures[name] == reference.measures[name]
        assert (trial.status == "infeasible") == (trial.measures[name] < found[4])
    assert sum(trial.status == "infeasible" for trial in limited.trials) == 4


def test_a_target_is_one_to_reach(task: nas.Task) -> None:
    result = nas.search(
        SPACE, task, objectives=["validation_auc"], target=0.75, trials=50, epochs=9, seed=0
    )
    assert result.stop_reason == "target"
    reached = [trial.measures["validation_auc"] >= 0.75 for trial in result.trials]
    assert reached.index(True) == len(reached) - 1 > 0


def test_networks_are_kept_only_if_scores_ask_for_them(
    task: nas.Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[bool] = []
    native = evaluation._native

    def train(*arguments: Any) -> Any:
        kept.append(arguments[6])
        return native.train(*arguments)

    def training(*arguments: Any) -> Any:
        kept.append(arguments[9])
        return native.Training(*arguments)

    spies = types.SimpleNamespace(**vars(native) | {"train": train, "Training": training})
    monkeypatch.setattr(evaluation, "_native", spies)
    for objectives in (None, ["validation_accuracy", "parameters"], ["validation_f1"]):
        for rule in (None, Patience(2)):
            kept.clear()
            nas.search(SPACE, task, objectives=objectives, stopping=rule, trials=2, epochs=4)
            assert kept == [objectives == ["validation_f1"]] * 2


@pytest.mark.parametrize("fidelity", ["epochs", "rows"])
@pytest.mark.parametrize(
    "rule",
    [None, Patience(2), Median(warmup_trials=3, validate_every=2), Extrapolation(validate_every=1)],
    ids=lambda rule: type(rule).__name__,
)
@pytest.mark.parametrize(
    "strategy",
    [nas.SuccessiveHalving(candidates=9), nas.ASHA(), nas.RandomSearch()],
    ids=lambda strategy: type(strategy).__name__,
)
@pytest.mark.usefixtures("accuracies_of_outputs")
def test_scores_belong_to_the_value(
    task: nas.Task, strategy: nas.Strategy, rule: Any, fidelity: str
) -> None:
    """Of the same weights as the loss and the accuracy, for any number of workers."""

    def search(workers: int) -> list[Trial]:
        result = nas.search(
            SPACE,
            task,
            objectives=["validation_auc"],
            constraints=dict.fromkeys(SCORES, 0.0),
            strategy=strategy,
            trials=18,
            epochs=18,
            seed=1,
            workers=workers,
            fidelity=fidelity,
            stopping=rule,
        )
        return [replace(trial, wall_seconds=0.0) for trial in result.trials]

    trials = search(1)
    assert search(2) == trials
    for trial in trials:
        assert set(trial.measures) == set(SCORES)
        assert trial.measures["validation_accuracy"] == trial.validation_accuracy
        if fidelity == "epochs" or trial.fidelity == 1:
            check(trial, task)
    if isinstance(rule, Patience):
        assert any(len(trial.training_losses) > (trial.epochs or 0) for trial in trials)


def evaluated(
    evaluator: TaskEvaluator, number: int, share: float, origin: int, known: int
) -> Trial:
    """The trial of a proposal as a strategy of several fidelities makes it."""
    proposal = nas.Proposal(
        number=number,
        architecture={"num_hidden_layers": 1, "hidden_layer_size": 4 + origin, "batch_size": 50},
        seed=100 + origin,
        fresh=origin != number,
        fidelity=share,
        origin=origin,
        known=known,
    )
    outcome = evaluator.evaluate(proposal, plain_architecture(proposal.architecture), 1)
    trial = replace(finished_trial(proposal, outcome, 0), wall_seconds=0.0)
    evaluator.told(trial)
    return trial


@pytest.mark.parametrize("room", [1 << 30, 0], ids=["kept", "done again"])
@pytest.mark.usefixtures("accuracies_of_outputs")
def test_a_rule_that_knows_more_takes_the_scores_back_too(task: nas.Task, room: int) -> None:
    """A training that is stopped before the epochs behind it has the scores of where it stopped."""
    evaluator = TaskEvaluator(
        SPACE,
        task,
        epochs=27,
        rng="default",
        workers=1,
        stopping=Median(warmup_trials=2),
        scores=ValidationScores(SCORES, task),
    )
    evaluator._paused = PausedTrainings(room)
    low = [evaluated(evaluator, number, 1 / 3, number, 0) for number in range(6)]
    high = [evaluated(evaluator, 6 + number, 1.0, number, 6) for number in range(6)]
    back = [b for a, b in zip(low, high, strict=True) if (b.epochs or 0) < (a.epochs or 0)]
    assert back
    for trial in low + high:
        assert trial.measures["validation_accuracy"] == trial.validation_accuracy
        check(trial, task)


def test_classes_without_validation_rows(task: nas.Task) -> None:
    """The mean of areas is over the classes that are there; of one class there is none."""
    kept = THREE != "high"
    some = nas.Task(X, THREE, X[kept], THREE[kept], loss="cross_entropy")
    result = nas.search(SPACE, some, objectives=["validation_auc"], trials=2, epochs=5, seed=0)
    for trial in result.trials:
        shares = nas.train(trial.architecture, some, 5, trial.seed).predict_proba(X[kept])
        areas = [
            theirs.roc_auc_score(THREE[kept] == label, shares[:, column])
            for column, label in ((1, "low"), (2, "middle"))
        ]
        assert trial.measures["validation_auc"] == pytest.approx(np.mean(areas), abs=1e-12)
    low = THREE == "low"
    one = nas.Task(X, THREE, X[low], THREE[low], loss="cross_entropy")
    message = (
        "'validation_auc' needs a task with validation rows of at least two classes, got only 'low'"
    )
    for options in ({"objectives": ["validation_auc"]}, {"constraints": {"validation_auc": 0.5}}):
        with pytest.raises(ValueError, match=message):
            nas.search(SPACE, one, trials=1, **options)  # type: ignore[arg-type]
    result = nas.search(SPACE, one, objectives=["validation_f1"], trials=2, epochs=5, seed=0)
    for trial in result.trials:
        predicted = nas.train(trial.architecture, one, 5, trial.seed).predict(X[low])
        macro = theirs.f1_score(THREE[low], predicted, average="macro")
        assert trial.measures["validation_f1"] == pytest.approx(macro)


def test_probabilities_that_float32_rounds_to_one_keep_their_order() -> None:
    y = np.array(["a", "b", "b"])
    task = nas.Task(X[:3], y, X[:3], y, loss="binary_cross_entropy")
    scores = ValidationScores(["validation_auc"], task)

    def area(*logits: float) -> float:
        def predict(_: Any, outputs: Any) -> None:
            outputs[:, 0] = logits

        outcome = {"status": "ok"}
        model: Any = types.SimpleNamespace(predict=predict)
        return scores.of(outcome, lambda: model)["validation_auc"]

    assert area(20, 21, 19) == 0.5
    assert area(20, 21, 22) == 1
    # No order at all: the trial then counts as diverged.
    assert area(0, np.inf, 1) == -math.inf


@pytest.mark.parametrize("rule", [None, Patience(3)])
def test_a_diverged_training_has_no_scores(task: nas.Task, rule: Any) -> None:
    wild = {
        "num_hidden_layers": [1],
        "hidden_layer_size": [16],
        "activation_function": ["Identity"],
        "optimizer": ["SGD"],
        "learning_rate": [1e30],
        "batch_size": [50],
    }
    with pytest.warns(RuntimeWarning, match="diverged"):
        result = nas.search(
            wild, task, objectives=OBJECTIVES, stopping=rule, trials=1, epochs=20, seed=0
        )
    trial = result.trials[0]
    assert (trial.status, trial.values, trial.measures) == ("diverged", (math.inf, math.inf), {})


@pytest.mark.parametrize("name", OBJECTIVES)
def test_scores_are_of_classification_and_to_be_maximised(task: nas.Task, name: str) -> None:
    plain = nas.Task.split(X, NOISY)
    with pytest.raises(ValueError, match=f"'{name}' needs a task of classification, got regr"):
        nas.search(SPACE, plain, objectives=[name])
    with pytest.raises(ValueError, match=f"'{name}' needs a task of classification, got regr"):
        nas.search(SPACE, plain, constraints={name: 0.5})
    with pytest.raises(ValueError, match=f"'{name}' must be maximised, got maximize=False"):
        nas.search(SPACE, task, objectives=[Objective(name)])
    own = Objective(name, lambda architecture: 1.0)
    assert nas.search(SPACE, plain, objectives=[own], trials=1, epochs=1).best.value == 1
    spelt = Objective(name, maximize=True)
    result = nas.search(SPACE, task, objectives=[spelt], trials=2, epochs=5, seed=0)
    check(result.best, task)
    returned = nas.search({"x": [1, 2]}, objective=lambda a: {name: a["x"]}, objectives=[name])
    assert returned.best.measures == {name: 1}
