"""Zero-cost proxies: scores of untrained networks, and how well they order trained ones.

Examples
--------
>>> import swiftnas as nas
>>> nas.proxies.names()
('gradient_norm', 'synflow', 'jacobian_covariance', 'naswot', 'parameter_count', 'flops')
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from swiftnas import _native
from swiftnas._arguments import generator, whole_number
from swiftnas.architecture import plain_architecture
from swiftnas.rank_correlation import kendall, spearman
from swiftnas.results import SearchResult
from swiftnas.task import Task, checked_task
from swiftnas.trial import Trial, highest_fidelity

#: Rows of a batch at most: their number squared is kept in memory.
_LARGEST_BATCH = 1024

_Vector = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Proxy:
    """What the engine says about one of its proxies.

    Attributes
    ----------
    name : str
    summary : str
        One sentence with the source.
    larger_is_better : bool
        Whether architectures with a larger score are expected to be better.
    """

    name: str
    summary: str
    larger_is_better: bool


def available() -> tuple[Proxy, ...]:
    """Every proxy with its source and its direction.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.proxies.available()[1].larger_is_better
    True
    """
    return tuple(Proxy(**facts) for facts in _native.proxies())


def names() -> tuple[str, ...]:
    """The names that `score` takes."""
    return tuple(proxy.name for proxy in available())


def score(
    architecture: Mapping[str, Any],
    task: Task,
    proxy: str,
    *,
    seed: int = 0,
    rng: str = "default",
    rows: int = 128,
) -> float:
    """The score of an architecture by a proxy, before any training.

    Parameters
    ----------
    architecture : dict
        See `architecture_keys`.
    task : Task
        Its first training rows are what proxies look at.
    proxy : str
        One of `names`.
    seed : int, default 0
        The weights are those that a training with this seed begins with.
    rng : {"default", "torch"}
        What they come from, as in `search`.
    rows : int, default 128
        How many rows to look at, up to 1,024; all if the task has fewer.

    Returns
    -------
    float
        Infinite or NaN where float32 does not reach as far as the network does.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> task = nas.Task.split(X, X[:, 0] * X[:, 1])
    >>> nas.proxies.score({"num_hidden_layers": 1, "hidden_layer_size": 8}, task, "flops")
    81.0

    Any search can minimise a score instead of training:

    >>> def objective(architecture):
    ...     return -nas.proxies.score(architecture, task, "synflow")
    >>> space = {"num_hidden_layers": [1, 2, 3], "hidden_layer_size": [8, 16]}
    >>> result = nas.search(space, objective=objective, strategy=nas.RandomSearch(), trials=6)
    >>> result.best.architecture
    {'num_hidden_layers': 3, 'hidden_layer_size': 16}
    """
    return _native.proxy(
        proxy,
        plain_architecture(architecture),
        checked_task(task)._native,
        whole_number(seed, "seed", minimum=0, maximum=2**63 - 1),
        generator(rng),
        whole_number(rows, "rows", minimum=1, maximum=_LARGEST_BATCH),
    )


@dataclass(frozen=True, slots=True)
class RankCorrelation:
    """How well one proxy orders trials: 1 exactly, 0 as chance does, −1 the other way round.

    Attributes
    ----------
    proxy : str
    spearman : float
        Spearman's ρ between quality by score and by value; NaN where one of them is constant.
    kendall : float
        Kendall's τ-b, likewise.
    scores : tuple of float
        One per trial, as `score` gave them.
    """

    proxy: str
    spearman: float
    kendall: float
    scores: tuple[float, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class RankCorrelations:
    """What `rank_correlations` found; prints as a table, and is looked up by a proxy's name.

    Attributes
    ----------
    correlations : tuple of RankCorrelation
        One per proxy.
    values : tuple of float
        The trials' values.
    """

    correlations: tuple[RankCorrelation, ...]
    values: tuple[float, ...] = field(repr=False)

    def __getitem__(self, proxy: str) -> RankCorrelation:
        for correlation in self.correlations:
            if correlation.proxy == proxy:
                return correlation
        raise KeyError(proxy)

    def __iter__(self) -> Iterator[RankCorrelation]:
        return iter(self.correlations)

    def __len__(self) -> int:
        return len(self.correlations)

    def __str__(self) -> str:
        width = max(len("proxy"), *(len(correlation.proxy) for correlation in self.correlations))
        lines = [f"{'proxy':<{width}}  Spearman's ρ  Kendall's τ  ({len(self.values)} trials)"]
        lines += [
            f"{one.proxy:<{width}}  {one.spearman:>12.3f}  {one.kendall:>11.3f}" for one in self
        ]
        return "\n".join(lines)


def rank_correlations(
    results: SearchResult | Iterable[Trial],
    task: Task,
    *,
    proxies: Sequence[str] | None = None,
    rng: str | None = None,
    rows: int = 128,
) -> RankCorrelations:
    """How well each proxy orders the architectures of a finished search.

    Each trial is scored at the weights that its own training began with. Failed trials are left
    out, and so are trials that took over another's outcome, and those of less than the highest
    fidelity, whose values cannot be compared with the others'. Correlations are positive where a
    proxy agrees with the values, whichever direction is better for either.

    Parameters
    ----------
    results : SearchResult or iterable of Trial
        At least two trials of the highest fidelity that did not fail; their values are to be
        minimised.
    task : Task
        The task of the search.
    proxies : sequence of str, optional
        Which; all of them by default.
    rng : {"default", "torch"}, optional
        The generator of the trials; that of the result by default.
    rows : int, default 128
        See `score`.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.random.default_rng(0).normal(size=(100, 3))
    >>> task = nas.Task.split(X, X[:, 0] * X[:, 1])
    >>> space = {"num_hidden_layers": [1, 2, 3], "hidden_layer_size": [8, 32, 128]}
    >>> result = nas.search(space, task, strategy=nas.RandomSearch(), trials=9, seed=0)
    >>> correlations = nas.proxies.rank_correlations(result, task)
    >>> -1 <= correlations["synflow"].spearman <= 1
    True
    """
    task = checked_task(task)
    if rng is None:
        rng = (results.rng if isinstance(results, SearchResult) else None) or "default"
    trials = _finished(results.trials if isinstance(results, SearchResult) else results)
    values = np.array([trial.value for trial in trials])
    larger_is_better = {proxy.name: proxy.larger_is_better for proxy in available()}
    correlations = []
    for name in names() if proxies is None else _chosen(proxies):
        scores = [
            score(trial.architecture, task, name, seed=trial.seed, rng=rng, rows=rows)
            for trial in trials
        ]
        sign = 1.0 if larger_is_better[name] else -1.0
        # A score that float32 does not reach says nothing good.
        quality = np.nan_to_num(sign * np.array(scores), nan=-np.inf, posinf=np.inf, neginf=-np.inf)
        correlations.append(
            RankCorrelation(
                proxy=name,
                spearman=spearman(quality, -values),
                kendall=kendall(quality, -values),
                scores=tuple(scores),
            )
        )
    return RankCorrelations(correlations=tuple(correlations), values=tuple(values.tolist()))


def _chosen(proxies: Any) -> list[str]:
    """Names of proxies, which the engine checks one by one."""
    if isinstance(proxies, str) or not isinstance(proxies, Iterable):
        raise TypeError(f"proxies must be a list of names, got {proxies!r}")
    chosen = list(proxies)
    if not chosen:
        raise ValueError("proxies must not be empty")
    return chosen


def _finished(trials: Any) -> list[Trial]:
    """The trials to compare: finished ones of the highest fidelity, each evaluation once."""
    chosen = []
    for trial in trials if isinstance(trials, Iterable) else [trials]:
        if not isinstance(trial, Trial):
            raise TypeError(
                f"results must be a SearchResult or trials, got a {type(trial).__name__}"
            )
        if math.isfinite(trial.value) and not trial.cached:
            chosen.append(trial)
    reached = highest_fidelity(chosen)
    chosen = [trial for trial in chosen if trial.fidelity == reached]
    if len(chosen) < 2:
        raise ValueError(
            "results must have at least 2 evaluated trials of the highest fidelity that did not "
            f"fail, got {len(chosen)}"
        )
    return chosen
