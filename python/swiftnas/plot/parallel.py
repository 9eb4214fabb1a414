"""Parallel coordinates: a line per trial through its choices to its value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas.conditional import Conditional
from swiftnas.parameters import Categorical, Float, Integer, Parameter
from swiftnas.plot.axes import (
    BEST,
    FAILED,
    FAINT,
    MAIN,
    MANY,
    axes,
    objective_index,
    objective_label,
    shown_value,
    spans_decades,
)
from swiftnas.plot.trial_groups import counting, lower_fidelity, unsuccessful

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: Where lines go that have no place on an axis: below for a choice that is not there, above for a
#: value that is not finite.
BELOW, ABOVE = -0.12, 1.1

#: Choices that are all named; of more, only the ends are.
_NAMED = 8

#: Characters of a choice or a name that are shown.
_LONGEST = 16

#: Opacities of few lines, and the number of lines from which the faint ones fade further.
_FAINTEST, _STRONGEST, _INK = 0.12, 0.85, 60

#: Inches per axis.
_COLUMN = 1.05


def draw_parallel(
    result: SearchResult, parameters: Sequence[str] | None, objective: int | str, ax: Axes | None
) -> Axes:
    """See `swiftnas.plot.SearchPlots.parallel`."""
    names = _shown(result, parameters)
    index = objective_index(result, objective)
    ax = axes(ax, (max(4.8, _COLUMN * (len(names) + 1)), 3.6))
    full = sorted(counting(result), key=lambda trial: -trial.values[index])
    partial = lower_fidelity(result)
    values = [shown_value(result, trial, index) for trial in (*full, *partial)]
    value_axis = _ValueAxis(values)
    lines = {
        trial.number: [
            *(_place(result.space[name], trial.architecture.get(name, _ABSENT)) for name in names),
            value_axis.place(shown_value(result, trial, index)),
        ]
        for trial in result.trials
    }
    _draw(ax, [t for group in unsuccessful(result).values() for t in group], lines, FAILED, 0.35)
    _draw(ax, partial, lines, FAINT, 0.35)
    # The strongest line is that of the best but one; the best has a colour of its own.
    _draw(ax, full[:-1], lines, MAIN, _strengths(len(full) - 1))
    if full:
        ax.plot(lines[full[-1].number], color=BEST, linewidth=2.2, label=_best_label(full[-1]))
    for place, name in enumerate(names):
        _draw_axis(ax, place, _ticks(result.space[name]))
    _draw_axis(ax, len(names), value_axis.ticks(), colour=BEST)
    low, high = -0.06, 1.04
    if any(line[place] == BELOW for line in lines.values() for place in range(len(names))):
        low = BELOW - 0.06
        ax.text(-0.12, BELOW, "not there", ha="right", va="center", fontsize="x-small")
    if any(line[-1] == ABOVE for line in lines.values()):
        high = ABOVE + 0.06
        ax.text(len(names) + 0.06, ABOVE, "no value", va="center", fontsize="x-small")
    ax.set_xlim(-0.35, len(names) + 0.75)
    ax.set_ylim(low, high)
    labels = [*map(_short_name, names), _short_name(objective_label(result, index))]
    ax.set_xticks(range(len(labels)), labels, fontsize="small")
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.tick_params(axis="x", length=0)
    ax.set_title("Choices and values of the trials", loc="left")
    if full:
        ax.legend(loc="lower right", bbox_to_anchor=(1, 0.98), frameon=False, fontsize="small")
    return ax


#: Stands for the choice of a parameter that an architecture has not; None may be a choice.
_ABSENT = object()


def _shown(result: SearchResult, parameters: Sequence[str] | None) -> list[str]:
    """The names of the parameters to show."""
    if parameters is None:
        return [name for name, parameter in result.space.items() if parameter.size != 1]
    names = [parameters] if isinstance(parameters, str) else list(parameters)
    for name in names:
        if name not in result.space:
            raise ValueError(
                f"parameters must name parameters of the space ({', '.join(result.space)}), "
                f"got {name!r}"
            )
    return names


def _plain(parameter: Parameter) -> Parameter:
    return parameter.parameter if isinstance(parameter, Conditional) else parameter


def _place(parameter: Parameter, value: Any) -> float:
    """Where a choice is on its axis, in [0, 1]; `BELOW` if it is not there."""
    if value is _ABSENT:
        return BELOW
    plain = _plain(parameter)
    if isinstance(plain, Categorical):
        index = plain._codes.index(plain._encode(value))
        return index / (len(plain.choices) - 1) if len(plain.choices) > 1 else 0.5
    assert isinstance(plain, Integer | Float)
    return _position(float(value), float(plain.low), float(plain.high), log=plain.log)


def _position(value: float, low: float, high: float, *, log: bool) -> float:
    if low == high:
        return 0.5
    if log:
        value, low, high = math.log(value), math.log(low), math.log(high)
    # Divided first, as the difference of the ends may be infinite.
    return (value / 2 - low / 2) / (high / 2 - low / 2)


def _ticks(parameter: Parameter) -> list[tuple[float, str]]:
    """Places and names of the choices to name."""
    plain = _plain(parameter)
    if isinstance(plain, Categorical):
        few = len(plain.choices) <= _NAMED
        named = plain.choices if few else (plain.choices[0], plain.choices[-1])
        return [(_place(plain, choice), _short(choice)) for choice in named]
    assert isinstance(plain, Integer | Float)
    return [(_place(plain, end), _short(end)) for end in dict.fromkeys((plain.low, plain.high))]


class _ValueAxis:
    """The scale of the last axis: from the least finite value to the greatest."""

    def __init__(self, values: list[float]) -> None:
        finite = [value for value in values if math.isfinite(value)]
        self.low, self.high = (min(finite), max(finite)) if finite else (0.0, 0.0)
        self.log = spans_decades(finite)
        self._is_empty = not finite

    def place(self, value: float) -> float:
        """The place in [0, 1]; `ABOVE` if there is none."""
        # Trials that do not count may have values beyond those that do.
        if not math.isfinite(value) or not self.low <= value <= self.high or self._is_empty:
            return ABOVE
        return _position(value, self.low, self.high, log=self.log)

    def ticks(self) -> list[tuple[float, str]]:
        """The ends, and the middle."""
        if self._is_empty:
            return []
        if self.low == self.high:
            return [(0.5, f"{self.low:.4g}")]
        middle = math.sqrt(self.low * self.high) if self.log else self.low / 2 + self.high / 2
        return [(self.place(value), f"{value:.4g}") for value in (self.low, middle, self.high)]


def _draw(
    ax: Axes, trials: list[Trial], lines: dict[int, list[float]], colour: str, alpha: Any
) -> None:
    """The lines of trials, each with its strength."""
    from matplotlib.collections import LineCollection

    if not trials:
        return
    segments = [list(enumerate(lines[trial.number])) for trial in trials]
    many = len(segments) > MANY
    ax.add_collection(
        LineCollection(segments, colors=colour, alpha=alpha, linewidths=1.0, rasterized=many)
    )


def _strengths(count: int) -> Any:
    """How opaque each of so many lines is, worst first: of many, only the best stand out."""
    faintest = min(_FAINTEST, _INK / 8 / max(1, count))
    power = max(1.0, count / _INK)
    return faintest + (_STRONGEST - faintest) * np.linspace(0, 1, max(1, count)) ** power


def _draw_axis(ax: Axes, place: int, ticks: list[tuple[float, str]], colour: str = FAINT) -> None:
    from matplotlib.patheffects import withStroke

    ax.plot([place, place], [0, 1], color=colour, linewidth=1.2)
    # Lines pass behind the text, not through it.
    outline = withStroke(linewidth=2.5, foreground=ax.get_facecolor())
    for height, text in ticks:
        ax.plot([place, place + 0.04], [height, height], color=colour, linewidth=1.2)
        label = ax.text(place + 0.07, height, text, va="center", fontsize="x-small", zorder=4)
        label.set_path_effects([outline])


def _best_label(trial: Trial) -> str:
    return f"best (trial {trial.number})"


def _short(value: Any) -> str:
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _short_name(name: str) -> str:
    """A name in lines that fit beside each other."""
    import textwrap

    return "\n".join(textwrap.wrap(name.replace("_", " "), 12, break_long_words=False))
