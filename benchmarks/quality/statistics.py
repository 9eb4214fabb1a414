"""Means and medians with intervals, ranks and tests; runs of competitors are not paired."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_Array = npt.NDArray[np.float64]

_RESAMPLES = 2000


class Estimate(NamedTuple):
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


def bootstrap(values: _Array, statistic: Callable[..., _Array]) -> Estimate:
    """A statistic with its percentile bootstrap interval; the same values give the same one."""
    rng = np.random.default_rng(0)
    drawn = values[rng.integers(len(values), size=(_RESAMPLES, len(values)))]
    low, high = np.percentile(statistic(drawn, axis=1), [2.5, 97.5])
    return Estimate(float(statistic(values)), float(low), float(high))


def mean(values: _Array) -> Estimate:
    """The mean with its interval."""
    return bootstrap(values, np.mean)


def median(values: _Array) -> Estimate:
    """The median with its interval."""
    return bootstrap(values, np.median)


def value_at(steps: Sequence[Sequence[float]], budget: int) -> float:
    """What the last step within the budget reached; NaN before the first one."""
    reached = [value for spent, value in steps if spent <= budget]
    return reached[-1] if reached else float("nan")


def superiority(first: _Array, second: _Array) -> float:
    """The probability that a run of the first is less than one of the second; ties are halves."""
    differences = first[:, None] - second[None, :]
    return float(np.mean((differences < 0) + 0.5 * (differences == 0)))


def average_ranks(runs: Mapping[str, Mapping[str, _Array]]) -> dict[str, float]:
    """The expected rank of each competitor among one run of each, averaged over the tables.

    `runs` has for each table each competitor's values; competitors that miss a table are left out.
    1 is best.
    """
    complete = [name for name in _names(runs) if all(name in table for table in runs.values())]
    return {
        name: float(
            np.mean(
                [
                    1 + sum(superiority(t[other], t[name]) for other in complete if other != name)
                    for t in runs.values()
                ]
            )
        )
        for name in complete
    }


def mann_whitney(first: _Array, second: _Array) -> float:
    """The two-sided p-value of the Mann-Whitney test that both have one distribution."""
    from scipy.stats import mannwhitneyu

    if np.ptp(np.concatenate([first, second])) == 0:
        return 1.0
    return float(mannwhitneyu(first, second, alternative="two-sided").pvalue)


def ratios(runs: Mapping[str, Mapping[str, _Array]], reference: str) -> dict[str, Estimate]:
    """The ratio of mean values to the reference's, averaged over tables; its interval is bootstrap.

    Tables where the reference's mean is 0 are left out, as are competitors that miss a table.
    """
    tables = [t for t in runs.values() if reference in t and t[reference].mean() > 0]
    result = {}
    for name in _names(runs):
        if not tables or any(name not in table for table in tables):
            continue
        rng = np.random.default_rng(0)
        drawn = np.mean([_drawn_means(t[name], rng) / t[reference].mean() for t in tables], axis=0)
        low, high = np.percentile(drawn, [2.5, 97.5])
        value = np.mean([t[name].mean() / t[reference].mean() for t in tables])
        result[name] = Estimate(float(value), float(low), float(high))
    return result


def _drawn_means(values: _Array, rng: np.random.Generator) -> _Array:
    means: _Array = values[rng.integers(len(values), size=(_RESAMPLES, len(values)))].mean(axis=1)
    return means


def _names(runs: Mapping[str, Mapping[str, _Array]]) -> list[str]:
    """All competitors, in the order of their first table."""
    return list(dict.fromkeys(name for table in runs.values() for name in table))
