"""Four small regressions: scikit-learn's diabetes, and three UCI sets where `SWIFTNAS_DATA` is."""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_diabetes

import swiftnas as nas
from swiftnas.benchmarks.tables import DIRECTORY_VARIABLE

_Array = npt.NDArray[np.float32]

#: Rows and features: 442 × 10, 768 × 8, 308 × 6, 1,030 × 8.
NAMES = ("diabetes", "energy", "yacht", "concrete")

#: Share of the rows that validates; these sets have no use for test rows here.
VALIDATION = 0.2


@cache
def data(name: str) -> tuple[_Array, _Array]:
    """Inputs and targets in a random order, standardised by the first 80 % of the rows."""
    X, y = load_diabetes(return_X_y=True) if name == "diabetes" else _uci(name)
    order = np.random.default_rng(0).permutation(len(X))
    X, y = X[order], y.reshape(len(y), -1)[order]
    training = len(X) - math.ceil(VALIDATION * len(X))
    standardised = (_standardised(array, training) for array in (X, y))
    return tuple(standardised)  # type: ignore[return-value]


def task(name: str) -> nas.Task:
    """The first 80 % of the rows train, the rest validate: the split of the published evolution."""
    X, y = data(name)
    return nas.Task.split(X, y, validation=VALIDATION, shuffle=False)


def _uci(name: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The training rows of the first published split (Gal and Ghahramani 2016)."""
    directory = os.environ.get(DIRECTORY_VARIABLE)
    if not directory:
        raise FileNotFoundError(f"set {DIRECTORY_VARIABLE} to the directory with uci/{name}.npz")
    with np.load(Path(directory) / "uci" / f"{name}.npz") as file:
        X, y, test = file["X"], file["y"], file["test_index"][0]
    is_training = np.ones(len(X), bool)
    is_training[test[test >= 0]] = False
    return X[is_training], y[is_training]


def _standardised(array: npt.NDArray[np.float64], training: int) -> _Array:
    """Mean 0 and deviation 1 in the first rows; what is constant there becomes 0."""
    rows = array[:training]
    deviation = rows.std(axis=0)
    scaled: _Array = ((array - rows.mean(axis=0)) / np.where(deviation > 0, deviation, 1)).astype(
        np.float32
    )
    return scaled
