"""Permutation importances of parameters, by a forest that learnt the values of the trials."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas.plot.axes import BEST, FAINT, MAIN, axes, finish, objective_index, objective_label

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from swiftnas.results import SearchResult

#: Parts of the trials, each of which is asked about once.
_FOLDS = 5

#: Trees of each fold's forest, and shufflings of each parameter in each fold.
_TREES = 100
_REPEATS = 5

#: Trials below which folds are too small to say anything.
FEWEST = 10

#: Inches per bar, and what the rest of the picture takes.
_ROW, _REST = 0.3, 1.3


def draw_importance(result: SearchResult, objective: int | str, seed: int, ax: Axes | None) -> Axes:
    """See `swiftnas.plot.SearchPlots.importance`."""
    index = objective_index(result, objective)
    found, explained = permutation_importances(result, objective, seed)
    return draw_bars(found, explained, objective_label(result, index), ax)


def draw_bars(
    found: dict[str, tuple[float, float]], explained: float, label: str, ax: Axes | None
) -> Axes:
    """The importances as `permutation_importances` returns them."""
    ax = axes(ax, (4.8, bars_height(len(found))))
    names = list(found)[::-1]
    means = [found[name][0] for name in names]
    deviations = [found[name][1] for name in names]
    strongest = max(means)
    colours = [BEST if mean == strongest > 0 else MAIN for mean in means]
    ax.barh(names, means, height=0.62, color=colours)
    ax.errorbar(means, names, xerr=deviations, fmt="none", ecolor=FAINT, capsize=2.5, linewidth=1)
    finish(ax, f"Importance for {label}", "", "")
    ax.set_xlabel(f"R² lost when shuffled\n(R² of the forest: {explained:.2f})")
    ax.grid(visible=False, axis="y")
    return ax


def bars_height(count: int) -> float:
    """Inches that so many bars take."""
    return max(2.2, _REST + _ROW * count)


def permutation_importances(
    result: SearchResult, objective: int | str, seed: int
) -> tuple[dict[str, tuple[float, float]], float]:
    """See `swiftnas.plot.importances`; and R² of the forest on trials that it has not seen."""
    from swiftnas.encoding import column_counts
    from swiftnas.evaluators.predictor import Predictor, lessons

    index = objective_index(result, objective)
    _require_sklearn()
    # What the predictor takes for the value.
    trials = tuple(replace(trial, value=trial.values[index]) for trial in result.trials)
    result = replace(result, trials=trials)
    known = lessons(result)
    if len(known) < FEWEST:
        raise ValueError(
            f"importance needs at least {FEWEST} trials to learn from, this search has {len(known)}"
        )
    if not any(math.isfinite(trial.value) for trial in known):
        raise ValueError("importance needs trials with finite values, this search has none")
    learnt = Predictor(result, model=_NoModel(), seed=seed)
    rows, targets = learnt._rows, learnt._targets
    counts = column_counts(result.space)
    ends = np.cumsum(list(counts.values()))
    groups = np.split(np.arange(rows.shape[1]), ends[:-1])
    varies = [bool(np.ptp(rows[:, group], axis=0).any()) for group in groups]
    losses, explained = _shuffled(rows, targets, groups, learnt.seed)
    means, deviations = losses.mean(axis=1), losses.std(axis=1)
    order = np.argsort(-means, kind="stable")
    names = list(counts)
    # What was never different has nothing to be measured by.
    found = {names[i]: (float(means[i]), float(deviations[i])) for i in order if varies[i]}
    if not found:
        raise ValueError("importance needs trials that differ in a parameter, this search has none")
    return found, explained


def _shuffled(
    rows: npt.NDArray[np.float64],
    targets: npt.NDArray[np.float64],
    groups: list[npt.NDArray[np.intp]],
    seed: int,
) -> tuple[npt.NDArray[np.float64], float]:
    """What R² loses as (parameters, repeats), and R² itself, over all folds."""
    from sklearn.ensemble import ExtraTreesRegressor
    from sklearn.inspection import permutation_importance
    from sklearn.model_selection import KFold

    variance = targets.var()
    losses = np.zeros((len(groups), _REPEATS))
    error = 0.0
    for train, test in KFold(_FOLDS, shuffle=True, random_state=seed % 2**32).split(rows):
        forest = ExtraTreesRegressor(_TREES, min_samples_leaf=2, random_state=seed % 2**32)
        forest.fit(rows[train], targets[train])
        asked = _Grouped(forest, rows[test], groups)
        places = np.repeat(np.arange(len(test))[:, None], len(groups), axis=1)
        outcome = permutation_importance(
            asked,
            places,
            targets[test],
            scoring=_negative_error,
            n_repeats=_REPEATS,
            random_state=seed % 2**32,
        )
        share = len(test) / len(rows)
        losses += share * outcome.importances
        error -= share * _negative_error(asked, places, targets[test])
    if variance == 0:
        return np.zeros_like(losses), 0.0
    return losses / variance, 1 - error / float(variance)


def _negative_error(asked: _Grouped, places: Any, targets: Any) -> float:
    """Minus the mean squared error, as scikit-learn's scores grow with quality."""
    return -float(np.mean((asked.predict(places) - targets) ** 2))


class _Grouped:
    """A forest that is asked by one place per parameter: the row its columns are taken from.

    So shuffling one column of places shuffles all columns of a parameter together.
    """

    def __init__(self, forest: Any, rows: Any, groups: Any) -> None:
        self._forest, self._rows, self._groups = forest, rows, groups

    def fit(self, *_: Any) -> _Grouped:
        """Nothing: the forest is fitted. What has no `fit` is no model for scikit-learn."""
        return self

    def predict(self, places: Any) -> Any:
        """The forest's values for rows that are put together from others."""
        blocks = [self._rows[np.ix_(places[:, k], g)] for k, g in enumerate(self._groups)]
        return self._forest.predict(np.hstack(blocks))


class _NoModel:
    """Stands for a model where only the rows and targets are wanted."""

    def fit(self, rows: Any, targets: Any) -> None:
        """Nothing is learnt."""

    def predict(self, rows: Any) -> Any:
        """Zeros."""
        return np.zeros(len(rows))


def _require_sklearn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise ImportError(
            "importance needs scikit-learn; install it with: pip install 'swiftnas[sklearn]'"
        ) from None
