"""Losses by epoch: of the trials of a search, and of a supernet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from swiftnas.plot.axes import (
    BEST,
    FAINT,
    MAIN,
    MANY,
    axes,
    finish,
    legend,
    loss_label,
    scale,
    whole_ticks,
)
from swiftnas.plot.trial_groups import counting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.differentiable import DARTSResult
    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: What is plotted of a loss: one of 0 has no place on a logarithmic axis, nor has infinity on any.
_ABSENT = np.nan


def draw_learning_curves(result: SearchResult, ax: Axes | None) -> Axes:
    """See `swiftnas.plot.SearchPlots.learning_curves`."""
    trained = [trial for trial in result.trials if trial.training_losses]
    if not trained:
        raise ValueError("learning_curves needs trials that a task trained, this search has none")
    ax = axes(ax)
    # After `axes`, which says what to install.
    from matplotlib.collections import LineCollection

    best = _best(result)
    rest = [_curve(trial.training_losses) for trial in trained if trial is not best]
    if rest:
        ax.add_collection(
            LineCollection(
                rest,
                colors=FAINT,
                alpha=max(0.15, min(0.6, 8 / len(rest))),
                linewidths=0.8,
                label="training, other trials",
                rasterized=sum(map(len, rest)) > 20 * MANY,
            )
        )
        # A line needs two points.
        ends = np.array([curve[0] for curve in rest if len(curve) == 1]).reshape(-1, 2)
        ax.scatter(ends[:, 0], ends[:, 1], s=6, color=FAINT, alpha=0.6)
    shown = [loss for trial in trained for loss in trial.training_losses]
    if best is not None:
        curve = _curve(best.training_losses)
        marker = "o" if len(curve) == 1 else None
        name = f"training, best (trial {best.number})"
        ax.plot(curve[:, 0], curve[:, 1], color=BEST, linewidth=1.8, marker=marker, label=name)
        validations = best.validation_losses
        if not validations and best.epochs is not None and "validation_loss" in result.objectives:
            loss = best.values[result.objectives.index("validation_loss")]
            validations = ((best.epochs, loss),)
        if validations:
            epochs, losses = zip(*validations, strict=True)
            ax.plot(
                epochs,
                _finite(losses),
                color=MAIN,
                marker="s",
                markersize=4,
                linewidth=1.0,
                label="validation, best",
            )
            shown += losses
    ax.autoscale_view()
    scale(ax, "y", shown)
    finish(ax, "Learning curves", "epoch", loss_label(result))
    whole_ticks(ax)
    legend(ax)
    return ax


def draw_supernet_curves(result: DARTSResult, ax: Axes | None) -> Axes:
    """See `swiftnas.plot.DARTSPlots.learning_curves`."""
    ax = axes(ax)
    for name, losses, colour, style in (
        ("rows that move the weights", result.training_losses, MAIN, "-"),
        ("rows that move α", result.alpha_losses, BEST, "--"),
    ):
        epochs = np.arange(1, len(losses) + 1)
        marker = "o" if len(losses) == 1 else None
        ax.plot(epochs, _finite(losses), style, color=colour, marker=marker, label=name)
    # Epochs count from 1 on the axis, from 0 in the result.
    ax.axvline(result.epoch + 1, color=FAINT, linestyle=":", label="α taken after this epoch")
    scale(ax, "y", [*result.training_losses, *result.alpha_losses])
    finish(ax, "Learning curves of the supernet", "epoch", loss_label(result.settings))
    whole_ticks(ax)
    legend(ax)
    return ax


def _best(result: SearchResult) -> Trial | None:
    """The best of the trials that count and were trained, by the first objective."""
    trials = [trial for trial in counting(result) if trial.training_losses]
    return min(trials, key=lambda trial: trial.value, default=None)


def _curve(losses: tuple[float, ...]) -> np.ndarray:
    """Epochs from 1 and losses, as (epoch, 2)."""
    return np.column_stack([np.arange(1, len(losses) + 1), _finite(losses)])


def _finite(losses: tuple[float, ...]) -> np.ndarray:
    """The losses, those that cannot be drawn as NaN, which leaves a gap."""
    values = np.array(losses, np.float64)
    return np.where(np.isfinite(values), values, _ABSENT)
