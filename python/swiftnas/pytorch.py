"""The bridge to PyTorch: the same network as a module. Loaded only when it is asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swiftnas.architecture import HiddenLayer, hidden_layers, settings
from swiftnas.standardization import NAMES, Standardization

try:
    import torch
    from torch import nn
except ImportError as error:
    raise ImportError("this needs PyTorch: pip install 'swiftnas[torch]'") from error

if TYPE_CHECKING:
    from swiftnas.model import Model

__all__ = [
    "ResidualLayer",
    "StandardizedNetwork",
    "mean_loss",
    "module",
    "module_of",
    "optimizer",
    "torch",
]


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


class StandardizedNetwork(nn.Sequential):
    """A network between the standardisation of its inputs and the inverse of its targets'.

    The numbers of a `swiftnas.standardization.Standardization` are buffers, ``input_mean`` and so
    on, beside the weights in the module's state.
    """

    input_mean: torch.Tensor
    input_scale: torch.Tensor
    target_mean: torch.Tensor | None
    target_scale: torch.Tensor | None

    def __init__(self, network: nn.Sequential, standardization: Standardization) -> None:
        super().__init__(*network)
        for name in NAMES:
            array = getattr(standardization, name)
            tensor = None if array is None else torch.from_numpy(array.copy())
            self.register_buffer(name, tensor)

    def __getitem__(self, index: Any) -> Any:
        """One of the layers; a slice is a plain network of them, without standardisation."""
        if isinstance(index, slice):
            return nn.Sequential(OrderedDict(list(self._modules.items())[index]))
        return super().__getitem__(index)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Predictions of shape (batch, outputs) for inputs of shape (batch, inputs)."""
        outputs = (x - self.input_mean) / self.input_scale
        for layer in self:
            outputs = layer(outputs)
        if self.target_mean is None or self.target_scale is None:
            return outputs
        return outputs * self.target_scale + self.target_mean


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
    if model.standardization is not None:
        network = StandardizedNetwork(network, model.standardization)
    return network.eval()


def mean_loss(
    loss: str, outputs: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor | None = None
) -> torch.Tensor:
    """A task's loss as PyTorch computes it.

    Parameters
    ----------
    loss : str
        See `Task`.
    outputs : Tensor of shape (rows, outputs)
    targets : Tensor of shape (rows, targets)
        float32 as in `Task.y_train`: places of classes, where there are classes.
    weights : Tensor of shape (rows, 1), optional
        The mean is then the weighted one, divided by the sum of the weights.
    """
    reduction = "mean" if weights is None else "none"
    if loss == "cross_entropy":
        places = targets[:, 0].long()
        losses = nn.functional.cross_entropy(outputs, places, reduction=reduction)
        if weights is not None:
            losses = losses[:, None]
    else:
        losses = _ELEMENTWISE[loss](outputs, targets, reduction=reduction)
    if weights is None:
        return losses
    # A batch of weights that are all 0 has the loss 0.
    total = weights.sum().clamp_min(torch.finfo(weights.dtype).tiny)
    return (weights * losses).sum() / (total * losses.shape[1])


_ELEMENTWISE: dict[str, Any] = {
    "mse": nn.functional.mse_loss,
    "mae": nn.functional.l1_loss,
    "huber": nn.functional.huber_loss,
    "binary_cross_entropy": nn.functional.binary_cross_entropy_with_logits,
}
