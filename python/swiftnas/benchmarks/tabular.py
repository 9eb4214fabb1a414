"""`TabularBenchmark`: a search space of which every architecture was trained beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from swiftnas._arguments import seed_or_fresh, whole_number
from swiftnas.evaluators.table import drawn_index
from swiftnas.parameters import Categorical
from swiftnas.search_space import SearchSpace

_Array = npt.NDArray[np.float64]


class TabularBenchmark:
    """A search space with the known results of all its architectures.

    Row i of each array belongs to the architecture whose choices, by position, are the digits of i
    in the mixed radix of the numbers of choices; the last parameter changes fastest.

    Parameters
    ----------
    name : str
        What the table is called.
    space : SearchSpace or dict
        Lists of choices only, without conditions or forbidden combinations.
    values : array_like
        Validation losses to be minimised, as (architectures, seeds). NaN at the end of a row
        where an architecture was trained with fewer seeds.
    seconds : array_like, optional
        Training seconds, as (architectures,) or (architectures, seeds).
    parameters : array_like, optional
        Numbers of trainable parameters, as (architectures,).
    test : array_like, optional
        Mean test losses, as (architectures,).

    See Also
    --------
    fcnet, hpobench_mlp, nasbench201 : tables to load.

    Examples
    --------
    >>> import swiftnas as nas
    >>> table = nas.benchmarks.TabularBenchmark(
    ...     "two by two", {"depth": [1, 2], "width": [8, 16]},
    ...     [[0.4, 0.6], [0.3, 0.5], [0.2, 0.2], [0.7, 0.8]],
    ... )
    >>> table.optimum, table.best
    (0.2, {'depth': 2, 'width': 8})
    >>> table.value({"depth": 1, "width": 16}, seed_index=1)
    0.5
    >>> result = nas.search(table.space, objective=table.objective(seed=0), trials=4, seed=0)
    >>> table.regret(result.best.architecture)
    0.0
    """

    def __init__(
        self,
        name: str,
        space: SearchSpace | Mapping[str, Any],
        values: npt.ArrayLike,
        *,
        seconds: npt.ArrayLike | None = None,
        parameters: npt.ArrayLike | None = None,
        test: npt.ArrayLike | None = None,
    ) -> None:
        self.name = name
        self.space = SearchSpace.of(space)
        self._places = _places(self.space)
        self.size = math.prod(len(positions) for _, positions, _ in self._places)
        self._values = self._column(values, "values")
        present = ~np.isnan(self._values)
        counts = present.sum(axis=1)
        if np.any(counts == 0) or np.any(present[:, 1:] > present[:, :-1]):
            raise ValueError("values must have NaN only after the known values of a row")
        self._counts = counts
        self._means = np.nanmean(self._values, axis=1)
        self._seconds = self._optional(seconds, "seconds")
        self._parameters = self._optional(parameters, "parameters")
        self._test = self._optional(test, "test")

    def __repr__(self) -> str:
        return (
            f"TabularBenchmark({self.name!r}, {self.size} architectures, "
            f"{self._values.shape[1]} seeds)"
        )

    @property
    def optimum(self) -> float:
        """The least mean validation loss."""
        return float(self._means.min())

    @property
    def best(self) -> dict[str, Any]:
        """The architecture of least mean validation loss, the first one of several."""
        return self.architecture(int(self._means.argmin()))

    def architecture(self, row: int) -> dict[str, Any]:
        """The architecture of a row of the table."""
        row = whole_number(row, "row", minimum=0, maximum=self.size - 1)
        return {
            name: self.space[name].choices[row // stride % len(positions)]  # type: ignore[attr-defined]
            for name, positions, stride in self._places
        }

    def row(self, architecture: Mapping[str, Any]) -> int:
        """The row of an architecture, whatever the order of its names."""
        try:
            if len(architecture) == len(self._places):
                return sum(
                    positions[architecture[name]] * stride
                    for name, positions, stride in self._places
                )
        except (KeyError, TypeError):
            pass
        self.space.validate(architecture)
        raise TypeError(f"architecture must hold the table's own choices, got {architecture}")

    def seeds(self, architecture: Mapping[str, Any]) -> int:
        """With how many seeds an architecture was trained."""
        return int(self._counts[self.row(architecture)])

    def value(self, architecture: Mapping[str, Any], seed_index: int) -> float:
        """The validation loss of one training, to be minimised."""
        row = self.row(architecture)
        last = int(self._counts[row]) - 1
        return float(
            self._values[row, whole_number(seed_index, "seed_index", minimum=0, maximum=last)]
        )

    def mean(self, architecture: Mapping[str, Any]) -> float:
        """The validation loss, averaged over all seeds."""
        return float(self._means[self.row(architecture)])

    def regret(self, architecture: Mapping[str, Any]) -> float:
        """How far the mean is from the table's optimum; never negative."""
        return self.mean(architecture) - self.optimum

    def seconds(self, architecture: Mapping[str, Any], seed_index: int | None = None) -> float:
        """How long a training took; without a seed's index, or one time for all seeds, the mean."""
        times = self._known(self._seconds, "training times")
        row = self.row(architecture)
        times = times[row, : self._counts[row]]
        if seed_index is None or len(times) == 1:
            return float(times.mean())
        return float(
            times[whole_number(seed_index, "seed_index", minimum=0, maximum=len(times) - 1)]
        )

    def parameters(self, architecture: Mapping[str, Any]) -> int:
        """The number of trainable parameters."""
        column = self._known(self._parameters, "numbers of parameters")
        return round(float(column[self.row(architecture), 0]))

    def test(self, architecture: Mapping[str, Any]) -> float:
        """The mean test loss, on the scale of the validation loss."""
        column = self._known(self._test, "test losses")
        return float(column[self.row(architecture), 0])

    def objective(self, seed: int = 0) -> TableObjective:
        """A function for `search` that gives one training's validation loss.

        Which of the seeds it is depends on `seed` and the architecture only.
        """
        return TableObjective(self, seed_or_fresh(seed))

    def _known(self, column: _Array | None, what: str) -> _Array:
        if column is None:
            raise ValueError(f"{self.name} has no {what}")
        return column

    def _optional(self, values: npt.ArrayLike | None, name: str) -> _Array | None:
        return None if values is None else self._column(values, name)

    def _column(self, values: npt.ArrayLike, name: str) -> _Array:
        """An array as (architectures, seeds)."""
        array = np.array(values, dtype=np.float64)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2 or len(array) != self.size or not array.shape[1]:
            raise ValueError(
                f"{name} must have a row for each of {self.size} architectures, "
                f"got the shape {np.shape(values)}"
            )
        # Several searches may share a table.
        array.flags.writeable = False
        return array


@dataclass(frozen=True, slots=True)
class TableObjective:
    """One training of a `TabularBenchmark` for each architecture, drawn by `seed`."""

    benchmark: TabularBenchmark
    seed: int

    def __call__(self, architecture: Mapping[str, Any]) -> float:
        """The validation loss of the training that the seed chose."""
        count = self.benchmark.seeds(architecture)
        index = drawn_index(self.seed, self.benchmark.row(architecture), count)
        return self.benchmark.value(architecture, index)


def _places(space: SearchSpace) -> list[tuple[str, dict[Any, int], int]]:
    """For each parameter its name, its choices' positions, and what one step adds to a row."""
    places: list[tuple[str, dict[Any, int], int]] = []
    stride = 1
    for name, parameter in reversed(list(space.items())):
        if not isinstance(parameter, Categorical) or space.forbidden:
            raise TypeError(f"space must have lists of choices only, got {name}={parameter}")
        positions = {choice: index for index, choice in enumerate(parameter.choices)}
        places.append((name, positions, stride))
        stride *= len(positions)
    return places[::-1]
