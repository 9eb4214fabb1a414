"""Search spaces: every architecture that a search may try."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, overload

from swiftnas import _native
from swiftnas._arguments import seed_or_fresh, whole_number
from swiftnas.conditional import Conditional, parameter_from_data, values_of
from swiftnas.parameters import Categorical, Parameter, inferred

if TYPE_CHECKING:
    import os

#: A point of a search space: a value for each of its parameters.
Architecture: TypeAlias = dict[str, Any]


class SearchSpace(Mapping[str, Parameter]):
    """Every combination of the choices of its parameters, except for those that are forbidden.

    A space is a mapping of names to parameters, in the order given, and does not change. Its
    architectures have no key for a parameter whose conditions do not hold (see `Parameter.when`).

    Parameters
    ----------
    parameters : mapping of str to sequence or Parameter
        A list of choices, or a `Categorical`, `Ordinal`, `Integer` or `Float`, for each name.
        Architectures hold the choices as they were given: ``1`` stays an ``int``,
        ``np.float64(0.1)`` comes back as that object. A list of one choice is a fixed value.
    forbidden : sequence of mapping, optional
        Combinations to leave out: for each, the values (a list, a range, or a single value) that
        certain parameters must not have together.

    See Also
    --------
    architecture_keys : the names that a `Task` understands.
    swiftnas.spaces : ready-made spaces.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = nas.SearchSpace({
    ...     "num_hidden_layers": [1, 2, 3],
    ...     "hidden_layer_size": [32, 64],
    ...     "learning_rate": nas.Float(1e-4, 1e-1, log=True),
    ... })
    >>> list(space)
    ['num_hidden_layers', 'hidden_layer_size', 'learning_rate']
    >>> space["hidden_layer_size"].choices
    (32, 64)
    >>> sorted(space.sample(seed=0)) == sorted(space)
    True
    >>> nas.SearchSpace({"a": [1, 2], "b": [1, 2]}, forbidden=[{"a": 1, "b": 1}]).size
    3
    """

    def __init__(
        self,
        parameters: Mapping[str, Sequence[Any] | Parameter],
        forbidden: Iterable[Mapping[str, Any]] = (),
    ) -> None:
        self._build(parameters, forbidden, "parameters")

    def _build(self, parameters: Any, forbidden: Any, argument: str) -> None:
        """Make the space; errors call `parameters` what the caller's argument is called."""
        if not isinstance(parameters, Mapping):
            raise TypeError(
                f"{argument} must be a dict of names to choices, got {type(parameters).__name__}"
            )
        self._parameters = {
            name: _parameter(name, value, argument) for name, value in parameters.items()
        }
        self.forbidden = _clauses(forbidden)
        native = [
            (
                name,
                *parameter._native(),
                self._conditions(parameter.conditions, f"{argument}[{name!r}]"),
            )
            for name, parameter in self._parameters.items()
        ]
        clauses = [self._conditions(clause, "forbidden") for clause in self.forbidden]
        try:
            self._native = _native.Space(native, clauses)
        except (TypeError, ValueError) as error:
            # The engine knows one name only.
            raise type(error)(str(error).replace("search_space", argument)) from None

    def _conditions(
        self, conditions: Mapping[str, Parameter], owner: str
    ) -> list[tuple[str, str, tuple[Any, ...]]]:
        """Conditions as the engine takes them."""
        result = []
        for name, values in conditions.items():
            if name not in self._parameters:
                raise ValueError(f"{owner} must name {self._names}, got {name!r}")
            try:
                result.append((name, *self._parameters[name]._part(values)))
            except ValueError as error:
                raise ValueError(f"{owner}: the values of {name!r} {error}") from None
        return result

    @property
    def _names(self) -> str:
        """What may be named, for errors."""
        return f"parameters of the space ({', '.join(map(repr, self._parameters))})"

    @classmethod
    def of(cls, space: SearchSpace | Mapping[str, Any], argument: str = "space") -> SearchSpace:
        """`space` itself, or the space of a plain dictionary; errors call it `argument`."""
        if isinstance(space, cls):
            return space
        made = cls.__new__(cls)
        made._build(space, (), argument)
        return made

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __repr__(self) -> str:
        # Lists of choices, as they were most probably written.
        items = {
            name: list(parameter.choices)
            if isinstance(parameter, Categorical) and inferred(parameter.choices) == parameter
            else parameter
            for name, parameter in self._parameters.items()
        }
        if not self.forbidden:
            return f"SearchSpace({items})"
        clauses = [
            {
                name: list(values.choices) if isinstance(values, Categorical) else values
                for name, values in clause.items()
            }
            for clause in self.forbidden
        ]
        return f"SearchSpace({items}, forbidden={clauses})"

    def _repr_html_(self) -> str:
        from swiftnas.report.tables import space_html

        return space_html(self)

    # Order counts: strategies go through the parameters in it.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SearchSpace):
            return NotImplemented
        return (
            list(self._parameters.items()) == list(other._parameters.items())
            and self.forbidden == other.forbidden
        )

    def __hash__(self) -> int:
        return hash(tuple(self._parameters.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return SearchSpace, (self._parameters, self.forbidden)

    @property
    def size(self) -> int | None:
        """The number of architectures.

        None if a parameter is a range of reals, or if conditions and forbidden combinations depend
        on more than 65,536 combinations of values.

        Examples
        --------
        >>> import swiftnas as nas
        >>> nas.SearchSpace({"depth": [1, 2, 3], "width": nas.Integer(1, 10)}).size
        30
        """
        if self.forbidden or any(parameter.conditions for parameter in self.values()):
            return self._native.size
        sizes = [parameter.size for parameter in self._parameters.values()]
        return None if None in sizes else math.prod(size for size in sizes if size is not None)

    @overload
    def sample(self, seed: int | None = None) -> Architecture: ...
    @overload
    def sample(self, seed: int | None = None, *, count: int) -> list[Architecture]: ...
    def sample(
        self, seed: int | None = None, *, count: int | None = None
    ) -> Architecture | list[Architecture]:
        """Draw each parameter independently.

        Parameters
        ----------
        seed : int, optional
            The same seed gives the same draw; None draws a fresh one.
        count : int, optional
            How many architectures to draw, as a list; without it, one is drawn.

        Examples
        --------
        >>> import swiftnas as nas
        >>> nas.SearchSpace({"depth": [3]}).sample(seed=0)
        {'depth': 3}
        """
        number = 1 if count is None else whole_number(count, "count", minimum=1)
        drawn = self._native.sample(seed_or_fresh(seed), number)
        architectures = [self._decode(architecture) for architecture in drawn]
        return architectures[0] if count is None else architectures

    def validate(self, architecture: Mapping[str, Any]) -> None:
        """Raise an error that names the first key which is missing, unknown or not a choice.

        Examples
        --------
        >>> import swiftnas as nas
        >>> nas.SearchSpace({"depth": [1, 2]}).validate({"depth": 3})
        Traceback (most recent call last):
            ...
        ValueError: architecture['depth'] must be one of [1, 2], got 3
        """
        if not isinstance(architecture, Mapping):
            raise TypeError(f"architecture must be a dict, got {type(architecture).__name__}")
        for name, parameter in self._parameters.items():
            if not _hold(parameter.conditions, architecture):
                if name in architecture:
                    raise ValueError(
                        f"architecture must not have the key {name!r}, as its conditions "
                        f"({', '.join(parameter.conditions)}) do not hold"
                    )
                continue
            if name not in architecture:
                raise ValueError(f"architecture must have the key {name!r}")
            value = architecture[name]
            if not parameter.contains(value):
                plain = parameter.parameter if isinstance(parameter, Conditional) else parameter
                allowed = (
                    f"one of {list(plain.choices)}"
                    if isinstance(plain, Categorical)
                    else f"in {plain}"
                )
                raise ValueError(f"architecture[{name!r}] must be {allowed}, got {value!r}")
        for name in architecture:
            if name not in self._parameters:
                raise ValueError(f"architecture must have only {self._names}, got {name!r}")
        for clause in self.forbidden:
            if _hold(clause, architecture):
                raise ValueError(
                    f"architecture must not be forbidden, got {dict(architecture)}, "
                    f"which is what forbidden says of {', '.join(clause)}"
                )

    def contains(self, architecture: Mapping[str, Any]) -> bool:
        """Whether `architecture` is one of the space, so that `validate` accepts it.

        Examples
        --------
        >>> import swiftnas as nas
        >>> nas.SearchSpace({"depth": [1, 2]}).contains({"depth": 3})
        False
        """
        try:
            self.validate(architecture)
        except (TypeError, ValueError):
            return False
        return True

    def fix(self, **values: Any) -> SearchSpace:
        """The space with only one value left for some parameters.

        Examples
        --------
        >>> import swiftnas as nas
        >>> nas.SearchSpace({"depth": [1, 2, 3], "width": [8, 16]}).fix(width=16)
        SearchSpace({'depth': [1, 2, 3], 'width': [16]})
        """
        for name, value in values.items():
            if name not in self._parameters:
                raise ValueError(f"fix must name {self._names}, got {name!r}")
            if not self._parameters[name].contains(value):
                raise ValueError(f"{name} must be in {self._parameters[name]}, got {value!r}")
        parameters: dict[str, Parameter] = {}
        gone: set[str] = set()
        for name, parameter in self.items():
            rest = _remaining(parameter.conditions, values)
            # What asks for a parameter that is gone is gone too.
            if rest is None or gone & parameter.conditions.keys():
                gone.add(name)
                continue
            plain = parameter.parameter if isinstance(parameter, Conditional) else parameter
            if name in values:
                plain = Categorical([values[name]])
            parameters[name] = Conditional(plain, rest) if rest else plain
        clauses = (
            _remaining(clause, values) for clause in self.forbidden if not gone & clause.keys()
        )
        return SearchSpace(parameters, [clause for clause in clauses if clause is not None])

    def to_dict(self) -> dict[str, Any]:
        """The space as data of the types of JSON, if its choices are; see `from_dict`.

        Examples
        --------
        >>> import swiftnas as nas
        >>> nas.SearchSpace({"depth": [1, 2], "rate": nas.Float(0, 0.5)}).to_dict()["parameters"]
        {'depth': [1, 2], 'rate': {'type': 'float', 'low': 0.0, 'high': 0.5, 'log': False}}
        """
        return {
            "parameters": {name: parameter._data() for name, parameter in self.items()},
            "forbidden": [
                {name: values._data() for name, values in clause.items()}
                for clause in self.forbidden
            ],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SearchSpace:
        """The space that `to_dict` described; lists among the choices come back as tuples."""
        if not isinstance(data, Mapping) or not isinstance(data.get("parameters"), Mapping):
            raise ValueError(f"data must be a dict with the key 'parameters', got {data!r}")
        parameters = {
            name: parameter_from_data(value, name) for name, value in data["parameters"].items()
        }
        forbidden = [
            {name: parameter_from_data(values, name) for name, values in clause.items()}
            for clause in data.get("forbidden", [])
        ]
        return cls(parameters, forbidden)

    def to_json(self, path: str | os.PathLike[str] | None = None, *, indent: int | None = 2) -> str:
        """The space as JSON text, also written to `path` if given; see `from_json`.

        Raises
        ------
        TypeError
            If a choice is none of the types of JSON.
        """
        # Not needed for a search, so not loaded with the package.
        from swiftnas._json import json_text

        return json_text(self.to_dict(), path, indent=indent)

    @classmethod
    def from_json(cls, text: str) -> SearchSpace:
        """The space that `to_json` described.

        Examples
        --------
        >>> import swiftnas as nas
        >>> space = nas.SearchSpace({"depth": [1, 2], "width": nas.Integer(1, 9)})
        >>> nas.SearchSpace.from_json(space.to_json()) == space
        True
        """
        import json

        return cls.from_dict(json.loads(text))

    def _encode(self, architecture: Mapping[str, Any]) -> Architecture:
        """A valid architecture in the engine's values."""
        return {name: self._parameters[name]._encode(value) for name, value in architecture.items()}

    def _decode(self, architecture: Mapping[str, Any]) -> Architecture:
        """The engine's architecture with the user's own choices."""
        return {name: self._parameters[name]._decode(value) for name, value in architecture.items()}

    def _complete(self, values: Mapping[str, Any]) -> Architecture:
        """An architecture with these values where they are active, the first choices elsewhere."""
        architecture: Architecture = {}
        for name, parameter in self._parameters.items():
            if _hold(parameter.conditions, architecture):
                architecture[name] = values.get(name, parameter._representatives()[0])
        return architecture

    def _requirements(self, name: str) -> Architecture:
        """Values of other parameters with which the one called `name` is active."""
        required: Architecture = {}
        for other, values in self._parameters[name].conditions.items():
            required |= self._requirements(other)
            parameter = self._parameters[other]
            candidates = [*parameter._representatives(), *values._representatives()]
            required[other] = next(
                value
                for value in candidates
                if values.contains(value) and parameter.contains(value)
            )
        return required


def _hold(conditions: Mapping[str, Parameter], architecture: Mapping[str, Any]) -> bool:
    """Whether an architecture has all of these values."""
    return all(
        name in architecture and values.contains(architecture[name])
        for name, values in conditions.items()
    )


def _remaining(
    conditions: Mapping[str, Parameter], values: Mapping[str, Any]
) -> dict[str, Parameter] | None:
    """The conditions that fixed values leave open; None if they make one of them false."""
    if any(name in values and not part.contains(values[name]) for name, part in conditions.items()):
        return None
    return {name: part for name, part in conditions.items() if name not in values}


def _clauses(forbidden: Any) -> tuple[dict[str, Parameter], ...]:
    """The forbidden combinations with their values as parameters."""
    if isinstance(forbidden, Mapping | str) or not isinstance(forbidden, Iterable):
        raise TypeError(f"forbidden must be a list of dicts, got {forbidden!r}")
    clauses = []
    for clause in forbidden:
        if not isinstance(clause, Mapping):
            raise TypeError(f"forbidden must be a list of dicts, got {clause!r} in it")
        clauses.append({name: values_of(values, name) for name, values in clause.items()})
    return tuple(clauses)


def _parameter(name: object, value: Any, argument: str) -> Parameter:
    """A parameter from what stands behind `name` in the dictionary `argument`."""
    if not isinstance(name, str):
        raise TypeError(f"{argument} must have strings as names, got {name!r}")
    if isinstance(value, Parameter):
        return value
    try:
        return inferred(value)
    except (TypeError, ValueError) as error:
        # The same error, with the place where it stands.
        message = str(error).removeprefix("choices ")
        raise type(error)(f"{argument}[{name!r}] {message}") from None
