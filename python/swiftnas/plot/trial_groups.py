"""Trials by what they tell: full values, partial ones, and those that came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swiftnas.trial import highest_fidelity

if TYPE_CHECKING:
    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: What trials without a value, or with one that does not count, are marked with.
MARKERS = {"diverged": "x", "failed": "+", "infeasible": "d"}


def counting(result: SearchResult) -> list[Trial]:
    """The trials that `SearchResult.best` chooses from: succeeded, of the highest fidelity."""
    return result._candidates()


def lower_fidelity(result: SearchResult) -> list[Trial]:
    """The trials that succeeded, but with less than the highest fidelity."""
    succeeded = [trial for trial in result.trials if trial.succeeded]
    reached = highest_fidelity(succeeded)
    return [trial for trial in succeeded if trial.fidelity < reached]


def unsuccessful(result: SearchResult) -> dict[str, list[Trial]]:
    """The trials that did not succeed, by status; only those that there are."""
    found: dict[str, list[Trial]] = {}
    for trial in result.trials:
        if not trial.succeeded:
            # A loss may be finite and another objective not; then the trial counts as diverged.
            status = trial.status if trial.status in MARKERS else "diverged"
            found.setdefault(status, []).append(trial)
    return found
