"""Results as data frames and as Optuna studies."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest
from every_kind_of_result import CONDITIONAL, results

import swiftnas as nas

KINDS = list(results())


@pytest.mark.parametrize("kind", KINDS)
def test_frames(kind: str) -> None:
    pandas = pytest.importorskip("pandas")
    result = results()[kind]
    frame = result.to_frame()
    assert frame.index.name == "number"
    assert frame.index.tolist() == [trial.number for trial in result.trials]
    assert frame["value"].tolist() == [trial.value for trial in result.trials]
    assert frame["status"].tolist() == [trial.status for trial in result.trials]
    for name in result.space:
        column = frame[f"architecture.{name}"]
        for trial in result.trials:
            if name in trial.architecture:
                assert column[trial.number] == trial.architecture[name]
            else:
                assert pandas.isna(column[trial.number])
    if len(result.objectives) > 1:
        columns = [f"values.{name}" for name in result.objectives]
        assert frame[columns].to_numpy().tolist() == [list(t.values) for t in result.trials]
        measured = frame["measures.parameters"]
        assert measured.tolist() == [trial.measures["parameters"] for trial in result.trials]
    else:
        assert not any(name.startswith("values.") for name in frame)


def test_accuracies_are_exported() -> None:
    pytest.importorskip("pandas")
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    X = np.linspace(-1, 1, 60).reshape(-1, 1)
    task = nas.Task.split(X, X[:, 0] > 0, loss="cross_entropy")
    space = {"num_hidden_layers": [1], "hidden_layer_size": [4, 8]}
    result = nas.search(space, task, trials=2, epochs=2, seed=0)
    expected = [trial.validation_accuracy for trial in result.trials]
    assert None not in expected
    assert result.to_frame()["validation_accuracy"].tolist() == expected
    studied = [trial.user_attrs["validation_accuracy"] for trial in result.to_optuna().trials]
    assert studied == expected


def test_frames_keep_types() -> None:
    pytest.importorskip("pandas")
    frame = results()["task"].to_frame()
    assert frame["architecture.num_hidden_layers"].dtype == np.int64
    assert frame["architecture.learning_rate"].dtype == np.float64
    assert frame["parameters"].dtype == np.int64
    shapes = results()["objective"].to_frame()["architecture.shape"]
    assert set(shapes) == {(1, 2), (3,)}


@pytest.mark.parametrize("kind", KINDS)
def test_studies(kind: str) -> None:
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    result = results()[kind]
    study = result.to_optuna()
    state = optuna.trial.TrialState
    reached = max((t.fidelity for t in result.trials if t.succeeded), default=1.0)
    assert [trial.number for trial in study.trials] == [trial.number for trial in result.trials]
    for mine, theirs in zip(result.trials, study.trials, strict=True):
        if not all(map(math.isfinite, mine.values)):
            assert theirs.state == state.FAIL
        elif mine.fidelity < reached and len(result.objectives) == 1:
            assert theirs.state == state.PRUNED
            assert theirs.intermediate_values[mine.epochs] == mine.value
        else:
            assert theirs.state == state.COMPLETE
            assert theirs.values == list(mine.values)
        assert theirs.system_attrs["constraints"] == [mine.violation]
        assert theirs.user_attrs["status"] == mine.status
        for name, value in mine.architecture.items():
            plain = isinstance(value, int | float | str)
            assert theirs.params[name] == (value if plain else repr(value))
        assert theirs.duration.total_seconds() == pytest.approx(mine.wall_seconds, abs=1e-5)
    if len(result.objectives) > 1:
        front = {trial.values for trial in result.pareto_front}
        assert {tuple(trial.values) for trial in study.best_trials} == front
    elif result.top(1):
        assert study.best_trial.number == result.best.number
    assert study.user_attrs["strategy"] == repr(result.strategy)


def test_studies_say_what_may_be_chosen() -> None:
    optuna = pytest.importorskip("optuna")
    result = results()["objective"]
    found = {}
    for trial in result.to_optuna().trials:
        found |= trial.distributions
    assert found == {
        "kind": optuna.distributions.CategoricalDistribution(["a", "b", "broken"]),
        "rate": optuna.distributions.FloatDistribution(1e-4, 1, log=True),
        "count": optuna.distributions.IntDistribution(1, 9),
        "shape": optuna.distributions.CategoricalDistribution(["(1, 2)", "(3,)"]),
    }
    assert set(found) == set(CONDITIONAL)


def test_studies_are_kept_in_a_file(tmp_path: Path) -> None:
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "study.log"))
    storage = optuna.storages.JournalStorage(backend)
    result = results()["fidelities"]
    result.to_optuna(storage, study_name="mine")
    again = optuna.load_study(study_name="mine", storage=storage)
    assert again.best_trial.number == result.best.number
    assert again.best_trial.params == result.best.architecture
    with pytest.raises(optuna.exceptions.DuplicatedStudyError):
        result.to_optuna(storage, study_name="mine")


def test_studies_know_the_names_of_objectives() -> None:
    pytest.importorskip("optuna")
    result = nas.search(
        {"x": [1, 2]},
        objective=lambda a: (a["x"], -a["x"]),
        objectives=["a", "b"],
        trials=2,
        seed=0,
    )
    assert result.to_optuna().metric_names == ["a", "b"]


def test_missing_extras_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match=r"pip install 'swiftnas\[pandas\]'"):
        results()["task"].to_frame()
    with pytest.raises(ImportError, match=r"pip install 'swiftnas\[optuna\]'"):
        results()["task"].to_optuna()
