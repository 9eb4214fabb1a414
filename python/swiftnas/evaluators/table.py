"""A table of known values, as an objective."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from swiftnas._arguments import seed_or_fresh
from swiftnas.parameters import NotPlainError, plain

#: The constants of SplitMix64 (Steele, Lea & Flood 2014): increment and both multipliers.
_SPLITMIX = (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)


class Table:
    """Values that are known beforehand, as an objective: a table look-up instead of a training.

    An architecture may have several values, one for each seed that it was trained with. The table
    then gives their mean or, with a `seed`, one of them: which one depends on the seed and the
    architecture only, so that a search is the same for any number of workers.

    Parameters
    ----------
    architectures : iterable of mapping
        Architectures as a search space gives them, all different.
    values : array_like
        A value for each architecture, or a row of them; in a row, NaN stands for one that is
        missing. An architecture of which there is no value counts as diverged.
    seed : int, optional
        Draw one value of each row. None gives the mean of the row.
    missing : float, optional
        The value of architectures that are not in the table, NaN for diverged. None makes them an
        error.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = nas.SearchSpace({"depth": [1, 2], "width": [8, 16]})
    >>> table = nas.evaluators.Table(
    ...     [{"depth": d, "width": w} for d in (1, 2) for w in (8, 16)],
    ...     [[0.4, 0.6], [0.3, 0.5], [0.2, 0.2], [0.7, 0.8]],
    ... )
    >>> table({"depth": 1, "width": 8})
    0.5
    >>> nas.search(space, objective=table, trials=4, seed=0).best.architecture
    {'depth': 2, 'width': 8}
    """

    def __init__(
        self,
        architectures: Iterable[Mapping[str, Any]],
        values: npt.ArrayLike,
        *,
        seed: int | None = None,
        missing: float | None = None,
    ) -> None:
        keys = [_key(architecture) for architecture in architectures]
        self._values = np.asarray(values, dtype=np.float64)
        if self._values.ndim not in (1, 2) or len(self._values) != len(keys):
            raise ValueError(
                f"values must have a value or a row for each of {len(keys)} architectures, "
                f"got the shape {self._values.shape}"
            )
        self._rows: dict[frozenset[tuple[str, Any]], int] = {}
        for row, key in enumerate(keys):
            if self._rows.setdefault(key, row) != row:
                raise ValueError(f"architectures must be different, got {dict(key)} twice")
        self.seed = None if seed is None else seed_or_fresh(seed)
        self.missing = None if missing is None else float(missing)

    @classmethod
    def from_mapping(
        cls,
        values: Mapping[Any, npt.ArrayLike],
        names: Sequence[str],
        *,
        seed: int | None = None,
        missing: float | None = None,
    ) -> Table:
        """The table of a mapping from the choices, in the order of `names`, to their values.

        Examples
        --------
        >>> import swiftnas as nas
        >>> table = nas.evaluators.Table.from_mapping(
        ...     {(1, "ReLU"): 0.3, (2, "ReLU"): 0.1}, names=["depth", "activation"]
        ... )
        >>> table({"depth": 2, "activation": "ReLU"})
        0.1
        """
        architectures = []
        for choices in values:
            if not isinstance(choices, tuple) or len(choices) != len(names):
                raise ValueError(
                    f"values must have tuples of {len(names)} choices as keys, got {choices!r}"
                )
            architectures.append(dict(zip(names, choices, strict=True)))
        rows = [np.atleast_1d(np.asarray(row, dtype=np.float64)) for row in values.values()]
        table = np.full((len(rows), max(map(len, rows), default=1)), np.nan)
        for row, known in zip(table, rows, strict=True):
            row[: len(known)] = known
        return cls(architectures, table, seed=seed, missing=missing)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"Table({len(self)} architectures, seed={self.seed})"

    def __call__(self, architecture: Mapping[str, Any]) -> float:
        """The value of an architecture."""
        row = self._rows.get(_key(architecture))
        if row is None:
            if self.missing is None:
                raise ValueError(f"architecture must be in the table, got {dict(architecture)}")
            return self.missing
        values = np.atleast_1d(self._values[row])
        values = values[~np.isnan(values)]
        if not len(values):
            return float("nan")
        if self.seed is None:
            return float(values.mean())
        return float(values[drawn_index(self.seed, row, len(values))])


def drawn_index(seed: int, row: int, count: int) -> int:
    """A random index below `count` for a row of a table: SplitMix64 of the seed and the row.

    Even up to 2⁻⁶⁴ · `count`; needs no state, so that threads and processes agree.
    """
    increment, first, second = _SPLITMIX
    mask = 2**64 - 1
    state = seed & mask
    for word in (row, 0):
        state = (state + word * first + increment) & mask
        state = ((state ^ (state >> 30)) * first) & mask
        state = ((state ^ (state >> 27)) * second) & mask
        state ^= state >> 31
    return (state * count) >> 64


def _key(architecture: Mapping[str, Any]) -> frozenset[tuple[str, Any]]:
    """A hashable form in which the order of the names does not matter."""
    if not isinstance(architecture, Mapping):
        raise TypeError(f"architecture must be a dict, got {type(architecture).__name__}")
    try:
        return frozenset((name, plain(value)) for name, value in architecture.items())
    except NotPlainError as error:
        raise TypeError(f"architecture must hold numbers, text and tuples, {error}") from None
