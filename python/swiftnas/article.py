"""The published experiment, function for function: scripts written for it run with these unchanged.

`evaluate_architecture` and the three searches keep the experiment's signatures, defaults and
semantics, also its weaknesses: no baseline, no memory of repeated candidates, elites trained afresh
in every generation. For searches that do better, use `search` and `darts`.

All of them take the keywords `seed` (None draws a fresh one), `rng` (``"torch"`` trains each
candidate as PyTorch would after ``torch.manual_seed`` of its seed) and `workers` (candidates
trained at once, or threads for one candidate, which changes nothing but the time).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swiftnas._arguments import generator, seed_or_fresh, whole_number
from swiftnas.architecture import plain_architecture
from swiftnas.differentiable import article_darts
from swiftnas.evaluation import training_outcome
from swiftnas.results import AllTrialsDivergedError, SearchResult
from swiftnas.search_loop import search
from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.strategies import Evolution, Reinforce
from swiftnas.task import Task

if TYPE_CHECKING:
    import numpy.typing as npt

#: Epochs per candidate of the evolutionary search.
_EVOLUTION_EPOCHS = 10


def evaluate_architecture(
    architecture: Mapping[str, Any],
    X_train: npt.ArrayLike,
    y_train: npt.ArrayLike,
    X_val: npt.ArrayLike,
    y_val: npt.ArrayLike,
    num_epochs: int = 50,
    *,
    seed: int | None = None,
    rng: str = "default",
    workers: int = 1,
) -> float:
    """Train an architecture full-batch and return its mean squared error on the validation data.

    Parameters
    ----------
    architecture : dict
        See `architecture_keys`.
    X_train, y_train, X_val, y_val : array_like
        See `Task`.
    num_epochs : int, default 50
        Training steps, with dropout on.
    seed, rng, workers
        See `swiftnas.article`; workers are threads that train the candidate together.

    Returns
    -------
    float
        Infinite if the training diverged.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> architecture = {"num_hidden_layers": 1, "hidden_layer_size": 32, "learning_rate": 0.01}
    >>> nas.evaluate_architecture(architecture, X[::2], X[::2] ** 2, X, X**2, seed=0) < 0.1
    True
    """
    task = Task(X_train, y_train, X_val, y_val)
    return training_outcome(
        plain_architecture(architecture),
        task,
        epochs=whole_number(num_epochs, "num_epochs", minimum=1),
        seed=seed_or_fresh(seed),
        native_rng=generator(rng),
        threads=whole_number(workers, "workers", minimum=1),
    ).value


def run_rl_search(
    search_space: Mapping[str, Any],
    X_train: npt.ArrayLike,
    y_train: npt.ArrayLike,
    X_val: npt.ArrayLike,
    y_val: npt.ArrayLike,
    num_epochs: int = 10,
    num_episodes: int = 5,
    *,
    seed: int | None = None,
    rng: str = "default",
    workers: int = 1,
) -> tuple[Architecture | None, float]:
    """Search with a recurrent controller and plain REINFORCE.

    Per episode the controller, fed zeros, chooses a value for each key in turn; the candidate is
    trained, and Adam (learning rate 0.01) minimises Σ log-probability × validation loss.

    Parameters
    ----------
    search_space : dict of str to list
    X_train, y_train, X_val, y_val : array_like
        See `Task`.
    num_epochs : int, default 10
        Training steps per candidate.
    num_episodes : int, default 5
        Candidates.
    seed, rng, workers
        See `swiftnas.article`; each episode waits for the one before.

    Returns
    -------
    best_architecture : dict
        None if every candidate diverged, which a `RuntimeWarning` says.
    best_loss : float

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> space = {"num_hidden_layers": [1, 2], "hidden_layer_size": [8, 16]}
    >>> architecture, loss = nas.run_rl_search(space, X[::2], X[::2] ** 2, X, X**2, seed=0)
    >>> sorted(architecture)
    ['hidden_layer_size', 'num_hidden_layers']
    """
    return _best(
        search(
            SearchSpace.of(search_space, "search_space"),
            Task(X_train, y_train, X_val, y_val),
            strategy=published_reinforce(),
            trials=whole_number(num_episodes, "num_episodes", minimum=1),
            epochs=whole_number(num_epochs, "num_epochs", minimum=1),
            seed=seed,
            rng=rng,
            workers=workers,
        )
    )


def run_evolutionary_search(
    X: npt.ArrayLike,
    y: npt.ArrayLike,
    search_space: Mapping[str, Any],
    population_size: int = 10,
    num_generations: int = 5,
    *,
    seed: int | None = None,
    rng: str = "default",
    workers: int = 1,
) -> tuple[Architecture | None, float]:
    """Search with generations of elites, crossover and mutation.

    The first 80 % of the rows train, the rest validate. Every generation trains everyone for 10
    epochs, the elites afresh, keeps the better half, and fills up with children of two elites, one
    key of which is drawn again.

    Parameters
    ----------
    X, y : array_like
        See `Task`.
    search_space : dict of str to list
    population_size : int, default 10
    num_generations : int, default 5
    seed, rng, workers
        See `swiftnas.article`.

    Returns
    -------
    best_architecture : dict
        The best candidate of all generations; None if every candidate diverged, which a
        `RuntimeWarning` says.
    best_loss : float

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.random.RandomState(0).uniform(-1, 1, (100, 1))
    >>> space = {"num_hidden_layers": [1, 2], "hidden_layer_size": [8, 16]}
    >>> architecture, loss = nas.run_evolutionary_search(X, X**2, space, 4, 2, seed=0)
    >>> sorted(architecture)
    ['hidden_layer_size', 'num_hidden_layers']
    """
    generations = whole_number(num_generations, "num_generations", minimum=1)
    return _best(
        search(
            SearchSpace.of(search_space, "search_space"),
            Task.split(X, y, validation=0.2, shuffle=False),
            strategy=published_evolution(population_size),
            trials=generations * whole_number(population_size, "population_size", minimum=2),
            epochs=_EVOLUTION_EPOCHS,
            seed=seed,
            rng=rng,
            workers=workers,
        )
    )


def run_gradient_based_search(
    search_space: Mapping[str, Any],
    X_train: npt.ArrayLike,
    y_train: npt.ArrayLike,
    X_val: npt.ArrayLike,
    y_val: npt.ArrayLike,
    num_epochs: int = 50,
    *,
    seed: int | None = None,
    rng: str = "default",
    workers: int = 1,
) -> tuple[Architecture, float]:
    """Search with a simplified DARTS over the activations, at the greatest depth.

    A linear layer, then mixed cells, each the softmax(α)-weighted sum of one linear layer per
    activation; each epoch takes one Adam step on the weights with the training loss (learning rate
    0.01) and one on α with the validation loss (0.001). The strongest activation of the first cell
    is trained for 50 epochs with Adam, learning rate 0.001, without dropout.

    Parameters
    ----------
    search_space : dict of str to list
        Its first `hidden_layer_size`, its greatest `num_hidden_layers` and its
        `activation_function` count.
    X_train, y_train, X_val, y_val : array_like
        See `Task`.
    num_epochs : int, default 50
        Pairs of steps on weights and α.
    seed, rng, workers
        See `swiftnas.article`; there is one supernet, which keeps one worker busy.

    Returns
    -------
    best_architecture : dict
        Unlike in the other two searches, an architecture also if its training diverged, which a
        `RuntimeWarning` says.
    best_loss : float
        Infinite if the training diverged.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> space = {
    ...     "num_hidden_layers": [1, 2],
    ...     "hidden_layer_size": [8, 16],
    ...     "activation_function": ["ReLU", "Tanh"],
    ... }
    >>> architecture, loss = nas.run_gradient_based_search(space, X[::2], X[::2], X, X, seed=0)
    >>> architecture["num_hidden_layers"], architecture["hidden_layer_size"]
    (2, 8)
    """
    task = Task(X_train, y_train, X_val, y_val)
    whole_number(workers, "workers", minimum=1)
    result = article_darts(search_space, task, epochs=num_epochs, seed=seed, rng=rng)
    return result.architecture, result.value


def published_reinforce() -> Reinforce:
    """The strategy of `run_rl_search`."""
    return Reinforce(
        learning_rate=0.01,
        baseline=False,
        rank_reward=False,
        entropy_weight=0.0,
        feed_previous_choice=False,
        retrain_repeated=True,
    )


def published_evolution(population_size: int) -> Evolution:
    """The strategy of `run_evolutionary_search`."""
    return Evolution(population_size=population_size, retrain_elites=True)


def _best(result: SearchResult) -> tuple[Architecture | None, float]:
    """What the published functions return; they know no candidate if all diverged."""
    try:
        return result.best.architecture, result.best.value
    except AllTrialsDivergedError:
        return None, float("inf")
