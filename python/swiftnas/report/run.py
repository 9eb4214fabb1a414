"""What the page says about one result, gathered before any HTML is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swiftnas.differentiable import DARTSResult
from swiftnas.plot.architecture import architecture_size, checked_layers, layer_label
from swiftnas.plot.axes import objective_label
from swiftnas.report.pictures import SIZE, Picture, picture
from swiftnas.report.snippet import snippet
from swiftnas.report.tables import (
    best_trial,
    settings_html,
    shown,
    space_html,
    summary,
    trials_html,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: Trials in the table.
_ROWS = 10

#: Parameters beside each other in one picture, and bars in one.
_MOST_AXES = 7
_MOST_BARS = 10


@dataclass(frozen=True, slots=True)
class Run:
    """One result as the page shows it; texts that end in ``html`` are HTML already."""

    anchor: str
    name: str
    summary: str
    #: Names and values of the figures at the top.
    figures: list[tuple[str, str]]
    #: Best value, trials, epochs and time, for a page with several runs.
    comparison: tuple[str, str, str, str]
    best_html: str
    network: Picture | None
    pictures: list[Picture]
    notes: list[str]
    trials_html: str
    space_html: str
    origin_html: str
    snippet: str


def run_of(result: SearchResult | DARTSResult, name: str, number: int) -> Run:
    """The run of a result; `number` keeps its names apart from those of others."""
    anchor = f"run-{number}"
    search = result.settings if isinstance(result, DARTSResult) else result
    best = best_trial(search)
    seconds = search.wall_seconds
    text = summary(search)
    pictures: list[Picture] = []
    notes: list[str] = []
    if isinstance(result, DARTSResult):
        seconds += result.wall_seconds
        text = f"supernet of {_layers(result.supernet_layers)}, then {text}"
        pictures += _supernet_pictures(result, anchor)
        notes.append(
            "The supernet chose activations and depth; the trials are those of the training "
            "settings that followed. Its own options are not part of the result, so the program "
            "below repeats the trials."
        )
    pictures += _search_pictures(search, anchor, notes)
    return Run(
        anchor=anchor,
        name=name,
        summary=text,
        figures=_figures(search, best, seconds),
        comparison=(
            "–" if best is None else _values_text(search, best),
            f"{len(search.trials):,}",
            f"{sum(trial.trained_epochs for trial in search.trials):,}",
            _duration(seconds),
        ),
        best_html="" if best is None else _best_html(search, best),
        network=None if best is None else _network(best, anchor),
        pictures=pictures,
        notes=notes,
        trials_html="" if best is None else trials_html(search, _ROWS),
        space_html=space_html(search.space),
        origin_html=settings_html("Search settings", _origin(search)),
        snippet=snippet(search),
    )


def _figures(search: SearchResult, best: Trial | None, seconds: float) -> list[tuple[str, str]]:
    """Names and values for the top."""
    figures = []
    if best is not None and len(search.objectives) == 1:
        figures.append((f"best {objective_label(search, 0)}", _values_text(search, best)))
    elif best is not None:
        figures.append(("on the Pareto front", str(len(search.pareto_front))))
    figures.append(("trials", f"{len(search.trials):,}"))
    epochs = sum(trial.trained_epochs for trial in search.trials)
    if epochs:
        figures.append(("epochs trained", f"{epochs:,}"))
    figures.append(("wall time", _duration(seconds)))
    counts = Counter(trial.status for trial in search.trials)
    if set(counts) - {"ok"}:
        text = ", ".join(f"{count} {status}" for status, count in counts.most_common())
        figures.append(("outcomes", text))
    return figures


def _layers(count: int) -> str:
    return f"{count} hidden layer" + ("" if count == 1 else "s")


def _values_text(search: SearchResult, trial: Trial) -> str:
    return ", ".join(f"{value:.4g}" for value in search.objective_values(trial))


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _best_html(search: SearchResult, best: Trial) -> str:
    values = dict(zip(search.objectives, search.objective_values(best), strict=True))
    costs = {"parameters": best.parameters, "FLOPs per row": best.flops, "seed": best.seed}
    rows = best.architecture | values
    rows |= {
        name: f"{value:,}" if name != "seed" else str(value)
        for name, value in costs.items()
        if value is not None and name not in rows
    }
    front = len(search.objectives) > 1
    kind = f"First of the Pareto front by {search.objectives[0]}" if front else "The best"
    return settings_html(f"{kind}: trial {best.number}", rows)


def _network(best: Trial, anchor: str) -> Picture | None:
    """The best architecture drawn; None if it is not one that a task trains."""
    from swiftnas.plot.architecture import draw_architecture

    try:
        layers = checked_layers(best.architecture)
    except (TypeError, ValueError):
        return None
    words = "; ".join(layer_label(layer) + (" with skip" if layer.skip else "") for layer in layers)
    return picture(
        lambda ax: draw_architecture(best.architecture, None, ax),
        "Network",
        f"Graph of the network with {len(layers)} hidden layers from input to output: {words}.",
        f"{anchor}-network-",
        (SIZE[0], architecture_size(best.architecture)[1]),
    )


def _supernet_pictures(result: DARTSResult, anchor: str) -> Iterator[Picture]:
    from swiftnas.plot.alphas import alphas_height

    yield picture(
        lambda ax: result.plot.alphas(ax=ax),
        "Weights of the candidates, softmax(α)",
        f"Weights of {sum(map(len, result.candidates))} candidates in {len(result.candidates)} "
        f"cells over {len(result.alphas)} epochs; α was taken after epoch {result.epoch + 1}.",
        f"{anchor}-alphas-",
        (SIZE[0], alphas_height(result)),
    )
    yield picture(
        lambda ax: result.plot.learning_curves(ax=ax),
        "Learning curves of the supernet",
        f"Losses of the supernet over {len(result.training_losses)} epochs, on the rows that move "
        f"the weights and on those that move α.",
        f"{anchor}-supernet-",
    )


def _search_pictures(search: SearchResult, anchor: str, notes: list[str]) -> Iterator[Picture]:
    """The pictures that the trials allow; `notes` says which they do not."""
    if not search.trials:
        return
    best = best_trial(search)
    several = len(search.objectives) > 1
    label = objective_label(search, 0)
    found = "no trial succeeded" if best is None else f"the best is trial {best.number}"
    value = "" if best is None else f" with {label} {shown(search.objective_values(best)[0])}"
    yield picture(
        lambda ax: search.plot.history(ax=ax),
        "History of the search" + (f": {label}" if several else ""),
        f"{label} of each of {len(search.trials)} trials; {found}{value}.",
        f"{anchor}-history-",
    )
    if several:
        front = ", ".join(f"trial {trial.number}" for trial in search.pareto_front)
        second = objective_label(search, 1)
        yield picture(
            lambda ax: search.plot.pareto(ax=ax),
            "Pareto front",
            f"{label} against {second}; on the Pareto front: {front or 'none'}.",
            f"{anchor}-pareto-",
        )
    if any(trial.training_losses for trial in search.trials):
        yield picture(
            lambda ax: search.plot.learning_curves(ax=ax),
            "Learning curves",
            f"Training loss by epoch of all trials; {found}.",
            f"{anchor}-curves-",
        )
    ranking, draw = _importance(search, notes)
    if draw is not None:
        from swiftnas.plot.importance import bars_height

        yield picture(
            draw,
            f"Importance of parameters for {label}",
            f"Importance of {len(ranking)} parameters, most important first: {', '.join(ranking)}.",
            f"{anchor}-importance-",
            (SIZE[0], bars_height(len(ranking))),
        )
    varied = [name for name, parameter in search.space.items() if parameter.size != 1]
    if not varied:
        return
    axes = [name for name in ranking or varied if name in varied][:_MOST_AXES]
    order = [name for name in varied if name in axes]
    left = len(varied) - len(order)
    if left:
        kind = "most important" if ranking else "first"
        notes.append(
            f"Choices and values are shown for the {kind} {len(order)} of {len(varied)} parameters."
        )
    yield picture(
        lambda ax: search.plot.parallel(parameters=order, ax=ax),
        "Choices and values of the trials",
        f"Parallel coordinates of {len(search.trials)} trials over {', '.join(order)} and {label}; "
        f"{found}{value}.",
        f"{anchor}-parallel-",
        (max(SIZE[0], 0.95 * (len(order) + 1)), 3.4),
    )


def _importance(
    search: SearchResult, notes: list[str]
) -> tuple[list[str], Callable[[Axes], object] | None]:
    """Parameters by importance, and what draws it; neither if it cannot be computed."""
    from swiftnas.plot.importance import draw_bars, permutation_importances

    try:
        found, explained = permutation_importances(search, 0, 0)
    except (ImportError, ValueError) as error:
        notes.append(f"No importance of parameters: {error}.")
        return [], None
    label = objective_label(search, 0)
    if len(found) > _MOST_BARS:
        notes.append(f"Importance is shown for the first {_MOST_BARS} of {len(found)} parameters.")
    bars = dict(list(found.items())[:_MOST_BARS])
    return list(bars), lambda ax: draw_bars(bars, explained, label, ax)


def _origin(search: SearchResult) -> dict[str, Any]:
    """What the search came from."""
    options = ", ".join(f"{name}={value!r}" for name, value in search.strategy.options.items())
    return {
        "strategy": type(search.strategy).__name__,
        "its options": options or "none",
        "objectives": ", ".join(search.objectives),
        "epochs per trial": search.epochs,
        "seed": str(search.seed),
        "random numbers": search.rng,
        "ended by": search.stop_reason,
    }
