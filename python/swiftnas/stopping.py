"""Early stopping: rules by which `swiftnas.search` ends trainings that promise nothing.

A stopped trial counts with the validation loss that it had reached, as any other. Which trials a
rule compares with depends on the order of the search only, so that a search with early stopping
is the same, bit for bit, for any number of workers.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from swiftnas import _native
from swiftnas._arguments import real_number, whole_number

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas.trial import Trial


class Rule(NamedTuple):
    """What the engine stops one training by, see `StoppingRule` there."""

    #: For each validation, the loss that the best one so far must not exceed.
    thresholds: tuple[float, ...] = ()
    #: The loss to beat, the least probability of that, and the first epoch to judge.
    forecast: tuple[float, float, int] | None = None


class Seen(NamedTuple):
    """What rules look at of a finished trial."""

    seed: int
    fidelity: float
    value: float
    #: The least validation loss up to each multiple of `validate_every`; none of a cached trial.
    bests: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stopping(ABC):
    """What all stopping rules are.

    Attributes
    ----------
    validate_every : int
        Epochs from one validation to the next.
    """

    @property
    def patience(self) -> int | None:
        """Validations without improvement that end a training; None for any number."""
        return None

    @property
    @abstractmethod
    def _interval(self) -> int:
        """Epochs from one validation to the next."""

    def _seen(self, trial: Trial) -> Seen:
        """What to remember of a finished trial."""
        # One validation at the end of a rung, between the others, is not comparable.
        regular = () if trial.cached else trial.validation_losses
        losses = np.array([loss for epoch, loss in regular if epoch % self._interval == 0])
        losses[np.isnan(losses)] = math.inf
        return Seen(trial.seed, trial.fidelity, trial.value, np.minimum.accumulate(losses))

    @abstractmethod
    def _rule(self, earlier: Sequence[Seen], epochs: int, all_epochs: int) -> Rule:
        """The rule for a training of `epochs` out of `all_epochs`.

        It may know the trials in `earlier` only.
        """


@dataclass(frozen=True)
class Patience(Stopping):
    """Stop a training whose validation loss has not improved for a while.

    The value of every trial is then that of its best validation, stopped or not.

    Parameters
    ----------
    validations : int, default 5
        Validations without a new least loss after which a training ends.
    validate_every : int, default 1
        Epochs from one validation to the next.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, X[:, 0] ** 2)
    >>> space = {"num_hidden_layers": [1, 2], "hidden_layer_size": [8], "learning_rate": [0.1, 0.3]}
    >>> rule = nas.stopping.Patience(2)
    >>> result = nas.search(space, task, trials=4, epochs=100, seed=0, stopping=rule)
    >>> {trial.status for trial in result.trials}
    {'stopped'}
    """

    validations: int = 5
    validate_every: int = 1

    def __post_init__(self) -> None:
        whole_number(self.validations, "validations", minimum=1)
        whole_number(self.validate_every, "validate_every", minimum=1)

    @property
    def patience(self) -> int | None:
        """Validations without improvement that end a training."""
        return self.validations

    @property
    def _interval(self) -> int:
        return self.validate_every

    def _rule(self, earlier: Sequence[Seen], epochs: int, all_epochs: int) -> Rule:
        return Rule()


@dataclass(frozen=True)
class Median(Stopping):
    """Stop a training that is worse than most earlier ones were at the same epoch.

    Its best validation loss so far is compared with the median of theirs up to that epoch, among
    those that were validated there. After Golovin et al., "Google Vizier: a service for black-box
    optimization", KDD 2017, section 3.2, who average what a trial reported where we take its best.

    Parameters
    ----------
    warmup_trials : int, default 5
        Trials that must have been validated at an epoch before any is stopped there.
    warmup_epochs : int, default 0
        Epochs in which no training is stopped.
    validate_every : int, default 1
        Epochs from one validation to the next.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, X[:, 0] ** 2)
    >>> space = {"num_hidden_layers": [1, 2, 3], "hidden_layer_size": [8, 16, 32]}
    >>> strategy = nas.Evolution(population_size=3)
    >>> rule = nas.stopping.Median(warmup_trials=3)
    >>> result = nas.search(space, task, strategy=strategy, trials=9, seed=0, stopping=rule)
    >>> [trial.status for trial in result.trials[:3]]
    ['ok', 'ok', 'ok']
    >>> "stopped" in {trial.status for trial in result.trials}
    True
    """

    warmup_trials: int = 5
    warmup_epochs: int = 0
    validate_every: int = 1

    def __post_init__(self) -> None:
        whole_number(self.warmup_trials, "warmup_trials", minimum=1)
        whole_number(self.warmup_epochs, "warmup_epochs", minimum=0)
        whole_number(self.validate_every, "validate_every", minimum=1)

    @property
    def _interval(self) -> int:
        return self.validate_every

    def _rule(self, earlier: Sequence[Seen], epochs: int, all_epochs: int) -> Rule:
        checks = epochs // self.validate_every
        curves = [curve[:checks] for curve in _longest(earlier)]
        lengths = np.array([len(curve) for curve in curves], np.intp)
        # Curves that have ended come last in order.
        bests = np.full((len(curves), checks), math.inf)
        for row, curve in zip(bests, curves, strict=True):
            row[: len(curve)] = curve
        ordered = np.sort(bests, axis=0)
        seen = np.count_nonzero(np.arange(checks) < lengths[:, None], axis=0)
        # Nobody was validated later who was not validated here.
        judged = np.flatnonzero(seen >= self.warmup_trials)
        middle = seen[judged]
        thresholds = (ordered[(middle - 1) // 2, judged] + ordered[middle // 2, judged]) / 2
        thresholds[: self.warmup_epochs // self.validate_every] = math.inf
        return Rule(thresholds=tuple(thresholds.tolist()))


@dataclass(frozen=True)
class Extrapolation(Stopping):
    """Stop a training whose learning curve will hardly become the best.

    The engine continues the validation curve to the full number of epochs by a mixture of power
    laws and exponentials, and stops where the probability to end below the least value of the
    earlier trials is too small. After Domhan, Springenberg and Hutter, "Speeding up automatic
    hyperparameter optimization of deep neural networks by extrapolation of learning curves",
    IJCAI 2015; see `extrapolate`.

    Parameters
    ----------
    probability : float, default 0.05
        The probability below which a training ends, in (0, 1).
    warmup_epochs : int, optional
        Epochs in which no training is stopped; by default a fifth of the full number. None is
        stopped before its fifth validation either.
    validate_every : int, default 1
        Epochs from one validation to the next.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, X[:, 0] ** 2)
    >>> rates = [1e-5, 1e-4, 1e-2]
    >>> space = {"num_hidden_layers": [1], "hidden_layer_size": [32], "learning_rate": rates}
    >>> strategy = nas.Evolution(population_size=2)
    >>> rule = nas.stopping.Extrapolation()
    >>> result = nas.search(
    ...     space, task, strategy=strategy, trials=3, epochs=50, seed=0, stopping=rule
    ... )
    >>> [(trial.architecture["learning_rate"], trial.status) for trial in result.trials]
    [(1e-05, 'ok'), (0.01, 'ok'), (0.0001, 'stopped')]
    """

    probability: float = 0.05
    warmup_epochs: int | None = None
    validate_every: int = 1

    def __post_init__(self) -> None:
        number = real_number(self.probability, "probability")
        if not 0 < number < 1:
            raise ValueError(f"probability must be in (0, 1), got {self.probability}")
        if self.warmup_epochs is not None:
            whole_number(self.warmup_epochs, "warmup_epochs", minimum=0)
        whole_number(self.validate_every, "validate_every", minimum=1)

    @property
    def _interval(self) -> int:
        return self.validate_every

    def _rule(self, earlier: Sequence[Seen], epochs: int, all_epochs: int) -> Rule:
        goal = min((seen.value for seen in earlier), default=math.inf)
        if math.isinf(goal):
            return Rule()
        warmup = all_epochs // 5 if self.warmup_epochs is None else self.warmup_epochs
        return Rule(forecast=(goal, float(self.probability), warmup))


class Forecast(NamedTuple):
    """What `extrapolate` expects."""

    mean: float
    deviation: float


def extrapolate(curve: Iterable[tuple[int, float]], epochs: int) -> Forecast | None:
    """Continue a validation curve to a later epoch.

    Power laws :math:`c + a t^{-α}` and exponentials :math:`c + a e^{-kt}` are fitted for a grid of
    exponents and weighted by how well they explain the curve, see `Extrapolation`.

    Parameters
    ----------
    curve : iterable of (int, float)
        Epochs and losses, as in `Trial.validation_losses`; epochs count from 1 and rise.
    epochs : int
        The epoch to continue to.

    Returns
    -------
    Forecast or None
        Mean and standard deviation of the loss there; None from fewer than five points.

    Examples
    --------
    >>> from swiftnas.stopping import extrapolate
    >>> curve = [(epoch, 0.2 + epoch**-0.5) for epoch in range(1, 41)]
    >>> forecast = extrapolate(curve, epochs=100)
    >>> round(forecast.mean, 2)
    0.3
    """
    points = [
        (whole_number(epoch, "epoch", minimum=1), real_number(loss, "loss"))
        for epoch, loss in curve
    ]
    found = _native.extrapolate(points, whole_number(epochs, "epochs", minimum=1), 0.0)
    return None if found is None else Forecast(*found[:2])


def checked_stopping(stopping: Stopping | None) -> Stopping | None:
    """`stopping` itself, or an error that says what it must be."""
    if stopping is None or isinstance(stopping, Stopping):
        return stopping
    names = ", ".join(rule.__name__ for rule in (Patience, Median, Extrapolation))
    if isinstance(stopping, type) and issubclass(stopping, Stopping):
        raise TypeError(f"stopping must be an object, got a class; write {stopping.__name__}()")
    raise TypeError(f"stopping must be one of {names} of swiftnas.stopping, got {stopping!r}")


def _longest(earlier: Iterable[Seen]) -> Iterable[npt.NDArray[np.float64]]:
    """The curves without repetitions: of a training that was continued, the longest part."""
    # A continued training has the seed of its origin, which no other one has.
    longest: dict[int, npt.NDArray[np.float64]] = {}
    for seen in earlier:
        known = longest.get(seen.seed)
        if len(seen.bests) > (0 if known is None else len(known)):
            longest[seen.seed] = seen.bests
    return longest.values()
