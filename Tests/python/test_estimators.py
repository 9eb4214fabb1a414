"""The scikit-learn estimators: its own checks, and what they promise beyond them."""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swiftnas as nas

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_diabetes, load_digits, load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    PredefinedSplit,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from swiftnas.estimators.fold_training import FoldTraining
from swiftnas.estimators.rows import divided, repeated_by_weight, sorted_rows

#: One small network, so that a fit takes milliseconds.
SMALL = {
    "num_hidden_layers": [1],
    "hidden_layer_size": [16, 32],
    "activation_function": ["ReLU", "Tanh"],
    "learning_rate": [0.02, 0.05],
}


def regressor(**options: Any) -> nas.NASRegressor:
    return nas.NASRegressor(
        **{"space": SMALL, "budget": 3, "epochs": 60, "random_state": 0} | options
    )


def classifier(**options: Any) -> nas.NASClassifier:
    return nas.NASClassifier(
        **{"space": SMALL, "budget": 3, "epochs": 60, "random_state": 0} | options
    )


@pytest.fixture(scope="module")
def wave() -> tuple[np.ndarray, np.ndarray]:
    """150 rows of a smooth function of two features."""
    X = np.random.default_rng(0).uniform(-2, 2, (150, 2))
    return X, np.sin(2 * X[:, 0]) + X[:, 1]


@parametrize_with_checks(
    [
        nas.NASRegressor(space=SMALL, budget=2, epochs=60),
        nas.NASClassifier(space=SMALL, budget=2, epochs=60),
        nas.NASClassifier(
            space=SMALL, budget=1, epochs=60, validation=0.3, class_weight="balanced", ensemble=1
        ),
    ]
)
@pytest.mark.filterwarnings("default")
def test_scikit_learns_checks(estimator: Any, check: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # Without it the check of array-likes of other libraries would be skipped.
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    check(estimator)


def test_default_spaces_do_what_the_small_one_does(wave: Any) -> None:
    X, y = wave
    model = nas.NASRegressor(budget=4, epochs=200, random_state=0).fit(X[:100], y[:100])
    assert model.score(X[100:], y[100:]) > 0.9
    assert len(model.result_.trials) == 4
    # The search begins with what does well elsewhere.
    assert model.result_.trials[0].architecture["learning_rate"] == 2e-3
    assert {one.architecture["optimizer"] for one in model.models_} == {"AdamW"}


def test_the_ensemble_is_the_weighted_mean_of_its_models(wave: Any) -> None:
    X, y = wave
    model = regressor(budget=8, ensemble=3).fit(X, y)
    assert len(model.models_) % 5 == 0
    assert 5 < len(model.models_) <= 15
    assert model.weights_.sum() == pytest.approx(1)
    expected = sum(
        w * one.predict(X).astype(float)
        for w, one in zip(model.weights_, model.models_, strict=True)
    )
    np.testing.assert_allclose(model.predict(X), expected, rtol=1e-12)
    best = {repr(trial.architecture) for trial in model.result_.top(3)}
    assert {repr(one.architecture) for one in model.models_} <= best
    alone = regressor(budget=8, ensemble=1).fit(X, y)
    assert len(alone.models_) == 5
    assert alone.models_[0].architecture == alone.best_architecture_
    # The search's value is the mean over the folds, whatever the ensemble.
    losses = [one.validation_loss for one in alone.models_]
    assert alone.result_.best.value == pytest.approx(np.mean(losses))


@pytest.mark.parametrize("strategy", [None, "BOHB", nas.Evolution(population_size=4)])
def test_results_do_not_depend_on_workers(wave: Any, strategy: Any) -> None:
    X, y = wave
    models = [
        regressor(strategy=strategy, budget=9, workers=workers, ensemble=4).fit(X, y)
        for workers in (1, 3)
    ]
    first, second = (model.predict(X) for model in models)
    assert np.array_equal(first, second)
    assert [t.value for t in models[0].result_.trials] == [
        t.value for t in models[1].result_.trials
    ]


def test_strategies_of_several_fidelities_save_on_folds(wave: Any) -> None:
    X, y = wave
    tasks = [nas.Task.split(X, y, seed=seed, standardize=True) for seed in range(3)]
    options = {"epochs": 20, "patience": 20, "keep": 5, "seed": 0}
    architecture = {"num_hidden_layers": 1, "hidden_layer_size": 8}
    whole, parts = FoldTraining(tasks, **options), FoldTraining(tasks, **options)
    value = whole(architecture)
    first = parts(architecture, fidelity=1 / 3)
    assert parts.best == []
    assert first == whole.best[0].models[0].validation_loss
    assert parts(architecture, fidelity=1.0) == value
    assert parts.best[0].models[0].wall_seconds < 60
    for one, other in zip(whole.best[0].models, parts.best[0].models, strict=True):
        assert np.array_equal(one.predict(X), other.predict(X))


def test_objectives_are_told_the_fidelity_if_they_take_it() -> None:
    seen = []

    def objective(architecture: dict[str, Any], fidelity: float) -> float:
        seen.append(fidelity)
        return float(architecture["x"])

    result = nas.search({"x": range(50)}, objective=objective, strategy=nas.Hyperband(), trials=20)
    assert seen == [trial.fidelity for trial in result.trials if not trial.cached]
    assert min(seen) < 1


def test_budgets_of_time_hold(wave: Any) -> None:
    X, y = wave
    space = {"num_hidden_layers": [4], "hidden_layer_size": [512], "batch_size": [4]}
    # A single training in full would take hours.
    model = nas.NASRegressor(
        space=space, budget=timedelta(seconds=1), epochs=10**6, patience=10**6, random_state=0
    ).fit(X, y)
    assert all(1 <= len(one.training_losses) < 10**6 for one in model.models_)
    assert np.isfinite(model.predict(X)).all()
    assert model.result_.best.value < 10
    assert len(nas.NASRegressor(budget="0.2s", random_state=0).fit(X, y).result_.trials) >= 1


def test_pipelines_searches_and_clones(wave: Any) -> None:
    X, y = wave
    assert cross_val_score(regressor(), X, y, cv=2).min() > 0.7
    grid = GridSearchCV(
        make_pipeline(StandardScaler().set_output(transform="pandas"), regressor(budget=1)),
        {"nasregressor__strategy": ["RandomSearch", nas.Evolution()]},
        cv=2,
    )
    grid.fit(X, y)
    assert grid.best_estimator_[-1].feature_names_in_.tolist() == ["x0", "x1"]
    target = TransformedTargetRegressor(regressor(budget=1), transformer=StandardScaler())
    assert target.fit(X, y).predict(X).shape == y.shape
    copy = clone(regressor(strategy=nas.TPE(), space=nas.SearchSpace(SMALL)))
    assert copy.fit(X, y).score(X, y) > 0.7


def test_pickled_estimators_predict_the_same(wave: Any) -> None:
    X, y = wave
    model = regressor().fit(X, y)
    again = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.predict(X), model.predict(X))
    assert again.result_ == model.result_


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_and_their_names(wave: Any, library: str) -> None:
    frames = pytest.importorskip(library)
    X, y = wave
    frame = frames.DataFrame({"left": X[:, 0], "right": X[:, 1]})
    model = regressor(budget=1).fit(frame, frames.Series("y", y) if library == "polars" else y)
    assert model.feature_names_in_.tolist() == ["left", "right"]
    assert np.array_equal(model.predict(frame), regressor(budget=1).fit(X, y).predict(X))
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(
            frame.rename({"left": "up"}) if library == "polars" else frame[["right", "left"]]
        )


def test_many_targets(wave: Any) -> None:
    X, y = wave
    both = np.column_stack([y, 100 * X[:, 0]])
    model = regressor().fit(X, both)
    assert model.predict(X).shape == (150, 2)
    assert model.score(X, both) > 0.9


def test_labels_of_any_kind() -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    for labels in (names, names.astype(object), y - 1, y.astype(float)):
        model = classifier().fit(X, labels)
        assert model.classes_.tolist() == np.unique(labels).tolist()
        assert accuracy_score(labels, model.predict(X)) > 0.9
        assert model.models_[0].predict(X[:1])[0] == model.predict(X[:1])[0]
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1, atol=1e-6)
    assert np.array_equal(
        model.decision_function(X).argmax(axis=1), model.predict_proba(X).argmax(1)
    )
    two = classifier(loss="binary_cross_entropy").fit(X[y < 2], y[y < 2])
    assert two.models_[0].output_width == 1
    assert two.score(X[y < 2], y[y < 2]) == 1


def test_models_of_labels_that_are_objects_can_be_saved(tmp_path: Path) -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"], object)[y]
    model = classifier(budget=1).fit(X, names)
    assert model.classes_.dtype == object
    model.models_[0].save(tmp_path / "model.safetensors")
    again = nas.load(tmp_path / "model.safetensors")
    assert np.array_equal(again.predict(X), model.models_[0].predict(X))
    assert again.classes.tolist() == model.classes_.tolist()


def test_splitters_must_leave_every_class_to_train_on() -> None:
    X, y = load_iris(return_X_y=True)
    # The rows are sorted by class, and each fold is one of them.
    with pytest.raises(
        ValueError,
        match=r"^validation must leave rows of every class to train on, got none of 0 in split 0$",
    ):
        classifier(validation=KFold(3)).fit(X, y)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    last = PredefinedSplit(np.where(y == 2, 1, np.where(np.arange(150) % 2 == 0, 0, -1)))
    with pytest.raises(ValueError, match=r"got none of 'virginica' in split 1$"):
        classifier(validation=last).fit(X, names)


def test_a_fit_that_fails_leaves_the_old_one_whole() -> None:
    X, y = load_iris(return_X_y=True)
    model = classifier(budget=1).fit(X, y)
    expected = model.predict(X)
    model.set_params(epochs=0)
    with pytest.raises(ValueError, match="epochs must be"):
        model.fit(X, np.array(["a", "b", "c"])[y])
    assert np.array_equal(model.predict(X), expected)


def test_a_class_with_a_single_row_is_known() -> None:
    X, y = load_iris(return_X_y=True)
    y = y.copy()
    y[149] = 7
    model = classifier(budget=1).fit(X, y)
    assert model.classes_.tolist() == [0, 1, 2, 7]
    assert model.predict_proba(X).shape == (150, 4)


def test_weights_are_repetitions() -> None:
    X, y = load_diabetes(return_X_y=True)
    X, y = X[:60], y[:60]
    weights = np.random.default_rng(0).integers(0, 4, 60)
    weighted = regressor(budget=2).fit(X, y, sample_weight=weights)
    rows = np.random.default_rng(1).permutation(np.repeat(np.arange(60), weights))
    repeated = regressor(budget=2).fit(X[rows], y[rows])
    assert np.array_equal(weighted.predict(X), repeated.predict(X))
    assert not np.array_equal(weighted.predict(X), regressor(budget=2).fit(X, y).predict(X))


def test_balanced_classes_are_found_more_often() -> None:
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(0, 1, (180, 1)), rng.normal(1, 1, (20, 1))])
    y = np.repeat([0, 1], [180, 20])
    found = {
        weight: (classifier(class_weight=weight).fit(X, y).predict(X) == 1).mean()
        for weight in (None, "balanced")
    }
    assert found[None] < 0.1
    assert 0.2 < found["balanced"] < 0.6


def test_whole_weights_are_copies_and_others_are_weights() -> None:
    table = np.array([[2.0, 1.0], [1.0, 5.0], [2.0, 1.0], [1.0, 4.0]])
    rows, weights = sorted_rows(table, np.array([1.0, 2.0, 0.5, 1.0]))
    assert rows.tolist() == [3, 1, 0]
    assert weights.tolist() == [1.0, 2.0, 1.5]
    for factor in (1.0, 6.0):
        rows, weights = sorted_rows(table, factor * np.array([1.0, 2.0, 1.0, 1.0]))
        assert rows.tolist() == [3, 1, 1, 0, 0]
        assert weights.tolist() == [1.0] * 5
    rows, weights = sorted_rows(table, np.array([1.0, 1e9, 2.0, 1.0]))
    assert rows.tolist() == [3, 1, 0]
    assert weights.tolist() == [1.0, 1e9, 3.0]


def test_repeated_rows_stand_for_weights_in_validation() -> None:
    assert repeated_by_weight(np.array([3.0, 3.0])).tolist() == [0, 1]
    assert repeated_by_weight(np.array([2.0, 0.0, 1.0])).tolist() == [0, 0, 2]
    shares = np.bincount(repeated_by_weight(np.array([0.1, 1e-9, 0.3])))
    assert shares.tolist() == [25, 0, 75]


def test_weights_count_in_validation_too() -> None:
    X = np.arange(6.0).reshape(-1, 1)
    weights = np.array([1.0, 1.0, 1.0, 2.0, 0.0, 1.0])
    pair = np.arange(3), np.arange(3, 6)
    task = nas.NASRegressor()._task(X, X[:, 0], weights, pair, "mse")
    assert task.X_val[:, 0].tolist() == [3, 3, 5]
    assert task.weights is not None


def test_validation_by_share_folds_and_splitters(wave: Any) -> None:
    X, y = wave
    groups = np.arange(150) // 10
    for validation, models in ((0.2, 1), (3, 3), (KFold(4), 4), (GroupKFold(5), 5)):
        of_splitter = groups if isinstance(validation, GroupKFold) else None
        model = regressor(validation=validation, ensemble=1).fit(X, y, groups=of_splitter)
        assert len(model.models_) == models
    pairs = divided(GroupKFold(5), X, y, loss="mse", classes=None, groups=groups, seed=0)
    for train, rest in pairs:
        assert set(groups[train]).isdisjoint(groups[rest])
    labels = (y > 0).astype(int)
    model = classifier(validation=StratifiedKFold(3), ensemble=1).fit(X, labels)
    assert len(model.models_) == 3
    big = np.zeros((6000, 1))
    assert len(divided(None, big, big, loss="mse", classes=None, groups=None, seed=0)) == 1


def test_the_only_row_of_a_class_is_always_trained_on() -> None:
    codes = np.repeat([0, 1, 2], [9, 1, 9])
    X = np.arange(19.0)[:, None]
    for validation in (None, 3):
        pairs = divided(
            validation, X, codes, loss="cross_entropy", classes=codes, groups=None, seed=0
        )
        for train, rest in pairs:
            assert 9 in train
            assert 9 not in rest
            assert sorted([*train, *rest]) == list(range(19))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"budget": "soon"}, ValueError, "budget must be a number of trials ≥ 1 or a time"),
        ({"strategy": "Magic"}, ValueError, r"strategy must be a Strategy or one of .*'TPE'"),
        ({"strategy": nas.TPE}, TypeError, r"must be an object, got a class; write TPE\(\)"),
        ({"loss": "cross_entropy"}, ValueError, r"loss must be one of 'mse', 'mae', 'huber', got"),
        ({"ensemble": 0}, ValueError, r"ensemble must be an integer ≥ 1, got 0"),
        ({"epochs": 1.5}, TypeError, r"epochs must be an integer ≥ 1, got 1.5"),
        ({"patience": 0}, ValueError, r"patience must be an integer ≥ 1, got 0"),
        ({"workers": 0}, ValueError, r"workers must be an integer ≥ 1, got 0"),
        ({"standardize": "yes"}, TypeError, r"standardize must be a boolean, got 'yes'"),
        ({"validation": 1.5}, ValueError, r"validation must be in \(0, 1\), got 1.5"),
        ({"validation": "some"}, TypeError, r"validation must be None, a share .*, got 'some'"),
        ({"validation": 200}, ValueError, r"at most the 150 different rows, got 200"),
        ({"space": {"num_hidden_layers": [1]}}, ValueError, r"hidden_layer_size"),
    ],
)
def test_wrong_parameters_are_named(
    wave: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        regressor(**options).fit(*wave)


def test_values_are_named_as_the_user_knows_them(wave: Any) -> None:
    """Not as the rows of a fold."""
    X, y = wave
    large = X.copy()
    large[7, 1] = 1e200
    with pytest.raises(
        ValueError, match=r"^X must fit in float32 .* got 1e\+200 at row 7, column 1$"
    ):
        regressor().fit(large, y)
    with pytest.raises(ValueError, match=r"^X must fit in float32 .* at row 7, column 1$"):
        classifier().fit(large, y > 0)
    with pytest.raises(ValueError, match=r"^y must fit in float32 .* at row 3, column 0$"):
        regressor().fit(X, np.where(np.arange(len(y)) == 3, 1e200, y))
    with pytest.raises(TypeError, match=r"^y must hold real numbers, got dtype <U"):
        regressor().fit(X, y.astype(str))


def test_groups_need_a_splitter(wave: Any) -> None:
    with pytest.raises(ValueError, match="groups need a splitter"):
        regressor().fit(*wave, groups=np.zeros(150))


def test_without_scikit_learn_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("swiftnas.estimators")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn.utils.validation", None)
    monkeypatch.delitem(vars(nas), "NASRegressor", raising=False)
    with pytest.raises(
        ImportError, match=r"need scikit-learn 1\.6 .* pip install 'swiftnas\[sklearn\]'"
    ):
        nas.NASRegressor  # noqa: B018


def test_digits() -> None:
    X, y = load_digits(return_X_y=True)
    X, X_test, y, y_test = train_test_split(X, y, test_size=0.25, random_state=0, stratify=y)
    model = nas.NASClassifier(budget=1, validation=0.2, random_state=0, workers=2).fit(X, y)
    assert model.score(X_test, y_test) >= 0.96


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupts_end_the_fit(workers: int) -> None:
    """Long trainings on other threads end too, or the interpreter would wait for them."""
    script = f"""
import signal
import numpy as np
import swiftnas as nas
signal.signal(signal.SIGINT, signal.default_int_handler)
X = np.random.default_rng(0).normal(size=(3000, 20))
space = {{"num_hidden_layers": [4], "hidden_layer_size": [256, 512], "batch_size": [16]}}
model = nas.NASRegressor(space=space, workers={workers})
print("begun", flush=True)
try:
    model.fit(X, X[:, 0])
except KeyboardInterrupt:
    print("interrupted", flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=120)
    assert output == "interrupted\n"
    assert process.returncode == 0
