"""Fits of the competitors, one at a time, each on as many workers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from quality.store import Store

import swiftnas as nas
from tabular import data, tuned_mlp
from tabular.data import Split

OURS, PEER, CLASSIFIER = "NASRegressor", "tuned MLPRegressor", "NASClassifier"

_Fit = Callable[[Split, float, int, int], tuple[Any, dict[str, Any]]]


def _estimator(kind: Any) -> _Fit:
    """Everything but the budget is left at its default, for all data sets."""

    def fit(split: Split, seconds: float, seed: int, workers: int) -> tuple[Any, dict[str, Any]]:
        start = time.perf_counter()
        model = kind(budget=f"{seconds:g}s", workers=workers, random_state=seed)
        model.fit(split.X, split.y)
        wall = time.perf_counter() - start
        return model, {"wall_seconds": wall, "trials": len(model.result_.trials)}

    return fit


COMPETITORS: dict[str, _Fit] = {
    OURS: _estimator(nas.NASRegressor),
    PEER: tuned_mlp.fit,
    CLASSIFIER: _estimator(nas.NASClassifier),
}


def run_missing(
    store: Store, name: str, sets: Sequence[str], splits: range, seconds: float, workers: int
) -> None:
    """Fit on the splits that are not stored yet."""
    done = store.has(name, seconds)  # type: ignore[arg-type]
    for one in sets:
        for number in splits:
            if (one, number) in done:
                continue
            split = data.split(one, number)
            model, facts = COMPETITORS[name](split, seconds, number, workers)
            errors = model.predict(split.X_test) - split.y_test
            score = np.mean(errors == 0) if one == data.CLASSIFICATION else _root_mean(errors)
            record = {"table": one, "seed": number, "budget": seconds, "score": float(score)}
            store.append(name, record | facts)
            print(f"{name}, {one} {number}: {score:.4f}, {facts}", file=sys.stderr)


def _root_mean(errors: Any) -> float:
    return float(np.sqrt(np.mean(errors**2)))
