"""Budgets: when a search ends."""

from __future__ import annotations

import math
import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from swiftnas._arguments import real_number, whole_number

if TYPE_CHECKING:
    from swiftnas.trial import Trial

#: Trials of a search that no other budget ends.
_TRIALS = 50

#: Trials in a row without any training after which a budget of epochs counts as spent: a strategy
#: that proposes nothing but what it knows would go on for ever.
_IDLE_TRIALS = 1_000

#: Seconds of each unit of time that `trials_and_seconds` reads, under all of its names.
_UNITS = {
    name: seconds
    for names, seconds in (
        ("s sec second seconds", 1.0),
        ("m min minute minutes", 60.0),
        ("h hour hours", 3600.0),
        ("d day days", 86400.0),
    )
    for name in names.split()
}

#: A number and its unit, as in "1.5 h".
_DURATION = re.compile(r"\s*(\d+(?:\.\d*)?|\.\d+)\s*([a-z]+)", re.ASCII)


def trials_and_seconds(budget: Any) -> tuple[int | None, float | None]:
    """A budget as people write it: a number of trials, or a time.

    Parameters
    ----------
    budget : int, str or datetime.timedelta
        An integer is a number of trials, and so is text of digits alone. Other text is a time with
        units (s, min, h or d), such as ``"60s"``, ``"1.5 h"`` or ``"1min 30s"``.

    Returns
    -------
    trials : int or None
    seconds : float or None
        One of them is None.

    Examples
    --------
    >>> from swiftnas.budget import trials_and_seconds
    >>> trials_and_seconds(50), trials_and_seconds("50")
    ((50, None), (50, None))
    >>> trials_and_seconds("60s"), trials_and_seconds("1min 30s")
    ((None, 60.0), (None, 90.0))
    """
    allowed = "budget must be a number of trials ≥ 1 or a time such as '60s', '5min' or '1h30min'"
    if isinstance(budget, timedelta):
        seconds = budget.total_seconds()
    elif isinstance(budget, str):
        text = budget.strip().lower()
        if text.isascii() and text.isdigit():
            # Longer numbers Python itself refuses to read.
            trials = int(text) if len(text) < 19 else 0
            if trials < 1:
                raise ValueError(f"{allowed}, got {budget!r}")
            return trials, None
        seconds, end = 0.0, 0
        while match := _DURATION.match(text, end):
            seconds += float(match[1]) * _UNITS.get(match[2], math.nan)
            end = match.end()
        if end < len(text) or math.isnan(seconds):
            raise ValueError(f"{allowed}, got {budget!r}")
    else:
        try:
            return whole_number(budget, "budget", minimum=1), None
        except (TypeError, ValueError) as error:
            raise type(error)(f"{allowed}, got {budget!r}") from None
    if not 0 < seconds < math.inf:
        raise ValueError(f"{allowed}, got {budget!r}")
    return None, seconds


@dataclass(slots=True)
class Budget:
    """What a search may spend, and what it has spent.

    Attributes
    ----------
    trials, total_epochs : int or None
    seconds, target : float or None
    sign : float
        −1 if `target` is to be reached from below.
    """

    trials: int | None
    seconds: float | None
    target: float | None
    total_epochs: int | None
    sign: float = 1.0
    spent_trials: int = 0
    spent_epochs: float = 0
    _idle: int = 0
    _start: float = field(default_factory=time.perf_counter)

    @classmethod
    def checked(
        cls, *, trials: Any, seconds: Any, target: Any, total_epochs: Any, sign: float = 1.0
    ) -> Budget:
        """A budget of a user's numbers; 50 trials if no other limit is sure to be reached."""
        if trials is not None:
            trials = whole_number(trials, "trials", minimum=1)
        elif seconds is None and total_epochs is None:
            trials = _TRIALS
        if seconds is not None:
            seconds = real_number(seconds, "seconds")
            if not 0 < seconds < math.inf:
                raise ValueError(f"seconds must be a finite number > 0, got {seconds}")
        if target is not None:
            target = real_number(target, "target")
            if math.isnan(target):
                raise ValueError(f"target must be a number, got {target}")
        if total_epochs is not None:
            total_epochs = whole_number(total_epochs, "total_epochs", minimum=1)
        return cls(trials, seconds, target, total_epochs, sign)

    @property
    def elapsed(self) -> float:
        """Seconds since the search began."""
        return time.perf_counter() - self._start

    @property
    def is_late(self) -> bool:
        """Whether no new evaluation may begin."""
        return self.seconds is not None and self.elapsed >= self.seconds

    def room(self, pending: int, epochs: int | None) -> int:
        """How many more proposals may be evaluated, `pending` having been asked for already."""
        room = 2**31
        if self.trials is not None:
            room = self.trials - self.spent_trials - pending
        if self.total_epochs is not None and epochs is not None:
            # As if all were trained in full, so that few trainings are begun in vain.
            left = self.total_epochs - self.spent_epochs - pending * epochs
            room = min(room, math.ceil(left / epochs))
        return max(0, room)

    def spend(self, trial: Trial) -> str | None:
        """Count a finished trial; the reason to stop, if it is the last one."""
        self.spent_trials += 1
        self.spent_epochs += trial.trained_epochs
        self._idle = 0 if trial.trained_epochs else self._idle + 1
        if self._is_reached(trial):
            return "target"
        if self.spent_trials == self.trials:
            return "trials"
        if self.total_epochs is None:
            return None
        # Thirds of epochs do not add up exactly.
        is_spent = self.spent_epochs >= self.total_epochs - 1e-6
        return "total_epochs" if is_spent or self._idle >= _IDLE_TRIALS else None

    def _is_reached(self, trial: Trial) -> bool:
        """Whether a trial of the full fidelity has reached the target."""
        return (
            self.target is not None
            and trial.value <= self.sign * self.target
            and trial.succeeded
            and trial.fidelity == 1
        )

    @property
    def share(self) -> float:
        """How much of the budget is spent, of 1: the largest share of any of its limits."""
        shares = [0.0]
        if self.trials is not None:
            shares.append(self.spent_trials / self.trials)
        if self.seconds is not None:
            shares.append(self.elapsed / self.seconds)
        if self.total_epochs is not None:
            shares.append(self.spent_epochs / self.total_epochs)
        return min(1.0, max(shares))
