"""The loop of a search: asks a strategy, has its proposals evaluated, tells it what came of them.

Everything that decides about a search happens in the order of the trials' numbers: told values,
budgets, repeats. So the course does not depend on workers or timing, but for `seconds`, which
decides about the number of trials only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from swiftnas.evaluation import Evaluator, Outcome
from swiftnas.results import AllTrialsFailedError
from swiftnas.trial import Trial

if TYPE_CHECKING:
    from swiftnas.ask_tell import AskTell, Proposal
    from swiftnas.budget import Budget
    from swiftnas.evaluation_pool import Pending, Submit
    from swiftnas.search_space import Architecture

#: Evaluates one proposal: its architecture as the engine has it, on so many threads.
Evaluate: TypeAlias = Callable[["Proposal", "Architecture", int], Outcome]

#: Proposals in flight per worker: enough that nobody idles while the first one is waited for.
_PROPOSALS_PER_WORKER = 8

#: Failed trials at the beginning after which nothing else is to be expected.
_HOPELESS = 10

#: What is taken over from earlier trials: failures may have been repaired since.
_REUSED = ("ok", "stopped", "diverged", "infeasible")


class StopSearch(Exception):
    """Raised by a callback, it ends the search, which then returns what it has.

    Examples
    --------
    >>> import swiftnas as nas
    >>> def enough(trial):
    ...     if trial.number == 2:
    ...         raise nas.StopSearch
    >>> result = nas.search({"x": range(9)}, objective=lambda a: a["x"], callback=enough)
    >>> len(result.trials), result.stop_reason
    (3, 'callback')
    """


class TrialLoop:
    """One search at work.

    Parameters
    ----------
    asking : AskTell
    evaluator : Evaluator
    evaluate : callable
        The evaluator's `evaluate`, or more than that.
    budget : Budget
    workers : int
        Evaluations at once.
    failures : tuple of exception types
        What makes a trial fail; anything else ends the search.
    """

    def __init__(
        self,
        asking: AskTell,
        evaluator: Evaluator,
        evaluate: Evaluate,
        budget: Budget,
        *,
        workers: int,
        failures: tuple[type[BaseException], ...] = (),
    ) -> None:
        self.trials: list[Trial] = []
        self._asking = asking
        self._evaluator = evaluator
        self._evaluate = evaluate
        self._budget = budget
        self._workers = workers
        # One worker takes proposals one by one.
        self._window = 1 if workers == 1 else workers * _PROPOSALS_PER_WORKER
        #: Called with each trial.
        self.callbacks: Sequence[Callable[[Trial], object]] = ()
        self._failures = failures
        #: The first trial of an architecture, or its number, by fidelity and the engine's values.
        self._sources: dict[tuple[Any, ...], int | Trial] = {}
        self._pending: deque[tuple[Proposal, Pending | int | Trial]] = deque()
        #: The epochs that each training had reached, which further ones may follow.
        self._reached: dict[int, int] = {}
        self._is_late = False
        self._first_error: BaseException | None = None

    def reuse(self, trials: Iterable[Trial]) -> None:
        """Take outcomes over from earlier trials of the same problem."""
        space = self._asking.space
        for trial in trials:
            if trial.status in _REUSED and space.contains(trial.architecture):
                encoded = space._encode(trial.architecture)
                items = ((name, encoded[name]) for name in space if name in encoded)
                self._sources.setdefault((trial.fidelity, *items), trial)

    def run(self, submit: Submit) -> str:
        """Search until something ends it, and say what."""
        while True:
            self._watch()
            if not self._is_late:
                self._begin(submit)
            if not self._pending:
                self._require_success()
                return "seconds" if self._is_late else "exhausted"
            trial = self._finish(*self._pending.popleft())
            values = trial.values if len(trial.values) > 1 else trial.value
            self._asking.tell(trial.number, values, trial.violation)
            self._evaluator.told(trial)
            self.trials.append(trial)
            reason = self._budget.spend(trial)
            try:
                for callback in self.callbacks:
                    callback(trial)
            except StopSearch:
                return "callback"
            if reason is not None or len(self.trials) == _HOPELESS:
                self._require_success()
            if reason is not None:
                return reason

    def _begin(self, submit: Submit) -> None:
        """Submit as many proposals as there are, as fit into the window, and as may be afforded."""
        epochs = self._evaluator.epochs
        affordable = self._budget.room(len(self._pending), epochs)
        room = min(affordable, self._window - len(self._pending))
        proposals = self._asking._ask(room) if room > 0 else []
        # A strategy that waits for one result leaves the other workers to that one evaluation.
        threads = max(1, self._workers // max(1, len(self._pending) + len(proposals)))
        for proposal, architecture in proposals:
            key = (proposal.fidelity, *architecture.items())
            source = self._sources.setdefault(key, proposal.number)
            if proposal.fresh or source == proposal.number:
                call = partial(self._evaluate, proposal, architecture, threads)
                self._pending.append((proposal, submit(call)))
            else:
                self._pending.append((proposal, source))

    def _watch(self) -> None:
        """When the time is over, withdraw what has not begun, and what would come after that."""
        if self._is_late or not self._budget.is_late or not (self.trials or self._pending):
            return
        self._is_late = True
        begun: deque[tuple[Proposal, Pending | int | Trial]] = deque()
        for proposal, source in self._pending:
            if not isinstance(source, (int, Trial)) and source.withdraw():
                break
            begun.append((proposal, source))
        for _, source in list(self._pending)[len(begun) :]:
            if not isinstance(source, (int, Trial)):
                source.withdraw()
        self._pending = begun

    def _finish(self, proposal: Proposal, source: Pending | int | Trial) -> Trial:
        """The trial of a proposal, when its evaluation is finished."""
        if isinstance(source, int):
            # Asked for earlier, so finished by now.
            source = self.trials[source]
        if isinstance(source, Trial):
            return replace(
                source,
                number=proposal.number,
                architecture=proposal.architecture,
                wall_seconds=0.0,
                cached=True,
                trained_epochs=0,
            )
        try:
            outcome = source.outcome(self._watch)
        except self._failures as error:
            if _is_broken(error):
                raise
            self._first_error = self._first_error or error
            values = (float("inf"),) * self._asking.objectives
            text = f"{type(error).__name__}: {error}"
            outcome = Outcome(
                value=values[0], values=values, status="failed", wall_seconds=0.0, error=text
            )
        return finished_trial(proposal, outcome, self._new_epochs(proposal, outcome))

    def _new_epochs(self, proposal: Proposal, outcome: Outcome) -> float:
        """The epochs of an outcome that no earlier trial has trained."""
        losses = outcome.training_losses
        if proposal.fidelity == 1 and proposal.origin == proposal.number:
            return len(losses)
        if outcome.row_share < 1:
            # More rows make another training, from its first epoch on.
            return len(losses) * outcome.row_share
        # A rule that knows more may have stopped it earlier than it had been trained before.
        before = self._reached.get(proposal.origin, 0)
        self._reached[proposal.origin] = max(before, len(losses))
        return max(0, len(losses) - before)

    def _require_success(self) -> None:
        """Raise an error if every trial has failed."""
        if self._first_error is None or any(trial.status != "failed" for trial in self.trials):
            return
        first = self.trials[0].error
        which = "the only trial" if len(self.trials) == 1 else f"all {len(self.trials)} trials"
        raise AllTrialsFailedError(f"{which} failed, the first with {first}") from self._first_error


def finished_trial(proposal: Proposal, outcome: Outcome, trained_epochs: float) -> Trial:
    """The trial of a proposal that was evaluated."""
    return Trial(
        number=proposal.number,
        architecture=proposal.architecture,
        value=outcome.value,
        status=outcome.status,
        seed=proposal.seed,
        epochs=outcome.epochs,
        training_losses=outcome.training_losses,
        validation_losses=outcome.validation_losses,
        validation_accuracy=outcome.validation_accuracy,
        parameters=outcome.parameters,
        flops=outcome.flops,
        wall_seconds=outcome.wall_seconds,
        fidelity=proposal.fidelity,
        values=outcome.values,
        violation=outcome.violation,
        measures=outcome.measures,
        trained_epochs=trained_epochs,
        error=outcome.error,
    )


def _is_broken(error: BaseException) -> bool:
    """Whether an executor will not evaluate anything more."""
    from concurrent.futures import BrokenExecutor

    return isinstance(error, BrokenExecutor)
