"""The published experiment as a PyTorch script: the reference that swiftnas is compared with.

Written from the description of the experiment, one function per search, on one CPU thread or as
many as PyTorch is given. Each search can be handed the choices it would draw itself (candidates,
controller, supernet), so that a run of swiftnas can be followed step by step.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

Architecture = dict[str, Any]
Tensors = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]

ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "ReLU": nn.ReLU,
    "LeakyReLU": nn.LeakyReLU,
    "Tanh": nn.Tanh,
}


def build_network(architecture: Architecture, inputs: int, outputs: int) -> nn.Sequential:
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


def evaluate_architecture(
    architecture: Architecture, data: Tensors, num_epochs: int = 50, seed: int | None = None
) -> float:
    """Train full-batch with dropout on; the validation mean squared error with dropout off."""
    X_train, y_train, X_val, y_val = data
    if seed is not None:
        torch.manual_seed(seed)
    model = build_network(architecture, X_train.shape[1], y_train.shape[1])
    optimizer_class = getattr(torch.optim, architecture["optimizer"])
    optimizer = optimizer_class(model.parameters(), lr=architecture["learning_rate"])
    criterion = nn.MSELoss()
    model.train()
    for _ in range(num_epochs):
        optimizer.zero_grad()
        loss = criterion(model(X_train), y_train)
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        return criterion(model(X_val), y_val).item()


class Controller(nn.Module):
    """A tanh RNN fed zeros, with one head of logits per key."""

    def __init__(self, search_space: dict[str, list[Any]], hidden_size: int = 64) -> None:
        super().__init__()
        self.rnn = nn.RNN(1, hidden_size)
        self.heads = nn.ModuleList(nn.Linear(hidden_size, len(v)) for v in search_space.values())

    def log_probability(self, choices: list[int] | None) -> tuple[list[int], torch.Tensor]:
        """Sample a choice per key, or take the given ones; the sum of their log-probabilities."""
        dtype = self.rnn.weight_ih_l0.dtype
        hidden = torch.zeros(1, 1, self.rnn.hidden_size, dtype=dtype)
        total = torch.zeros((), dtype=dtype)
        taken = []
        for index, head in enumerate(self.heads):
            output, hidden = self.rnn(torch.zeros(1, 1, 1, dtype=dtype), hidden)
            distribution = torch.distributions.Categorical(logits=head(output.flatten()))
            action = distribution.sample() if choices is None else torch.tensor(choices[index])
            total = total + distribution.log_prob(action)
            taken.append(int(action))
        return taken, total


def run_rl_search(
    search_space: dict[str, list[Any]],
    data: Tensors,
    num_epochs: int = 10,
    num_episodes: int = 5,
    candidates: Sequence[Architecture] | None = None,
) -> tuple[Architecture, float]:
    """REINFORCE: minimise Σ log-probability × validation loss with Adam.

    A loss that is no number teaches nothing; as published, it would end the search.
    """
    controller = Controller(search_space)
    optimizer = torch.optim.Adam(controller.parameters(), lr=0.01)
    best: tuple[Architecture, float] = ({}, float("inf"))
    for episode in range(num_episodes):
        given = None
        if candidates is not None:
            given = [search_space[key].index(candidates[episode][key]) for key in search_space]
        choices, log_probability = controller.log_probability(given)
        architecture = {
            key: values[choice]
            for (key, values), choice in zip(search_space.items(), choices, strict=True)
        }
        loss = evaluate_architecture(architecture, data, num_epochs)
        if math.isfinite(loss):
            reinforce_step(optimizer, log_probability, loss)
        if loss < best[1]:
            best = (architecture, loss)
    return best


def reinforce_step(
    optimizer: torch.optim.Optimizer, log_probability: torch.Tensor, loss: float
) -> None:
    """One update of the controller for one candidate's validation loss."""
    optimizer.zero_grad()
    (log_probability * loss).backward()
    optimizer.step()


def run_evolutionary_search(
    X: torch.Tensor,
    y: torch.Tensor,
    search_space: dict[str, list[Any]],
    population_size: int = 10,
    num_generations: int = 5,
    generator: random.Random | None = None,
    candidates: Sequence[Architecture] | None = None,
) -> tuple[Architecture, float]:
    """Evaluate everyone, keep the better half, fill up with mutated children of two elites."""
    generator = generator or random.Random()
    size = int(0.8 * len(X))
    data = (X[:size], y[:size], X[size:], y[size:])
    population = [
        {key: generator.choice(values) for key, values in search_space.items()}
        for _ in range(population_size)
    ]
    best: tuple[Architecture, float] = ({}, float("inf"))
    for generation in range(num_generations):
        if candidates is not None:
            start = generation * population_size
            population = list(candidates[start : start + population_size])
        losses = [evaluate_architecture(member, data, 10) for member in population]
        elites = select(population, losses)
        if min(losses) < best[1]:
            best = (elites[0], min(losses))
        population = list(elites)
        while len(population) < population_size:
            first, second = generator.choice(elites), generator.choice(elites)
            child = {key: generator.choice([first[key], second[key]]) for key in search_space}
            mutated = generator.choice(list(search_space))
            child[mutated] = generator.choice(search_space[mutated])
            population.append(child)
    return best


def select(population: list[Architecture], losses: list[float]) -> list[Architecture]:
    """The better half, best first."""
    order = sorted(range(len(population)), key=losses.__getitem__)
    return [population[index] for index in order[: len(population) // 2]]


class Supernet(nn.Module):
    """A linear layer, then mixed cells with one linear layer per activation, then the output."""

    def __init__(
        self, inputs: int, outputs: int, width: int, layers: int, activations: list[str]
    ) -> None:
        super().__init__()
        self.stem = nn.Linear(inputs, width)
        self.cells = nn.ModuleList(
            nn.ModuleList(nn.Linear(width, width) for _ in activations) for _ in range(layers - 1)
        )
        self.output = nn.Linear(width, outputs)
        self.alphas = nn.Parameter(torch.randn(layers, len(activations)))
        self.functions = [ACTIVATIONS[name]() for name in activations]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The prediction for a batch of rows."""
        x = self.stem(x)
        for cell, alpha in zip(self.cells, self.alphas, strict=False):
            weights = torch.softmax(alpha, dim=0)
            x = sum(
                weight * function(linear(x))
                for weight, function, linear in zip(weights, self.functions, cell, strict=True)
            )
        return self.output(x)


def darts_steps(
    supernet: Supernet, data: Tensors, num_epochs: int = 50
) -> Iterator[tuple[float, float, torch.Tensor]]:
    """Per epoch: the training loss, the validation loss, and α after its step."""
    X_train, y_train, X_val, y_val = data
    criterion = nn.MSELoss()
    weights = [p for name, p in supernet.named_parameters() if name != "alphas"]
    weight_optimizer = torch.optim.Adam(weights, lr=0.01)
    alpha_optimizer = torch.optim.Adam([supernet.alphas], lr=0.001)
    for _ in range(num_epochs):
        weight_optimizer.zero_grad()
        training = criterion(supernet(X_train), y_train)
        training.backward()
        weight_optimizer.step()
        alpha_optimizer.zero_grad()
        validation = criterion(supernet(X_val), y_val)
        validation.backward()
        alpha_optimizer.step()
        yield training.item(), validation.item(), supernet.alphas.detach().clone()


def run_gradient_based_search(
    search_space: dict[str, list[Any]], data: Tensors, num_epochs: int = 50
) -> tuple[Architecture, float]:
    """Simplified DARTS; the strongest activation of the first row, trained for 50 epochs."""
    layers = max(search_space["num_hidden_layers"])
    width = search_space["hidden_layer_size"][0]
    activations = search_space["activation_function"]
    supernet = Supernet(data[0].shape[1], data[1].shape[1], width, layers, activations)
    for _ in darts_steps(supernet, data, num_epochs):
        pass
    architecture = {
        "num_hidden_layers": layers,
        "hidden_layer_size": width,
        "activation_function": activations[int(supernet.alphas[0].argmax())],
        "learning_rate": 0.001,
        "optimizer": "Adam",
        "dropout_rate": 0.0,
    }
    return architecture, evaluate_architecture(architecture, data, 50)
