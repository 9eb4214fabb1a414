"""Figures and tables as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from quality.statistics import Estimate


def figure(value: float) -> str:
    """Three significant digits."""
    return f"{value:.3g}"


def estimate(given: Estimate | None) -> str:
    """A figure with its interval."""
    if given is None:
        return "–"
    return f"{figure(given.value)} [{figure(given.low)}, {figure(given.high)}]"


def p_value(value: float) -> str:
    """A p-value, the smallest ones by their bound."""
    return "p < 0.0001" if value < 1e-4 else f"p = {value:.2g}"


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
