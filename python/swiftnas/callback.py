"""What a search can tell more than its trials to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial


class Callback(ABC):
    """A callback of `search` that also knows when the search begins and ends.

    The calls are `started`, one per trial in the order of their numbers, `ended`; all on the thread
    that called `search`. One object can be used for several searches, one after the other.

    Examples
    --------
    >>> import swiftnas as nas
    >>> class Printer(nas.callbacks.Callback):
    ...     def __call__(self, trial):
    ...         print(trial.number, trial.value)
    ...     def ended(self, result):
    ...         print("best:", result.best.value)
    >>> result = nas.search({"x": [2]}, objective=lambda a: a["x"], trials=1, callback=Printer())
    0 2.0
    best: 2.0
    """

    def started(self, result: SearchResult) -> None:  # noqa: B027
        """Before the first trial, with a result that has none yet: the search's settings."""

    @abstractmethod
    def __call__(self, trial: Trial) -> None:
        """Take a finished trial; what this raises ends the search."""

    def ended(self, result: SearchResult | None) -> None:  # noqa: B027
        """After the last trial, with the result; None if an error ended the search.

        What this raises becomes a `RuntimeWarning`, so that the result is not lost.
        """
