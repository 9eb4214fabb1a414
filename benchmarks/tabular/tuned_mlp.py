"""scikit-learn's `MLPRegressor`, tuned by Optuna's TPE in two processes."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from sklearn.compose import TransformedTargetRegressor
from sklearn.model_selection import ShuffleSplit, cross_val_score
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tabular.data import Split

#: The share of the rows that judges candidates, as large as a fold of `NASRegressor`.
VALIDATION = 0.2

_STUDY = "tuning"


def pipeline(parameters: dict[str, Any], seed: int) -> TransformedTargetRegressor:
    """Standardised inputs and targets around a perceptron."""
    given = dict(parameters)
    widths = (given.pop("width"),) * given.pop("depth")
    network = MLPRegressor(hidden_layer_sizes=widths, random_state=seed, **given)
    return TransformedTargetRegressor(
        make_pipeline(StandardScaler(), network), transformer=StandardScaler()
    )


def suggested(trial: optuna.Trial, rows: int) -> dict[str, Any]:
    """The choices of the estimators' default space, as far as scikit-learn has them."""
    early = trial.suggest_categorical("early_stopping", [False, True])
    parameters: dict[str, Any] = {
        "depth": trial.suggest_int("depth", 1, 4),
        "width": trial.suggest_categorical("width", [32, 64, 128, 256]),
        "activation": trial.suggest_categorical("activation", ["relu", "tanh", "logistic"]),
        "alpha": trial.suggest_float("alpha", 1e-6, 1.0, log=True),
        "learning_rate_init": trial.suggest_float("learning_rate_init", 3e-4, 3e-2, log=True),
        "batch_size": trial.suggest_categorical("batch_size", _batch_sizes(rows)),
        "early_stopping": early,
    }
    if early:
        return parameters | {"max_iter": 500, "n_iter_no_change": 20}
    return parameters | {"max_iter": trial.suggest_int("max_iter", 20, 500, log=True)}


#: What the tuning begins with, as the search of `NASRegressor` begins with settings of this kind.
_FIRST = {
    "early_stopping": True,
    "depth": 2,
    "width": 128,
    "activation": "relu",
    "alpha": 1e-3,
    "learning_rate_init": 3e-3,
    "batch_size": 32,
}


def _batch_sizes(rows: int) -> list[int]:
    return [size for size in (16, 32, 64, 128, 256) if 8 * size <= rows] or [16]


def _tune(journal: str, data: Split, seconds: float, seed: int, barrier: Any) -> None:
    """One of the processes: tries settings until the time is over."""
    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.load_study(
        study_name=_STUDY,
        storage=JournalStorage(JournalFileBackend(journal)),
        sampler=optuna.samplers.TPESampler(seed=seed, constant_liar=True),
    )
    # The same for both processes. Five folds, tried first, were no better and
    # overran the time further.
    held_out = ShuffleSplit(1, test_size=VALIDATION, random_state=0)

    def objective(trial: optuna.Trial) -> float:
        model = pipeline(suggested(trial, len(data.X)), seed=0)
        scores = cross_val_score(
            model,
            data.X,
            data.y,
            cv=held_out,
            scoring="neg_mean_squared_error",
            error_score=-np.inf,
        )
        return -float(np.mean(scores))

    # Imports do not count.
    barrier.wait()
    study.optimize(objective, timeout=seconds, catch=(ValueError, FloatingPointError))


def fit(data: Split, seconds: float, seed: int, workers: int) -> tuple[Any, dict[str, Any]]:
    """Tune for so long, then fit the best settings on all rows; the model, and what it took."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        journal = str(Path(folder) / "journal.log")
        storage = JournalStorage(JournalFileBackend(journal))
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(study_name=_STUDY, storage=storage)
        study.enqueue_trial(_FIRST | {"batch_size": min(32, max(_batch_sizes(len(data.X))))})
        barrier = context.Barrier(workers + 1)
        processes = [
            context.Process(
                target=_tune, args=(journal, data, seconds, seed * workers + number, barrier)
            )
            for number in range(workers)
        ]
        for process in processes:
            process.start()
        barrier.wait()
        start = time.perf_counter()
        for process in processes:
            process.join()
        best = optuna.load_study(study_name=_STUDY, storage=storage).best_trial
        trials = len(study.trials)
    parameters = suggested(optuna.trial.FixedTrial(best.params), len(data.X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = pipeline(parameters, seed=0).fit(data.X, data.y)
    return model, {"wall_seconds": time.perf_counter() - start, "trials": trials}
