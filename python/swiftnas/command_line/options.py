"""Options as texts, and what they mean: strategies, spaces, constraints, shares of rows."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from swiftnas.command_line.errors import CommandError, because, mistakes_in, one_of

if TYPE_CHECKING:
    from swiftnas.search_space import SearchSpace
    from swiftnas.strategy import Strategy

#: Kebab case: a capital behind a small letter begins a word, and so does the last one of several.
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_CONSTRAINT = re.compile(r"\s*(\w+)\s*(<=|>=)\s*(\S+)\s*")


def strategy_names() -> list[str]:
    """The names of strategies as options take them, such as ``regularized-evolution``."""
    from swiftnas import strategies

    return [_WORD.sub("-", name).lower() for name in strategies.__all__]


def strategy_of(name: str) -> Strategy:
    """The strategy of a name; capitals, hyphens and underscores do not count."""
    from swiftnas.strategy import named

    try:
        return named(name)
    except ValueError as error:
        raise CommandError(one_of(name, strategy_names(), "--strategy")) from error


def ready_made_spaces() -> dict[str, Callable[[], SearchSpace]]:
    """The functions of `swiftnas.spaces` by name."""
    from swiftnas import spaces

    return {
        name: function
        for name, function in inspect.getmembers(spaces, inspect.isfunction)
        if function.__module__ == spaces.__name__ and not name.startswith("_")
    }


def space_of(given: str) -> SearchSpace:
    """A ready-made space by name, or one from a JSON file.

    The file is what `SearchSpace.to_json` writes, or an object of names and choices.
    """
    from swiftnas.search_space import SearchSpace

    known = ready_made_spaces()
    name = given.replace("-", "_")
    if name in known:
        return known[name]()
    path = Path(given)
    if path.suffix != ".json" and not path.exists():
        raise CommandError(f"{one_of(given, known, '--space')}; or a JSON file")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CommandError(f"--space: {path} cannot be read: {because(error)}") from error
    except (ValueError, RecursionError) as error:
        raise CommandError(f"--space: {path} must be an intact JSON file: {error}") from error
    with mistakes_in(f"--space: {path}"):
        if isinstance(data, dict) and "parameters" not in data:
            data = {"parameters": data}
        return SearchSpace.from_dict(data)


def constraints_of(given: list[str]) -> dict[str, float]:
    """Limits by name, from texts such as ``parameters<=10000``."""
    from swiftnas.objectives import MAXIMISED, NAMES

    limits: dict[str, float] = {}
    for text in given:
        match = _CONSTRAINT.fullmatch(text)
        if match is None:
            raise CommandError(f"--constraint must be like 'parameters<=10000', got {text!r}")
        name, sign, number = match.groups()
        if name not in NAMES:
            raise CommandError(one_of(name, NAMES, "--constraint"))
        if sign != (needed := ">=" if name in MAXIMISED else "<="):
            raise CommandError(f"--constraint on {name} must have {needed}, got {text!r}")
        if name in limits:
            raise CommandError(f"--constraint must limit {name} once, got {text!r} too")
        try:
            limits[name] = float(number.replace("_", ""))
        except ValueError:
            raise CommandError(f"--constraint must end in a number, got {text!r}") from None
    return limits


def objectives_of(given: list[str]) -> list[str] | None:
    """Names of objectives; None for the loss alone."""
    from swiftnas.objectives import NAMES

    for name in given:
        if name not in NAMES:
            raise CommandError(one_of(name, NAMES, "--objective"))
    return given or None


def share_of(given: str) -> float:
    """Rows to validate on: a share such as 0.2, or a whole number of them."""
    try:
        return int(given) if given.isdecimal() else float(given)
    except ValueError:
        raise CommandError(
            f"--validation must be a share such as 0.2 or a number of rows, got {given!r}"
        ) from None
