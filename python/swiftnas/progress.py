"""Progress of a search: a bar with the time that is left and the best value so far, by tqdm."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from swiftnas.trial import Incumbent, Trial

if TYPE_CHECKING:
    from swiftnas.budget import Budget

_FORMAT = "{percentage:3.0f}%|{bar}| {elapsed}<{remaining}{postfix}"


class ProgressBar:
    """A bar of the budget's spent share, whichever of its limits is nearest.

    It is a widget in notebooks. The best value is shown for a single objective, in its own
    direction, and the number of failed trials if there are any.
    """

    def __init__(self, budget: Budget, objectives: int = 1, bar: Any = None) -> None:
        self._budget = budget
        self._shows_best = objectives == 1
        self._incumbent = Incumbent()
        self._failed = 0
        # The average rate foretells the end better than the last few trials.
        self._bar = bar or _tqdm()(total=1.0, smoothing=0.0, bar_format=_FORMAT)

    def __call__(self, trial: Trial) -> None:
        """Show a finished trial."""
        self._failed += trial.status == "failed"
        self._incumbent.offer(trial)
        count = self._budget.spent_trials
        texts = [f"{count} trial{'s' if count != 1 else ''}"]
        best = self._incumbent.trial
        if self._shows_best and best is not None:
            text = f"best {self._budget.sign * best.value:.6g}"
            # A loss after few epochs is no promise for all of them.
            texts.append(text if best.fidelity == 1 else f"{text} at fidelity {best.fidelity:.3g}")
        if self._failed:
            texts.append(f"{self._failed} failed")
        self._bar.set_postfix_str(", ".join(texts), refresh=False)
        self._bar.update(self._budget.share - self._bar.n)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.refresh()
        self._bar.close()


def progress_bar(progress: bool | None, budget: Budget, objectives: int) -> ProgressBar | None:
    """The bar that a user wants: True, False, or None for one where somebody sits and has tqdm."""
    if progress is not None and not isinstance(progress, bool):
        raise TypeError(f"progress must be True, False or None, got {progress!r}")
    if progress is False or (progress is None and not _is_interactive()):
        return None
    try:
        return ProgressBar(budget, objectives)
    except ImportError:
        if progress is None:
            return None
        raise ImportError(
            "progress=True needs tqdm; install it with: pip install 'swiftnas[progress]'"
        ) from None


def _is_interactive() -> bool:
    """Whether Python is being typed to, in a terminal or a notebook."""
    return hasattr(sys, "ps1") or bool(sys.flags.interactive)


def _tqdm() -> Any:
    """The kind of bar that fits terminal or notebook."""
    from tqdm.auto import tqdm

    return tqdm
