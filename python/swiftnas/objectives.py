"""Objectives: what a search minimises instead of the loss alone, or keeps within limits.

With a `Task` these have names: ``validation_loss``, ``parameters``, ``flops`` (of one row's forward
pass), ``memory`` (bytes that the training takes) and ``latency`` (seconds of one row's forward pass
in this engine, measured on this machine, so not reproducible to the last digit). With a callable
objective the names are those of the numbers that it returns.

In classification there are also ``validation_accuracy``, ``validation_f1`` (`swiftnas.metrics.f1`:
all classes count the same) and ``validation_auc`` (`swiftnas.metrics.roc_auc` of the probabilities;
of several classes each against the others, and the mean over those that validation rows have, which
must be two or more). They are maximised, a constraint on them is a lower limit, and they are those
of the same weights as the validation loss.

Examples
--------
>>> import numpy as np
>>> import swiftnas as nas
>>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
>>> task = nas.Task.split(X, X[:, 0] ** 2)
>>> space = {"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 8, 16, 32]}
>>> result = nas.search(
...     space,
...     task,
...     objectives=["validation_loss", "parameters"],
...     constraints={"parameters": 1_000},
...     strategy=nas.RandomSearch(),
...     trials=8,
...     epochs=5,
...     seed=0,
... )
>>> [trial.status for trial in result.trials].count("infeasible")
1
>>> all(trial.values[1] <= 1_000 for trial in result.pareto_front)
True
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from swiftnas._arguments import real_number

#: What a search can measure in classification only.
SCORES = ("validation_accuracy", "validation_f1", "validation_auc")

#: What a search can measure by itself, given a task.
NAMES = ("validation_loss", *SCORES, "parameters", "flops", "latency", "memory")

#: Those of them that only a training shows.
OUTCOMES = ("validation_loss", *SCORES)

#: Those of them that are to be maximised.
MAXIMISED = SCORES


@dataclass(frozen=True)
class Objective:
    """One number that a search makes small, or large.

    Parameters
    ----------
    name : str
        What the number is called in `Trial.measures`.
    function : callable, optional
        A function from architecture to number. Without one the name stands for itself: a measure
        of the task, or a number that the callable objective returns.
    maximize : bool, default False
        Whether larger is better. `Trial.values` then has the negative of the number, and a
        constraint on it is a lower limit.
    of : {"architecture", "outcome"}
        What the function takes: an architecture, so that a constraint is checked before anything
        is trained; or what came of a training: an object with `value` (the validation loss),
        `status`, `epochs`, `training_losses`, `validation_losses`, `validation_accuracy`,
        `parameters`, `flops` and `wall_seconds`, each as in `Trial`. It is not a `Trial`: seed,
        architecture, fidelity and number are not there.

    Examples
    --------
    >>> import swiftnas as nas
    >>> depth = nas.objectives.Objective("depth", lambda architecture: architecture["depth"])
    >>> result = nas.search(
    ...     {"depth": [1, 2, 3]},
    ...     objective=lambda architecture: 1 / architecture["depth"],
    ...     objectives=["loss", depth],
    ...     trials=3,
    ... )
    >>> sorted(trial.values for trial in result.pareto_front)[-1]
    (1.0, 1.0)
    """

    name: str
    function: Callable[[Any], float] | None = None
    maximize: bool = False
    of: Literal["architecture", "outcome"] = "architecture"

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name:
            raise TypeError(f"name must be a string, got {self.name!r}")
        if self.function is not None and not callable(self.function):
            raise TypeError(f"function must be callable, got {self.function!r}")
        if not isinstance(self.maximize, bool):
            raise TypeError(f"maximize must be a boolean, got {self.maximize!r}")
        if self.of not in ("architecture", "outcome"):
            raise ValueError(f"of must be 'architecture' or 'outcome', got {self.of!r}")

    @property
    def sign(self) -> float:
        """What turns the number into one to be minimised."""
        return -1.0 if self.maximize else 1.0


@dataclass(frozen=True)
class Soft:
    """A loss with a soft constraint on a cost: loss × (cost / target) ^ exponent.

    One number, so that strategies with one objective, such as `Reinforce`, can trade the loss for
    the cost. Source: Tan et al., "MnasNet: Platform-aware neural architecture search for mobile",
    CVPR 2019, equations 2 and 3, where the factor divides a reward. With the published exponent of
    0.07, twice the cost counts like a loss that is 5 % larger.

    Parameters
    ----------
    cost : str, Objective or callable
        What to limit; see `swiftnas.objectives`.
    target : float
        The cost at which the loss counts as it is; > 0.
    exponent : float, default 0.07
        For costs above the target; ≥ 0.
    exponent_below : float, optional
        For costs below the target, the same by default; 0 rewards nothing below it.
    loss : str, Objective, callable or Soft, optional
        What to multiply, ≥ 0; the validation loss, or what the callable objective returns, by
        default. A `Soft` gives a product of several factors.

    Examples
    --------
    >>> import swiftnas as nas
    >>> soft = nas.objectives.Soft("size", target=10, exponent=1)
    >>> result = nas.search(
    ...     {"x": [1, 2, 3]},
    ...     objective=lambda a: {"value": 5 - a["x"], "size": 10 * a["x"]},
    ...     objectives=[soft],
    ...     trials=3,
    ...     seed=0,
    ... )
    >>> sorted(trial.value for trial in result.trials)
    [4.0, 6.0, 6.0]
    """

    cost: str | Objective | Callable[[Any], float]
    target: float
    exponent: float = 0.07
    exponent_below: float | None = None
    loss: Term | None = None

    def __post_init__(self) -> None:
        for name in ("target", "exponent", "exponent_below"):
            value = getattr(self, name)
            if name == "exponent_below" and value is None:
                continue
            number = real_number(value, name)
            least = "> 0" if name == "target" else "≥ 0"
            if not 0 <= number < float("inf") or (name == "target" and number == 0):
                raise ValueError(f"{name} must be a finite number {least}, got {value!r}")

    def combined(self, loss: float, cost: float) -> float:
        """The product for a loss and a cost."""
        if loss < 0 or cost < 0:
            raise ValueError(f"loss and cost of Soft must be ≥ 0, got {loss} and {cost}")
        below = self.exponent if self.exponent_below is None else self.exponent_below
        exponent = self.exponent if cost > self.target else below
        return float(loss * (cost / self.target) ** exponent)


#: What `objectives=` may list.
Term: TypeAlias = str | Objective | Soft | Callable[[Any], float]


def measure(given: Any) -> Objective:
    """A number that is named, or a function, as an `Objective`."""
    if isinstance(given, Objective):
        return given
    if isinstance(given, str):
        return Objective(given)
    if callable(given) and not isinstance(given, type):
        return Objective(getattr(given, "__name__", type(given).__name__), given)
    raise TypeError(
        f"objectives must hold names, functions, Objective or Soft objects, got {given!r}"
    )
