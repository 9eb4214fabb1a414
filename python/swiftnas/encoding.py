"""Architectures as rows of numbers, for models of the kind that scikit-learn has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from swiftnas.conditional import Conditional
from swiftnas.parameters import Categorical, Float, Integer, Ordinal, Parameter
from swiftnas.search_space import SearchSpace

#: Choices of a range that has a single number.
_MIDDLE = 0.5


def encode(
    space: SearchSpace | Mapping[str, Any], architectures: Iterable[Mapping[str, Any]]
) -> npt.NDArray[np.float64]:
    """One row per architecture, with all columns in [0, 1].

    A `Categorical` has a column per choice, 1 for the one that was taken; an `Ordinal` a column
    for the place of its choice; a range a column for the place in it, on its own scale. A parameter
    with conditions has one more column: 1 where the architecture has it, while the others are 0
    where it has not.

    Examples
    --------
    >>> import swiftnas as nas
    >>> from swiftnas.encoding import encode
    >>> space = {"width": [16, 32, 64], "activation": ["ReLU", "Tanh"]}
    >>> encode(space, [{"width": 32, "activation": "Tanh"}]).tolist()
    [[0.5, 0.0, 1.0]]
    """
    space = SearchSpace.of(space)
    rows = []
    for architecture in architectures:
        space.validate(architecture)
        row: list[float] = []
        for name, parameter in space.items():
            if not isinstance(parameter, Conditional):
                row += _columns(parameter, architecture[name])
            elif name in architecture:
                row += [1.0, *_columns(parameter.parameter, architecture[name])]
            else:
                any_choice = parameter._representatives()[0]
                row += [0.0] * (1 + len(_columns(parameter.parameter, any_choice)))
        rows.append(row)
    return np.array(rows, np.float64)


def column_counts(space: SearchSpace) -> dict[str, int]:
    """How many columns of `encode` each parameter has, in their order."""
    counts = {}
    for name, parameter in space.items():
        is_conditional = isinstance(parameter, Conditional)
        plain = parameter.parameter if isinstance(parameter, Conditional) else parameter
        counts[name] = is_conditional + len(_columns(plain, plain._representatives()[0]))
    return counts


def _columns(parameter: Parameter, value: Any) -> list[float]:
    """The columns of one parameter that an architecture has."""
    if isinstance(parameter, Integer | Float):
        low, high, place = float(parameter.low), float(parameter.high), float(value)
        if low == high:
            return [_MIDDLE]
        if parameter.log:
            low, high, place = math.log(low), math.log(high), math.log(place)
        # Divided first, as the difference of the ends may be infinite.
        return [(place / 2 - low / 2) / (high / 2 - low / 2)]
    assert isinstance(parameter, Categorical)
    codes = parameter._codes
    index = codes.index(parameter._encode(value))
    if isinstance(parameter, Ordinal):
        return [index / (len(codes) - 1) if len(codes) > 1 else _MIDDLE]
    return [float(index == other) for other in range(len(codes))]
