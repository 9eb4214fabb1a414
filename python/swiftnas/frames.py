"""The trials of a search as a pandas data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swiftnas.trial import FACTS

if TYPE_CHECKING:
    import pandas

    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial


def frame(result: SearchResult) -> pandas.DataFrame:
    """See `SearchResult.to_frame`."""
    try:
        import pandas
    except ImportError:
        raise ImportError(
            "to_frame needs pandas; install it with: pip install 'swiftnas[pandas]'"
        ) from None
    names = [f"architecture.{name}" for name in result.space]
    measured = dict.fromkeys(name for trial in result.trials for name in trial.measures)
    columns = ["value", *_value_columns(result), *FACTS, *names]
    columns += [f"measures.{name}" for name in measured]
    rows = [_row(trial, result) for trial in result.trials]
    index = pandas.Index([trial.number for trial in result.trials], name="number")
    # Column by column, as choices may be tuples, which pandas takes for rows elsewhere.
    return pandas.DataFrame(
        {
            column: pandas.Series([row.get(column) for row in rows], index=index)
            for column in columns
        },
        index=index,
    )


def _value_columns(result: SearchResult) -> list[str]:
    """A column per objective, if there are several."""
    several = len(result.objectives) > 1
    return [f"values.{name}" for name in result.objectives] if several else []


def _row(trial: Trial, result: SearchResult) -> dict[str, Any]:
    row = {"value": trial.value} | {name: getattr(trial, name) for name in FACTS}
    row |= dict(zip(_value_columns(result), trial.values, strict=False))
    row |= {f"architecture.{name}": value for name, value in trial.architecture.items()}
    return row | {f"measures.{name}": value for name, value in trial.measures.items()}
