"""The objective that an estimator's search minimises: a candidate's mean loss over all folds."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas import _native
from swiftnas.architecture import plain_architecture
from swiftnas.model import Model, trained_model

if TYPE_CHECKING:
    from swiftnas._arrays import Matrix
    from swiftnas.task import Task

#: Seconds of training between two looks at the clock.
_CHUNK = 0.05

#: Bytes of models that candidates with some folds left may hold; what is dropped is trained again.
_LARGEST = 256 << 20


@dataclass(frozen=True, slots=True)
class FoldModel:
    """A model of one fold with its loss there, infinite if the training diverged."""

    loss: float
    model: Model


@dataclass(frozen=True, slots=True)
class Candidate:
    """An architecture that was trained on all folds."""

    value: float
    name: str
    models: tuple[Model, ...]


class FoldTraining:
    """Trains architectures on every fold, with early stopping, and keeps the best ones' models.

    The same architecture always has the same value, so that candidates differ by what they are and
    not by their seeds. Strategies of several fidelities save on folds. Called by several threads
    at once.

    Parameters
    ----------
    tasks : list of Task
        One per fold.
    workers : int
        Folds that are trained at once, of one candidate or several: a search that waits for a
        single result leaves no worker idle.
    epochs, patience : int
        The most passes over the rows, and those without improvement that end a training.
    keep : int
        How many candidates to keep.
    seed : int
    deadline : float, optional
        When to be finished, by `time.perf_counter`. Towards it every fold has its share of the time
        that is left; one epoch is always trained.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        workers: int = 1,
        epochs: int,
        patience: int,
        keep: int,
        seed: int,
        deadline: float | None = None,
    ) -> None:
        self._tasks = tasks
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None
        self._epochs = epochs
        self._patience = patience
        self._keep = keep
        self._seed = seed
        self._deadline = math.inf if deadline is None else deadline
        self._cancellation = _native.Cancellation()
        self._lock = Lock()
        self._started: OrderedDict[str, list[FoldModel]] = OrderedDict()
        self._best: list[Candidate] = []

    @property
    def best(self) -> list[Candidate]:
        """The candidates that were kept, best first."""
        return list(self._best)

    def close(self) -> None:
        """End all trainings, and the threads; what was kept stays."""
        self._cancellation.cancel()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __call__(self, architecture: Mapping[str, Any], fidelity: float = 1.0) -> float:
        """The mean loss over a share of the folds, of an architecture as the user wrote it."""
        name = repr(sorted(architecture.items()))
        count = max(1, round(fidelity * len(self._tasks)))
        with self._lock:
            done = list(self._started.pop(name, ()))
        for trained in self._trained(architecture, range(len(done), count)):
            if not math.isfinite(trained.loss):
                return math.inf
            done.append(trained)
        value = float(np.mean([trained.loss for trained in done[:count]]))
        with self._lock:
            if len(done) < len(self._tasks):
                self._remember(name, done)
            else:
                self._offer(Candidate(value, name, tuple(trained.model for trained in done)))
        return value

    def _trained(self, architecture: Mapping[str, Any], folds: range) -> Iterator[FoldModel]:
        """The models of some folds, in order; nothing more is begun if they are not asked for."""
        if self._pool is None:
            yield from (self._train(architecture, fold, folds.stop - fold) for fold in folds)
            return
        rounds = (-(-(folds.stop - fold) // self._workers) for fold in folds)
        futures = [
            self._pool.submit(self._train, architecture, fold, left)
            for fold, left in zip(folds, rounds, strict=True)
        ]
        try:
            for future in futures:
                yield future.result()
        finally:
            for future in futures:
                future.cancel()

    def _train(self, architecture: Mapping[str, Any], fold: int, rounds: int) -> FoldModel:
        """Train on one fold, with `rounds` of equal length until the deadline, this one included.

        A training that runs out of time has the best model so far.
        """
        start = now = time.perf_counter()
        if now >= self._deadline and self._best:
            raise TimeoutError("the time of fit was over before all folds were trained on")
        end = now + (self._deadline - now) / rounds
        task, seed = self._tasks[fold], self._seed + fold
        training = _native.Training(
            plain_architecture(architecture),
            task._native,
            self._epochs,
            seed,
            "counter",
            None,
            1.0,
            1,
            self._patience,
            True,
        )
        epoch = step = 1
        while True:
            outcome = training.advance(epoch, (), None, self._cancellation, 1)
            if outcome["status"] == "cancelled":
                raise RuntimeError("the training was cancelled")
            now, before = time.perf_counter(), now
            if outcome["status"] != "ok" or epoch == self._epochs or now >= end:
                break
            if now - before < _CHUNK:
                step = min(2 * step, self._epochs)
            epoch = min(epoch + step, self._epochs)
        outcome["wall_seconds"] = now - start
        model = trained_model(training, outcome, architecture, task, epochs=self._epochs, seed=seed)
        return FoldModel(outcome["validation_loss"], model)

    def _remember(self, name: str, done: list[FoldModel]) -> None:
        """Keep what may be continued, as far as there is room."""
        self._started[name] = done
        room = _LARGEST
        for other in reversed(list(self._started)):
            room -= sum(4 * trained.model.parameters for trained in self._started[other])
            if room < 0:
                del self._started[other]

    def _offer(self, candidate: Candidate) -> None:
        """Keep a candidate if it is among the best, whichever thread was first."""
        others = [other for other in self._best if other.name != candidate.name]
        ranked = sorted([*others, candidate], key=lambda other: (other.value, other.name))
        self._best = ranked[: self._keep]

    def held_out_outputs(self, candidate: Candidate) -> Matrix:
        """What the networks make of the rows that they were validated on, all folds in order."""
        parts = []
        for task, model in zip(self._tasks, candidate.models, strict=True):
            inputs = task._data[2]
            outputs = np.empty((len(inputs), task.output_width), np.float32)
            model._network.predict(inputs, outputs)
            parts.append(outputs)
        return np.concatenate(parts)

    def held_out_targets(self) -> Matrix:
        """The targets of these rows as the networks learn them."""
        return np.concatenate([task._data[3] for task in self._tasks])
