"""The search loop: order, repeats, workers, errors."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import _native
from swiftnas.trial import Trial

NAMES = [description["name"] for description in _native.strategies()]


def facts(result: nas.SearchResult) -> list[tuple[Any, ...]]:
    """All of a result's trials that must not depend on workers; bits, so that NaN equals itself."""
    return [
        (
            trial.number,
            trial.architecture,
            np.float64(trial.value).tobytes(),
            np.array(trial.training_losses).tobytes(),
            trial.seed,
            trial.cached,
            trial.status,
        )
        for trial in result.trials
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("workers", [2, 5])
def test_workers_change_nothing(
    name: str, workers: int, space: nas.SearchSpace, task: nas.Task
) -> None:
    strategy = getattr(nas, name)()
    one = nas.search(space, task, strategy=strategy, trials=30, epochs=5, seed=0)
    many = nas.search(space, task, strategy=strategy, trials=30, epochs=5, seed=0, workers=workers)
    assert facts(one) == facts(many)
    assert [trial.number for trial in one.trials] == list(range(30))


@pytest.mark.parametrize("rng", ["default", "torch"])
def test_every_trial_can_be_trained_again(
    rng: str, article_space: dict[str, Any], task: nas.Task
) -> None:
    result = nas.search(article_space, task, trials=20, epochs=4, seed=5, rng=rng)
    for trial in result.trials:
        if trial.status == "ok":
            model = nas.train(trial.architecture, task, epochs=4, seed=trial.seed, rng=rng)
            assert model.validation_loss == trial.value
            assert model.training_losses == trial.training_losses
            assert (model.parameters, model.flops) == (trial.parameters, trial.flops)


def test_repeats_are_not_evaluated_again() -> None:
    calls: list[Any] = []

    def objective(architecture: dict[str, Any]) -> float:
        calls.append(architecture["x"])
        return architecture["x"] + len(calls) / 100

    for workers in (1, 4):
        calls.clear()
        result = nas.search(
            {"x": [0, 1, 2]},
            objective=objective,
            strategy=nas.RandomSearch(replacement=True),
            trials=40,
            seed=0,
            workers=workers,
        )
        assert sorted(calls) == [0, 1, 2]
        assert len(result.trials) == 40
        assert sum(not trial.cached for trial in result.trials) == 3
        for trial in result.trials:
            source = next(t for t in result.trials if t.architecture == trial.architecture)
            assert (trial.value, trial.seed) == (source.value, source.seed)
            assert trial.cached == (trial is not source)
            assert trial.wall_seconds == 0 or not trial.cached


def test_fresh_trials_are_evaluated_again() -> None:
    calls = []
    strategy = nas.Evolution(population_size=4, retrain_elites=True)
    nas.search(
        {"x": [0, 1]}, objective=lambda a: calls.append(a) or 0.0, strategy=strategy, trials=20
    )
    assert len(calls) == 20


def test_an_exhausted_space_ends_the_search() -> None:
    result = nas.search(
        {"x": [0, 1, 2]}, objective=lambda a: a["x"], strategy=nas.RandomSearch(), trials=50
    )
    assert len(result.trials) == 3
    assert result.exhausted
    assert result.best.architecture == {"x": 0}


def test_callbacks_see_every_trial_in_order_on_the_calling_thread(
    space: nas.SearchSpace, task: nas.Task
) -> None:
    seen: list[tuple[Trial, threading.Thread]] = []
    result = nas.search(
        space,
        task,
        trials=12,
        epochs=2,
        workers=3,
        callback=lambda trial: seen.append((trial, threading.current_thread())),
    )
    assert tuple(trial for trial, _ in seen) == result.trials
    assert {thread for _, thread in seen} == {threading.current_thread()}


def test_several_callbacks_are_called_in_turn() -> None:
    seen: list[tuple[str, int]] = []
    nas.search(
        {"x": [1, 2]},
        objective=lambda a: a["x"],
        strategy=nas.RandomSearch(),
        callback=[lambda t: seen.append(("a", t.number)), lambda t: seen.append(("b", t.number))],
    )
    assert seen == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


@pytest.mark.parametrize("workers", [1, 3])
def test_a_callback_may_end_the_search_with_a_result(workers: int) -> None:
    def callback(trial: Trial) -> None:
        if trial.number == 4:
            raise nas.StopSearch

    result = nas.search(
        {"x": range(100)}, objective=lambda a: a["x"], callback=callback, workers=workers
    )
    assert len(result.trials) == 5
    assert result.stop_reason == "callback"


class CustomError(Exception):
    pass


@pytest.mark.parametrize("workers", [1, 3])
def test_what_a_callback_raises_ends_the_search(
    workers: int, space: nas.SearchSpace, task: nas.Task
) -> None:
    threads = threading.active_count()
    seen: list[Trial] = []

    def callback(trial: Trial) -> None:
        seen.append(trial)
        if trial.number == 4:
            raise CustomError("enough")

    with pytest.raises(CustomError, match="enough"):
        nas.search(space, task, trials=40, epochs=50, seed=0, workers=workers, callback=callback)
    assert threading.active_count() == threads
    # What was finished was handed over, and is what an undisturbed search finds.
    whole = nas.search(space, task, trials=5, epochs=50, seed=0)
    assert [trial.value for trial in seen] == [trial.value for trial in whole.trials]


@pytest.mark.parametrize("workers", [1, 3])
def test_what_an_objective_raises_is_a_failed_trial(workers: int) -> None:
    threads = threading.active_count()

    def objective(architecture: dict[str, Any]) -> float:
        if architecture["x"] % 5 == 0:
            raise CustomError(f"{architecture['x']} is bad")
        return architecture["x"]

    result = nas.search(
        {"x": list(range(30))},
        objective=objective,
        strategy=nas.RandomSearch(),
        trials=30,
        seed=0,
        workers=workers,
    )
    assert threading.active_count() == threads
    failed = [trial for trial in result.trials if trial.status == "failed"]
    assert sorted(t.architecture["x"] for t in failed) == [0, 5, 10, 15, 20, 25]
    for trial in failed:
        assert trial.error == f"CustomError: {trial.architecture['x']} is bad"
        assert trial.value == np.inf
    assert result.best.architecture == {"x": 1}
    assert "CustomError: 5 is bad" in result.to_json()


@pytest.mark.parametrize("workers", [1, 3])
def test_what_is_not_to_be_caught_ends_the_search(workers: int) -> None:
    seen: list[int] = []

    def objective(architecture: dict[str, Any]) -> float:
        if architecture["x"] == 5:
            raise CustomError("five")
        return 0.0

    with pytest.raises(CustomError, match="five"):
        nas.search(
            {"x": list(range(30))},
            objective=objective,
            strategy=nas.RandomSearch(),
            trials=30,
            seed=0,
            workers=workers,
            catch=(ZeroDivisionError,),
            callback=lambda trial: seen.append(trial.number),
        )
    assert seen == list(range(len(seen)))
    assert len(seen) < 30


@pytest.mark.parametrize("workers", [1, 3])
def test_an_objective_that_always_fails_ends_the_search(workers: int) -> None:
    def objective(architecture: dict[str, Any]) -> float:
        return architecture["y"]

    with pytest.raises(nas.AllTrialsFailedError, match="all 10 trials failed, the first w"):
        nas.search({"x": range(100)}, objective=objective, trials=100, workers=workers)
    with pytest.raises(nas.AllTrialsFailedError, match="the only trial failed") as caught:
        nas.search({"x": [1]}, objective=objective, trials=1, workers=workers)
    assert isinstance(caught.value.__cause__, KeyError)


def test_ten_failures_after_a_success_are_survived() -> None:
    calls: list[int] = []

    def objective(architecture: dict[str, Any]) -> float:
        calls.append(1)
        if len(calls) > 1:
            raise CustomError
        return 1.0

    space = {"x": range(30)}
    result = nas.search(space, objective=objective, strategy=nas.RandomSearch(), trials=30)
    assert [trial.status for trial in result.trials] == ["ok"] + ["failed"] * 29


def test_nothing_is_kept_alive_by_a_search_that_failed(space: nas.SearchSpace) -> None:
    X = np.random.RandomState(0).normal(size=(50, 1)).astype(np.float32)
    memory = weakref.ref(X)

    def callback(trial: Trial) -> None:
        raise CustomError

    for workers in (1, 2):
        with pytest.raises(CustomError):
            nas.search(space, nas.Task(X, X, X, X), trials=5, workers=workers, callback=callback)
    del X
    gc.collect()
    assert memory() is None


def test_an_objective_gets_its_own_copy_of_the_choices() -> None:
    def objective(architecture: dict[str, Any]) -> float:
        architecture["x"] = "changed"
        return 1.0

    result = nas.search({"x": [1]}, objective=objective, trials=1)
    assert result.best.architecture == {"x": 1}
    assert result.best.epochs is None
    assert result.best.training_losses == ()


@pytest.mark.parametrize("returned", [np.float32(1.5), 2, np.array(1.5), True])
def test_objectives_may_return_any_number(returned: Any) -> None:
    assert nas.search({"x": [1]}, objective=lambda _: returned, trials=1).best.value == float(
        returned
    )


@pytest.mark.parametrize("returned", [None, "1.5", [1.0, 2.0], {}])
def test_objectives_must_return_a_number(returned: Any) -> None:
    message = "TypeError: the value of objective must be a number, got "
    with pytest.raises(nas.AllTrialsFailedError, match=message):
        nas.search({"x": [1]}, objective=lambda _: returned, trials=1)


@pytest.mark.parametrize("returned", [float("nan"), float("inf"), -float("inf")])
def test_a_value_that_is_not_finite_ranks_last(returned: float) -> None:
    result = nas.search(
        {"x": [1, 2]},
        objective=lambda a: returned if a["x"] == 1 else 5.0,
        strategy=nas.RandomSearch(),
        trials=2,
    )
    assert result.best.value == 5.0
    assert {(t.value, t.status) for t in result.trials} == {(5.0, "ok"), (np.inf, "diverged")}


@pytest.mark.parametrize("name", NAMES)
def test_candidates_that_diverge_are_outcomes(name: str, task: nas.Task) -> None:
    space = {
        "num_hidden_layers": [3],
        "hidden_layer_size": [32],
        "activation_function": ["Identity"],
        "optimizer": ["SGD"],
        "learning_rate": [0.01, 1e6, 1e8, 1e10],
    }
    strategy = getattr(nas, name)()
    result = nas.search(space, task, strategy=strategy, trials=15, epochs=10, seed=0)
    statuses = {trial.status for trial in result.trials}
    assert statuses == {"ok", "diverged"}
    assert all((trial.value == np.inf) == (trial.status == "diverged") for trial in result.trials)
    assert result.best.architecture["learning_rate"] == 0.01


def test_a_search_whose_candidates_all_diverge_says_so(task: nas.Task) -> None:
    space = {"num_hidden_layers": [3], "hidden_layer_size": [16, 32], "optimizer": ["SGD"]}
    space |= {"activation_function": ["Identity"], "learning_rate": [1e8, 1e9]}
    with pytest.warns(RuntimeWarning, match="all 4 trials diverged") as warned:
        result = nas.search(space, task, strategy=nas.RandomSearch(), trials=4, epochs=20)
    assert warned[0].filename == __file__
    assert len(result.trials) == 4
    with pytest.raises(nas.AllTrialsDivergedError, match="all 4 trials diverged; try smaller"):
        _ = result.best


def test_seeds(space: nas.SearchSpace, task: nas.Task) -> None:
    fresh = nas.search(space, task, trials=3, epochs=1)
    assert fresh.seed != nas.search(space, task, trials=3, epochs=1).seed
    assert facts(nas.search(space, task, trials=3, epochs=1, seed=fresh.seed)) == facts(fresh)
    zero = nas.search(space, task, trials=3, epochs=1, seed=0)
    assert zero.seed == 0
    assert facts(zero) != facts(fresh)


def test_two_threads_search_at_once(space: nas.SearchSpace, task: nas.Task) -> None:
    expected = {
        seed: facts(nas.search(space, task, trials=20, epochs=5, seed=seed)) for seed in (1, 2)
    }
    found: dict[int, Any] = {}

    def run(seed: int) -> None:
        result = nas.search(space, task, trials=20, epochs=5, seed=seed, workers=2)
        found[seed] = facts(result)

    threads = [threading.Thread(target=run, args=(seed,)) for seed in expected]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_trainings_let_other_threads_run(task: nas.Task) -> None:
    ticks: list[float] = []
    done = threading.Event()

    def tick() -> None:
        while not done.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.005)

    thread = threading.Thread(target=tick)
    thread.start()
    start = time.perf_counter()
    large = {"num_hidden_layers": 3, "hidden_layer_size": 256}
    nas.train(large, task, epochs=100, seed=0)
    seconds = time.perf_counter() - start
    done.set()
    thread.join()
    during = [t for t in ticks if start < t < start + seconds]
    assert np.diff([start, *during, start + seconds]).max() < max(0.25 * seconds, 0.1)


def test_plain_dictionaries_are_spaces(task: nas.Task) -> None:
    result = nas.search({"num_hidden_layers": [1], "hidden_layer_size": [4]}, task, trials=1)
    assert isinstance(result.space, nas.SearchSpace)


GOOD = {"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 8]}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"num_layers": [1]}, ValueError, "num_layers"),
        ({"num_hidden_layers": None}, ValueError, "must have the key 'num_hidden_layers'"),
        ({"hidden_layer_size": None}, ValueError, "must have the key 'hidden_layer_size'"),
        ({"activation_function": ["ReLU", "Relu"]}, ValueError, "activation_function .*'Relu'"),
        ({"optimizer": ["Adam", "LBFGS"]}, ValueError, "optimizer must be one of .*'LBFGS'"),
        ({"hidden_layer_size": [8, -1]}, ValueError, "hidden_layer_size must be .*-1"),
        ({"hidden_layer_size": [8, 0]}, ValueError, "hidden_layer_size must be .*0"),
        ({"num_hidden_layers": [1, -1]}, ValueError, "num_hidden_layers must be .*-1"),
        ({"num_hidden_layers": [1, 1.5]}, ValueError, "num_hidden_layers must be .*1.5"),
        ({"dropout_rate": [0.0, 1.0]}, ValueError, r"dropout_rate must be in \[0, 1\), got 1.0"),
        ({"dropout_rate": [0.0, -0.1]}, ValueError, r"dropout_rate must be in \[0, 1\), got -0.1"),
        ({"learning_rate": [0.1, 0]}, ValueError, "learning_rate must be a finite .* > 0, got 0"),
        ({"learning_rate": [0.1, -1.0]}, ValueError, "learning_rate must be .*got -1.0"),
        ({"learning_rate": [0.1, float("inf")]}, ValueError, "learning_rate must be .*inf"),
        ({"learning_rate": [0.1, "fast"]}, ValueError, "learning_rate must be .*'fast'"),
        ({"learning_rate": nas.Float(0, 1)}, ValueError, "learning_rate must be .*got 0.0"),
        ({"hidden_layer_size": nas.Float(1, 9)}, ValueError, "hidden_layer_size must be an integ"),
        ({"activation_function": [len]}, TypeError, r"architecture\['activation_function'\] must"),
        ({"hidden_layer_size": [(4,), (4, 8)]}, ValueError, "hidden_layer_size must have one"),
    ],
)
def test_spaces_are_checked_before_anything_is_trained(
    change: dict[str, Any], error: type[Exception], message: str, task: nas.Task
) -> None:
    space = {name: value for name, value in (GOOD | change).items() if value is not None}
    finished: list[Trial] = []
    with pytest.raises(error, match=message):
        nas.search(space, task, trials=100, callback=finished.append)
    assert finished == []


def test_the_largest_architecture_must_fit_in_memory(task: nas.Task) -> None:
    space = GOOD | {"num_hidden_layers": [1, 100], "hidden_layer_size": [8, 100_000]}
    finished: list[Trial] = []
    with pytest.raises(MemoryError, match=r"990,000,\d+ parameters|parameters\) takes .* GiB"):
        nas.search(space, task, trials=100, callback=finished.append)
    assert finished == []


def test_lists_with_one_value_per_layer(task: nas.Task) -> None:
    space = {"num_hidden_layers": [2], "hidden_layer_size": [(4, 8), [8, 4]]}
    result = nas.search(space, task, strategy=nas.RandomSearch(), trials=5, epochs=2)
    assert [trial.parameters for trial in result.trials] == [57, 57]
    assert result.exhausted


#: Instead of a task.
FUNCTION: dict[str, Any] = {"task": None, "objective": lambda _: 0}


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"trials": 0}, ValueError, "trials must be an integer ≥ 1, got 0"),
        ({"trials": 2.0}, TypeError, "trials must be an integer ≥ 1, got 2.0"),
        ({"epochs": 0}, ValueError, "epochs must be an integer ≥ 1, got 0"),
        ({"epochs": -5}, ValueError, "epochs must be an integer ≥ 1, got -5"),
        ({"epochs": "ten"}, TypeError, "epochs must be an integer ≥ 1, got 'ten'"),
        ({"workers": 0}, ValueError, "workers must be an integer ≥ 1, got 0"),
        ({"workers": True}, TypeError, "workers must be an integer ≥ 1, got True"),
        ({"seed": -1}, ValueError, "seed must be an integer in .*, got -1"),
        ({"seed": "0"}, TypeError, "seed must be an integer in .*, got '0'"),
        ({"rng": "numpy"}, ValueError, "rng must be one of 'default', 'torch', got 'numpy'"),
        ({"callback": 3}, TypeError, "callback must be callable, got int"),
        ({"callback": [print, "x"]}, TypeError, "callback must be callable, got str"),
        ({"catch": (KeyboardInterrupt,)}, TypeError, "catch must hold types of exceptions, got "),
        ({"catch": ["x"]}, TypeError, "catch must hold types of exceptions, got "),
        ({"executor": 2}, TypeError, "executor must be a concurrent.futures.Executor, got int"),
        ({"strategy": "random"}, ValueError, "a Strategy or one of 'ASHA', .* got 'random'"),
        ({"strategy": nas.TPE}, TypeError, r"must be an object, got a class; write TPE\(\)"),
        ({"objective": lambda _: 0}, TypeError, "a task or an objective, got both"),
        ({"task": None}, TypeError, "a task or an objective, got neither"),
        ({"task": np.ones(3)}, TypeError, "task must be a swiftnas.Task, got ndarray; write "),
        (
            {"task": (np.ones((4, 1)), np.ones(4)), "objectives": ["validation_accuracy"]},
            *(TypeError, r"task must be a swiftnas.Task, got tuple; write Task.split\(X, y\) or "),
        ),
        ({"task": None, "objective": 3}, TypeError, "objective must be callable, got int"),
        ({"epochs": -1} | FUNCTION, TypeError, "epochs needs a task, got -1 with an objective"),
        ({"rng": "no"} | FUNCTION, TypeError, "rng needs a task, got 'no' with an objective"),
        ({"fidelity": "rows"} | FUNCTION, TypeError, "fidelity needs a task, got 'rows' with"),
    ],
)
def test_bad_arguments(
    arguments: dict[str, Any], error: type[Exception], message: str, task: nas.Task
) -> None:
    with pytest.raises(error, match=message):
        nas.search(GOOD, **({"task": task} | arguments))
