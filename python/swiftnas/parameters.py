"""The typed parameters of a search space: `Categorical`, `Ordinal`, `Integer` and `Float`.

The engine works on plain data (None, booleans, 64-bit integers, reals, text, and tuples of these).
A parameter translates: what users get back is the very object that they gave as a choice.
"""

from __future__ import annotations

import itertools
import math
import operator
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas._arguments import real_number, whole_number

if TYPE_CHECKING:
    from swiftnas.conditional import Conditional

#: Integer ranges reach at most this far from zero, as reals hold all integers up to here.
_LARGEST_INTEGER = 2**53 - 1


#: What needs no look at its value; subclasses of these do.
_PLAIN_TYPES = (float, str, bool, type(None))


class NotPlainError(TypeError):
    """The value is none of the engine's types."""


def plain(value: Any) -> Any:
    """`value` in the engine's types, lists as tuples; `NotPlainError` for any other object."""
    if type(value) in _PLAIN_TYPES:
        return value
    if isinstance(value, np.generic):
        value = value.item()
        if type(value) in _PLAIN_TYPES:
            return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        # An `IntEnum` is more than its number.
        return operator.index(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    raise NotPlainError(f"got {value!r}")


class Parameter(ABC):
    """One choice to be made: the common base of `Categorical`, `Ordinal`, `Integer` and `Float`."""

    __slots__ = ()

    #: What else must be chosen for there to be this choice; by name, empty for most.
    conditions: Mapping[str, Parameter] = MappingProxyType({})

    @property
    @abstractmethod
    def size(self) -> int | None:
        """The number of choices, None for a range of reals."""

    @abstractmethod
    def contains(self, value: Any) -> bool:
        """Whether `value` is one of the choices."""

    def when(self, **conditions: Any) -> Conditional:
        """The same parameter, but only where others have certain values.

        Parameters
        ----------
        **conditions
            For each other parameter, which stands before this one in the space, the values that it
            must have: a list, a range as `Integer` or `Float`, or a single value. All must hold.

        Examples
        --------
        >>> import swiftnas as nas
        >>> space = nas.SearchSpace({
        ...     "optimizer": ["Adam", "SGD"],
        ...     "momentum": nas.Float(0.5, 0.99).when(optimizer="SGD"),
        ... })
        >>> sorted({tuple(a) for a in space.sample(seed=0, count=20)})
        [('optimizer',), ('optimizer', 'momentum')]
        """
        # That module builds on this one.
        from swiftnas.conditional import Conditional

        return Conditional(self, conditions)

    @abstractmethod
    def _native(self) -> tuple[str, tuple[Any, ...]]:
        """Kind and domain as the engine takes them."""

    @abstractmethod
    def _part(self, values: Parameter) -> tuple[str, tuple[Any, ...]]:
        """Kind and domain of the choices that are in `values` too; an error if there are none."""

    @abstractmethod
    def _encode(self, value: Any) -> Any:
        """The engine's value of one of the user's choices."""

    @abstractmethod
    def _decode(self, value: Any) -> Any:
        """The user's choice behind a value that came from the engine."""

    @abstractmethod
    def _representatives(self) -> Sequence[Any]:
        """Values that stand for all choices in a check: every choice, or some of a range."""

    @abstractmethod
    def _data(self) -> Any:
        """The parameter as data of the types of JSON, see `parameter_from_data`."""


class Categorical(Parameter):
    """One of several choices.

    Parameters
    ----------
    choices : sequence
        Any objects, all different; architectures hold these very objects. A task needs numbers and
        names, or, for what may differ from layer to layer, tuples of them; the architectures of a
        callable objective may hold anything.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.Categorical(["ReLU", "Tanh"])
    Categorical(['ReLU', 'Tanh'])
    >>> nas.Categorical([32, 64]).contains(48)
    False
    """

    __slots__ = ("_codes", "_places", "choices")

    choices: tuple[Any, ...]
    #: What the engine gets instead of each choice.
    _codes: tuple[Any, ...]
    #: Where each code stands; None if the choices are objects that the engine does not know.
    _places: dict[Any, int] | None

    def __init__(self, choices: Sequence[Any] | np.ndarray) -> None:
        is_vector = isinstance(choices, np.ndarray) and choices.ndim == 1
        is_sequence = isinstance(choices, Sequence) and not isinstance(choices, str | bytes)
        if not (is_vector or is_sequence):
            is_single = isinstance(choices, str | bytes) or not hasattr(choices, "__len__")
            hint = f"; for a fixed value write [{choices!r}]" if is_single else ""
            raise TypeError(f"choices must be a list, got {choices!r}{hint}")
        self.choices = tuple(choices)
        if not self.choices:
            raise ValueError("choices must hold at least one choice, got none")
        try:
            self._codes = tuple(plain(choice) for choice in self.choices)
            self._places = {code: index for index, code in enumerate(self._codes)}
        except NotPlainError:
            self._codes = tuple(f"choice {index}" for index in range(len(self.choices)))
            self._places = None
        for index, choice in enumerate(self.choices):
            if isinstance(choice, float | np.floating) and math.isnan(choice):
                raise ValueError("choices must not hold NaN, which equals nothing")
            for earlier in self.choices[: index if self._repeats else 0]:
                if _same(choice, earlier):
                    raise ValueError(
                        f"choices must be different, got {earlier!r} and {choice!r}"
                        if repr(earlier) != repr(choice)
                        else f"choices must be different, got {choice!r} twice"
                    )

    @property
    def _repeats(self) -> bool:
        """Whether a choice may stand twice, so that all pairs are worth comparing."""
        return self._places is None or len(self._places) < len(self._codes)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({list(self.choices)!r})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.choices == other.choices

    def __hash__(self) -> int:
        return hash(self._codes)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.choices,)

    @property
    def size(self) -> int:
        """The number of choices."""
        return len(self.choices)

    def contains(self, value: Any) -> bool:
        """Whether `value` equals one of the choices."""
        return any(_same(value, choice) for choice in self.choices)

    def _native(self) -> tuple[str, tuple[Any, ...]]:
        return type(self).__name__.lower(), self._codes

    def _part(self, values: Parameter) -> tuple[str, tuple[Any, ...]]:
        codes = [code for code, choice in self._coded() if values.contains(choice)]
        if not codes or (isinstance(values, Categorical) and len(codes) < len(values.choices)):
            raise ValueError(f"must be among {list(self.choices)}, got {values}")
        return "categorical", tuple(codes)

    def _coded(self) -> zip[tuple[Any, Any]]:
        return zip(self._codes, self.choices, strict=True)

    def _encode(self, value: Any) -> Any:
        return next(code for code, choice in self._coded() if _same(value, choice))

    def _decode(self, value: Any) -> Any:
        if self._places is None:
            return self.choices[self._codes.index(value)]
        return self.choices[self._places[value]]

    def _representatives(self) -> Sequence[Any]:
        return self.choices

    def _data(self) -> Any:
        if inferred(self.choices) == self:
            return list(self.choices)
        return {"type": type(self).__name__.lower(), "choices": list(self.choices)}


class Ordinal(Categorical):
    """One of several choices that stand in an order that means something, such as widths.

    A plain list of numbers that rise or fall is taken for one, any other list for a `Categorical`.

    Parameters
    ----------
    choices : sequence
        See `Categorical`.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.Ordinal(["small", "medium", "large"]).size
    3
    >>> nas.SearchSpace({"width": [16, 32, 64]})["width"]
    Ordinal([16, 32, 64])
    """

    __slots__ = ()


def inferred(choices: Sequence[Any] | np.ndarray) -> Categorical:
    """The parameter that a plain list of choices means."""
    parameter = Categorical(choices)
    numbers = [code for code in parameter._codes if type(code) in (int, float)]
    if 1 < len(numbers) == len(parameter.choices):
        pairs = list(itertools.pairwise(numbers))
        if all(a < b for a, b in pairs) or all(a > b for a, b in pairs):
            return Ordinal(parameter.choices)
    return parameter


@dataclass(frozen=True, slots=True)
class Integer(Parameter):
    """An integer of a range.

    Parameters
    ----------
    low, high : int
        The ends of the range, both included; within ±2⁵³.
    log : bool, default False
        Draw evenly on a logarithmic scale; needs ``low`` > 0.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.Integer(16, 512, log=True).size
    497
    """

    low: int
    high: int
    log: bool = False

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            number = whole_number(
                getattr(self, name), name, minimum=-_LARGEST_INTEGER, maximum=_LARGEST_INTEGER
            )
            object.__setattr__(self, name, number)
        _check_range(self)

    @property
    def size(self) -> int:
        """The number of integers in the range."""
        return self.high - self.low + 1

    def contains(self, value: Any) -> bool:
        """Whether `value` is an integer of the range."""
        return (
            isinstance(value, int | np.integer)
            and not isinstance(value, bool)
            and self.low <= int(value) <= self.high
        )

    def _native(self) -> tuple[str, tuple[Any, ...]]:
        return "integer", (self.low, self.high, self.log)

    def _part(self, values: Parameter) -> tuple[str, tuple[Any, ...]]:
        if isinstance(values, Integer) and self.contains(values.low) and self.contains(values.high):
            return values._native()
        if isinstance(values, Categorical) and all(map(self.contains, values.choices)):
            return "categorical", tuple(int(choice) for choice in values.choices)
        raise ValueError(f"must be within {self}, got {values}")

    def _encode(self, value: Any) -> Any:
        return int(value)

    def _decode(self, value: Any) -> Any:
        return value

    def _representatives(self) -> Sequence[Any]:
        return (self.low,) if self.low == self.high else (self.low, self.high)

    def _data(self) -> Any:
        return {"type": "integer", "low": self.low, "high": self.high, "log": self.log}


@dataclass(frozen=True, slots=True)
class Float(Parameter):
    """A real number of a range.

    Parameters
    ----------
    low, high : float
        The finite ends of the range, both included.
    log : bool, default False
        Draw evenly on a logarithmic scale; needs ``low`` > 0.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.Float(1e-4, 1e-1, log=True).contains(0.01)
    True
    """

    low: float
    high: float
    log: bool = False

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            number = real_number(getattr(self, name), name)
            if not math.isfinite(number):
                raise ValueError(f"{name} must be finite, got {number}")
            object.__setattr__(self, name, number)
        _check_range(self)

    @property
    def size(self) -> int | None:
        """None, or 1 if both ends are the same."""
        return 1 if self.low == self.high else None

    def contains(self, value: Any) -> bool:
        """Whether `value` is a real number of the range."""
        return (
            isinstance(value, int | float | np.integer | np.floating)
            and not isinstance(value, bool)
            and self.low <= float(value) <= self.high
        )

    def _native(self) -> tuple[str, tuple[Any, ...]]:
        return "real", (self.low, self.high, self.log)

    def _part(self, values: Parameter) -> tuple[str, tuple[Any, ...]]:
        if isinstance(values, Integer | Float):
            if self.contains(values.low) and self.contains(values.high):
                return "real", (float(values.low), float(values.high), False)
        elif isinstance(values, Categorical) and all(map(self.contains, values.choices)):
            return "categorical", tuple(float(choice) for choice in values.choices)
        raise ValueError(f"must be within {self}, got {values}")

    def _encode(self, value: Any) -> Any:
        return float(value)

    def _decode(self, value: Any) -> Any:
        return value

    def _representatives(self) -> Sequence[Any]:
        # The one between is no whole number, even if the ends are.
        return (self.low, self.low + (self.high - self.low) * 0.381966, self.high)

    def _data(self) -> Any:
        return {"type": "float", "low": self.low, "high": self.high, "log": self.log}


def _check_range(parameter: Integer | Float) -> None:
    """Raise an error if the range is empty or cannot be drawn on its scale."""
    low, high, log = parameter.low, parameter.high, parameter.log
    if not isinstance(log, bool | np.bool_):
        raise TypeError(f"log must be a boolean, got {log!r}")
    object.__setattr__(parameter, "log", bool(log))
    if low > high:
        raise ValueError(f"low must be ≤ high, got {low} and {high}")
    if log and low <= 0:
        raise ValueError(f"low must be > 0 on a logarithmic scale, got {low}")


def _same(first: Any, second: Any) -> bool:
    """Whether two choices are one object or equal; arrays are only equal to themselves."""
    if first is second:
        return True
    if isinstance(first, np.ndarray) or isinstance(second, np.ndarray):
        return False
    equal = first == second
    return isinstance(equal, bool | np.bool_) and bool(equal)
