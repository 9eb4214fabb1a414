"""Initial designs: which architectures a search should try first, for `search(…, initial=…)`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swiftnas._arguments import whole_number
from swiftnas.architecture import cost
from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.task import Task, checked_task


def cheapest(
    space: SearchSpace | Mapping[str, Any],
    task: Task,
    count: int = 10,
    *,
    among: int = 200,
    seed: int | None = 0,
) -> list[Architecture]:
    """The architectures that cost least to train among random ones, the cheapest first.

    A search that begins with these learns which training settings work while trainings are cheap,
    and strategies that change what was good, as evolution does, make architectures larger only
    where that helps. Costs of architectures often differ by a factor of 100 or more, and then most
    of a search's time goes into the largest few. After Wu, Wang and Huang, "Frugal optimization
    for cost-related hyperparameters", AAAI 2021, whose search begins at one cheap point.

    Parameters
    ----------
    space : SearchSpace or dict
        What will be searched.
    task : Task
        What will be trained on.
    count : int, default 10
        Architectures wanted; fewer are returned if fewer different ones are drawn.
    among : int, default 200
        Architectures drawn at random, of which these cost least: operations of a forward pass.
        The more, the cheaper, and the more alike.
    seed : int or None, default 0
        Of the draw; None draws a fresh one.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, X[:, 0] ** 2)
    >>> space = nas.spaces.article()
    >>> first = nas.cheapest(space, task, 5, seed=0)
    >>> {architecture["hidden_layer_size"] for architecture in first}
    {32}
    >>> strategy = nas.RegularizedEvolution(population_size=5, sample_size=3)
    >>> result = nas.search(space, task, strategy=strategy, initial=first, trials=8, seed=0)
    >>> [trial.architecture for trial in result.trials[:5]] == first
    True
    """
    space = SearchSpace.of(space)
    checked_task(task)
    count = whole_number(count, "count", minimum=1)
    among = whole_number(among, "among", minimum=count)
    drawn: list[Architecture] = []
    seen = set()
    for architecture in space.sample(seed, count=among):
        key = tuple(space._encode(architecture).items())
        if key not in seen:
            seen.add(key)
            drawn.append(architecture)
    # Sorting is stable, so those of one cost keep their random order.
    return sorted(drawn, key=lambda architecture: cost(architecture, task).flops)[:count]
