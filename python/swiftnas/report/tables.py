"""Spaces, results and models as HTML tables, for notebooks and the report; needs nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from swiftnas.conditional import Conditional
from swiftnas.parameters import Categorical, Float, Integer, Parameter

if TYPE_CHECKING:
    from swiftnas.differentiable import DARTSResult
    from swiftnas.model import Model
    from swiftnas.results import SearchResult
    from swiftnas.search_space import SearchSpace
    from swiftnas.trial import Trial

#: Trials that a notebook shows.
_FEW = 5

#: Choices that are all listed; of more, only the first ones.
_LISTED = 12


def table(caption: str, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """An HTML table with a caption; the first cell of each row is its heading."""
    rows = list(rows)
    numeric = [
        any(map(_is_number, column)) and all(cell is None or _is_number(cell) for cell in column)
        for column in zip(*rows, strict=True)
    ] or [False] * len(headings)
    number = ("", ' class="number"')
    head = "".join(
        f'<th scope="col"{number[right]}>{escape(text)}</th>'
        for text, right in zip(headings, numeric, strict=True)
    )
    body = []
    for first, *rest in rows:
        cells = "".join(
            f"<td{number[right]}>{escape(shown(cell))}</td>"
            for cell, right in zip(rest, numeric[1:], strict=True)
        )
        body.append(f'<tr><th scope="row">{escape(shown(first))}</th>{cells}</tr>')
    return (
        f"<table><caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    )


def _is_number(cell: Any) -> bool:
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, str):
        return value
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.5g}" if math.isfinite(value) else str(value)
    if isinstance(value, tuple | list):
        return ", ".join(map(shown, value))
    return str(value)


def domain(parameter: Parameter) -> tuple[str, str, str]:
    """Kind, choices and conditions of a parameter in words."""
    plain = parameter.parameter if isinstance(parameter, Conditional) else parameter
    kind = type(plain).__name__.lower()
    if isinstance(plain, Integer | Float):
        choices = f"{shown(plain.low)} to {shown(plain.high)}"
        kind += ", logarithmic" if plain.log else ""
    else:
        assert isinstance(plain, Categorical)
        listed = [_choice(choice) for choice in plain.choices[:_LISTED]]
        rest = len(plain.choices) - len(listed)
        choices = ", ".join(listed) + (f" and {rest} more" if rest else "")
        kind = "fixed" if len(plain.choices) == 1 else kind
    conditions = "; ".join(
        f"{name}: {domain(values)[1]}" for name, values in parameter.conditions.items()
    )
    return kind, choices, conditions


def _choice(choice: Any) -> str:
    return f"({shown(choice)})" if isinstance(choice, tuple | list) else shown(choice)


def space_html(space: SearchSpace) -> str:
    """The space as a table, a row per parameter."""
    domains = {name: domain(parameter) for name, parameter in space.items()}
    conditional = any(conditions for _, _, conditions in domains.values())
    size = "" if space.size is None else f", {space.size:,} architectures"
    count = f"{len(space)} parameter" + ("" if len(space) == 1 else "s")
    forbidden = f", {len(space.forbidden)} forbidden combinations" if space.forbidden else ""
    headings = ["parameter", "kind", "choices", "only where"]
    return table(
        f"Search space: {count}{size}{forbidden}",
        headings if conditional else headings[:3],
        ((name, *cells) if conditional else (name, *cells[:2]) for name, cells in domains.items()),
    )


def trials_html(result: SearchResult, count: int) -> str:
    """The best trials as a table, best first."""
    best = result.top(count)
    several = len(result.objectives) > 1
    varied = [name for name, parameter in result.space.items() if parameter.size != 1]
    known = [
        name
        for name in ("parameters", "epochs", "wall_seconds")
        if name not in result.objectives and any(getattr(t, name) is not None for t in best)
    ]
    headings = ["trial", *result.objectives, *varied, *known]
    rows = [
        (
            str(trial.number),
            *result.objective_values(trial),
            *(trial.architecture.get(name) for name in varied),
            *(getattr(trial, name) for name in known),
        )
        for trial in best
    ]
    kind = "The Pareto front and what comes next" if several else "The best trials"
    return table(f"{kind}: {len(best)} of {len(result.trials)}", headings, rows)


def search_html(result: SearchResult) -> str:
    """A search in short: one line and its best trials."""
    line = f"<p><strong>{escape(type(result).__name__)}</strong>: {escape(summary(result))}</p>"
    return line + (trials_html(result, _FEW) if result.top(1) else "")


def summary(result: SearchResult) -> str:
    """One sentence about a search."""
    best = best_trial(result)
    if best is None:
        outcome = result.failure if result.trials else "no trials"
    elif len(result.objectives) == 1:
        value = result.objective_values(best)[0]
        outcome = f"best {result.objectives[0]} {shown(value)} in trial {best.number}"
    else:
        outcome = f"{len(result.pareto_front)} on the Pareto front"
    count = f"{len(result.trials)} trial" + ("" if len(result.trials) == 1 else "s")
    return f"{count} of {type(result.strategy).__name__}, {outcome}, seed {result.seed}"


def best_trial(result: SearchResult) -> Trial | None:
    """The best trial, with several objectives the first of the Pareto front; None if none is."""
    return next(iter(result.top(1)), None)


def model_html(model: Model) -> str:
    """A model as a table of its settings and figures."""
    outputs, count = (
        ("targets", model.output_width)
        if model.classes is None
        else ("classes", len(model.classes))
    )
    figures: dict[str, Any] = {
        "validation loss": model.validation_loss,
        "status": model.status,
        "parameters": model.parameters,
        "FLOPs per row": model.flops,
        f"features → {outputs}": f"{model.input_width} → {count}",
        "epochs": model.epochs,
        "seed": f"{model.seed} ({model.rng})",
    }
    return settings_html("Trained network", model.architecture | figures)


def settings_html(caption: str, settings: Mapping[str, Any]) -> str:
    """Names and values as a table of two columns."""
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(shown(value))}</td></tr>'
        for name, value in settings.items()
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{rows}</tbody></table>"


def darts_html(result: DARTSResult) -> str:
    """A differentiable search in short: what was found, and the trials of its settings."""
    figures = {
        "value": result.value,
        "α taken after epoch": result.epoch + 1,
        "share of layers left out": result.skip_share,
        "seed": str(result.seed),
    }
    found = settings_html("DARTSResult: the architecture found", result.architecture | figures)
    return found + search_html(result.settings)
