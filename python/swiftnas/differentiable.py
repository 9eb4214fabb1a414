"""Differentiable search over the activations and the depth of a network, all candidates at once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from swiftnas import _native
from swiftnas._arguments import generator, real_number, seed_or_fresh, whole_number
from swiftnas.architecture import check_space
from swiftnas.results import SearchResult
from swiftnas.search_loop import search
from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.splits import training_count
from swiftnas.strategies import RandomSearch
from swiftnas.supernet import (
    SupernetShape,
    allowed_depths,
    layers_of,
    settings_space,
    strongest,
    supernet_shape,
    with_first_width,
)
from swiftnas.task import Task, checked_task

if TYPE_CHECKING:
    import os

    from swiftnas.plot import DARTSPlots


@dataclass(frozen=True, kw_only=True, slots=True)
class DARTSResult:
    """What a differentiable search found, and how α went.

    Attributes
    ----------
    architecture : dict
        The network of the chosen candidates, with the best training settings that were tried.
    value : float
        The validation loss of `architecture`, trained from scratch; infinite if it diverged with
        all settings that were tried. The search for α does not see the task's validation rows.
    alphas : tuple
        α after each epoch: ``alphas[epoch][cell][candidate]``.
    candidates : tuple of tuple of str
        The candidates of each cell in the order of α; ``"skip"`` leaves the layer out.
    chosen : tuple of str
        The strongest candidate of each cell; with them the network has a depth that the space has.
    epoch : int
        The epoch whose α was taken: the one before which the α rows had the least loss.
    training_losses, alpha_losses : tuple of float
        The supernet's loss on the rows that move the weights and on those that move α, per epoch.
    settings : SearchResult
        The trials of training settings for the architecture found.
    seed : int
    wall_seconds : float
        Time of the supernet's training.
    """

    architecture: Architecture
    value: float
    alphas: tuple[tuple[tuple[float, ...], ...], ...]
    candidates: tuple[tuple[str, ...], ...]
    chosen: tuple[str, ...]
    epoch: int
    training_losses: tuple[float, ...]
    alpha_losses: tuple[float, ...]
    settings: SearchResult
    seed: int
    wall_seconds: float

    @property
    def skip_share(self) -> float:
        """The share of hidden layers that were left out: near 1, the search has collapsed."""
        return 1 - int(self.architecture["num_hidden_layers"]) / self.supernet_layers

    @property
    def supernet_layers(self) -> int:
        """Hidden layers of the supernet; in the published form the first one is not a cell."""
        return max(len(self.candidates), int(self.architecture["num_hidden_layers"]))

    @property
    def plot(self) -> DARTSPlots:
        """Pictures on matplotlib's axes, as ``result.plot.alphas()``; see `swiftnas.plot`."""
        from swiftnas.plot import DARTSPlots

        return DARTSPlots(self)

    def report(self, path: str | os.PathLike[str], *, title: str | None = None) -> None:
        """Write one HTML page that needs nothing else; see `SearchResult.report`."""
        from swiftnas.report import write_report

        write_report(path, self, title=title)

    def _repr_html_(self) -> str:
        from swiftnas.report.tables import darts_html

        return darts_html(self)


def darts(
    space: SearchSpace | Mapping[str, Any],
    task: Task,
    *,
    trials: int = 10,
    final_epochs: int = 100,
    alpha_share: float = 0.5,
    seed: int | None = None,
    rng: str = "default",
    workers: int = 1,
    epochs: int = 100,
    skip: bool = True,
    order: int = 1,
    weight_learning_rate: float = 0.01,
    alpha_learning_rate: float = 0.05,
    alpha_deviation: float = 0.001,
    weight_decay: float = 0.0,
    unrolled_learning_rate: float = 0.01,
) -> DARTSResult:
    """Search activations and depth by gradient descent on a supernet, then settings by trials.

    Every hidden layer of the deepest network is a cell: the softmax(α)-weighted sum over the
    activations of ``activation(linear(x))`` and, except for the first cell, over skipping the
    layer. Weights learn from one part of the training rows, α from the other, in turns (Liu,
    Simonyan and Yang, ICLR 2019). The strongest candidate of every cell makes the architecture, of
    a depth that the space has; the keys of `space` that are not part of the supernet are then
    chosen by training it from scratch.

    Parameters
    ----------
    space : SearchSpace or dict
        `num_hidden_layers` (the greatest choice is the depth of the supernet; with one choice no
        layer is skipped), `hidden_layer_size` (the first) and `activation_function` (all); further
        keys are training settings. Their conditions and the forbidden combinations hold, but must
        not name `activation_function` unless it has one choice only.
    task : Task
    trials : int, default 10
        Random choices of the training settings to try; fewer if there are not so many.
    final_epochs : int, default 100
        Epochs of each of these trainings.
    alpha_share : float, default 0.5
        Share of the training rows that α learns from, in (0, 1).
    seed : int, optional
        None draws a fresh one, found in the result.
    rng : {"default", "torch"}
    workers : int, default 1
        Trials trained at once; they do not change the result.
    epochs : int, default 100
        Passes of the supernet over its rows: in each, one step of the weights on all of their rows
        and one of α on all of its rows; ≥ 1.
    skip : bool, default True
        Whether layers may be left out, so that the depth is searched too. The first one never is;
        in a space of one depth none is.
    order : int, default 1
        1 takes the gradient of α at the present weights; 2 at the weights after one more step
        (equation 7 of the paper), which takes about twice the time.
    weight_learning_rate : float, default 0.01
        Adam's step size for the weights; > 0.
    alpha_learning_rate : float, default 0.05
        Adam's step size for α; > 0.
    alpha_deviation : float, default 0.001
        Standard deviation of the initial α; ≥ 0.
    weight_decay : float, default 0.0
        Weight decay of the weights; ≥ 0. Larger values keep the search from skipping nearly all
        layers.
    unrolled_learning_rate : float, default 0.01
        Size of the additional step of order 2, ξ in the paper; ≥ 0. With 0 order 2 equals order 1.

    Returns
    -------
    DARTSResult

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, np.sin(3 * X[:, 0]), seed=0)
    >>> space = {
    ...     "num_hidden_layers": [1, 2, 3],
    ...     "hidden_layer_size": [16],
    ...     "activation_function": ["ReLU", "Tanh"],
    ...     "learning_rate": [0.01, 0.001],
    ... }
    >>> result = nas.darts(space, task, seed=0)
    >>> len(result.architecture["activation_function"]) == result.architecture["num_hidden_layers"]
    True
    """
    task = checked_task(task)
    seed = seed_or_fresh(seed)
    trials = whole_number(trials, "trials", minimum=1)
    final_epochs = whole_number(final_epochs, "final_epochs", minimum=1)
    workers = whole_number(workers, "workers", minimum=1)
    space = with_first_width(SearchSpace.of(space))
    check_space(space, task, workers)
    depths = allowed_depths(space)
    shape = replace(supernet_shape(space, "space"), layers=max(depths))
    options = {
        "epochs": epochs,
        "skip": False if len(depths) == 1 else skip,
        "order": order,
        "weight_learning_rate": weight_learning_rate,
        "alpha_learning_rate": alpha_learning_rate,
        "alpha_deviation": alpha_deviation,
        "weight_decay": weight_decay,
        "unrolled_learning_rate": unrolled_learning_rate,
    }
    inner = task._divided(_checked_share(alpha_share, task.rows), seed)
    found = _train_supernet(shape, inner, seed, rng, options)
    # α of epoch e − 1 is what the loss of epoch e was measured with.
    losses = found["validation_losses"][: len(found["alphas"])]
    best = min(range(len(losses)), key=losses.__getitem__, default=0)
    epoch = max(0, best - 1)
    chosen = strongest(_alpha(found, epoch), found["candidates"], depths)
    settings = search(
        settings_space(space, layers_of(chosen)),
        task,
        strategy=RandomSearch(),
        trials=trials,
        epochs=final_epochs,
        seed=seed,
        rng=rng,
        workers=workers,
    )
    return _result(found, epoch, chosen, settings)


def article_darts(
    space: SearchSpace | Mapping[str, Any],
    task: Task,
    *,
    epochs: int = 50,
    seed: int | None = None,
    rng: str = "default",
) -> DARTSResult:
    """The published script's DARTS with all that it leaves behind; see `run_gradient_based_search`.

    α learns from the validation rows that the result is judged by; the last α of the first cell
    decides for all layers, and the training settings are fixed.
    """
    space = SearchSpace.of(space, "search_space")
    seed = seed_or_fresh(seed)
    shape = supernet_shape(space, "search_space")
    options = {
        "epochs": whole_number(epochs, "num_epochs", minimum=1),
        "stem": True,
        "skip": False,
        "weight_learning_rate": 0.01,
        "alpha_learning_rate": 0.001,
        "alpha_deviation": 1.0,
    }
    found = _train_supernet(shape, checked_task(task), seed, rng, options)
    epoch = max(0, len(found["alphas"]) - 1)
    chosen = strongest(_alpha(found, epoch), found["candidates"])
    # One hidden layer leaves no cell to choose from.
    first = chosen or shape.activations[:1]
    fixed = {
        "num_hidden_layers": [shape.layers],
        "hidden_layer_size": [shape.width],
        "activation_function": [first[0]],
        "learning_rate": [0.001],
        "optimizer": ["Adam"],
        "dropout_rate": [0.0],
    }
    settings = search(fixed, task, strategy=RandomSearch(), trials=1, epochs=50, seed=seed, rng=rng)
    return _result(found, epoch, chosen, settings)


def _checked_share(alpha_share: Any, rows: int) -> float:
    """`alpha_share`, if it leaves rows on both sides."""
    share = real_number(alpha_share, "alpha_share")
    if not 0 < share < 1:
        raise ValueError(f"alpha_share must be in (0, 1), got {alpha_share!r}")
    try:
        training_count(rows, share)
    except ValueError:
        raise ValueError(
            f"alpha_share must leave rows for the weights and for α, got {alpha_share!r} of "
            f"{rows} training rows"
        ) from None
    return share


def _train_supernet(
    shape: SupernetShape, task: Task, seed: int, rng: str, options: Mapping[str, Any]
) -> dict[str, Any]:
    """What the engine returns, and the seed."""
    own = {"layers": shape.layers, "width": shape.width, "seed": seed, "rng": generator(rng)}
    found = _native.darts(shape.activations, own | dict(options), task._native, None, None)
    return found | {"seed": seed}


def _alpha(found: Mapping[str, Any], epoch: int) -> tuple[tuple[float, ...], ...]:
    """α after an epoch; all equal if the supernet diverged before the first one ended."""
    if found["alphas"]:
        alpha: tuple[tuple[float, ...], ...] = found["alphas"][epoch]
        return alpha
    return tuple((0.0,) * len(names) for names in found["candidates"])


def _result(
    found: Mapping[str, Any], epoch: int, chosen: tuple[str, ...], settings: SearchResult
) -> DARTSResult:
    """The supernet's history with the trials that followed."""
    failed = all(math.isinf(trial.value) for trial in settings.trials)
    best = settings.trials[0] if failed else settings.best
    return DARTSResult(
        architecture=best.architecture,
        value=best.value,
        alphas=found["alphas"],
        candidates=found["candidates"],
        chosen=chosen,
        epoch=epoch,
        training_losses=tuple(found["training_losses"]),
        alpha_losses=tuple(found["validation_losses"]),
        settings=settings,
        seed=found["seed"],
        wall_seconds=found["wall_seconds"],
    )
