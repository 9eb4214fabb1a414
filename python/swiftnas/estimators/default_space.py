"""The space that estimators search if they are given none."""

from __future__ import annotations

from typing import Any

from swiftnas.parameters import Float
from swiftnas.search_space import SearchSpace

#: The smallest and largest mini-batches; fewer than eight steps per epoch would make epochs rare.
_BATCHES = (16, 32, 64, 128, 256)
_STEPS = 8


def default_space(rows: int) -> SearchSpace:
    """Multilayer perceptrons with all hidden layers equal, trained by AdamW.

    One width for all layers, as in the strong baselines of Gorishniy et al., "Revisiting Deep
    Learning Models for Tabular Data" (NeurIPS 2021), leaves so few parameters that some tens of
    candidates tell which values are good.

    Parameters
    ----------
    rows : int
        Rows to train on; with few of them mini-batches are small.

    Examples
    --------
    >>> from swiftnas.estimators.default_space import default_space
    >>> default_space(400)["batch_size"]
    Ordinal([16, 32])
    """
    batches = [size for size in _BATCHES if size * _STEPS <= rows]
    return SearchSpace(
        {
            "num_hidden_layers": [1, 2, 3, 4],
            "hidden_layer_size": [32, 64, 128, 256],
            "activation_function": ["ReLU", "GELU", "SiLU", "Tanh"],
            "dropout_rate": [0.0, 0.05, 0.1, 0.2, 0.3],
            "skip_connection": [False, True],
            "optimizer": ["AdamW"],
            "learning_rate": Float(3e-4, 3e-2, log=True),
            "weight_decay": Float(1e-4, 1.0, log=True),
            "batch_size": batches or [_BATCHES[0]],
        }
    )


def first_candidates(space: SearchSpace) -> list[dict[str, Any]]:
    """Settings that do well on most tables: what the search of the default space begins with."""
    common = {"optimizer": "AdamW", "dropout_rate": 0.0, "weight_decay": 0.01}
    batch = min(32, max(space["batch_size"]._representatives()))
    return [
        common
        | {
            "num_hidden_layers": depth,
            "hidden_layer_size": width,
            "activation_function": activation,
            "skip_connection": False,
            "learning_rate": rate,
            "batch_size": batch,
        }
        for depth, width, activation, rate in (
            (3, 128, "ReLU", 2e-3),
            (2, 128, "GELU", 3e-3),
            (1, 128, "Tanh", 1e-2),
        )
    ]
