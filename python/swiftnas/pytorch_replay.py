"""Replay: one training in this engine and in PyTorch, side by side, from the same seed."""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swiftnas._arguments import whole_number
from swiftnas.architecture import settings
from swiftnas.batches import batch_order
from swiftnas.model import train
from swiftnas.search_space import Architecture
from swiftnas.task import Task, checked_task

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class ReplayReport:
    """Two trainings of one architecture, and how far they are apart.

    Attributes
    ----------
    architecture : dict
    seed, epochs : int
    training_losses, torch_training_losses : tuple of float
        The loss of each epoch, as in `Model`.
    validation_loss, torch_validation_loss : float
        The task's loss after the last step, dropout off.
    max_relative_difference : float
        The largest |ours − PyTorch's| / |PyTorch's| over all epochs that are finite in both curves;
        infinite if only one of them diverged.
    wall_seconds, torch_wall_seconds : float
        Time that the two trainings took.
    torch_version : str
    """

    architecture: Architecture
    seed: int
    epochs: int
    training_losses: tuple[float, ...]
    torch_training_losses: tuple[float, ...]
    validation_loss: float
    torch_validation_loss: float
    max_relative_difference: float
    wall_seconds: float
    torch_wall_seconds: float
    torch_version: str

    def __repr__(self) -> str:
        return (
            f"ReplayReport(max_relative_difference={self.max_relative_difference:.2g}, "
            f"validation_loss={self.validation_loss:.6g}, "
            f"torch_validation_loss={self.torch_validation_loss:.6g})"
        )

    def __str__(self) -> str:
        def row(name: str, ours: float, theirs: float) -> str:
            return f"{name:<24} {ours:>14.7g} {theirs:>14.7g}"

        last = (self.training_losses[-1], self.torch_training_losses[-1])
        return "\n".join(
            (
                f"{self.architecture}, seed {self.seed}, {self.epochs} epochs",
                f"{'':<24} {'swiftnas':>14} {'torch ' + self.torch_version:>14}",
                row("first training loss", self.training_losses[0], self.torch_training_losses[0]),
                row("last training loss", *last),
                row("validation loss", self.validation_loss, self.torch_validation_loss),
                row("seconds", self.wall_seconds, self.torch_wall_seconds),
                f"largest relative difference of the curves: {self.max_relative_difference:.2g}",
            )
        )


def replay(
    architecture: Mapping[str, Any], task: Task, epochs: int = 50, seed: int = 0
) -> ReplayReport:
    """Train an architecture here and in PyTorch, from the same ``torch.manual_seed(seed)``.

    Both begin with the same weights, take the rows in the same order (`batch_order`) and draw the
    same dropout masks, so the curves differ by rounding only. PyTorch's own generator is left as it
    was. Builds that leave dropout masks to MKL draw them from another stream; there only
    architectures without dropout agree (torch 2.13's CPU wheel is not one of them). Needs torch.

    Parameters
    ----------
    architecture : dict
        See `architecture_keys`.
    task : Task
    epochs : int, default 50
        Passes over the rows.
    seed : int, default 0

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, X[:, 0] ** 2)
    >>> architecture = {"num_hidden_layers": 2, "hidden_layer_size": 32, "learning_rate": 0.01}
    >>> nas.replay(architecture, task, epochs=20).max_relative_difference < 1e-4
    True
    """
    # First of all, so that a missing torch is said before anything is trained.
    from swiftnas.pytorch import torch

    checked_task(task)
    epochs = whole_number(epochs, "epochs", minimum=1)
    seed = whole_number(seed, "seed", minimum=0)
    with warnings.catch_warnings():
        # The report has both outcomes, diverged or not.
        warnings.simplefilter("ignore", RuntimeWarning)
        model = train(architecture, task, epochs=epochs, seed=seed, rng="torch")
    start = time.perf_counter()
    losses, validation = _train_in_torch(architecture, task, epochs, seed)
    seconds = time.perf_counter() - start
    return ReplayReport(
        architecture=dict(architecture),
        seed=seed,
        epochs=epochs,
        training_losses=model.training_losses,
        torch_training_losses=losses,
        validation_loss=model.validation_loss,
        torch_validation_loss=validation,
        max_relative_difference=_difference(model.training_losses, losses),
        wall_seconds=model.wall_seconds,
        torch_wall_seconds=seconds,
        torch_version=str(torch.__version__),
    )


def _train_in_torch(
    architecture: Mapping[str, Any], task: Task, epochs: int, seed: int
) -> tuple[tuple[float, ...], float]:
    """The training as a plain PyTorch script: losses per epoch and the validation loss.

    Ends early, like the engine, when a loss is not finite; the validation loss is then infinite.
    """
    from swiftnas import pytorch
    from swiftnas.pytorch import torch

    # Tensors of the task's own memory, which nothing here writes to; read-only arrays would warn.
    X_train, y_train, X_val, y_val = (
        torch.from_numpy(array if array.flags.writeable else array.copy()) for array in task._data
    )
    weights = None if task.weights is None else torch.from_numpy(task.weights)
    total = task.rows if weights is None else weights.sum().item()
    losses: list[float] = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = pytorch.module(architecture, task.input_width, task.output_width)
        optimizer = pytorch.optimizer(architecture, network)
        for epoch in range(epochs):
            epoch_loss = 0.0
            for rows in _batches(architecture, task.rows, seed, epoch):
                part = None if weights is None else weights[rows]
                optimizer.zero_grad()
                outputs = network(X_train[rows])
                loss: Any = pytorch.mean_loss(task.loss, outputs, y_train[rows], part)
                if not math.isfinite(loss.item()):
                    return (*losses, loss.item()), math.inf
                count = len(X_train[rows]) if part is None else part.sum().item()
                epoch_loss += loss.item() * (count / total)
                loss.backward()
                optimizer.step()
            losses.append(epoch_loss)
    network.eval()
    with torch.no_grad():
        validation = pytorch.mean_loss(task.loss, network(X_val), y_val).item()
    return tuple(losses), validation if math.isfinite(validation) else math.inf


def _batches(
    architecture: Mapping[str, Any], rows: int, seed: int, epoch: int
) -> Iterator[slice | npt.NDArray[np.int64]]:
    """The rows of each step of an epoch."""
    size = settings(architecture)["batch_size"]
    if size is None or size >= rows:
        yield slice(None)
        return
    order = batch_order(rows, seed, epoch)
    for first in range(0, rows, size):
        yield order[first : first + size]


def _difference(ours: tuple[float, ...], theirs: tuple[float, ...]) -> float:
    """The largest relative difference of two loss curves, see `ReplayReport`."""
    if len(ours) != len(theirs) or math.isfinite(ours[-1]) != math.isfinite(theirs[-1]):
        return math.inf
    return max(
        (
            0.0 if a == b else abs(a - b) / abs(b) if b else math.inf
            for a, b in zip(ours, theirs, strict=True)
            if math.isfinite(a) and math.isfinite(b)
        ),
        default=0.0,
    )
