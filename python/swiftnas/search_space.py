"""Search spaces: every architecture that a search may try."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, overload

from swiftnas import _native
from swiftnas._arguments import seed_or_fresh, whole_number
from swiftnas.parameters import Categorical, Parameter

#: A point of a search space: a value for each of its parameters.
Architecture: TypeAlias = dict[str, Any]


class SearchSpace(Mapping[str, Parameter]):
    """Every combination of the choices of its parameters.

    A space is a mapping of names to parameters, in the order given, and does not change.

    Parameters
    ----------
    parameters : mapping of str to sequence or Parameter
        A list of choices, or a `Categorical`, `Integer` or `Float`, for each name. Architectures
        hold the choices as they were given: ``1`` stays an ``int``, ``np.float64(0.1)`` comes back
        as that object.

    See Also
    --------
    architecture_keys : the names that a `Task` understands.

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
    """

    def __init__(self, parameters: Mapping[str, Sequence[Any] | Parameter]) -> None:
        if not isinstance(parameters, Mapping):
            raise TypeError(
                f"search_space must be a dict of names to choices, got {type(parameters).__name__}"
            )
        self._parameters = {name: _parameter(name, value) for name, value in parameters.items()}
        self._native = _native.Space(
            [parameter._native(name) for name, parameter in self._parameters.items()]
        )

    @classmethod
    def of(cls, space: SearchSpace | Mapping[str, Any]) -> SearchSpace:
        """`space` itself, or the space of a plain dictionary."""
        return space if isinstance(space, cls) else cls(space)

    def __getitem__(self, name: str) -> Parameter:
        return self._parameters[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._parameters)

    def __len__(self) -> int:
        return len(self._parameters)

    def __repr__(self) -> str:
        # Lists of choices, as they were most probably written.
        items = {
            name: list(parameter.choices) if isinstance(parameter, Categorical) else parameter
            for name, parameter in self._parameters.items()
        }
        return f"SearchSpace({items})"

    # Order counts: strategies go through the parameters in it.
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SearchSpace):
            return NotImplemented
        return list(self._parameters.items()) == list(other._parameters.items())

    def __hash__(self) -> int:
        return hash(tuple(self._parameters.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return SearchSpace, (self._parameters,)

    @property
    def size(self) -> int | None:
        """The number of architectures, None if a parameter is a range of reals.

        Examples
        --------
        >>> import swiftnas as nas
        >>> nas.SearchSpace({"depth": [1, 2, 3], "width": nas.Integer(1, 10)}).size
        30
        """
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
            if name not in architecture:
                raise ValueError(f"architecture must have the key {name!r}")
            value = architecture[name]
            if not parameter.contains(value):
                allowed = (
                    f"one of {list(parameter.choices)}"
                    if isinstance(parameter, Categorical)
                    else f"in {parameter}"
                )
                raise ValueError(f"architecture[{name!r}] must be {allowed}, got {value!r}")
        for name in architecture:
            if name not in self._parameters:
                raise ValueError(f"architecture has the key {name!r}, the space has not")

    def _decode(self, architecture: Mapping[str, Any]) -> Architecture:
        """The engine's architecture with the user's own choices."""
        return {
            name: parameter._decode(architecture[name])
            for name, parameter in self._parameters.items()
        }


def _parameter(name: object, value: Any) -> Parameter:
    """A parameter from what stands behind `name` in a dictionary."""
    if not isinstance(name, str):
        raise TypeError(f"search_space must have strings as names, got {name!r}")
    if isinstance(value, Parameter):
        return value
    try:
        return Categorical(value)
    except (TypeError, ValueError) as error:
        # The same error, with the place where it stands.
        message = str(error).removeprefix("choices ")
        raise type(error)(f"search_space[{name!r}] {message}") from None
