"""Performance estimates: how good an architecture is. What the search loop calls, on any thread."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from swiftnas import _native
from swiftnas._arguments import Generator, generator, real_number, whole_number
from swiftnas.architecture import check_space
from swiftnas.ask_tell import Proposal
from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.task import Task, checked_task


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of one evaluation; the fields are those of `Trial`."""

    value: float
    status: str
    wall_seconds: float
    training_losses: tuple[float, ...] = ()
    parameters: int | None = None
    flops: int | None = None
    values: tuple[float, ...] = ()
    violation: float = 0.0
    measures: dict[str, float] = field(default_factory=dict)
    error: str | None = None


class Evaluator(Protocol):
    """Evaluates architectures, several at once if the loop has several workers."""

    #: Full-batch steps and generator of a training; None if there is no training.
    epochs: int | None
    rng: str | None
    #: Whether `cancel` ends running evaluations soon.
    cancellable: bool

    def evaluate(self, proposal: Proposal, architecture: Architecture, threads: int) -> Outcome:
        """Evaluate a proposal; `architecture` is the engine's form of its architecture.

        Up to `threads` threads are this evaluation's own; the outcome does not depend on them.
        """
        ...

    def cancel(self) -> None:
        """Ask all running evaluations to stop; their outcomes are not wanted any more."""
        ...


class TaskEvaluator:
    """Trains on a task in the engine, without Python's lock."""

    cancellable = True

    def __init__(
        self, space: SearchSpace, task: Task, *, epochs: int, rng: str, workers: int
    ) -> None:
        self._epochs = whole_number(epochs, "epochs", minimum=1)
        self.epochs: int | None = self._epochs
        self.rng: str | None = rng
        self._generator = generator(rng)
        self._task = checked_task(task)
        self._cancellation = _native.Cancellation()
        check_space(space, task, workers)

    def evaluate(self, proposal: Proposal, architecture: Architecture, threads: int) -> Outcome:
        """Train from the proposal's seed; the value is the validation loss."""
        return training_outcome(
            architecture,
            self._task,
            epochs=self._epochs,
            seed=proposal.seed,
            native_rng=self._generator,
            cancellation=self._cancellation,
            threads=threads,
        )

    def cancel(self) -> None:
        """Stop the trainings at their next block of rows."""
        self._cancellation.cancel()


class ObjectiveEvaluator:
    """Calls a Python function that returns a number, or several that `names` names."""

    cancellable = False
    epochs: int | None = None
    rng: str | None = None

    def __init__(self, objective: Callable[..., Any], names: tuple[str, ...] | None = None) -> None:
        if not callable(objective):
            raise TypeError(f"objective must be callable, got {type(objective).__name__}")
        self._objective = objective
        self._names = names

    def evaluate(self, proposal: Proposal, architecture: Architecture, threads: int) -> Outcome:
        """Call the objective with the user's own choices."""
        start = time.perf_counter()
        # A copy, as the objective may change it.
        returned = self._objective(dict(proposal.architecture))
        seconds = time.perf_counter() - start
        if self._names is None:
            measures = {}
            numbers = [real_number(returned, "the value of objective")]
        else:
            measures = named_numbers(returned, self._names)
            numbers = list(measures.values())
        if all(math.isfinite(number) for number in numbers):
            value = numbers[0] if numbers else 0.0
            return Outcome(value=value, status="ok", wall_seconds=seconds, measures=measures)
        return Outcome(value=math.inf, status="diverged", wall_seconds=seconds, measures=measures)

    def cancel(self) -> None:
        """Do nothing: a Python function cannot be stopped from outside."""


def named_numbers(returned: Any, names: tuple[str, ...]) -> dict[str, float]:
    """What an objective returned, by name: a dict, a list in the order of names, or one number."""
    if isinstance(returned, Mapping):
        for name in names:
            if name not in returned:
                raise ValueError(f"objective must return {name!r}, got {list(returned)}")
        values = [returned[name] for name in names]
    elif isinstance(returned, list | tuple | np.ndarray) and np.ndim(returned) > 0:
        values = list(returned)
    else:
        values = [returned]
    if len(values) != len(names):
        expected = ", ".join(names)
        raise ValueError(
            f"objective must return {len(names)} numbers ({expected}), got {returned!r}"
        )
    return {
        name: real_number(value, f"the value of objective ({name})")
        for name, value in zip(names, values, strict=True)
    }


def training_outcome(
    architecture: Architecture,
    task: Task,
    *,
    epochs: int,
    seed: int,
    native_rng: Generator,
    cancellation: _native.Cancellation | None = None,
    threads: int = 1,
) -> Outcome:
    """Train an architecture of plain values, of which only the figures are wanted."""
    outcome, _ = _native.train(
        architecture, task._native, epochs, seed, native_rng, None, False, cancellation, threads
    )
    return Outcome(
        value=outcome["validation_loss"],
        status=outcome["status"],
        wall_seconds=outcome["wall_seconds"],
        training_losses=tuple(outcome["training_losses"]),
        parameters=outcome["parameters"],
        flops=outcome["flops"],
    )
