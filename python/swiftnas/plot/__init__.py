"""Pictures of results on matplotlib's axes: ``result.plot.history()`` and its like.

Every method takes `ax`, the axes to draw on (new ones by default), and returns the axes. Colours
are those of Okabe and Ito ("Color Universal Design", 2008), which colour-blind readers can tell
apart, and what differs in colour differs in shape too. An axis is logarithmic if its numbers are
all positive and span a decade, or if the parameter says ``log=True``.

Needs matplotlib: ``pip install 'swiftnas[plot]'``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from swiftnas.differentiable import DARTSResult
    from swiftnas.results import SearchResult
    from swiftnas.task import Task


class SearchPlots:
    """The pictures of a `SearchResult`; see `SearchResult.plot`.

    Examples
    --------
    >>> import swiftnas as nas
    >>> result = nas.search({"x": [3, 1, 2]}, objective=lambda a: a["x"], trials=3, seed=0)
    >>> ax = result.plot.history()
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('trial', 'value')
    """

    __slots__ = ("_result",)

    def __init__(self, result: SearchResult) -> None:
        self._result = result

    def history(
        self, *, x: str = "trials", objective: int | str = 0, ax: Axes | None = None
    ) -> Axes:
        """The value of each trial, and the best so far.

        Values of less than the highest fidelity are hollow and do not count for the best; trials
        without a finite value are marked at the upper edge.

        Parameters
        ----------
        x : {"trials", "epochs", "seconds"}
            What the horizontal axis counts: trials, or the epochs or seconds of all of them so far.
        objective : int or str, default 0
            Which one, by its place or name, if there are several.
        ax : Axes, optional
        """
        from swiftnas.plot.history import draw_history

        return draw_history(self._result, x, objective, ax)

    def parallel(
        self,
        *,
        parameters: Sequence[str] | None = None,
        objective: int | str = 0,
        ax: Axes | None = None,
    ) -> Axes:
        """A line per trial through its choices, one axis per parameter, the value last.

        The better a trial, the stronger its line. Parameters that a trial has not, as their
        conditions do not hold, are below their axis.

        Parameters
        ----------
        parameters : sequence of str, optional
            Which to show, in this order; all with more than one choice by default.
        objective : int or str, default 0
            Which one, by its place or name, if there are several.
        ax : Axes, optional
        """
        from swiftnas.plot.parallel import draw_parallel

        return draw_parallel(self._result, parameters, objective, ax)

    def importance(
        self, *, objective: int | str = 0, seed: int = 0, ax: Axes | None = None
    ) -> Axes:
        """How much each parameter explains of the value; see `swiftnas.plot.importances`.

        Parameters
        ----------
        objective : int or str, default 0
            Which one, by its place or name, if there are several.
        seed : int, default 0
            Of the forest and the permutations.
        ax : Axes, optional
        """
        from swiftnas.plot.importance import draw_importance

        return draw_importance(self._result, objective, seed, ax)

    def pareto(
        self, *, objectives: tuple[int | str, int | str] = (0, 1), ax: Axes | None = None
    ) -> Axes:
        """Two objectives against each other, with the trials on the Pareto front.

        Parameters
        ----------
        objectives : tuple of two int or str, default (0, 1)
            Which to show, by their places or names. With more than two objectives the front is
            that of all of them, so its points need not look undominated.
        ax : Axes, optional
        """
        from swiftnas.plot.pareto import draw_pareto

        return draw_pareto(self._result, objectives, ax)

    def architecture(
        self,
        architecture: Mapping[str, Any] | None = None,
        *,
        task: Task | None = None,
        ax: Axes | None = None,
    ) -> Axes:
        """The network as a graph: widths, activations, dropout rates, skip connections.

        Parameters
        ----------
        architecture : dict, optional
            The best one by default; with several objectives the first of the Pareto front.
        task : Task, optional
            For the numbers of features and of targets or classes.
        ax : Axes, optional
        """
        from swiftnas.plot.architecture import draw_architecture

        if architecture is None:
            several = len(self._result.objectives) > 1
            if several and not self._result.pareto_front:
                raise ValueError("architecture must be given if no trial succeeded, got none")
            best = self._result.pareto_front[0] if several else self._result.best
            architecture = best.architecture
        return draw_architecture(architecture, task, ax)

    def learning_curves(self, *, ax: Axes | None = None) -> Axes:
        """The training loss of each trial by epoch; that of the best, with its validations, on top.

        Parameters
        ----------
        ax : Axes, optional
        """
        from swiftnas.plot.learning_curves import draw_learning_curves

        return draw_learning_curves(self._result, ax)


class DARTSPlots:
    """The pictures of a `DARTSResult`; those of its trials are at ``result.settings.plot``."""

    __slots__ = ("_result",)

    def __init__(self, result: DARTSResult) -> None:
        self._result = result

    def alphas(self, *, ax: Axes | None = None) -> Axes:
        """The weight of every candidate of every cell, the softmax of α, by epoch.

        The line marks the epoch whose α was taken; the dots on it, what was chosen.

        Parameters
        ----------
        ax : Axes, optional
        """
        from swiftnas.plot.alphas import draw_alphas

        return draw_alphas(self._result, ax)

    def learning_curves(self, *, ax: Axes | None = None) -> Axes:
        """The supernet's losses on the rows that move the weights and on those that move α.

        Parameters
        ----------
        ax : Axes, optional
        """
        from swiftnas.plot.learning_curves import draw_supernet_curves

        return draw_supernet_curves(self._result, ax)

    def architecture(self, *, task: Task | None = None, ax: Axes | None = None) -> Axes:
        """The network that was found as a graph; see `SearchPlots.architecture`.

        Parameters
        ----------
        task : Task, optional
            For the numbers of features and of targets or classes.
        ax : Axes, optional
        """
        from swiftnas.plot.architecture import draw_architecture

        return draw_architecture(self._result.architecture, task, ax)


def importances(
    result: SearchResult, *, objective: int | str = 0, seed: int = 0
) -> dict[str, tuple[float, float]]:
    """How much of the value each parameter explains: mean and deviation, most important first.

    The numbers behind ``result.plot.importance()``: what the explained share R² of the variance
    loses if a parameter's values are shuffled among trials (Breiman, "Random Forests", Machine
    Learning 45, 2001, section 10), all columns of its encoding together. Extremely randomised
    trees are fitted to four fifths of the trials and asked about the other fifth, in turns, as
    importances on the rows of the fit would also count what was learnt by heart. Where R² itself
    is low, the forest has not understood the space, and importances mean little.

    Values, diverged trials and fidelities count as in `swiftnas.evaluators.predictor.Predictor`.

    Examples
    --------
    >>> import swiftnas as nas
    >>> from swiftnas.plot import importances
    >>> result = nas.search(
    ...     {"x": nas.Float(-1, 1), "y": nas.Float(-1, 1)},
    ...     objective=lambda a: 1 + a["x"] ** 2 + 0.01 * a["y"],
    ...     strategy=nas.RandomSearch(),
    ...     trials=50,
    ...     seed=0,
    ... )
    >>> list(importances(result))
    ['x', 'y']
    """
    from swiftnas.plot.importance import permutation_importances

    return permutation_importances(result, objective, seed)[0]
