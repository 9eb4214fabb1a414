"""The article's network and training loop as a PyTorch user writes them, in float32 or float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

# Idle OpenMP threads wait by spinning, which stalls a machine that has other work.
torch.set_num_threads(1)

ACTIVATIONS: dict[str, Any] = {
    "ReLU": nn.ReLU,
    "LeakyReLU": nn.LeakyReLU,
    "Tanh": nn.Tanh,
    "Sigmoid": nn.Sigmoid,
    "ELU": nn.ELU,
    "GELU": nn.GELU,
    "SiLU": nn.SiLU,
    "Identity": nn.Identity,
}


def network(architecture: dict[str, Any], inputs: int, outputs: int) -> nn.Sequential:
    """Linear, activation and dropout for each hidden layer, then a linear output."""
    layers: list[nn.Module] = []
    width = inputs
    for _ in range(architecture["num_hidden_layers"]):
        layers.append(nn.Linear(width, architecture["hidden_layer_size"]))
        layers.append(ACTIVATIONS[architecture["activation_function"]]())
        layers.append(nn.Dropout(architecture["dropout_rate"]))
        width = architecture["hidden_layer_size"]
    layers.append(nn.Linear(width, outputs))
    return nn.Sequential(*layers)


class Residual(nn.Module):
    """A hidden layer, and its input added to that, projected where the widths differ."""

    def __init__(self, inputs: int, width: int, activation: str, rate: float) -> None:
        super().__init__()
        self.linear = nn.Linear(inputs, width)
        self.activation = ACTIVATIONS[activation]()
        self.dropout = nn.Dropout(rate)
        self.projection = nn.Linear(inputs, width, bias=False) if inputs != width else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        skip = x if self.projection is None else self.projection(x)
        return self.dropout(self.activation(self.linear(x))) + skip


def residual_network(
    layers: list[tuple[int, str, float, bool]], inputs: int, outputs: int
) -> nn.Sequential:
    """Hidden layers of a width, activation, dropout rate, and skip connection or not."""
    modules: list[nn.Module] = []
    for width, activation, rate, skip in layers:
        if skip:
            modules.append(Residual(inputs, width, activation, rate))
        else:
            modules += [nn.Linear(inputs, width), ACTIVATIONS[activation](), nn.Dropout(rate)]
        inputs = width
    return nn.Sequential(*modules, nn.Linear(inputs, outputs))


def optimizer(architecture: dict[str, Any], model: nn.Module) -> torch.optim.Optimizer:
    """The architecture's optimizer with PyTorch's defaults for what it does not say."""
    settings = {"lr": architecture["learning_rate"]}
    for key in ("momentum", "weight_decay"):
        if key in architecture:
            settings[key] = architecture[key]
    return getattr(torch.optim, architecture["optimizer"])(model.parameters(), **settings)


class RecordedDropout(nn.Module):
    """Dropout by masks that were drawn before, one per forward pass in training."""

    def __init__(self, masks: list[torch.Tensor], rate: float) -> None:
        super().__init__()
        self.masks = masks
        self.scale = 1 / (1 - rate)
        self.used = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        mask = self.masks[self.used]
        self.used += 1
        return x * mask.to(x.dtype) * self.scale


def train(
    model: nn.Module,
    architecture: dict[str, Any],
    data: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    epochs: int,
    dtype: torch.dtype = torch.float32,
) -> tuple[list[float], float]:
    """Train full-batch; the loss before each step, and the final validation loss."""
    X, y, X_val, y_val = (torch.from_numpy(array).to(dtype) for array in data)
    model = model.to(dtype)
    stepper = optimizer(architecture, model)
    losses = []
    model.train()
    for _ in range(epochs):
        stepper.zero_grad()
        loss = nn.functional.mse_loss(model(X), y)
        loss.backward()
        stepper.step()
        losses.append(loss.item())
    model.eval()
    with torch.no_grad():
        return losses, nn.functional.mse_loss(model(X_val), y_val).item()


def float64_twin(
    architecture: dict[str, Any], seed: int, rows: int, inputs: int, outputs: int, epochs: int
) -> nn.Sequential:
    """The network that `torch.manual_seed(seed)` gives, its masks recorded, for a float64 run."""
    torch.manual_seed(seed)
    model = network(architecture, inputs, outputs)
    rate = architecture["dropout_rate"]
    places = [i for i, layer in enumerate(model) if isinstance(layer, nn.Dropout)]
    ones = torch.ones(rows, architecture["hidden_layer_size"])
    masks: dict[int, list[torch.Tensor]] = {place: [] for place in places}
    for _ in range(epochs):
        for place in places:
            masks[place].append(nn.functional.dropout(ones, rate) != 0)
    for place in places:
        model[place] = RecordedDropout(masks[place], rate)
    return model
