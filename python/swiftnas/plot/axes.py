"""What all pictures share: axes to draw on, colours, scales and names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: Okabe and Ito's colours, by what they are used for.
MAIN = "#0072b2"
BEST = "#d55e00"
STOPPED = "#009e73"
FAILED = "#cc79a7"
#: What is there, but does not count.
FAINT = "#808080"

#: Width and height of a picture in inches: 10-point text is readable at a phone's width.
SIZE = (4.8, 3.4)

#: Decades that numbers must span for their axis to be logarithmic.
_DECADES = 1.0

#: Decades up to which powers of ten alone would be too few labels.
_FEW_DECADES = 3.0

#: Marks beyond which a picture keeps them as an image, not as shapes.
MANY = 1_000

#: Losses that people write otherwise than we name them.
_LOSSES = {"mse": "MSE", "mae": "MAE", "huber": "Huber"}

#: What objectives with a name of ours are called on an axis.
_LABELS = {
    "parameters": "parameters",
    "flops": "FLOPs per row",
    "memory": "memory of training (bytes)",
    "latency": "latency (seconds per row)",
}


def axes(ax: Axes | None, size: tuple[float, float] = SIZE) -> Axes:
    """`ax`, or the axes of a new figure, which a notebook shows."""
    if ax is not None:
        if not hasattr(ax, "add_artist"):
            raise TypeError(f"ax must be matplotlib's Axes, got {type(ax).__name__}")
        return ax
    require_matplotlib()
    from matplotlib import pyplot

    _, made = pyplot.subplots(figsize=size, layout="constrained")
    return made


def require_matplotlib() -> None:
    """Raise an error that says what to install unless matplotlib is there."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise ImportError(
            "plots need matplotlib; install it with: pip install 'swiftnas[plot]'"
        ) from None


def spans_decades(values: Iterable[float]) -> bool:
    """Whether finite numbers are all positive, and the largest ten times the least."""
    numbers = np.array([value for value in values if np.isfinite(value)])
    if not len(numbers) or numbers.min() <= 0:
        return False
    return bool(np.log10(numbers.max()) - np.log10(numbers.min()) >= _DECADES)


def scale(ax: Axes, axis: str, values: Iterable[float]) -> None:
    """A logarithmic `axis`, ``"x"`` or ``"y"``, if the values ask for one."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    numbers = [float(value) for value in values if np.isfinite(value)]
    if not spans_decades(numbers):
        return
    getattr(ax, f"set_{axis}scale")("log")
    if max(numbers) < min(numbers) * 10**_FEW_DECADES:
        which = getattr(ax, f"{axis}axis")
        which.set_major_locator(LogLocator(subs=(1, 2, 5)))
        which.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        which.set_minor_formatter(NullFormatter())


def whole_ticks(ax: Axes) -> None:
    """Ticks of the horizontal axis at whole numbers, as there is no half of a trial or epoch."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))


def finish(ax: Axes, title: str, x: str, y: str) -> None:
    """Names, a quiet grid, and no frame where nothing is measured."""
    ax.set_title(title)
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.grid(visible=True, color=FAINT, alpha=0.25, linewidth=0.6)
    ax.set_axisbelow(True)
    ax.spines[["top", "right"]].set_visible(False)


def legend(ax: Axes) -> None:
    """A legend where it hides least, if there is something to tell apart."""
    handles, labels = ax.get_legend_handles_labels()
    if len(labels) > 1:
        box = ax.legend(handles, labels, fontsize="small", facecolor=ax.get_facecolor())
        box.get_frame().set(edgecolor="none", alpha=0.75)
        # What is faint for being many must still be seen here.
        for handle in filter(None, box.legend_handles):
            handle.set_alpha(1)


def objective_index(result: SearchResult, objective: Any, name: str = "objective") -> int:
    """The place of an objective that is given by its place or name."""
    names = result.objectives
    if isinstance(objective, str) and objective in names:
        return names.index(objective)
    is_number = isinstance(objective, int | np.integer) and not isinstance(objective, bool)
    if is_number and 0 <= objective < len(names):
        return int(objective)
    allowed = ", ".join(f"{index} or {item!r}" for index, item in enumerate(names))
    raise ValueError(f"{name} must be {allowed}, got {objective!r}")


def shown_value(result: SearchResult, trial: Trial, index: int) -> float:
    """The value of an objective that a picture shows, which is not negated where it is maximised.

    Trials are compared by `Trial.values`.
    """
    return result.objective_values(trial)[index]


def objective_label(result: SearchResult, index: int) -> str:
    """What an objective is called on an axis, with its unit if that is known."""
    name = result.objectives[index]
    if result.epochs is None:
        return name
    if name == "validation_loss":
        return f"validation {loss_label(result)}"
    return _LABELS.get(name, name)


def loss_label(result: SearchResult) -> str:
    """What the losses of a search with a task are."""
    assert result.loss is not None
    return f"loss ({_LOSSES.get(result.loss, result.loss.replace('_', ' '))})"
