"""Progress of a search on stderr: a bar in terminals, plain lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from swiftnas.trial import Incumbent, Trial

if TYPE_CHECKING:
    from swiftnas.budget import Budget

#: Shares of the budget after which a plain line is printed without anything new.
_QUIET_SHARE = 0.1


class LiveProgress:
    """Shows each finished trial: share of the budget, best so far, time left; a context manager.

    Parameters
    ----------
    budget : Budget
        Spent trial by trial beside that of the search, which is its own.
    console : Console
        Of stderr, as stdout is for results.
    objective : str
        What the value of trials is.
    """

    def __init__(self, budget: Budget, console: Console, objective: str) -> None:
        self._budget = budget
        self._console = console
        self._objective = objective
        self._incumbent = Incumbent()
        self._trials = 0
        self._last_share = 0.0
        self._progress: Progress | None = None
        if console.is_terminal and not console.quiet:
            self._progress = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}"),
                BarColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[left]}"),
                console=console,
                transient=True,
            )
            self._bar = self._progress.add_task("searching", total=1.0, left="")

    def __enter__(self) -> LiveProgress:
        if self._progress is not None:
            self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, trial: Trial) -> None:
        """Show a finished trial."""
        self._trials += 1
        self._budget.spend(trial)
        before = self._incumbent.trial
        self._incumbent.offer(trial)
        share = self._budget.share
        if self._progress is not None:
            self._progress.update(
                self._bar, completed=share, description=self._text(), left=self._left(share)
            )
        elif self._incumbent.trial is not before or share - self._last_share >= _QUIET_SHARE:
            self._last_share = share
            self._console.print(
                f"{self._text()} ({share:.0%} of the budget, {self._left(share)})", highlight=False
            )

    def _text(self) -> str:
        count = f"{self._trials} trial{'' if self._trials == 1 else 's'}"
        best = self._incumbent.trial
        if best is None:
            return f"{count}, none succeeded"
        return f"{count}, best {self._objective} {self._budget.sign * best.value:.5g}"

    def _left(self, share: float) -> str:
        if share <= 0:
            return "time left unknown"
        seconds = self._budget.elapsed * (1 - share) / share
        if seconds < 99.5:
            return f"about {seconds:.0f} s left"
        return f"about {seconds / 60:.0f} min left"
