"""`search`: the only search loop, for every strategy, every evaluator and any number of workers."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from swiftnas._arguments import given, whole_number
from swiftnas.ask_tell import AskTell
from swiftnas.budget import Budget
from swiftnas.callback import Callback
from swiftnas.evaluation import Evaluator, ObjectiveEvaluator, TaskEvaluator
from swiftnas.evaluation_pool import checked_executor, evaluation_pool
from swiftnas.progress import progress_bar
from swiftnas.results import SearchResult
from swiftnas.search_space import SearchSpace
from swiftnas.task import Task, checked_task
from swiftnas.trial import Trial
from swiftnas.trial_loop import TrialLoop

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from swiftnas.goals import Goals
    from swiftnas.objectives import Objective, Term
    from swiftnas.stopping import Stopping
    from swiftnas.strategy import Strategy

#: What a training in the engine raises if an architecture cannot be trained.
_TRAINING_ERRORS = (MemoryError, TypeError, ValueError)


def search(
    space: SearchSpace | Mapping[str, Any],
    task: Task | None = None,
    *,
    strategy: Strategy | str | None = None,
    trials: int | None = None,
    seconds: float | None = None,
    target: float | None = None,
    total_epochs: int | None = None,
    epochs: int = 10,
    seed: int | None = None,
    workers: int = 1,
    executor: Executor | None = None,
    rng: str = "default",
    objective: Callable[[dict[str, Any]], Any] | None = None,
    objectives: Iterable[Term] | None = None,
    constraints: Mapping[str | Objective, float] | None = None,
    warm_start: SearchResult | Iterable[Trial] = (),
    initial: Iterable[Mapping[str, Any] | Trial] = (),
    callback: Callable[[Trial], object] | Sequence[Callable[[Trial], object]] | None = None,
    progress: bool | None = None,
    fidelity: str = "epochs",
    stopping: Stopping | None = None,
    catch: tuple[type[Exception], ...] = (Exception,),
) -> SearchResult:
    """Search a space for the architecture of least validation loss, or for other objectives.

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
    strategy : Strategy or str, optional
        How to search, such as ``nas.TPE()`` or its name ``"TPE"``; `Evolution` by default.
    trials : int, optional
        How many architectures to try; 50 if neither `seconds` nor `total_epochs` is given. Fewer
        are tried if another budget is spent or the strategy runs out of new ones.
    seconds : float, optional
        Begin no evaluation later than this; what runs then is finished. The only limit by which
        the number of trials depends on the machine.
    target : float, optional
        Stop with the first trial of this value or a better one, at full fidelity.
    total_epochs : int, optional
        Stop with the trial that brings all epochs trained to this number, or after 1,000 trials in
        a row that needed no training.
    epochs : int, default 10
        Passes over the training rows in each training. Like `rng`, `fidelity`, `stopping` and
        `total_epochs` it needs a task.
    seed : int, optional
        None draws a fresh seed, found in the result.
    workers : int, default 1
        Evaluations at once. One runs on the calling thread; more on threads of their own. Where a
        strategy has fewer evaluations to offer, several threads train one candidate.
    executor : concurrent.futures.Executor, optional
        Where an objective is evaluated instead, such as a pool of processes: as many at once as it
        says it can, or `workers`, if that is more. It is not shut down. What processes are given
        must be picklable, so no lambda.
    rng : {"default", "torch"}
        What initial weights and dropout masks come from: the engine's own generator, or the one
        that ``torch.manual_seed(trial.seed)`` starts.
    objective : callable, optional
        A function from architecture to float, to be minimised, instead of a task. NaN and infinity
        count as diverged. With several workers it is called by several threads at once. If
        `objectives` or `constraints` name several numbers, it returns a dict of them, or a list in
        the order of `objectives`. If it has a parameter `fidelity`, it is told the share of the
        full effort that the strategy asks for.
    objectives : list, optional
        What to minimise instead of the loss, see `swiftnas.objectives`. With several, strategies
        approach the Pareto front, `SearchResult.pareto_front`.
    constraints : dict, optional
        Upper limits, such as ``{"parameters": 10_000, "latency": 1e-3}``; lower ones for what is to
        be maximised. Architectures known to exceed one before training are not trained.
    warm_start : SearchResult or trials, optional
        Trials of an earlier search of the same problem: same data, epochs and objectives. The
        strategy learns from them, and their architectures are not evaluated again.
    initial : list of dict or Trial, optional
        Architectures to try first, such as the best of a search on other data (Feurer, Springenberg
        and Hutter, AAAI 2015): ``initial=other_result.top(5)``; or those that are trained soonest,
        see `cheapest`.
    callback : callable or list of callables, optional
        Called with each finished `Trial`, in order, on the calling thread. What one raises ends the
        search; after `StopSearch` there is a result. `swiftnas.callbacks` has some for MLflow and
        TensorBoard.
    progress : bool, optional
        Whether to show a bar with the time left and the best value so far, which needs tqdm. None
        shows one in interactive sessions and notebooks, where there is tqdm.
    fidelity : {"epochs", "rows"}
        What strategies of several fidelities save on: a trial of fidelity 1/3 is trained for a
        third of the epochs, and goes on from there if it is promoted; or on the first third of the
        rows.
    stopping : Stopping, optional
        A rule of `swiftnas.stopping`, such as ``nas.stopping.Median()``, that ends trainings early.
    catch : tuple of exception types
        What makes a trial fail, and is recorded in `Trial.error`, when a function of the user
        raises it. Everything else ends the search.

    Returns
    -------
    SearchResult
        If no candidate succeeded, a `RuntimeWarning` says so, and `SearchResult.best` raises.

    Raises
    ------
    AllTrialsFailedError
        If the first ten trials, or all, raised an error; the first one is its cause.

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
    _check_source(task, objective)
    workers = whole_number(workers, "workers", minimum=1)
    executor = checked_executor(executor, has_task=task is not None)
    if executor is not None:
        # The standard library's executors know it; for others it is up to the user.
        workers = max(workers, getattr(executor, "_max_workers", 1))
    if task is None:
        for name, value in given(
            search,
            epochs=epochs,
            rng=rng,
            fidelity=fidelity,
            stopping=stopping,
            total_epochs=total_epochs,
        ).items():
            raise TypeError(f"{name} needs a task, got {value!r} with an objective")
    space = SearchSpace.of(space)
    goals = _goals(objectives, constraints, task)
    evaluator: Evaluator = (
        ObjectiveEvaluator(objective, goals.returned if goals else None)
        if task is None and objective is not None
        else TaskEvaluator(
            space,
            task,  # type: ignore[arg-type]
            epochs=epochs,
            rng=rng,
            workers=workers,
            fidelity=fidelity,
            stopping=_checked(stopping),
            scores=goals.scores if goals else None,
        )
    )
    budget = Budget.checked(
        trials=trials,
        seconds=seconds,
        target=target,
        total_epochs=total_epochs,
        sign=goals.sign if goals else 1.0,
    )
    names = goals.names if goals else (("validation_loss",) if objective is None else ("value",))
    if target is not None and len(names) > 1:
        raise TypeError(f"target needs one objective, got {len(names)}")
    asking = AskTell(space, strategy, seed, len(names))
    calls_users = objective is not None or (goals is not None and goals.has_functions)
    loop = TrialLoop(
        asking,
        evaluator,
        partial(goals.evaluate, evaluator) if goals else evaluator.evaluate,
        budget,
        workers=workers,
        failures=_failures(catch, calls_users),
    )
    earlier = warm_start.trials if isinstance(warm_start, SearchResult) else tuple(warm_start)
    if earlier:
        asking.learn(t for t in earlier if t.status != "failed" and not t.cached)
        loop.reuse(earlier)
    asking.enqueue(a.architecture if isinstance(a, Trial) else a for a in initial)
    callbacks = _callbacks(callback)
    bar = progress_bar(progress, budget, len(names))
    loop.callbacks = callbacks if bar is None else (bar, *callbacks)
    result = SearchResult(
        trials=(),
        space=asking.space,
        strategy=asking.strategy,
        seed=asking.seed,
        epochs=evaluator.epochs,
        rng=evaluator.rng,
        fidelity=None if task is None else fidelity,
        stopping=stopping,
        objectives=names,
        maximized=goals.maximized if goals else (),
        loss=None if task is None else task.loss,
        standardized=task is not None and task.standardization is not None,
        weighted=task is not None and task.weights is not None,
        stop_reason="",
        wall_seconds=0.0,
    )
    watching = [item for item in callbacks if isinstance(item, Callback)]
    ended: SearchResult | None = None
    try:
        for item in watching:
            item.started(result)
        with evaluation_pool(workers, executor, evaluator) as submit:
            stop_reason = loop.run(submit)
        ended = result = replace(
            result,
            trials=tuple(loop.trials),
            stop_reason=stop_reason,
            wall_seconds=time.perf_counter() - start,
        )
    finally:
        if bar is not None:
            bar.close()
        _end(watching, ended)
    if not any(trial.succeeded for trial in loop.trials):
        warnings.warn(result.failure, RuntimeWarning, stacklevel=2)
    return result


def _checked(stopping: Stopping | None) -> Stopping | None:
    """The stopping rule, whose module only those load who have one."""
    if stopping is None:
        return None
    from swiftnas.stopping import checked_stopping

    return checked_stopping(stopping)


def _check_source(task: Task | None, objective: object) -> None:
    """Raise an error unless there is exactly one of task and objective, and a task is one."""
    if task is not None and objective is not None:
        raise TypeError("search takes a task or an objective, got both")
    if task is None and objective is None:
        raise TypeError("search takes a task or an objective, got neither")
    if task is not None:
        checked_task(task)


def _goals(
    objectives: Iterable[Term] | None,
    constraints: Mapping[str | Objective, float] | None,
    task: Task | None,
) -> Goals | None:
    """Objectives and constraints; None if there is nothing but the loss."""
    if objectives is None and constraints is None:
        return None
    # Not needed for most searches, so not loaded with them.
    from swiftnas.goals import Goals

    return Goals(objectives, constraints, task)


def _end(callbacks: Iterable[Callback], result: SearchResult | None) -> None:
    """Tell the callbacks that the search has ended; what they raise must not cost the result."""
    for item in callbacks:
        try:
            item.ended(result)
        except Exception as error:
            warnings.warn(
                f"{type(item).__name__} could not end: {type(error).__name__}: {error}",
                RuntimeWarning,
                stacklevel=3,
            )


def _failures(catch: Any, calls_users: bool) -> tuple[type[BaseException], ...]:
    """What makes a trial fail.

    Where only the engine is at work, everything but its own errors comes from elsewhere, such as
    the handler of a signal.
    """
    types = catch if isinstance(catch, tuple) else (catch,)
    for item in types:
        if not isinstance(item, type) or not issubclass(item, Exception):
            raise TypeError(f"catch must hold types of exceptions, got {item!r}")
    if calls_users:
        return types
    return tuple(error for error in _TRAINING_ERRORS if issubclass(error, types))


def _callbacks(callback: Any) -> tuple[Callable[[Trial], object], ...]:
    """The callbacks as a tuple."""
    if callback is None:
        return ()
    given = callback if isinstance(callback, Sequence) and not callable(callback) else (callback,)
    for item in given:
        if not callable(item):
            raise TypeError(f"callback must be callable, got {type(item).__name__}")
    return tuple(given)
