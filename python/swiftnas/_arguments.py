"""Checks of plain arguments: each gives the value back in Python's own type or raises an error.

A wrong type is a `TypeError`, a wrong value a `ValueError`; both name the argument, what it must
be and what was given.
"""

from __future__ import annotations

import inspect
import operator
import os
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

#: The engine's names of its generators.
Generator: TypeAlias = Literal["counter", "torch"]

#: What users write for `rng`, and what the engine calls the generator.
GENERATORS: dict[str, Generator] = {"default": "counter", "torch": "torch"}


def given(function: Callable[..., Any], **values: Any) -> dict[str, Any]:
    """Those of a function's arguments that are not what they are by default."""
    parameters = inspect.signature(function).parameters
    return {name: value for name, value in values.items() if value != parameters[name].default}


def whole_number(value: Any, name: str, *, minimum: int, maximum: int | None = None) -> int:
    """`value` as an `int` in [minimum, maximum]; NumPy's integers count, booleans do not."""
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{_requirement(name, minimum, maximum)}, got {value!r}") from None
    if number < minimum or (maximum is not None and number > maximum):
        raise ValueError(f"{_requirement(name, minimum, maximum)}, got {number}")
    return number


def _requirement(name: str, minimum: int, maximum: int | None) -> str:
    allowed = f"≥ {minimum}" if maximum is None else f"in [{minimum}, {maximum}]"
    return f"{name} must be an integer {allowed}"


def real_number(value: Any, name: str) -> float:
    """`value` as a `float`, whatever number it is."""
    try:
        # Text would be parsed by `float`.
        if isinstance(value, str | bytes):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number, got {value!r}") from None


def seed_or_fresh(seed: Any) -> int:
    """`seed` checked, or a fresh one of 32 bits for None."""
    if seed is None:
        return int.from_bytes(os.urandom(4), "little")
    return whole_number(seed, "seed", minimum=0, maximum=2**63 - 1)


def generator(rng: Any) -> Generator:
    """The engine's name of the generator that users call `rng`."""
    if isinstance(rng, str) and rng in GENERATORS:
        return GENERATORS[rng]
    allowed = ", ".join(map(repr, GENERATORS))
    raise ValueError(f"rng must be one of {allowed}, got {rng!r}")
