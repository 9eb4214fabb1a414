"""How long a training or a DARTS search takes at least: its operations, and the bytes they need.

The dense products go at the speed of multiply-adds that load what they multiply from the first
cache. Activations, their derivatives, dropout masks and DARTS' weighted sums go at the speed of
their loops on numbers in the first cache; initial weights and steps of the optimizer at that of
their loops over as many numbers as the network has, from whatever cache holds those. Memory beyond
that, the loss, the one output, transposes of weights and all calls are left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from sections.data import ROWS, VALIDATION_ROWS, Architecture, training_operations
from sections.timing import Pass, Timing


@dataclass
class Work:
    """What has to be done."""

    #: Floating-point operations of the dense products.
    operations: float
    #: How many numbers each pass goes over.
    passes: Counter[Pass] = field(default_factory=Counter)

    def least_seconds(self, timing: Timing) -> float:
        """How long that takes at the speeds of the machine meanwhile."""
        return self.operations / timing.first_cache_peak + sum(
            count * timing.passes[one] for one, count in self.passes.items()
        )

    def __add__(self, other: Work) -> Work:
        """Both."""
        return Work(self.operations + other.operations, self.passes + other.passes)


def training_work(spec: Architecture, rows: int, epochs: int, features: int = 1) -> Work:
    """The work of a training with its validation."""
    width, layers = spec["hidden_layer_size"], spec["num_hidden_layers"]
    name, dropout = spec["activation_function"], spec["dropout_rate"] > 0
    outputs = width * layers
    parameters = (features + 2) * width + 1 + (layers - 1) * (width * width + width)
    work = Work(training_operations(spec, rows, epochs, features))
    for kind in ("activate", "differentiate"):
        work.passes[Pass(kind, name, dropout)] += epochs * rows * outputs
    if dropout:
        work.passes[Pass("mask", "", True)] += epochs * rows * outputs
    work.passes[Pass("activate", name, False)] += VALIDATION_ROWS * outputs
    _add_parameters(work, spec["optimizer"], epochs, parameters)
    return work


def darts_work(layers: int, width: int, activations: list[str], epochs: int) -> Work:
    """The work of the published supernet: a linear layer, then one cell less than `layers`.

    Each cell is a weighted sum over one linear layer with its activation per candidate. The
    training step takes all three products of each, the step on α, over the validation rows, no
    weight gradients. The products of stem and first cell are of rank one and left out. The sums'
    gradients include the activations' derivatives.
    """
    cells, choices = layers - 1, len(activations)
    products = (cells - 1) * (3 * ROWS + 2 * VALIDATION_ROWS)
    work = Work(epochs * 2.0 * width * width * choices * products)
    outputs = epochs * width * cells * (ROWS + VALIDATION_ROWS)
    for name in activations:
        for kind in ("activate", "sum_backward"):
            work.passes[Pass(kind, name, False)] += outputs
    # What is measured has three inputs.
    work.passes[Pass("sum", "", False)] += round(outputs * choices / 3)
    parameters = 2 * width + cells * choices * (width * width + width) + width + 1
    _add_parameters(work, "Adam", epochs, parameters)
    return work


def _add_parameters(work: Work, optimizer: str, epochs: int, parameters: int) -> None:
    """Drawing the parameters and a step for each epoch."""
    work.passes[Pass("update", optimizer, False, parameters)] += epochs * parameters
    work.passes[Pass("draw", "", False, parameters)] += parameters
