"""Where evaluations run: on the calling thread, on threads of the search, or on an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from swiftnas.evaluation import Evaluator, Outcome

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_Call: TypeAlias = Callable[[], Outcome]

#: Seconds between two looks of the waiting thread at pending signals and at the clock.
_INTERVAL = 0.1


class Pending(Protocol):
    """An evaluation that was begun or will be."""

    def outcome(self, watch: Callable[[], None]) -> Outcome:
        """Wait for the outcome; `watch` is called from time to time."""
        ...

    def withdraw(self) -> bool:
        """Whether it had not begun and will not."""
        ...


#: Takes a call and sees to it that it is made.
Submit: TypeAlias = Callable[[_Call], Pending]


class Deferred:
    """A call that is made when its outcome is asked for."""

    __slots__ = ("_call",)

    def __init__(self, call: _Call) -> None:
        self._call = call

    def outcome(self, watch: Callable[[], None]) -> Outcome:
        """Make the call."""
        return self._call()

    def withdraw(self) -> bool:
        """Nothing begins before it is asked for."""
        return True


class Submitted:
    """A call that an executor makes."""

    __slots__ = ("_future",)

    def __init__(self, future: Future[Outcome]) -> None:
        self._future = future

    def outcome(self, watch: Callable[[], None]) -> Outcome:
        """Wait in pieces, between which Python handles signals."""
        from concurrent.futures import wait

        while not self._future.done():
            wait([self._future], timeout=_INTERVAL)
            watch()
        return self._future.result()

    def withdraw(self) -> bool:
        """Cancel the call, if it is not being made."""
        return self._future.cancel()


@contextmanager
def evaluation_pool(
    workers: int, executor: Executor | None, evaluator: Evaluator
) -> Iterator[Submit]:
    """A function that submits evaluations; whatever ends the block ends them too."""
    if executor is None and workers == 1:
        yield Deferred
        return
    # Takes 9 ms to import, which not every user should pay.
    from concurrent.futures import ThreadPoolExecutor, wait

    own = ThreadPoolExecutor(workers, thread_name_prefix="swiftnas") if executor is None else None
    pool: Executor = executor or own  # type: ignore[assignment]
    unfinished: set[Future[Outcome]] = set()

    def submit(call: _Call) -> Submitted:
        future = pool.submit(call)
        unfinished.add(future)
        future.add_done_callback(unfinished.discard)
        return Submitted(future)

    waits = True
    try:
        yield submit
    except KeyboardInterrupt:
        waits = evaluator.cancellable
        raise
    finally:
        evaluator.cancel()
        if own is not None:
            own.shutdown(wait=waits, cancel_futures=True)
        else:
            # Somebody else's executor goes on, with other work.
            for future in (rest := list(unfinished)):
                future.cancel()
            if waits:
                wait(rest)


def checked_executor(executor: Any, *, has_task: bool) -> Executor | None:
    """`executor` itself, or an error that says what it must be."""
    if executor is None:
        return None
    from concurrent.futures import Executor, ThreadPoolExecutor

    if not isinstance(executor, Executor):
        raise TypeError(
            f"executor must be a concurrent.futures.Executor, got {type(executor).__name__}"
        )
    if has_task and not isinstance(executor, ThreadPoolExecutor):
        raise TypeError(
            "executor must be a ThreadPoolExecutor for a task, whose trainings do not hold "
            f"Python's lock, got {type(executor).__name__}; for other processes or machines write "
            "an objective that calls swiftnas.train"
        )
    return executor
