"""The bridge to PyTorch: the same network as a module. Loaded only when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swiftnas.architecture import HiddenLayer, hidden_layers, settings

try:
    import torch
    from torch import nn
except ImportError as error:
    raise ImportError("this needs PyTorch: pip install 'swiftnas[torch]'") from error

if TYPE_CHECKING:
    from swiftnas.model import Model

__all__ = ["ResidualLayer", "module", "module_of", "optimizer", "torch"]


class ResidualLayer(nn.Module):
    """A hidden layer whose input is added to its output, behind activation and dropout.

    Where the widths differ, the input goes through a linear projection without bias (He et al.,
    "Deep Residual Learning for Image Recognition", 2016, option B).
    """

    def __init__(self, inputs: int, layer: HiddenLayer) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, layer.width)
        self.activation = getattr(nn, layer.activation)()
        self.dropout = nn.Dropout(layer.dropout)
        self.projection = (
            nn.Identity() if inputs == layer.width else nn.Linear(inputs, layer.width, bias=False)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Output of shape (batch, width) for `x` of shape (batch, inputs)."""
        branch: torch.Tensor = self.dropout(self.activation(self.linear(x)))
        skip: torch.Tensor = self.projection(x)
        return branch + skip


def module(architecture: Mapping[str, Any], input_width: int, output_width: int) -> nn.Sequential:
    """The network with PyTorch's own initial weights, as a reference script would write it.

    Linear, activation and dropout for each hidden layer, then a linear output; the dropout module
    also stands where its rate is 0, so that weights have the same names in every architecture. A
    hidden layer with a skip connection is one module, a `ResidualLayer`.
    """
    modules: list[nn.Module] = []
    width = input_width
    for layer in hidden_layers(architecture):
        if layer.skip:
            modules.append(ResidualLayer(width, layer))
        else:
            modules.append(nn.Linear(width, layer.width))
            modules.append(getattr(nn, layer.activation)())
            modules.append(nn.Dropout(layer.dropout))
        width = layer.width
    modules.append(nn.Linear(width, output_width))
    return nn.Sequential(*modules)


def optimizer(architecture: Mapping[str, Any], network: nn.Module) -> torch.optim.Optimizer:
    """The architecture's optimizer, with PyTorch's defaults for what it does not say."""
    values = settings(architecture)
    options = {"lr": values["learning_rate"]}
    if values["weight_decay"] is not None:
        options["weight_decay"] = values["weight_decay"]
    if values["momentum"] is not None and values["optimizer"] in ("SGD", "RMSprop"):
        options["momentum"] = values["momentum"]
    made: torch.optim.Optimizer = getattr(torch.optim, values["optimizer"])(
        network.parameters(), **options
    )
    return made


def module_of(model: Model) -> nn.Sequential:
    """A trained model as a module in evaluation mode."""
    # On the meta device nothing is drawn, so PyTorch's generator stays where it is.
    with torch.device("meta"):
        network = module(model.architecture, model.input_width, model.output_width)
    weights = {name: torch.from_numpy(array) for name, array in model.weights.items()}
    network.load_state_dict(weights, assign=True)
    return network.eval()
