"""What comes out of a search: the result that holds its trials. Plain, picklable data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from swiftnas._arguments import whole_number
from swiftnas.search_space import SearchSpace
from swiftnas.strategy import Strategy
from swiftnas.trial import Incumbent, Trial, highest_fidelity

if TYPE_CHECKING:
    import os

    import numpy.typing as npt
    import optuna
    import pandas

    from swiftnas.plot import SearchPlots
    from swiftnas.stopping import Stopping


class AllTrialsDivergedError(RuntimeError):
    """No trial of a search has a finite value and keeps all constraints, so none is the best."""


class AllTrialsFailedError(RuntimeError):
    """Every trial raised an error; the first one is the cause."""


class History(NamedTuple):
    """The course of a search, an entry per trial; see `SearchResult.history`."""

    best: npt.NDArray[np.float64]
    epochs: npt.NDArray[np.float64]
    seconds: npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True, repr=False)
class SearchResult:
    """The trials of a search and what they came from.

    Attributes
    ----------
    trials : tuple of Trial
        In the order of their numbers.
    space : SearchSpace
    strategy : Strategy
    seed : int
        The search's seed; a fresh one if none was given.
    epochs : int or None
        Epochs per trial; None for an objective.
    rng : str or None
        The generator that the trials drew from; None for an objective.
    fidelity : str or None
        What trials of a fidelity below 1 had less of, ``"epochs"`` or ``"rows"``; None for an
        objective.
    stopping : Stopping or None
        The rule of `swiftnas.stopping` that ended trainings early.
    objectives : tuple of str
        What each of `Trial.values` is.
    maximized : tuple of str
        Those of the objectives that are to be maximised. `Trial.values` have their negatives, as
        strategies minimise everything; `objective_values` and whatever shows them do not.
    loss : str or None
        The task's; None for an objective.
    standardized, weighted : bool
        Whether the task was standardised, and whether its training rows had weights.
    stop_reason : str
        What ended the search: ``"trials"``, ``"seconds"``, ``"target"``, ``"total_epochs"``;
        ``"exhausted"`` if the strategy had nothing more to propose; ``"callback"`` if one raised
        `StopSearch`; ``"interrupted"`` if Ctrl-C ended a search of the command line. Empty in what
        callbacks are given when a search starts.
    wall_seconds : float
        Time that the whole search took.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = nas.SearchSpace({"x": [-2, -1, 0, 1, 2]})
    >>> result = nas.search(
    ...     space, objective=lambda a: a["x"] ** 2, strategy=nas.RandomSearch(), trials=5, seed=0
    ... )
    >>> result.best.architecture, result.best.value
    ({'x': 0}, 0.0)
    """

    trials: tuple[Trial, ...]
    space: SearchSpace
    strategy: Strategy
    seed: int
    epochs: int | None
    rng: str | None
    fidelity: str | None = None
    stopping: Stopping | None = None
    objectives: tuple[str, ...] = ("value",)
    maximized: tuple[str, ...] = ()
    loss: str | None = None
    standardized: bool = False
    weighted: bool = False
    stop_reason: str = "trials"
    wall_seconds: float = field(compare=False)

    @property
    def exhausted(self) -> bool:
        """Whether the search ended early because the strategy had nothing more to propose."""
        return self.stop_reason == "exhausted"

    @property
    def best(self) -> Trial:
        """The trial of least value, the first of them if there are several.

        Only trials that keep all constraints count, and of these only those with the highest
        fidelity that any has reached.

        Raises
        ------
        AllTrialsDivergedError
            If there is none.
        ValueError
            If there are several objectives.
        """
        self._require_one_objective("best")
        candidates = self._candidates()
        if not candidates:
            raise AllTrialsDivergedError(f"{self.failure}; {self._advice}")
        return min(candidates, key=lambda trial: trial.value)

    @property
    def pareto_front(self) -> tuple[Trial, ...]:
        """The trials that no other one dominates, in the order of their first value.

        Only trials that keep all constraints count, and of these only those with the highest
        fidelity that any has reached. Repeated architectures are listed once.

        Examples
        --------
        >>> import swiftnas as nas
        >>> result = nas.search(
        ...     {"x": [0, 1, 2, 3]},
        ...     objective=lambda a: ((a["x"] - 1) ** 2, 3 - a["x"]),
        ...     objectives=["error", "cost"],
        ...     trials=4,
        ... )
        >>> [trial.values for trial in result.pareto_front]
        [(0.0, 2.0), (1.0, 1.0), (4.0, 0.0)]
        """
        # Not needed for most searches, so not loaded with them.
        from swiftnas.pareto import non_dominated

        candidates = self._candidates()
        front = non_dominated([trial.values for trial in candidates])
        return tuple(_distinct(candidates[index] for index in front))

    def objective_values(self, trial: Trial) -> tuple[float, ...]:
        """The value of each objective as it was measured, with its own sign where it is maximised.

        Examples
        --------
        >>> import swiftnas as nas
        >>> accuracy = nas.objectives.Objective("accuracy", maximize=True)
        >>> result = nas.search(
        ...     {"x": [1, 2]}, objective=lambda a: a["x"] / 2, objectives=[accuracy], trials=2
        ... )
        >>> result.best.values, result.objective_values(result.best)
        ((-1.0,), (1.0,))
        """
        return tuple(
            -value if name in self.maximized else value
            for name, value in zip(self.objectives, trial.values, strict=True)
        )

    def hypervolume(self, reference: Sequence[float]) -> float:
        """The volume between the Pareto front and a reference point; larger is better.

        Parameters
        ----------
        reference : sequence of float
            A number per objective, the worst that is of interest, to be minimised like
            `Trial.values`. Trials that are not better in every objective add nothing.

        Examples
        --------
        >>> import swiftnas as nas
        >>> result = nas.search(
        ...     {"x": [0, 1]},
        ...     objective=lambda a: (a["x"], 1 - a["x"]),
        ...     objectives=["error", "cost"],
        ...     trials=2,
        ... )
        >>> result.hypervolume(reference=(2, 2))
        3.0
        """
        from swiftnas.pareto import hypervolume

        if len(reference) != len(self.objectives):
            raise ValueError(
                f"reference must hold one number per objective ({len(self.objectives)}), "
                f"got {reference!r}"
            )
        return hypervolume([trial.values for trial in self.pareto_front], reference)

    def top(self, count: int) -> list[Trial]:
        """The best trials of different architectures, best first; fewer if there are no more.

        With several objectives the Pareto front comes first, then the front of all others, and so
        on. ``nas.search(space, other_task, initial=result.top(5))`` begins with what was good
        elsewhere.
        """
        from swiftnas.pareto import non_dominated

        count = whole_number(count, "count", minimum=1)
        rest = self._candidates()
        if len(self.objectives) == 1:
            return _distinct(sorted(rest, key=lambda trial: trial.value))[:count]
        found: list[Trial] = []
        while rest and len(found) < count:
            front = non_dominated([trial.values for trial in rest])
            found = _distinct([*found, *(rest[index] for index in front)])
            rest = [trial for index, trial in enumerate(rest) if index not in set(front)]
        return found[:count]

    @property
    def history(self) -> History:
        """How the search went: three arrays with an entry per trial.

        ``best`` is what the `Trial.value` of `best` would have been if the search had ended with
        the trial (infinity while there is none), ``epochs`` all epochs trained up to then, by which
        searches with and without several fidelities can be compared, and ``seconds`` the time of
        all evaluations up to then.

        Examples
        --------
        >>> import swiftnas as nas
        >>> result = nas.search({"x": [3, 2, 1]}, objective=lambda a: a["x"], trials=3, seed=0)
        >>> float(result.history.best[-1])
        1.0
        """
        self._require_one_objective("history")
        incumbent, curve = Incumbent(), []
        for trial in self.trials:
            incumbent.offer(trial)
            curve.append(incumbent.value)
        return History(
            np.array(curve, np.float64),
            np.cumsum([trial.trained_epochs for trial in self.trials], dtype=np.float64),
            np.cumsum([trial.wall_seconds for trial in self.trials], dtype=np.float64),
        )

    def _candidates(self) -> list[Trial]:
        """The trials that count, see `best`."""
        succeeded = [trial for trial in self.trials if trial.succeeded]
        reached = highest_fidelity(succeeded)
        return [trial for trial in succeeded if trial.fidelity == reached]

    def _require_one_objective(self, name: str) -> None:
        if len(self.objectives) > 1:
            raise ValueError(
                f"{name} needs one objective, this search has {len(self.objectives)} "
                f"({', '.join(self.objectives)}); see pareto_front"
            )

    @property
    def failure(self) -> str:
        """What became of the trials, in words, if `best` finds none."""
        counts = Counter(trial.status for trial in self.trials)
        if len(counts) == 1:
            status = next(iter(counts))
            verb = f"are {status}" if status == "infeasible" else status
            return f"all {len(self.trials)} trials {verb}"
        parts = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
        return f"none of {len(self.trials)} trials succeeded ({parts})"

    @property
    def _advice(self) -> str:
        statuses = {trial.status for trial in self.trials}
        if "infeasible" in statuses:
            return "try looser constraints or smaller choices"
        return "try smaller learning rates or standardised data"

    def __repr__(self) -> str:
        candidates = self._candidates()
        if not candidates:
            all_diverged = all(trial.status == "diverged" for trial in self.trials)
            best = "all diverged" if all_diverged else "none succeeded"
        elif len(self.objectives) == 1:
            best = f"best {self.objective_values(self.best)[0]:.6g}"
        else:
            best = f"{len(self.pareto_front)} on the Pareto front"
        return (
            f"SearchResult({len(self.trials)} trials, {best}, {self.strategy!r}, "
            f"seed {self.seed}, {self.wall_seconds:.3g} s)"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain data of the types of JSON; see `to_json`."""
        # Not needed for a search, so not loaded with the package.
        from swiftnas._json import json_data

        strategy = {"name": type(self.strategy).__name__, "options": self.strategy.options}
        stopping = None
        if self.stopping is not None:
            stopping = {"name": type(self.stopping).__name__, "options": asdict(self.stopping)}
        data: dict[str, Any] = json_data(
            {
                "strategy": strategy,
                "space": self.space.to_dict(),
                "seed": self.seed,
                "epochs": self.epochs,
                "rng": self.rng,
                "fidelity": self.fidelity,
                "stopping": stopping,
                "objectives": self.objectives,
                "maximized": self.maximized,
                "loss": self.loss,
                "standardized": self.standardized,
                "weighted": self.weighted,
                "stop_reason": self.stop_reason,
                "wall_seconds": self.wall_seconds,
                "trials": [trial.to_dict() for trial in self.trials],
            }
        )
        return data

    def to_json(self, path: str | os.PathLike[str] | None = None, *, indent: int | None = 2) -> str:
        """Everything as JSON text, also written to `path` if given: completely or not at all.

        Values that are not finite become ``null``, which JSON has instead. Choices of a callable
        objective that JSON does not know become their ``repr``.
        """
        from swiftnas._json import json_text

        return json_text(self.to_dict(), path, indent=indent)

    @property
    def plot(self) -> SearchPlots:
        """Pictures on matplotlib's axes, as ``result.plot.history()``; see `swiftnas.plot`."""
        from swiftnas.plot import SearchPlots

        return SearchPlots(self)

    def report(self, path: str | os.PathLike[str], *, title: str | None = None) -> None:
        """Write one HTML page that needs nothing else, not even a network; see `swiftnas.report`.

        It has the best architecture, pictures, the best trials, the space, and what it takes to do
        the same again. The file is either complete or not there. Needs matplotlib and Jinja2
        (extra ``report``); with scikit-learn it shows the importance of parameters.
        """
        from swiftnas.report import write_report

        write_report(path, self, title=title)

    def _repr_html_(self) -> str:
        from swiftnas.report.tables import search_html

        return search_html(self)

    def to_frame(self) -> pandas.DataFrame:
        """The trials as rows of a data frame with their numbers as index (extra ``pandas``).

        Choices are in columns such as ``architecture.learning_rate``, missing where a trial has not
        that parameter; several objectives in columns such as ``values.latency``.

        Examples
        --------
        >>> import swiftnas as nas
        >>> result = nas.search({"x": [2, 1]}, objective=lambda a: a["x"], trials=2, seed=0)
        >>> frame = result.to_frame()
        >>> bool((frame["value"] == frame["architecture.x"]).all())
        True
        """
        from swiftnas.frames import frame

        return frame(self)

    def to_pytorch_code(self, trial: Trial | None = None) -> str:
        """A PyTorch program of its own that builds the best architecture and trains it.

        It has the network layer by layer and the same training: optimizer, epochs, order of
        batches, dropout, loss, standardisation, seed. The data are not in it: ``python script.py
        data.npz`` reads them, and prints the validation loss. After a search with ``rng="torch"``
        that is the trial's up to rounding, otherwise as with another seed. The program needs torch
        and NumPy; writing it needs neither.

        Parameters
        ----------
        trial : Trial, optional
            The trial to write instead of `best`.

        Examples
        --------
        >>> import swiftnas as nas
        >>> task = nas.Task([[0.0], [1.0]], [0.0, 1.0], [[0.5]], [0.5])
        >>> space = {"num_hidden_layers": [1], "hidden_layer_size": [8], "dropout_rate": [0.2]}
        >>> code = nas.search(space, task, trials=1, seed=0).to_pytorch_code()
        >>> print(code[code.index("class Network") : code.index("def mean_loss")].rstrip())
        class Network(nn.Module):
            def __init__(self, inputs, outputs):
                super().__init__()
                self.linear_1 = nn.Linear(inputs, 8)
                self.output = nn.Linear(8, outputs)
        <BLANKLINE>
            def forward(self, x):
                x = F.dropout(F.relu(self.linear_1(x)), 0.2, self.training)
                return self.output(x)
        """
        from swiftnas.pytorch_code import script

        return script(self, self.best if trial is None else trial)

    def to_optuna(self, storage: Any = None, *, study_name: str | None = None) -> optuna.Study:
        """The search as an Optuna study (extra ``optuna``).

        After ``result.to_optuna("sqlite:///study.db")`` the command ``optuna-dashboard
        sqlite:///study.db`` shows it. Trials without a finite value have failed there, those of
        less than the highest fidelity are pruned (with several objectives, which Optuna does not
        prune, complete), and `Trial.violation` is their constraint. All values are minimised.

        Parameters
        ----------
        storage : str or optuna.storages.BaseStorage, optional
            Where to keep it; in memory by default.
        study_name : str, optional
            The name must not be in `storage` yet.
        """
        from swiftnas.optuna_study import study

        return study(self, storage, study_name)


def _distinct(trials: Iterable[Trial]) -> list[Trial]:
    """The first trial of each architecture."""
    found: dict[str, Trial] = {}
    for trial in trials:
        # The choices of a callable objective may be objects that cannot be hashed.
        found.setdefault(repr(sorted(trial.architecture.items(), key=itemgetter(0))), trial)
    return list(found.values())
