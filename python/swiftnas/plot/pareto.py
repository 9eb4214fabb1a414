"""Two objectives against each other, and the Pareto front."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from swiftnas.plot.axes import (
    BEST,
    FAILED,
    FAINT,
    MAIN,
    MANY,
    axes,
    finish,
    legend,
    objective_index,
    objective_label,
    scale,
    shown_value,
)
from swiftnas.plot.trial_groups import MARKERS, counting, lower_fidelity, unsuccessful

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial


def draw_pareto(
    result: SearchResult, objectives: tuple[int | str, int | str], ax: Axes | None
) -> Axes:
    """See `swiftnas.plot.SearchPlots.pareto`."""
    if len(result.objectives) < 2:
        raise ValueError(
            f"pareto needs at least two objectives, this search has 1 ({result.objectives[0]})"
        )
    if not isinstance(objectives, tuple | list) or len(objectives) != 2:
        raise ValueError(f"objectives must be two of the search's objectives, got {objectives!r}")
    x, y = (objective_index(result, item, "objectives") for item in objectives)
    ax = axes(ax)

    def point(trial: Trial) -> tuple[float, float]:
        return shown_value(result, trial, x), shown_value(result, trial, y)

    front = list(result.pareto_front)
    on_front = {trial.number for trial in front}
    rest = [trial for trial in counting(result) if trial.number not in on_front]
    partial, others = lower_fidelity(result), unsuccessful(result)
    for name, trials, marker, colour in (
        ("lower fidelity", partial, "o", FAINT),
        *((status, trials, MARKERS[status], FAILED) for status, trials in others.items()),
        ("dominated", rest, "o", MAIN),
        ("Pareto front", front, "D", BEST),
    ):
        points = np.array([point(trial) for trial in trials]).reshape(-1, 2)
        points = points[np.isfinite(points).all(axis=1)]
        if not len(points):
            continue
        ax.scatter(
            points[:, 0],
            points[:, 1],
            s=26 if name == "Pareto front" else 16,
            marker=marker,
            linewidths=0.9,
            label=name,
            zorder=3 if name == "Pareto front" else 2,
            rasterized=len(points) > MANY,
            facecolors="none" if colour == FAINT else colour,
            edgecolors="none" if colour == MAIN else colour,
        )
    if len(result.objectives) == 2 and len(front) > 1:
        corners = np.array(sorted(map(point, front)))
        # As good as y of a trial is everything with a worse x.
        drawstyle = "steps-pre" if result.objectives[x] in result.maximized else "steps-post"
        ax.plot(corners[:, 0], corners[:, 1], drawstyle=drawstyle, color=BEST, linewidth=1.2)
    shown = [*counting(result), *partial]
    scale(ax, "x", [point(trial)[0] for trial in shown])
    scale(ax, "y", [point(trial)[1] for trial in shown])
    finish(ax, "Pareto front", objective_label(result, x), objective_label(result, y))
    legend(ax)
    return ax
