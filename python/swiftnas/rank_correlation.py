"""Rank correlations: how far two lists of numbers agree about an order."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

_Vector = npt.NDArray[np.float64]


def _ranks(values: npt.ArrayLike) -> _Vector:
    """Ranks from 1; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean: _Vector = (last - (counts - 1) / 2)[inverse]
    return mean


def spearman(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Spearman's ρ, the correlation of the ranks; NaN if either is constant."""
    a, b = (ranks - ranks.mean() for ranks in (_ranks(x), _ranks(y)))
    scale = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / scale if scale > 0 else math.nan


def kendall(x: npt.ArrayLike, y: npt.ArrayLike) -> float:
    """Kendall's τ-b (Kendall 1945): pairs in the same order minus the others, ties allowed for.

    NaN if either is constant.
    """
    a, b = _ranks(x), _ranks(y)
    agreeing, untied_a, untied_b = 0.0, 0.0, 0.0
    for i in range(1, len(a)):
        signs_a, signs_b = np.sign(a[:i] - a[i]), np.sign(b[:i] - b[i])
        agreeing += float(signs_a @ signs_b)
        untied_a += float(signs_a @ signs_a)
        untied_b += float(signs_b @ signs_b)
    scale = math.sqrt(untied_a * untied_b)
    return agreeing / scale if scale > 0 else math.nan
