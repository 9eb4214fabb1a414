"""How long a training or a DARTS search would take if nothing but its arithmetic took time."""

from __future__ import annotations

from functools import cache

from sections.data import ROWS, VALIDATION_ROWS, Architecture, training_operations
from swiftnas import _native

#: Numbers of a pass; with what belongs to them they fill half of the first cache.
_COUNT = 1024
_REPETITIONS = 50
_ROUNDS = 200


@cache
def _per_number(kind: str, name: str, dropout: bool) -> float:
    """Seconds per number, the least of many: with all of them in the first cache."""
    rounds = (
        _native.measure_pass(kind, name, dropout, _COUNT, _REPETITIONS) for _ in range(_ROUNDS)
    )
    return min(rounds) / (_COUNT * _REPETITIONS)


def least_seconds(
    spec: Architecture, rows: int, epochs: int, peak: float, features: int = 1
) -> float:
    """Seconds of a training if each part of its arithmetic went at the speed of the core.

    The dense products go at `peak`, the multiply-adds in registers; activations, their
    derivatives, dropout masks, initial weights and steps of the optimizer at the speed that their
    loops reach on numbers in the first cache. Memory beyond that, the loss, transposes of weights
    and all calls are left out.
    """
    width, layers = spec["hidden_layer_size"], spec["num_hidden_layers"]
    name, dropout = spec["activation_function"], spec["dropout_rate"] > 0
    outputs = width * layers
    parameters = (features + 2) * width + 1 + (layers - 1) * (width * width + width)
    per_output = _per_number("activate", name, dropout) + _per_number(
        "differentiate", name, dropout
    )
    if dropout:
        per_output += _per_number("mask", "", True)
    return (
        training_operations(spec, rows, epochs, features) / peak
        + epochs * rows * outputs * per_output
        + VALIDATION_ROWS * outputs * _per_number("activate", name, False)
        + epochs * parameters * _per_number("update", spec["optimizer"], False)
        + parameters * _per_number("draw", "", False)
    )


def least_darts_seconds(
    layers: int, width: int, activations: list[str], epochs: int, peak: float
) -> float:
    """The same for the published supernet: a linear layer, then one cell less than `layers`.

    Each cell is a weighted sum over one linear layer with its activation per candidate. The
    training step takes all three products of each, the step on α, over the validation rows, no
    weight gradients. The products of stem and first cell are of rank one and left out, as are
    output, initial weights and Adam. The sums' gradients include the activations' derivatives.
    """
    cells, choices = layers - 1, len(activations)
    products = (cells - 1) * (3 * ROWS + 2 * VALIDATION_ROWS)
    passes = sum(
        _per_number(kind, name, False)
        for name in activations
        for kind in ("activate", "sum", "sum_backward")
    )
    outputs = width * cells * (ROWS + VALIDATION_ROWS)
    return epochs * (2.0 * width * width * choices * products / peak + outputs * passes)
