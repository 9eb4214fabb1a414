"""The search loop: the only one, for every strategy, every evaluator and any number of workers."""

from __future__ import annotations

import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from swiftnas._arguments import whole_number
from swiftnas.ask_tell import AskTell, Proposal
from swiftnas.evaluation import Evaluator, ObjectiveEvaluator, Outcome, TaskEvaluator
from swiftnas.results import SearchResult, Trial
from swiftnas.search_space import SearchSpace

if TYPE_CHECKING:
    from concurrent.futures import Future

    from swiftnas.stopping import Stopping
    from swiftnas.strategy import Strategy
    from swiftnas.task import Task

#: An evaluation that was begun or will be: calling it waits for the outcome.
_Pending: TypeAlias = Callable[[], Outcome]
_Submit: TypeAlias = Callable[[Callable[[], Outcome]], _Pending]

#: Proposals in flight per worker: enough that nobody idles while the first one is waited for.
_PROPOSALS_PER_WORKER = 8

#: Seconds between two looks of the waiting thread at pending signals.
_SIGNAL_INTERVAL = 0.1


def search(
    space: SearchSpace | Mapping[str, Any],
    task: Task | None = None,
    *,
    strategy: Strategy | None = None,
    trials: int = 50,
    epochs: int = 10,
    seed: int | None = None,
    workers: int = 1,
    rng: str = "default",
    objective: Callable[[dict[str, Any]], float] | None = None,
    callback: Callable[[Trial], object] | None = None,
    fidelity: str = "epochs",
    stopping: Stopping | None = None,
) -> SearchResult:
    """Search a space for the architecture of least validation loss.

    The same seed gives the same trials, bit for bit, whatever the number of workers. An
    architecture that comes up again is not evaluated again, unless the strategy wants a fresh
    draw; it counts as a trial all the same. Before anything is trained, every choice of the space
    is checked against the task, and the largest architecture against the machine's memory.

    Ctrl-C ends the search with `KeyboardInterrupt` within half a second. Calls of an `objective`
    that several workers have begun then finish on their own threads.

    Parameters
    ----------
    space : SearchSpace or dict
        What to search.
    task : Task
        What candidates are trained and validated on.
    strategy : Strategy, optional
        How to search; `Evolution` by default.
    trials : int, default 50
        How many architectures to try. Fewer are tried if the strategy runs out of new ones.
    epochs : int, default 10
        Full-batch steps of each training.
    seed : int, optional
        None draws a fresh seed, found in the result.
    workers : int, default 1
        Evaluations at once. One runs on the calling thread; more on threads of their own. Where a
        strategy has fewer evaluations to offer, several threads train one candidate.
    rng : {"default", "torch"}
        What initial weights and dropout masks come from: the engine's own generator, or the one
        that ``torch.manual_seed(trial.seed)`` starts.
    objective : callable, optional
        A function from architecture to float, to be minimised, instead of a task. NaN and infinity
        count as diverged. With several workers it is called by several threads at once.
    callback : callable, optional
        Called with each finished `Trial`, in order, on the calling thread. What it raises ends the
        search.
    fidelity : {"epochs", "rows"}
        What strategies of several fidelities save on: a trial of fidelity 1/3 is trained for a
        third of the epochs, and goes on from there if it is promoted; or on the first third of the
        rows.
    stopping : Stopping, optional
        A rule of `swiftnas.stopping`, such as ``nas.stopping.Median()``, that ends trainings early.

    Returns
    -------
    SearchResult
        If every candidate diverged, a `RuntimeWarning` says so, and `SearchResult.best` raises.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, X[:, 0] ** 2)
    >>> space = {"num_hidden_layers": [1, 2], "hidden_layer_size": [8, 16]}
    >>> result = nas.search(space, task, strategy=nas.RandomSearch(), trials=3, epochs=5, seed=0)
    >>> len(result.trials)
    3
    >>> result.best.value == min(trial.value for trial in result.trials)
    True
    """
    start = time.perf_counter()
    trials = whole_number(trials, "trials", minimum=1)
    workers = whole_number(workers, "workers", minimum=1)
    if callback is not None and not callable(callback):
        raise TypeError(f"callback must be callable, got {type(callback).__name__}")
    asking = AskTell(space, strategy, seed)
    evaluator = _evaluator(
        asking.space,
        task,
        objective,
        epochs=epochs,
        rng=rng,
        workers=workers,
        fidelity=fidelity,
        stopping=_checked(stopping),
    )
    with _workers(workers, evaluator) as submit:
        finished = _run(asking, evaluator, submit, trials, workers, callback)
    result = SearchResult(
        trials=tuple(finished),
        space=asking.space,
        strategy=asking.strategy,
        seed=asking.seed,
        epochs=evaluator.epochs,
        rng=evaluator.rng,
        exhausted=asking.exhausted,
        wall_seconds=time.perf_counter() - start,
    )
    if all(trial.status == "diverged" for trial in finished):
        warnings.warn(f"all {len(finished)} trials diverged", RuntimeWarning, stacklevel=2)
    return result


def _evaluator(
    space: SearchSpace,
    task: Task | None,
    objective: Callable[[dict[str, Any]], float] | None,
    *,
    epochs: int,
    rng: str,
    workers: int,
    fidelity: str,
    stopping: Stopping | None,
) -> Evaluator:
    """The evaluator for exactly one of task and objective."""
    if objective is not None:
        if task is not None:
            raise TypeError("search takes a task or an objective, got both")
        if stopping is not None:
            raise TypeError("stopping needs a task, got an objective")
        return ObjectiveEvaluator(objective)
    if task is None:
        raise TypeError("search takes a task or an objective, got neither")
    return TaskEvaluator(
        space,
        task,
        epochs=epochs,
        rng=rng,
        workers=workers,
        fidelity=fidelity,
        stopping=stopping,
    )


def _checked(stopping: Stopping | None) -> Stopping | None:
    """The stopping rule, whose module only those load who have one."""
    if stopping is None:
        return None
    from swiftnas.stopping import checked_stopping

    return checked_stopping(stopping)


def _run(
    asking: AskTell,
    evaluator: Evaluator,
    submit: _Submit,
    limit: int,
    workers: int,
    callback: Callable[[Trial], object] | None,
) -> list[Trial]:
    """Evaluate up to `limit` proposals, some ahead of others; tell them in order of asking."""
    window = _window(workers)
    finished: list[Trial] = []
    # The number of the trial that evaluates an architecture first, by fidelity and values.
    sources: dict[tuple[Any, ...], int] = {}
    pending: deque[tuple[Proposal, _Pending | int]] = deque()
    asked = 0
    while True:
        room = min(limit - asked, window - len(pending))
        proposals = asking._ask(room) if room > 0 else []
        # A strategy that waits for one result leaves the other workers to that one evaluation.
        threads = max(1, workers // max(1, len(pending) + len(proposals)))
        for proposal, architecture in proposals:
            asked += 1
            key = (proposal.fidelity, *architecture.items())
            source = sources.setdefault(key, proposal.number)
            if proposal.fresh or source == proposal.number:
                call = partial(evaluator.evaluate, proposal, architecture, threads)
                pending.append((proposal, submit(call)))
            else:
                pending.append((proposal, source))
        if not pending:
            return finished
        proposal, outcome = pending.popleft()
        if isinstance(outcome, int):
            # Asked for earlier, so finished by now.
            trial = _repeated(proposal, finished[outcome])
        else:
            trial = _finished(proposal, outcome())
        asking.tell(proposal, trial.value)
        evaluator.told(trial)
        finished.append(trial)
        if callback is not None:
            callback(trial)


def _finished(proposal: Proposal, outcome: Outcome) -> Trial:
    """The trial of an evaluated proposal."""
    return Trial(
        number=proposal.number,
        architecture=proposal.architecture,
        value=outcome.value,
        status=outcome.status,
        seed=proposal.seed,
        epochs=outcome.epochs,
        training_losses=outcome.training_losses,
        parameters=outcome.parameters,
        flops=outcome.flops,
        wall_seconds=outcome.wall_seconds,
        fidelity=proposal.fidelity,
        validation_losses=outcome.validation_losses,
    )


def _repeated(proposal: Proposal, source: Trial) -> Trial:
    """The trial of a proposal whose architecture was evaluated in `source`."""
    return replace(
        source,
        number=proposal.number,
        architecture=proposal.architecture,
        wall_seconds=0.0,
        cached=True,
    )


def _window(workers: int) -> int:
    """How many proposals may be in flight; one worker takes them one by one."""
    return 1 if workers == 1 else workers * _PROPOSALS_PER_WORKER


@contextmanager
def _workers(count: int, evaluator: Evaluator) -> Iterator[_Submit]:
    """A function that submits evaluations; whatever ends the block ends them too."""
    if count == 1:
        # The call itself is the pending outcome: it runs when that is asked for.
        yield lambda call: call
        return
    # Takes 9 ms to import, which not every user should pay.
    from concurrent.futures import ThreadPoolExecutor

    executor = ThreadPoolExecutor(count, thread_name_prefix="swiftnas")
    wait = True
    try:
        yield lambda call: partial(_waited, executor.submit(call))
    except KeyboardInterrupt:
        wait = evaluator.cancellable
        raise
    finally:
        evaluator.cancel()
        executor.shutdown(wait=wait, cancel_futures=True)


def _waited(future: Future[Outcome]) -> Outcome:
    """The outcome of a future, waited for in pieces, between which Python handles signals."""
    from concurrent.futures import wait

    while not future.done():
        wait([future], timeout=_SIGNAL_INTERVAL)
    return future.result()
