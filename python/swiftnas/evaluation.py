"""Performance estimates: how good an architecture is. What the search loop calls, on any thread."""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from swiftnas import _native
from swiftnas._arguments import Generator, generator, real_number, whole_number
from swiftnas.architecture import check_space
from swiftnas.ask_tell import Proposal
from swiftnas.paused_trainings import PausedTrainings
from swiftnas.search_space import Architecture, SearchSpace
from swiftnas.task import Task, checked_task

if TYPE_CHECKING:
    from swiftnas.stopping import Rule, Seen, Stopping
    from swiftnas.trial import Trial
    from swiftnas.validation_scores import ValidationScores

#: What a proposal's fidelity is a share of.
FIDELITIES = ("epochs", "rows")


# Not frozen, as making a frozen one takes 3 µs more, and each training makes one.
@dataclass(kw_only=True, slots=True)
class Outcome:
    """What came of one evaluation; fields with a name of `Trial`'s mean the same."""

    value: float
    status: str
    wall_seconds: float
    epochs: int | None = None
    training_losses: tuple[float, ...] = ()
    validation_losses: tuple[tuple[int, float], ...] = ()
    validation_accuracy: float | None = None
    parameters: int | None = None
    flops: int | None = None
    values: tuple[float, ...] = ()
    violation: float = 0.0
    measures: dict[str, float] = field(default_factory=dict)
    error: str | None = None
    #: The share of the rows that each epoch trained on; no field of `Trial`.
    row_share: float = 1.0


class Evaluator(Protocol):
    """Evaluates architectures, several at once if the loop has several workers."""

    #: Epochs and generator of a training; None if there is no training.
    epochs: int | None
    rng: str | None
    #: Whether `cancel` ends running evaluations soon.
    cancellable: bool

    def evaluate(self, proposal: Proposal, architecture: Architecture, threads: int) -> Outcome:
        """Evaluate a proposal; `architecture` is the engine's form of its architecture.

        Up to `threads` threads are this evaluation's own; the outcome does not depend on them.
        """
        ...

    def told(self, trial: Trial) -> None:
        """Take note of a finished trial; called in the order of the trials' numbers.

        A proposal's evaluation may know those below its `known` only.
        """
        ...

    def cancel(self) -> None:
        """Ask all running evaluations to stop; their outcomes are not wanted any more."""
        ...


class TaskEvaluator:
    """Trains on a task in the engine, without Python's lock."""

    cancellable = True

    def __init__(
        self,
        space: SearchSpace,
        task: Task,
        *,
        epochs: int,
        rng: str,
        workers: int,
        fidelity: str = "epochs",
        stopping: Stopping | None = None,
        scores: ValidationScores | None = None,
    ) -> None:
        self._epochs = whole_number(epochs, "epochs", minimum=1)
        self.epochs: int | None = self._epochs
        self.rng: str | None = rng
        self._generator = generator(rng)
        self._task = checked_task(task)
        if fidelity not in FIDELITIES:
            allowed = ", ".join(map(repr, FIDELITIES))
            raise ValueError(f"fidelity must be one of {allowed}, got {fidelity!r}")
        self._of_rows = fidelity == "rows"
        self._stopping = stopping
        self._scores = scores
        self._needs_model = scores is not None and scores.needs_model
        self._cancellation = _native.Cancellation()
        self._paused = PausedTrainings()
        #: The epochs behind each training that was paused, where its network is needed.
        self._reached: dict[int, int] = {}
        #: What the rule may want to know of the trials that were told.
        self._told: list[Seen] = []
        #: The last rule that was made, with what it was made from.
        self._rule: tuple[tuple[int, float], Rule] | None = None
        check_space(space, task, workers)

    def evaluate(self, proposal: Proposal, architecture: Architecture, threads: int) -> Outcome:
        """Train from the proposal's seed; the value is the validation loss.

        A proposal that continues an earlier one goes on with its training where that was paused.
        """
        share = proposal.fidelity
        if share == 1 and proposal.origin == proposal.number and self._stopping is None:
            return training_outcome(
                architecture,
                self._task,
                epochs=self._epochs,
                seed=proposal.seed,
                native_rng=self._generator,
                cancellation=self._cancellation,
                threads=threads,
                scores=self._scores,
            )
        epochs = self._epochs if self._of_rows else max(1, round(share * self._epochs))
        training = None if self._of_rows else self._paused.take(proposal.origin)
        reached = 0 if training is None else self._reached.get(proposal.origin, 0)
        if training is None:
            training = self._training(proposal, architecture)
        thresholds, forecast = self._rule_for(proposal, epochs)
        outcome = training.advance(epochs, thresholds, forecast, self._cancellation, threads)
        if outcome["status"] == "stopped" and len(outcome["training_losses"]) < reached:
            # The network is that of a later epoch than the value, so it is trained again up to it.
            training = self._training(proposal, architecture)
            outcome = training.advance(epochs, thresholds, forecast, self._cancellation, threads)
        measures = {} if self._scores is None else self._scores.of(outcome, training.model)
        if self._needs_model:
            self._reached[proposal.origin] = len(outcome["training_losses"])
        if epochs < self._epochs and outcome["status"] in ("ok", "stopped"):
            self._paused.put(proposal.origin, training)
        return _outcome(outcome, measures, row_share=share if self._of_rows else 1.0)

    def _training(self, proposal: Proposal, architecture: Architecture) -> _native.Training:
        """The proposal's training before its first epoch."""
        stopping = self._stopping
        return _native.Training(
            architecture,
            self._task._native,
            self._epochs,
            proposal.seed,
            self._generator,
            None,
            proposal.fidelity if self._of_rows else 1.0,
            None if stopping is None else stopping._interval,
            None if stopping is None else stopping.patience,
            self._needs_model,
        )

    def _rule_for(self, proposal: Proposal, epochs: int) -> Rule | tuple[tuple[()], None]:
        """When to stop the proposal's training of `epochs`."""
        if self._stopping is None:
            return (), None
        # All proposals of a batch know the same, so most ask for the same rule.
        key = (proposal.known, proposal.fidelity)
        made = self._rule
        if made is None or made[0] != key:
            earlier = self._told[: proposal.known]
            if self._of_rows:
                # Curves of fewer rows are other curves.
                earlier = [seen for seen in earlier if seen.fidelity == proposal.fidelity]
            made = self._rule = key, self._stopping._rule(earlier, epochs, self._epochs)
        return made[1]

    def told(self, trial: Trial) -> None:
        """Remember the trial, if a rule may want to know it."""
        if self._stopping is not None:
            self._told.append(self._stopping._seen(trial))

    def cancel(self) -> None:
        """Stop the trainings at their next block of rows."""
        self._cancellation.cancel()


class ObjectiveEvaluator:
    """Calls a Python function that returns a number, or several that `names` names.

    A function with a parameter `fidelity` is told the share of the full effort that is asked for.
    """

    cancellable = False
    epochs: int | None = None
    rng: str | None = None

    def __init__(self, objective: Callable[..., Any], names: tuple[str, ...] | None = None) -> None:
        if not callable(objective):
            raise TypeError(f"objective must be callable, got {type(objective).__name__}")
        self._objective = objective
        self._names = names
        self._takes_fidelity = _takes(objective, "fidelity")

    def evaluate(self, proposal: Proposal, architecture: Architecture, threads: int) -> Outcome:
        """Call the objective with the user's own choices."""
        start = time.perf_counter()
        # A copy, as the objective may change it.
        options = {"fidelity": proposal.fidelity} if self._takes_fidelity else {}
        returned = self._objective(dict(proposal.architecture), **options)
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

    def told(self, trial: Trial) -> None:
        """Do nothing: a function is evaluated by itself."""

    def cancel(self) -> None:
        """Do nothing: a Python function cannot be stopped from outside."""


def _takes(function: Callable[..., Any], name: str) -> bool:
    """Whether a function has a parameter of this name; some that are not in Python do not tell."""
    try:
        return name in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


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
    scores: ValidationScores | None = None,
) -> Outcome:
    """Train an architecture of plain values, of which only the figures and scores are wanted."""
    keep = scores is not None and scores.needs_model
    outcome, model = _native.train(
        architecture, task._native, epochs, seed, native_rng, None, keep, cancellation, threads
    )
    return _outcome(outcome, {} if scores is None else scores.of(outcome, lambda: model))


def _outcome(
    outcome: Mapping[str, Any], measures: dict[str, float], row_share: float = 1.0
) -> Outcome:
    """The engine's dict of a training's figures, and what was measured of its network."""
    return Outcome(
        value=outcome["validation_loss"],
        status=outcome["status"],
        wall_seconds=outcome["wall_seconds"],
        epochs=outcome["epochs"],
        training_losses=tuple(outcome["training_losses"]),
        validation_losses=tuple(outcome["validation_losses"]),
        validation_accuracy=outcome["validation_accuracy"],
        parameters=outcome["parameters"],
        flops=outcome["flops"],
        measures=measures,
        row_share=row_share,
    )
