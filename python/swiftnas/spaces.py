"""Ready-made search spaces: the published experiment's, and multilayer perceptrons layer by layer.

Each is a plain `SearchSpace`: print it, count it, write it as JSON, or begin a space of your own
with its parameters, as in ``nas.SearchSpace({**nas.spaces.mlp(), "weight_decay": [0.0, 0.01]})``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from swiftnas._arguments import whole_number
from swiftnas.parameters import Float, Parameter, inferred
from swiftnas.search_space import SearchSpace

#: What a function here takes for a parameter: a list of choices, a range, or any other parameter.
Choices: TypeAlias = Sequence[Any] | Parameter

#: The deepest network that the engine takes.
_MOST_LAYERS = 1000

#: The range of the published experiment.
_LEARNING_RATE = Float(1e-4, 1e-1, log=True)


def article() -> SearchSpace:
    """The published experiment's space: 3,600 architectures of equal hidden layers.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = nas.spaces.article()
    >>> space.size
    3600
    >>> space["activation_function"]
    Categorical(['ReLU', 'LeakyReLU', 'Tanh'])
    """
    return SearchSpace(
        {
            "num_hidden_layers": [1, 2, 3, 4, 5],
            "hidden_layer_size": [32, 64, 128, 256, 512],
            "activation_function": ["ReLU", "LeakyReLU", "Tanh"],
            "learning_rate": [0.1, 0.01, 0.001, 0.0001],
            "optimizer": ["Adam", "SGD", "RMSprop"],
            "dropout_rate": [0.0, 0.2, 0.4, 0.6],
        }
    )


def mlp(
    *,
    min_layers: int = 1,
    max_layers: int = 5,
    widths: Choices = (16, 32, 64, 128, 256),
    activations: Choices = ("ReLU", "GELU", "SiLU", "Tanh"),
    dropout: Choices = (0.0, 0.1, 0.2, 0.3, 0.5),
    learning_rate: Choices = _LEARNING_RATE,
    optimizers: Choices = ("Adam", "RMSprop", "SGD"),
    per_layer: bool = True,
) -> SearchSpace:
    """Multilayer perceptrons, in which every hidden layer has choices of its own.

    Parameters
    ----------
    min_layers, max_layers : int, default 1 and 5
        Hidden layers; at most 1,000.
    widths, activations, dropout : sequence or Parameter
        Choices for each hidden layer; dropout up to 0.5 as in [1]_.
    learning_rate : sequence or Parameter
        Log-uniform in [1e-4, 1e-1], the range of the published experiment. With a list instead,
        the space can be counted.
    optimizers : sequence or Parameter
    per_layer : bool, default True
        Whether the layers choose independently: then the keys are ``hidden_layer_size_1`` and so
        on, and those of layer k exist only where ``num_hidden_layers`` is k or more. Otherwise
        all layers are equal.

    References
    ----------
    .. [1] Gorishniy, Rubachev, Khrulkov, Babenko, "Revisiting Deep Learning Models for Tabular
       Data", NeurIPS 2021.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = nas.spaces.mlp(max_layers=2, widths=[16, 32], activations=["ReLU"], dropout=[0.0])
    >>> [name for name in space if name.startswith("hidden_layer_size")]
    ['hidden_layer_size_1', 'hidden_layer_size_2']
    >>> space["hidden_layer_size_2"]
    Ordinal([16, 32]).when(num_hidden_layers=[2])
    >>> nas.spaces.mlp(max_layers=3, widths=[16, 32], activations=["ReLU", "Tanh"], dropout=[0.0],
    ...                learning_rate=[0.01, 0.001], optimizers=["Adam"]).size
    168
    """
    layer = {
        "hidden_layer_size": _parameter(widths, "widths"),
        "activation_function": _parameter(activations, "activations"),
        "dropout_rate": _parameter(dropout, "dropout"),
    }
    return _space(layer, min_layers, max_layers, learning_rate, optimizers, per_layer)


def residual_mlp(
    *,
    min_layers: int = 1,
    max_layers: int = 8,
    widths: Choices = (16, 32, 64, 128, 256),
    activations: Choices = ("ReLU", "GELU", "SiLU", "Tanh"),
    dropout: Choices = (0.0, 0.1, 0.2, 0.3, 0.5),
    skip_connections: Choices = (False, True),
    learning_rate: Choices = _LEARNING_RATE,
    optimizers: Choices = ("Adam", "RMSprop", "SGD"),
    per_layer: bool = True,
) -> SearchSpace:
    """Multilayer perceptrons whose hidden layers may add their input to their output.

    A skip connection of layers of different widths goes through a projection [1]_, see
    `architecture_keys`. Such networks train when they are deeper than plain ones, and are a strong
    baseline for tabular data [2]_.

    Parameters
    ----------
    min_layers, max_layers : int, default 1 and 8
        Hidden layers; at most 1,000.
    widths, activations, dropout : sequence or Parameter
        Choices for each hidden layer, see `mlp`.
    skip_connections : sequence or Parameter
        Whether a layer has a skip connection; ``[True]`` for all.
    learning_rate, optimizers : sequence or Parameter
        See `mlp`.
    per_layer : bool, default True
        Whether the layers choose independently, see `mlp`.

    References
    ----------
    .. [1] He, Zhang, Ren, Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
    .. [2] Gorishniy, Rubachev, Khrulkov, Babenko, "Revisiting Deep Learning Models for Tabular
       Data", NeurIPS 2021.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = nas.spaces.residual_mlp(min_layers=2, max_layers=2, widths=[64])
    >>> space["skip_connection_2"]
    Categorical([False, True])
    >>> task = nas.Task.split([[0.0], [1.0], [2.0], [3.0]], [0.0, 1.0, 4.0, 9.0], seed=0)
    >>> result = nas.search(space, task, trials=5, epochs=5, seed=0)
    >>> result.best.architecture["num_hidden_layers"]
    2
    """
    layer = {
        "hidden_layer_size": _parameter(widths, "widths"),
        "activation_function": _parameter(activations, "activations"),
        "dropout_rate": _parameter(dropout, "dropout"),
        "skip_connection": _parameter(skip_connections, "skip_connections"),
    }
    return _space(layer, min_layers, max_layers, learning_rate, optimizers, per_layer)


def _space(
    layer: Mapping[str, Parameter],
    min_layers: int,
    max_layers: int,
    learning_rate: Choices,
    optimizers: Choices,
    per_layer: bool,
) -> SearchSpace:
    """Networks whose hidden layers have the parameters of `layer`, each its own or all the same."""
    deepest = whole_number(max_layers, "max_layers", minimum=1, maximum=_MOST_LAYERS)
    shallowest = whole_number(min_layers, "min_layers", minimum=1, maximum=deepest)
    if not isinstance(per_layer, bool):
        raise TypeError(f"per_layer must be a boolean, got {per_layer!r}")
    parameters: dict[str, Choices] = {"num_hidden_layers": range(shallowest, deepest + 1)}
    if per_layer:
        for number in range(1, deepest + 1):
            depths = range(number, deepest + 1)
            for name, parameter in layer.items():
                parameters[f"{name}_{number}"] = (
                    parameter
                    if number <= shallowest
                    else parameter.when(num_hidden_layers=list(depths))
                )
    else:
        parameters |= layer
    parameters["optimizer"] = _parameter(optimizers, "optimizers")
    parameters["learning_rate"] = _parameter(learning_rate, "learning_rate")
    return SearchSpace(parameters)


def _parameter(choices: Choices, name: str) -> Parameter:
    """The parameter that an argument means; its errors name the argument."""
    if isinstance(choices, Parameter):
        return choices
    try:
        return inferred(choices)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} {str(error).removeprefix('choices ')}") from None
