"""The base of all strategy classes, and how a class is made from the engine's description.

A strategy object in Python is only a name and options, checked by the engine when it is made; the
strategy itself starts when a search does. The classes stand in `swiftnas.strategies`.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from typing import Any, ClassVar

import numpy as np

from swiftnas import _native

#: What the engine calls the types of options, and what Python calls them.
_TYPE_NAMES = {"boolean": "bool", "integer": "int", "real": "float", "choice": "str"}

#: Columns of a docstring, as it stands in a class of `strategies.pyi`.
_DOCSTRING_WIDTH = 92


class Strategy:
    """What to try next: the common base of `RandomSearch`, `Evolution` and every other strategy.

    Strategies with the same class and options are equal; they do not change and may be used for
    any number of searches.
    """

    #: What the engine says about the strategy: name, summary and options.
    _description: ClassVar[dict[str, Any]]
    _options: dict[str, Any]

    def __init__(self, **options: Any) -> None:
        cls = type(self)
        if cls is Strategy:
            raise TypeError("Strategy is abstract; use one of the classes in swiftnas.strategies")
        values = {option["name"]: option["default"] for option in cls._description["options"]}
        for name, value in options.items():
            if name not in values:
                known = ", ".join(values) or "none"
                raise TypeError(f"{cls.__name__} has no option {name!r}; it has: {known}")
            values[name] = value.item() if isinstance(value, np.generic) else value
        object.__setattr__(self, "_options", values)
        # The engine has the rules; any space will do for asking it.
        self._start(_native.Space([("any", "categorical", (0, 1), ())], ()), seed=0)

    @property
    def options(self) -> dict[str, Any]:
        """All options by name, also those left at their defaults."""
        return dict(self._options)

    def _start(self, space: _native.Space, seed: int, objectives: int = 1) -> _native.Strategy:
        """The engine's strategy for a search."""
        # None is the default of an option that is off, and no value of any.
        defaults = {option["name"]: option["default"] for option in self._description["options"]}
        given = {
            name: value
            for name, value in self._options.items()
            if value is not None or defaults[name] is not None
        }
        return _native.Strategy(type(self).__name__, space, given, seed, objectives)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change; make another one")

    def __repr__(self) -> str:
        changed = (
            f"{option['name']}={self._options[option['name']]!r}"
            for option in self._description["options"]
            if self._options[option["name"]] != option["default"]
        )
        return f"{type(self).__name__}({', '.join(changed)})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Strategy):
            return NotImplemented
        return type(self) is type(other) and self._options == other._options

    def __hash__(self) -> int:
        return hash((type(self).__name__, *self._options.values()))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._options)


def _restored(cls: type[Strategy], options: dict[str, Any]) -> Strategy:
    """An unpickled strategy."""
    return cls(**options)


def checked_strategy(strategy: Any) -> Strategy:
    """A strategy itself, or the one of a name."""
    if isinstance(strategy, Strategy):
        return strategy
    if isinstance(strategy, str):
        return named(strategy)
    if isinstance(strategy, type) and issubclass(strategy, Strategy):
        raise TypeError(f"strategy must be an object, got a class; write {strategy.__name__}()")
    raise TypeError(
        "strategy must be a Strategy such as swiftnas.TPE(), or the name of one such as 'TPE', "
        f"got {strategy!r}"
    )


def named(name: str) -> Strategy:
    """The strategy of a name, with its defaults; capitals, hyphens and underscores do not count."""
    from swiftnas import strategies

    classes = {_plain(known): getattr(strategies, known) for known in strategies.__all__}
    if _plain(name) not in classes:
        allowed = ", ".join(map(repr, strategies.__all__))
        raise ValueError(f"strategy must be a Strategy or one of {allowed}, got {name!r}")
    strategy: Strategy = classes[_plain(name)]()
    return strategy


def _plain(name: str) -> str:
    return re.sub(r"[-_\s]", "", name).lower()


def strategy_class(description: dict[str, Any], module: str) -> type[Strategy]:
    """The class of a strategy that the engine describes, as if it were written in `module`."""
    options = description["options"]
    members: dict[str, Any] = {
        "__doc__": docstring(description),
        "__module__": module,
        "__signature__": inspect.Signature(
            [
                inspect.Parameter(
                    option["name"], inspect.Parameter.KEYWORD_ONLY, default=option["default"]
                )
                for option in options
            ]
        ),
        "_description": description,
    }
    for option in options:
        members[option["name"]] = _option_property(option)
    return type(description["name"], (Strategy,), members)


def _option_property(option: dict[str, Any]) -> property:
    """The read-only attribute for an option."""
    name = option["name"]
    return property(lambda strategy: strategy._options[name], doc=option["summary"])


def type_name(option: dict[str, Any]) -> str:
    """The Python type of an option as it stands in an annotation."""
    name = _TYPE_NAMES[option["kind"]]
    return f"{name} | None" if option["default"] is None else name


def docstring(description: dict[str, Any]) -> str:
    """The NumPy-style docstring of a strategy."""
    name = description["name"]
    lines = [*textwrap.wrap(description["summary"], _DOCSTRING_WIDTH), ""]
    lines += ["Parameters", "----------"]
    for option in description["options"]:
        lines.append(f"{option['name']} : {type_name(option)}, default {option['default']!r}")
        text = option["summary"]
        if option["kind"] != "boolean":
            text = f"{text.removesuffix('.')}; {option['requirement']}."
        lines += textwrap.wrap(
            text, _DOCSTRING_WIDTH, initial_indent="    ", subsequent_indent="    "
        )
    lines += ["", "Examples", "--------", ">>> import swiftnas as nas"]
    lines += [
        f">>> strategy = nas.{name}()",
        f">>> nas.{name}(**strategy.options) == strategy",
        "True",
    ]
    return "\n".join(lines) + "\n"
