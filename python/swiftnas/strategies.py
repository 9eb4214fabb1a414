"""The search strategies: one class for each that the engine has.

The classes are made from the engine's own description, so a new strategy appears here by itself.
Editors and type checkers read `strategies.pyi`, which ``make stubs`` writes from the same source.
"""

from swiftnas import _native
from swiftnas.strategy import strategy_class as _strategy_class

__all__ = sorted(description["name"] for description in _native.strategies())

globals().update(
    {
        description["name"]: _strategy_class(description, __name__)
        for description in _native.strategies()
    }
)
