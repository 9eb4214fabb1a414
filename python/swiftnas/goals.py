"""The goals of a search: objectives and constraints, and what they make of an evaluation."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any

from swiftnas._arguments import real_number
from swiftnas.architecture import cost
from swiftnas.evaluation import Evaluator, Outcome
from swiftnas.objectives import MAXIMISED, NAMES, OUTCOMES, SCORES, Objective, Soft, measure
from swiftnas.validation_scores import ValidationScores, check_score

if TYPE_CHECKING:
    from swiftnas.ask_tell import Proposal
    from swiftnas.search_space import Architecture
    from swiftnas.task import Task

#: The names that `architecture.cost` knows, and what it calls them.
_COSTS = {"parameters": "parameters", "flops": "flops", "memory": "bytes"}


class Goals:
    """Objectives and constraints of one search, checked.

    Parameters
    ----------
    objectives : iterable or None
        See `swiftnas.objectives`; None is the loss alone.
    constraints : mapping or None
        Limits by name or `Objective`.
    task : Task or None
        None if a callable objective is searched.
    """

    def __init__(
        self,
        objectives: Iterable[Any] | None,
        constraints: Mapping[Any, float] | None,
        task: Task | None,
    ) -> None:
        self._task = task
        #: The name of the loss, where nobody gives it another one.
        self._loss = "value" if task is None else "validation_loss"
        self._measures: dict[str, Objective] = {}
        given = [self._loss] if objectives is None else objectives
        if isinstance(given, str | Mapping) or not isinstance(given, Iterable):
            raise TypeError(f"objectives must be a list, got {objectives!r}")
        self._terms = [self._term(item) for item in given]
        if not self._terms:
            raise ValueError("objectives must hold at least one objective, got none")
        self._limits = [self._limit(*item) for item in _items(constraints)]
        if task is None and not self.returned:
            raise ValueError("objectives must name a number that objective returns, got none")
        limited = {name for name, _ in self._limits}
        self._before = [m for m in self._measures.values() if m.name in limited and self._early(m)]
        early = {m.name for m in self._before}
        self._after = [m for m in self._measures.values() if m.name not in early]

    @property
    def names(self) -> tuple[str, ...]:
        """What each of the values is called."""
        return tuple(
            f"soft({term[2].name})" if isinstance(term, tuple) else term.name
            for term in self._terms
        )

    @property
    def maximized(self) -> tuple[str, ...]:
        """The names of those of the objectives that are to be maximised."""
        return tuple(
            term.name for term in self._terms if isinstance(term, Objective) and term.maximize
        )

    @property
    def returned(self) -> tuple[str, ...]:
        """The numbers that a callable objective must return: objectives first, in their order."""
        return tuple(m.name for m in self._measures.values() if m.function is None)

    @property
    def sign(self) -> float:
        """−1 if the first objective is to be maximised, else 1."""
        first = self._terms[0]
        return first.sign if isinstance(first, Objective) else 1.0

    @property
    def has_functions(self) -> bool:
        """Whether functions of the user are called."""
        return any(m.function is not None for m in self._measures.values())

    @property
    def scores(self) -> ValidationScores | None:
        """What the evaluator must tell of each training beyond its figures; None for nothing."""
        names = [m.name for m in self._measures.values() if m.function is None and m.name in SCORES]
        return ValidationScores(names, self._task) if self._task is not None and names else None

    def evaluate(
        self, evaluator: Evaluator, proposal: Proposal, architecture: Architecture, threads: int
    ) -> Outcome:
        """Evaluate what may be allowed; the outcome of anything else is ``"infeasible"``."""
        start = time.perf_counter()
        measures: dict[str, float] = {}
        for item in self._before:
            measures[item.name] = self._measured(item, proposal, architecture, None)
        if (violation := self._violation(measures)) > 0:
            values = tuple(self._value(term, measures) for term in self._terms)
            return Outcome(
                value=values[0],
                values=values,
                status="infeasible",
                violation=violation,
                measures=measures,
                wall_seconds=time.perf_counter() - start,
            )
        outcome = evaluator.evaluate(proposal, architecture, threads)
        if outcome.status != "diverged":
            for item in self._after:
                measures[item.name] = self._measured(item, proposal, architecture, outcome)
        return self._judged(outcome, measures)

    def _judged(self, outcome: Outcome, measures: dict[str, float]) -> Outcome:
        """The outcome with values, violation and the status that they mean."""
        status, violation = outcome.status, 0.0
        values = tuple(self._value(term, measures) for term in self._terms)
        if status == "diverged" or not all(map(math.isfinite, [*values, *measures.values()])):
            status, values = "diverged", (math.inf,) * len(self._terms)
        elif (violation := self._violation(measures)) > 0:
            status = "infeasible"
        return replace(
            outcome,
            value=values[0],
            values=values,
            status=status,
            violation=violation,
            measures=measures,
        )

    def _measured(
        self,
        item: Objective,
        proposal: Proposal,
        architecture: Architecture,
        outcome: Outcome | None,
    ) -> float:
        """One measure of an architecture, or of the outcome of its evaluation."""
        if item.function is not None:
            # A copy, as the function may change it.
            subject = outcome if item.of == "outcome" else dict(proposal.architecture)
            return real_number(item.function(subject), f"the value of {item.name}")
        if self._task is not None and item.name in _COSTS:
            return float(getattr(cost(architecture, self._task), _COSTS[item.name]))
        if self._task is not None and item.name == "latency":
            # Not needed for most searches, so not loaded with them.
            latency = import_module("swiftnas.latency").measure_latency
            return float(latency(architecture, self._task))
        if outcome is None or item.name == "validation_loss":
            return math.inf if outcome is None else outcome.value
        if self._task is not None and item.name in SCORES:
            return outcome.measures.get(item.name, -math.inf)
        return outcome.measures[item.name]

    def _value(self, term: _Term, measures: Mapping[str, float]) -> float:
        """One of the values, to be minimised; infinite if something for it is not known."""
        if isinstance(term, Objective):
            return term.sign * measures[term.name] if term.name in measures else math.inf
        soft, loss, size = term
        numbers = self._value(loss, measures), self._value(size, measures)
        return soft.combined(*numbers) if all(map(math.isfinite, numbers)) else math.inf

    def _violation(self, measures: Mapping[str, float]) -> float:
        """The sum of what exceeds each limit, as a share of the limit."""
        total = 0.0
        for name, limit in self._limits:
            sign = self._measures[name].sign
            excess = sign * (measures.get(name, sign * -math.inf) - limit)
            if excess > 0:
                total += excess / abs(limit) if limit else excess
        return total if math.isfinite(total) else _LARGEST_VIOLATION

    def _early(self, item: Objective) -> bool:
        """Whether a measure is known before an evaluation."""
        if item.function is not None:
            return item.of == "architecture"
        return self._task is not None and item.name not in OUTCOMES

    def _term(self, given: Any) -> _Term:
        """One of the objectives, with what it is made of."""
        if not isinstance(given, Soft):
            return self._added(self._measure(given))
        loss = self._term(self._loss if given.loss is None else given.loss)
        return given, loss, self._added(self._measure(given.cost))

    def _limit(self, given: Any, limit: Any) -> tuple[str, float]:
        """A constraint: the name of what is limited, and the limit."""
        item = self._measures.get(given) if isinstance(given, str) else None
        item = self._added(self._measure(given) if item is None else item)
        number = real_number(limit, f"constraints[{item.name!r}]")
        if not math.isfinite(number):
            raise ValueError(f"constraints[{item.name!r}] must be finite, got {limit!r}")
        return item.name, number

    def _measure(self, given: Any) -> Objective:
        """A number that is named, or a function, as the task knows it."""
        item = measure(given)
        is_own = self._task is not None and isinstance(given, str)
        return replace(item, maximize=True) if is_own and given in MAXIMISED else item

    def _added(self, item: Objective) -> Objective:
        """The measure itself, now among all measures."""
        known = self._measures.setdefault(item.name, item)
        if known != item:
            raise ValueError(f"objectives must have different names, got {item.name!r} twice")
        if self._task is not None and item.function is None and item.name not in NAMES:
            allowed = ", ".join(map(repr, NAMES))
            raise ValueError(
                f"objectives and constraints must be among {allowed}, or have a function, "
                f"got {item.name!r}"
            )
        if self._task is not None and item.function is None:
            if item.name in SCORES:
                check_score(item.name, self._task)
            if item.name in MAXIMISED and not item.maximize:
                raise ValueError(f"{item.name!r} must be maximised, got maximize=False")
        return item


#: An objective, or a soft constraint with its loss and its cost.
_Term = Objective | tuple[Soft, Any, Objective]

#: How far from allowed an architecture is of which a cost is infinite.
_LARGEST_VIOLATION = 1e300


def _items(constraints: Mapping[Any, float] | None) -> Iterable[tuple[Any, float]]:
    if constraints is None:
        return ()
    if not isinstance(constraints, Mapping):
        raise TypeError(f"constraints must be a dict of names to limits, got {constraints!r}")
    return constraints.items()
