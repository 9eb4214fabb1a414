"""Results of searches read from their JSON, as `SearchResult.to_json` writes it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swiftnas import stopping, strategies
from swiftnas._json import with_tuples
from swiftnas.command_line.errors import intact
from swiftnas.results import SearchResult
from swiftnas.search_space import SearchSpace
from swiftnas.trial import Trial

#: What the fields of a result must be, but for those that are made into something else.
_RESULT = {
    "seed": int,
    "epochs": int | None,
    "objectives": list,
    "maximized": list,
    "loss": str | None,
    "standardized": bool,
    "weighted": bool,
    "stop_reason": str,
    "wall_seconds": int | float,
    "trials": list,
}

#: The same of a trial.
_TRIAL = {
    "number": int,
    "architecture": dict,
    "status": str,
    "seed": int,
    "epochs": int | None,
    "parameters": int | None,
    "flops": int | None,
    "wall_seconds": int | float,
    "cached": bool,
    "fidelity": int | float,
    "trained_epochs": int | float,
    "measures": dict,
    "error": str | None,
    "validation_accuracy": int | float | None,
}


def read_result(path: Path) -> SearchResult:
    """The result in a file; an error of one line if it is damaged or another one."""
    with intact(path, "result of a search"):
        return result_from_dict(json.loads(path.read_text(encoding="utf-8")))


def result_from_dict(data: Mapping[str, Any]) -> SearchResult:
    """The result that `SearchResult.to_dict` described; losses that were not finite are NaN."""
    fields = dict(data)
    strategy, rule = fields.pop("strategy"), fields.pop("stopping")
    if strategy["name"] not in strategies.__all__:
        raise ValueError(f"strategy must be one of the engine's, got {strategy['name']!r}")
    if rule is not None and rule["name"] not in ("Patience", "Median", "Extrapolation"):
        raise ValueError(f"stopping must be a rule of swiftnas.stopping, got {rule['name']!r}")
    _check_kinds(fields, _RESULT)
    objectives = tuple(fields.pop("objectives"))
    trials = tuple(_trial(trial) for trial in fields.pop("trials"))
    if not objectives or any(len(trial.values) != len(objectives) for trial in trials):
        raise ValueError("values must be one per objective")
    maximized = tuple(fields.pop("maximized"))
    if not set(maximized) <= set(objectives):
        raise ValueError(f"maximized must name objectives, got {maximized}")
    return SearchResult(
        trials=trials,
        space=SearchSpace.from_dict(fields.pop("space")),
        strategy=getattr(strategies, strategy["name"])(**strategy["options"]),
        stopping=None if rule is None else getattr(stopping, rule["name"])(**rule["options"]),
        objectives=objectives,
        maximized=maximized,
        **fields,
    )


def _trial(data: Mapping[str, Any]) -> Trial:
    """A trial; values that were not finite were infinite."""
    fields = dict(data)
    _check_kinds(fields, _TRIAL)
    fields["architecture"] = with_tuples(fields["architecture"])
    fields["value"] = _number(fields["value"], math.inf)
    fields["values"] = tuple(_number(value, math.inf) for value in fields["values"])
    fields["training_losses"] = tuple(_number(loss, math.nan) for loss in fields["training_losses"])
    fields["validation_losses"] = tuple(
        (epoch, _number(loss, math.nan)) for epoch, loss in fields["validation_losses"]
    )
    fields["violation"] = _number(fields["violation"], math.inf)
    fields["measures"] = {
        name: _number(value, math.inf) for name, value in fields["measures"].items()
    }
    return Trial(**fields)


def _number(value: Any, missing: float) -> float:
    if value is None:
        return missing
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"values and losses must be numbers, got {value!r:.40}")
    return value


def _check_kinds(fields: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    """Raise an error unless all these fields are there and what they must be."""
    for name, kind in kinds.items():
        value = fields[name]
        # To Python, true is a whole number.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"{name} must not be {value!r:.40}")
