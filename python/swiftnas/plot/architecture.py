"""A network drawn as a graph: its layers from top to bottom, as wide as their numbers say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swiftnas.plot.axes import BEST, FAINT, MAIN, STOPPED, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.architecture import HiddenLayer
    from swiftnas.task import Task

#: Widths of the narrowest and the widest box, in widths of the axes.
_NARROW, _WIDE = 0.3, 0.62

#: Height of a box; the distance from one to the next is 1.
_HEIGHT = 0.56

#: Hidden layers of which each is drawn; of more, those in the middle are left out.
_MOST = 12

_INCHES_PER_LAYER = 0.62


def draw_architecture(architecture: Mapping[str, Any], task: Task | None, ax: Axes | None) -> Axes:
    """See `swiftnas.plot.SearchPlots.architecture`."""
    layers = checked_layers(architecture)
    rows = drawn_rows(layers)
    ax = axes(ax, architecture_size(architecture))
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(len(rows) + 1.5, -0.5)
    ax.set_title(_title(layers))
    widest = max(layer.width for layer in layers)
    features = "input" if task is None else f"input: {_count(task.input_width, 'feature')}"
    output = "output" if task is None else f"output: {_outputs(task)}"
    _box(ax, 0, _NARROW, features, FAINT)
    before = task.input_width if task is not None else None
    for place, row in enumerate(rows, 1):
        _arrow(ax, place - 1, place)
        if isinstance(row, int):
            ax.text(0.5, place, f"⋮  {row} more layers  ⋮", ha="center", va="center")
            before = None
            continue
        _box(ax, place, _share(row.width, widest), layer_label(row), MAIN)
        if row.skip:
            _skip(ax, place, projects=before is not None and before != row.width)
        before = row.width
    _arrow(ax, len(rows), len(rows) + 1)
    _box(ax, len(rows) + 1, _NARROW, output, FAINT)
    return ax


def checked_layers(architecture: Mapping[str, Any]) -> list[HiddenLayer]:
    """The hidden layers; an error if the architecture is not one that a task can train."""
    from swiftnas import _native
    from swiftnas.architecture import hidden_layers, plain_architecture

    # The engine's own check; the widths of input and output do not matter to it.
    _native.describe(plain_architecture(architecture), 1, 1, 1)
    return hidden_layers(architecture)


def drawn_rows(layers: list[HiddenLayer]) -> list[HiddenLayer | int]:
    """The layers, with the number of those left out in the middle of a deep network."""
    if len(layers) <= _MOST:
        return list(layers)
    half = _MOST // 2
    return [*layers[:half], len(layers) - 2 * half, *layers[-half:]]


def architecture_size(architecture: Mapping[str, Any]) -> tuple[float, float]:
    """Inches that the picture takes: higher for deeper networks."""
    count = len(drawn_rows(checked_layers(architecture)))
    return 4.8, 0.5 + _INCHES_PER_LAYER * (count + 2)


def layer_label(layer: HiddenLayer) -> str:
    """A layer in words, as ``64 · ReLU · dropout 0.2``."""
    parts = [f"{layer.width}", layer.activation]
    if layer.dropout > 0:
        parts.append(f"dropout {layer.dropout:g}")
    return " · ".join(parts)


def _title(layers: list[HiddenLayer]) -> str:
    skips = sum(layer.skip for layer in layers)
    tail = f", {_count(skips, 'skip connection')}" if skips else ""
    return f"Network: {_count(len(layers), 'hidden layer')}{tail}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _outputs(task: Task) -> str:
    """What a network for the task gives, in words."""
    if task.classes is None:
        return _count(task.output_width, "target")
    return f"{len(task.classes)} classes"


def _share(width: int, widest: int) -> float:
    """The width of a box: by the logarithm, or narrow layers would vanish."""
    return _NARROW + (_WIDE - _NARROW) * (math.log1p(width) / math.log1p(widest))


def _box(ax: Axes, place: float, width: float, text: str, colour: str) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (0.5 - width / 2, place - _HEIGHT / 2)
    style = "round,pad=0,rounding_size=0.03"
    for face, edge, alpha in ((colour, "none", 0.16), ("none", colour, 1.0)):
        ax.add_patch(
            FancyBboxPatch(
                corner,
                width,
                _HEIGHT,
                boxstyle=style,
                facecolor=face,
                edgecolor=edge,
                alpha=alpha,
                linewidth=1.3,
                mutation_aspect=4,
            )
        )
    ax.text(0.5, place, text, ha="center", va="center", fontsize="medium")


def _arrow(ax: Axes, start: int, end: int) -> None:
    ax.annotate(
        "",
        (0.5, end - _HEIGHT / 2),
        (0.5, start + _HEIGHT / 2),
        arrowprops={"arrowstyle": "-|>", "color": FAINT, "shrinkA": 0, "shrinkB": 0},
    )


def _skip(ax: Axes, place: int, *, projects: bool) -> None:
    """From above a layer, round it, to below it, where the input is added."""
    top, bottom, side = place - 0.5, place + 0.5, 0.9
    colour = STOPPED
    ax.plot([0.5, side, side, 0.53], [top, top, bottom, bottom], color=colour, linewidth=1.4)
    ax.plot(0.5, bottom, "o", markersize=9, color="none", markeredgecolor=colour)
    ax.plot(0.5, bottom, "+", markersize=6, color=BEST)
    text = "linear\nprojection" if projects else "skip"
    ax.text(side + 0.01, place, text, va="center", fontsize="x-small", color=colour)
