"""The data and the architectures that are timed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import torch
from pytorch_article import Tensors, evaluate_architecture

import swiftnas as nas

Architecture = dict[str, Any]

EPOCHS = 10
ROWS = 800
VALIDATION_ROWS = 200

#: The published experiment's space, as the plain dictionary that PyTorch users write.
SPACE: dict[str, list[Any]] = nas.spaces.article().to_dict()["parameters"]


class Data(NamedTuple):
    """One data set for both libraries."""

    arrays: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
    tensors: Tensors


def data(rows: int = ROWS, features: int = 1) -> Data:
    """A smooth function of uniform features, one target; 200 more rows to validate on."""
    X = np.random.default_rng(0).uniform(-1, 1, (rows + VALIDATION_ROWS, features))
    X = X.astype(np.float32)
    y = np.sin(3 * X[:, :1])
    arrays = (X[:rows], y[:rows], X[rows:], y[rows:])
    return Data(arrays, tuple(torch.from_numpy(array) for array in arrays))


def architecture(layers: int, width: int, **changes: Any) -> Architecture:
    """An architecture of the published space."""
    return {
        "num_hidden_layers": layers,
        "hidden_layer_size": width,
        "activation_function": "ReLU",
        "learning_rate": 0.001,
        "optimizer": "Adam",
        "dropout_rate": 0.0,
        **changes,
    }


def training_operations(spec: Architecture, rows: int, epochs: int, features: int = 1) -> float:
    """Multiplications and additions of a dense training with its validation."""
    layers, width = spec["num_hidden_layers"], spec["hidden_layer_size"]
    first, inner, last = features * width, (layers - 1) * width * width, width
    forward = 2.0 * (first + inner + last)
    # The data need no gradient.
    backward = 2.0 * (first + 2 * inner + 2 * last)
    return epochs * rows * (forward + backward) + VALIDATION_ROWS * forward


def ours(spec: Architecture, given: Data, epochs: int = EPOCHS) -> float:
    """One evaluation by swiftnas."""
    return nas.evaluate_architecture(spec, *given.arrays, epochs, seed=0)


def theirs(spec: Architecture, given: Data, epochs: int = EPOCHS) -> float:
    """One evaluation by PyTorch in eager mode."""
    return evaluate_architecture(spec, given.tensors, epochs, seed=0)
