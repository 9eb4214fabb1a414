"""Weights that a training starts from, as users give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from swiftnas import _arrays
from swiftnas.standardization import NAMES

if TYPE_CHECKING:
    import numpy.typing as npt


def weight_arrays(
    given: Mapping[str, npt.ArrayLike] | Sequence[npt.ArrayLike],
    shapes: Mapping[str, tuple[int, ...]],
) -> list[npt.NDArray[np.float32]]:
    """Initial weights as float32 arrays in the engine's order."""
    if isinstance(given, Mapping):
        for name in given:
            # Not weights, but in the state of a `StandardizedNetwork`.
            if name not in shapes and name not in NAMES:
                raise ValueError(
                    f"initial_weights has the key {name!r}, "
                    f"the architecture has: {', '.join(shapes)}"
                )
        for name in shapes:
            if name not in given:
                raise ValueError(f"initial_weights must have the key {name!r}")
        arrays = [given[name] for name in shapes]
    elif isinstance(given, list | tuple):
        arrays = list(given)
    else:
        raise TypeError(
            f"initial_weights must be a dict or a list of arrays, got {type(given).__name__}"
        )
    if len(arrays) != len(shapes):
        raise ValueError(
            f"initial_weights must have {len(shapes)} arrays ({', '.join(shapes)}), "
            f"got {len(arrays)}"
        )
    return [
        _arrays.shaped(array, f"initial_weights[{name!r}]", shape)
        for array, (name, shape) in zip(arrays, shapes.items(), strict=True)
    ]
