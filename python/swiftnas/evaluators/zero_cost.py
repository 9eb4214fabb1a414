"""A zero-cost proxy, as an objective."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swiftnas import proxies
from swiftnas.task import checked_task

if TYPE_CHECKING:
    from swiftnas.task import Task


class ZeroCost:
    """The score of an untrained network by a proxy, with its sign so that less is better.

    Look at `swiftnas.proxies.rank_correlations` first: on small data, proxies may order
    architectures no better than chance, or the wrong way round.

    Parameters
    ----------
    proxy : str
        One of `swiftnas.proxies.names`.
    task : Task
        Its first training rows are what the proxy looks at.
    seed : int, default 0
        The weights are those that a training with this seed begins with.
    rows : int, default 128
        How many rows to look at; all if the task has fewer.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> task = nas.Task.split(X, X[:, 0] * X[:, 1])
    >>> space = {"num_hidden_layers": [1, 2, 3], "hidden_layer_size": [8, 16]}
    >>> cheap = nas.evaluators.ZeroCost("synflow", task)
    >>> nas.search(space, objective=cheap, strategy=nas.GridSearch(), trials=6).best.architecture
    {'num_hidden_layers': 3, 'hidden_layer_size': 16}
    """

    def __init__(self, proxy: str, task: Task, *, seed: int = 0, rows: int = 128) -> None:
        known = {description.name: description for description in proxies.available()}
        if proxy not in known:
            raise ValueError(f"proxy must be one of {list(known)}, got {proxy!r}")
        self.proxy = proxy
        self.task = checked_task(task)
        self.seed = seed
        self.rows = rows
        self._sign = -1.0 if known[proxy].larger_is_better else 1.0

    def __repr__(self) -> str:
        return f"ZeroCost({self.proxy!r}, {self.task!r}, seed={self.seed}, rows={self.rows})"

    def __call__(self, architecture: Mapping[str, Any]) -> float:
        """The score of one architecture, to be minimised."""
        score = proxies.score(architecture, self.task, self.proxy, seed=self.seed, rows=self.rows)
        return self._sign * score
