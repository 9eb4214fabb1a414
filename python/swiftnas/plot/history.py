"""The course of a search: values by trial, and the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from swiftnas.plot.axes import (
    BEST,
    FAILED,
    FAINT,
    MAIN,
    MANY,
    STOPPED,
    axes,
    finish,
    legend,
    objective_index,
    objective_label,
    scale,
    shown_value,
    whole_ticks,
)
from swiftnas.plot.trial_groups import MARKERS, counting, lower_fidelity, unsuccessful

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: Where trials without a value stand, in heights of the axes.
_EDGE = 0.985

_LABELS = {
    "trials": "trial",
    "epochs": "epochs trained so far",
    "seconds": "seconds of evaluation so far",
}


def draw_history(result: SearchResult, x: str, objective: int | str, ax: Axes | None) -> Axes:
    """See `swiftnas.plot.SearchPlots.history`."""
    if x not in _LABELS:
        allowed = ", ".join(map(repr, _LABELS))
        raise ValueError(f"x must be one of {allowed}, got {x!r}")
    index = objective_index(result, objective)
    places = _places(result, x)
    ax = axes(ax)
    many = len(result.trials) > MANY
    full, partial = counting(result), lower_fidelity(result)
    ended = [trial for trial in full if trial.status != "stopped"]
    stopped = [trial for trial in full if trial.status == "stopped"]
    groups = {
        "lower fidelity": (partial, "o", FAINT),
        "full fidelity" if partial else "trial": (ended, "o", MAIN),
        "stopped early": (stopped, "v", STOPPED),
    }
    for name, (trials, marker, colour) in groups.items():
        if trials:
            ax.scatter(
                [places[trial.number] for trial in trials],
                [shown_value(result, trial, index) for trial in trials],
                s=6 if many else 18,
                alpha=0.4 if many else 1,
                marker=marker,
                facecolors="none" if name == "lower fidelity" else colour,
                edgecolors=colour,
                linewidths=0.9,
                label=name,
                rasterized=many,
            )
    if full:
        ends, best = _best_so_far(result, full, index, places)
        ax.step(ends, best, where="post", color=BEST, linewidth=1.8, label="best so far", zorder=3)
    _mark_unsuccessful(ax, result, places)
    shown = [shown_value(result, t, index) for trials, _, _ in groups.values() for t in trials]
    scale(ax, "y", shown)
    if not shown:
        ax.set_yticks([])
    label = objective_label(result, index)
    finish(ax, "History of the search", _LABELS[x], label)
    if x == "trials":
        whole_ticks(ax)
    legend(ax)
    return ax


def _places(result: SearchResult, x: str) -> dict[int, float]:
    """Where each trial stands, by its number."""
    trials = result.trials
    if x == "trials":
        return {trial.number: float(trial.number) for trial in trials}
    amounts = [t.trained_epochs if x == "epochs" else t.wall_seconds for t in trials]
    ends = np.cumsum(amounts, dtype=np.float64)
    return {trial.number: float(end) for trial, end in zip(trials, ends, strict=True)}


def _best_so_far(
    result: SearchResult, full: list[Trial], index: int, places: dict[int, float]
) -> tuple[list[float], list[float]]:
    """The best value up to each trial that counts, drawn on to the last trial of all."""
    ends = [places[trial.number] for trial in full]
    best, incumbent = [], full[0]
    for trial in full:
        incumbent = min(incumbent, trial, key=lambda trial: trial.values[index])
        best.append(shown_value(result, incumbent, index))
    return [*ends, places[result.trials[-1].number]], [*best, best[-1]]


def _mark_unsuccessful(ax: Axes, result: SearchResult, places: dict[int, float]) -> None:
    for status, trials in unsuccessful(result).items():
        ax.scatter(
            [places[trial.number] for trial in trials],
            [_EDGE] * len(trials),
            s=20,
            marker=MARKERS[status],
            color=FAILED,
            linewidths=1.1,
            label=status,
            transform=ax.get_xaxis_transform(),
        )
