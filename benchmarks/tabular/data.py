"""Regression sets with the splits that others have published, diabetes, and digits."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.datasets import load_diabetes, load_digits
from sklearn.model_selection import train_test_split

from swiftnas.benchmarks.tables import DIRECTORY_VARIABLE

#: Test RMSE of MC dropout after Bayesian optimisation of its rate, mean over the published splits
#: (Gal and Ghahramani, "Dropout as a Bayesian Approximation", ICML 2016).
PUBLISHED = {"yacht": 0.666, "energy": 0.539, "concrete": 4.827, "wine-quality-red": 0.622}

REGRESSIONS = ("diabetes", *PUBLISHED)
CLASSIFICATION = "digits"

#: Shares of the rows that test where no split is published; a tenth, as in the published ones.
_TEST_SHARES = {"diabetes": 0.1, "digits": 0.25}


class Split(NamedTuple):
    """Rows to fit on and rows to test on."""

    X: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    X_test: npt.NDArray[np.float64]
    y_test: npt.NDArray[np.float64]


def split(name: str, number: int) -> Split:
    """One split of a data set; split 0 is the same in every run, and so are the others."""
    if name in PUBLISHED:
        return _published(name, number)
    load = load_digits if name == CLASSIFICATION else load_diabetes
    X, y = load(return_X_y=True)
    strata = y if name == CLASSIFICATION else None
    share = _TEST_SHARES[name]
    parts = train_test_split(X, y, test_size=share, random_state=number, stratify=strata)
    return Split(parts[0], parts[2], parts[1], parts[3])


def _published(name: str, number: int) -> Split:
    directory = os.environ.get(DIRECTORY_VARIABLE)
    if not directory:
        raise FileNotFoundError(f"set {DIRECTORY_VARIABLE} to the directory with uci/{name}.npz")
    with np.load(Path(directory) / "uci" / f"{name}.npz") as file:
        X, y, test = file["X"], file["y"].ravel(), file["test_index"][number]
    is_test = np.zeros(len(X), bool)
    is_test[test[test >= 0]] = True
    return Split(X[~is_test], y[~is_test], X[is_test], y[is_test])
