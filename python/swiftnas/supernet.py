"""What a search space says about the supernet of `darts`, and what of it is left for the trials."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from swiftnas._arguments import whole_number
from swiftnas.parameters import Categorical, Integer, Parameter
from swiftnas.search_space import SearchSpace

#: The candidate that leaves a hidden layer out.
SKIP = "skip"

#: Keys whose choice the supernet makes, or that fix its shape.
_SUPERNET_KEYS = ("num_hidden_layers", "hidden_layer_size", "activation_function")

#: What α is taken for where it is infinite or, at the lower end, NaN; float32 ends at 3.4e38.
_BEYOND = 1e300


@dataclass(frozen=True, slots=True)
class SupernetShape:
    """The layers of a supernet, the width of each, and the activations to choose from."""

    layers: int
    width: int
    activations: list[str]


def supernet_shape(space: SearchSpace, argument: str) -> SupernetShape:
    """The deepest network of the first width, with every activation."""
    choices: dict[str, Any] = {}
    for name in _SUPERNET_KEYS:
        if name not in space:
            raise ValueError(f"{argument} must have the key {name!r}, got {list(space)}")
        choices[name] = space[name]._representatives()
    return SupernetShape(
        layers=max(choices["num_hidden_layers"]),
        width=choices["hidden_layer_size"][0],
        activations=[str(name) for name in choices["activation_function"]],
    )


def with_first_width(space: SearchSpace) -> SearchSpace:
    """The part of a space that a supernet can search: the first width, unconditional layers.

    An error says so if what the space excludes cannot be kept.
    """
    shape = supernet_shape(space, "space")
    for name in _SUPERNET_KEYS:
        if space[name].conditions:
            raise ValueError(
                f"space[{name!r}] must not have conditions in darts, got {space[name]}"
            )
    several = "as layers may have different activations"
    for name, parameter in space.items():
        if len(shape.activations) > 1 and "activation_function" in parameter.conditions:
            raise ValueError(
                f"space[{name!r}] must not have a condition on 'activation_function' in darts, "
                f"{several}, got {parameter}"
            )
    for clause in space.forbidden:
        if len(shape.activations) > 1 and "activation_function" in clause:
            raise ValueError(
                f"forbidden must not name 'activation_function' in darts, {several}, got {clause}"
            )
    try:
        return space.fix(hidden_layer_size=shape.width)
    except ValueError:
        raise ValueError(
            "forbidden must leave the first hidden_layer_size, which is the one that darts "
            f"searches, got {list(space.forbidden)} and {shape.width}"
        ) from None


def allowed_depths(space: SearchSpace) -> list[int]:
    """The depths for which the space has any architecture."""
    parameter, name = space["num_hidden_layers"], "space['num_hidden_layers']"
    choices: Iterable[Any] = (
        range(parameter.low, parameter.high + 1)
        if isinstance(parameter, Integer)
        else parameter._representatives()
    )
    activation = str(space["activation_function"]._representatives()[0])
    depths = []
    for choice in choices:
        depth = whole_number(choice, name, minimum=1)
        try:
            settings_space(space, (activation,) * depth)
        except ValueError:
            # Everything of this depth is forbidden.
            continue
        depths.append(depth)
    return depths


def settings_space(space: SearchSpace, layers: tuple[str, ...]) -> SearchSpace:
    """What is left to choose for a network with these activations.

    Conditions and forbidden combinations of the rest are kept; a `ValueError` says that they leave
    nothing.
    """
    fixed: dict[str, Any] = {"num_hidden_layers": len(layers)}
    activations = space["activation_function"]._representatives()
    if len(activations) == 1:
        fixed["activation_function"] = activations[0]
    rest = space.fix(**fixed)
    parameters: Mapping[str, Parameter] = {
        "num_hidden_layers": Categorical([len(layers)]),
        "hidden_layer_size": rest["hidden_layer_size"],
        "activation_function": Categorical([layers]),
    } | {name: rest[name] for name in rest if name not in _SUPERNET_KEYS}
    return SearchSpace(parameters, rest.forbidden)


def strongest(
    alpha: Sequence[Sequence[float]],
    candidates: Sequence[Sequence[str]],
    depths: Collection[int] | None = None,
) -> tuple[str, ...]:
    """The candidate with the largest α of each cell; ``"skip"`` where the layer is left out.

    Where only some depths are allowed, the choice is the one of the largest sum of α among those of
    an allowed depth, which is also the one of the largest product of softmax(α).

    Parameters
    ----------
    alpha : sequence of sequence of float
        A number per candidate of each cell; NaN is never the largest.
    candidates : sequence of sequence of str
        Their names; a cell without ``"skip"`` is never left out.
    depths : collection of int, optional
        Allowed numbers of layers; None allows all.
    """
    names, gains = [], []
    for values, cell in zip(alpha, candidates, strict=True):
        number = {name: _finite(value) for name, value in zip(cell, values, strict=True)}
        skipped = number.pop(SKIP, -math.inf)
        names.append(max(number, key=number.__getitem__))
        gains.append(number[names[-1]] - skipped)
    # Cells in the order in which a deeper network takes them; those that must be there first.
    order = sorted(range(len(names)), key=lambda cell: -gains[cell])
    least = sum(math.isinf(gain) for gain in gains)
    best: tuple[float, int] = (-math.inf, least)
    for depth in range(least, len(names) + 1):
        if depths is None or depth in depths:
            best = max(best, (sum(gains[cell] for cell in order[least:depth]), depth))
    kept = set(order[: best[1]])
    return tuple(name if cell in kept else SKIP for cell, name in enumerate(names))


def layers_of(chosen: Iterable[str]) -> tuple[str, ...]:
    """The activation of every hidden layer that is not skipped."""
    return tuple(name for name in chosen if name != SKIP)


def _finite(value: float) -> float:
    """The value, kept within what can be added up; NaN is the least of all."""
    return -_BEYOND if math.isnan(value) else max(-_BEYOND, min(_BEYOND, value))
