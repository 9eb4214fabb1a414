"""A search over a table and the last training of what it found, within one budget."""

from __future__ import annotations

import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from swiftnas.architecture import check_space
from swiftnas.ask_tell import AskTell
from swiftnas.callback import Callback
from swiftnas.command_line.errors import CommandError, mistakes_in
from swiftnas.goals import Goals
from swiftnas.model import Model, train
from swiftnas.results import AllTrialsFailedError, SearchResult
from swiftnas.search_loop import search
from swiftnas.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from swiftnas.command_line.interruption import Interruption
    from swiftnas.command_line.live_progress import LiveProgress
    from swiftnas.search_space import SearchSpace
    from swiftnas.strategy import Strategy
    from swiftnas.task import Task

#: The share of a budget of seconds that the search takes; the rest is for the last training.
_SEARCH_SHARE = 0.8

#: The share of the time left that the last training is planned to take: it also validates.
_PLANNED_SHARE = 0.8

#: Passes over the rows in each trial, and in how many parts of a budget of seconds they must fit.
_EPOCHS, _PARTS = 50, 20

#: Architectures whose epochs are timed for that, and the share of the budget that they may take.
_TIMED, _TIMED_SHARE = 3, 0.05

#: Validations without improvement after which the last training ends, at least.
_PATIENCE = 20

#: What is said about an interruption that leaves nothing to keep.
_NOTHING = "interrupted before any trial had succeeded: nothing written"


@dataclass(kw_only=True)
class SearchRun:
    """What is searched, and what the search may spend.

    Attributes
    ----------
    trials, seconds : int or float, one of them None
        `seconds` covers the last training too.
    epochs : int
        Of each trial; see `plan_epochs`.
    final_epochs : int
        Of the last training, at most.
    """

    space: SearchSpace
    task: Task
    strategy: Strategy
    trials: int | None
    seconds: float | None
    final_epochs: int
    seed: int
    workers: int
    objectives: list[str] | None
    constraints: dict[Any, float]
    interruption: Interruption
    epochs: int = _EPOCHS
    _start: float = field(default_factory=time.perf_counter)

    @property
    def search_seconds(self) -> float | None:
        """What the search may take of the seconds."""
        return None if self.seconds is None else _SEARCH_SHARE * self.seconds

    def check(self) -> None:
        """Raise an error over what the search would refuse, before anything else is said."""
        with mistakes_in():
            AskTell(self.space, self.strategy, self.seed, len(self.objectives or [""]))
            Goals(self.objectives, self.constraints or None, self.task)
            check_space(self.space, self.task, self.workers)

    def plan_epochs(self) -> None:
        """Take fewer epochs if a budget of seconds would end with few trials.

        That depends on the machine, as everything under such a budget.
        """
        if self.seconds is None:
            return
        taken: list[float] = []
        for architecture in self.space.sample(self.seed, count=_TIMED):
            with _quiet_warnings(), mistakes_in():
                model = train(architecture, self.task, 1, self.seed, workers=self.workers)
            taken.append(model.wall_seconds)
            if sum(taken) > _TIMED_SHARE * self.seconds:
                break
        affordable = self.seconds / _PARTS * len(taken) / max(sum(taken), 1e-9)
        self.epochs = int(max(1, min(self.epochs, affordable)))

    def result(self, progress: LiveProgress) -> SearchResult:
        """The search; after Ctrl-C with the trials that had finished."""
        course = _Course()
        try:
            with self.interruption.may_end(), _quiet_warnings(), mistakes_in():
                result = search(
                    self.space,
                    self.task,
                    strategy=self.strategy,
                    trials=self.trials,
                    seconds=self.search_seconds,
                    epochs=self.epochs,
                    seed=self.seed,
                    workers=self.workers,
                    objectives=self.objectives,
                    constraints=self.constraints or None,
                    callback=[course, progress],
                    progress=False,
                )
        except AllTrialsFailedError as error:
            raise CommandError(str(error), 1) from error
        except KeyboardInterrupt:
            if self.interruption.presses > 1:
                raise
            result = course.result(time.perf_counter() - self._start)
        if not result.top(1):
            if result.stop_reason == "interrupted":
                raise CommandError(_NOTHING, 130)
            raise CommandError(f"no architecture was found: {result.failure}", 1)
        return result

    def model(self, best: Trial, say: Callable[[str], object]) -> Model:
        """The best architecture trained for longer, the model of the best validation.

        It begins as the trial did, with the same seed, and ends no earlier, so that its validation
        loss is at most that of the trial. After Ctrl-C it is the trial's own training again.
        """
        if not self.interruption.presses:
            try:
                with self.interruption.may_end():
                    model = self._longer(best)
                if model.status != "diverged":
                    return model
            except KeyboardInterrupt:
                if self.interruption.presses > 1:
                    raise
        if self.interruption.presses:
            say("interrupted: keeping the best so far; Ctrl-C again to give up")
        return self._trained(best, best.epochs or self.epochs)

    def _longer(self, best: Trial) -> Model:
        least, epochs = best.epochs or self.epochs, self.final_epochs
        if self.seconds is not None and best.trained_epochs:
            left = self.seconds - (time.perf_counter() - self._start)
            affordable = _PLANNED_SHARE * left * best.trained_epochs / max(best.wall_seconds, 1e-6)
            epochs = int(min(epochs, max(0.0, affordable)))
        if epochs <= least:
            return self._trained(best, least)
        return self._trained(best, epochs, validate_every=1, patience=max(_PATIENCE, least))

    def _trained(self, best: Trial, epochs: int, **options: Any) -> Model:
        with _quiet_warnings():
            return train(
                best.architecture,
                self.task,
                epochs=epochs,
                seed=best.seed,
                workers=self.workers,
                **options,
            )


class _Course(Callback):
    """What a search has come to, for when it is interrupted."""

    def __init__(self) -> None:
        self._settings: SearchResult | None = None
        self._trials: list[Trial] = []

    def started(self, result: SearchResult) -> None:
        self._settings = result

    def __call__(self, trial: Trial) -> None:
        self._trials.append(trial)

    def result(self, seconds: float) -> SearchResult:
        """The result with the trials that have finished."""
        if self._settings is None:
            raise CommandError(_NOTHING, 130)
        return replace(
            self._settings,
            trials=tuple(self._trials),
            stop_reason="interrupted",
            wall_seconds=seconds,
        )


@contextmanager
def _quiet_warnings() -> Iterator[None]:
    """Without the library's warnings of what the command says itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def scores(model: Model, task: Task) -> dict[str, float]:
    """How well a model does on the validation rows, in units of the target."""
    truth, predicted = task._targets(task.y_val), model.predict(task.X_val)
    if task.classes is not None:
        from swiftnas import metrics

        found = {
            "accuracy": metrics.accuracy(truth, predicted),
            "f1": metrics.f1(truth, predicted),
        }
        if len(set(truth.tolist())) > 1:
            # With one class there is nothing to tell apart.
            found["auc"] = metrics.roc_auc(truth, model.predict_proba(task.X_val), task.classes)
        return found
    from sklearn.metrics import mean_absolute_error, mean_squared_error, r2_score

    found = {
        "rmse": float(mean_squared_error(truth, predicted)) ** 0.5,
        "mae": float(mean_absolute_error(truth, predicted)),
    }
    # Of one row there is no variance to explain.
    return found | ({"r2": float(r2_score(truth, predicted))} if len(truth) > 1 else {})
