"""Plain data for JSON, which knows neither NaN and infinity nor NumPy's scalars."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas.whole_file import write_whole

if TYPE_CHECKING:
    import os


def json_data(value: Any) -> Any:
    """`value` in JSON's types: numbers that are not finite as null, other objects as their repr."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Mapping):
        return {str(key): json_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_data(item) for item in value]
    return repr(value)


def with_tuples(architecture: Mapping[str, Any]) -> dict[str, Any]:
    """An architecture that was read from JSON, which has lists for tuples."""
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in architecture.items()
    }


def json_text(data: Any, path: str | os.PathLike[str] | None, *, indent: int | None) -> str:
    """`data` as JSON text, also written to `path` if given."""
    text = json.dumps(data, indent=indent, allow_nan=False, ensure_ascii=False)
    if path is not None:
        write_whole(path, f"{text}\n".encode())
    return text
