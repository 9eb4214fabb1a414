"""Parameters with conditions, and parameters as data of the types of JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from swiftnas.parameters import Categorical, Float, Integer, Ordinal, Parameter, inferred


class Conditional(Parameter):
    """A parameter that architectures have only where others have certain values; see `when`.

    Attributes
    ----------
    parameter : Parameter
        The choice, where there is one.
    conditions : mapping of str to Parameter
        The values that each of the others must have.
    """

    __slots__ = ("conditions", "parameter")

    def __init__(self, parameter: Parameter, conditions: Mapping[str, Any]) -> None:
        if not isinstance(parameter, Parameter):
            raise TypeError(f"parameter must be a swiftnas parameter, got {parameter!r}")
        if not conditions:
            raise TypeError("when must be given at least one condition, got none")
        self.parameter: Parameter = parameter
        if isinstance(parameter, Conditional):
            for name in conditions:
                if name in parameter.conditions:
                    raise ValueError(f"when must name each parameter once, got {name!r} twice")
            self.parameter = parameter.parameter
        self.conditions = MappingProxyType(
            {**parameter.conditions}
            | {name: values_of(value, name) for name, value in conditions.items()}
        )

    def __repr__(self) -> str:
        conditions = (f"{name}={_shown(values)}" for name, values in self.conditions.items())
        return f"{self.parameter!r}.when({', '.join(conditions)})"

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Conditional)
            and self.parameter == other.parameter
            and dict(self.conditions) == dict(other.conditions)
        )

    def __hash__(self) -> int:
        return hash((self.parameter, *self.conditions.items()))

    def __reduce__(self) -> tuple[Any, ...]:
        return Conditional, (self.parameter, dict(self.conditions))

    @property
    def size(self) -> int | None:
        """The number of choices where there is one, None for a range of reals."""
        return self.parameter.size

    def contains(self, value: Any) -> bool:
        """Whether `value` is one of the choices."""
        return self.parameter.contains(value)

    def _native(self) -> tuple[str, tuple[Any, ...]]:
        return self.parameter._native()

    def _part(self, values: Parameter) -> tuple[str, tuple[Any, ...]]:
        return self.parameter._part(values)

    def _encode(self, value: Any) -> Any:
        return self.parameter._encode(value)

    def _decode(self, value: Any) -> Any:
        return self.parameter._decode(value)

    def _representatives(self) -> Sequence[Any]:
        return self.parameter._representatives()

    def _data(self) -> Any:
        data = self.parameter._data()
        if not isinstance(data, dict):
            data = {"type": type(self.parameter).__name__.lower(), "choices": data}
        return data | {"when": {name: values._data() for name, values in self.conditions.items()}}


def values_of(value: Any, name: str) -> Parameter:
    """The values that a condition on `name` allows, from a list, a range or a single value."""
    if isinstance(value, Conditional):
        raise TypeError(f"the condition on {name!r} must not have conditions itself, got {value!r}")
    if isinstance(value, Parameter):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | tuple):
        return Categorical(value)
    return Categorical(value if isinstance(value, np.ndarray) else [value])


def _shown(values: Parameter) -> str:
    return repr(list(values.choices)) if type(values) is Categorical else repr(values)


def parameter_from_data(data: Any, name: str) -> Parameter:
    """The parameter that `Parameter._data` described; lists inside choices become tuples."""
    if isinstance(data, list):
        return inferred(_tuples(data))
    if not isinstance(data, dict):
        raise TypeError(f"parameters[{name!r}] must be a list or a dict, got {data!r}")
    fields = dict(data)
    kind, conditions = fields.pop("type", None), fields.pop("when", None)
    kinds: dict[Any, type[Parameter]] = {
        "categorical": Categorical,
        "ordinal": Ordinal,
        "integer": Integer,
        "float": Float,
    }
    if kind not in kinds:
        raise ValueError(f"parameters[{name!r}] must have a type of {list(kinds)}, got {kind!r}")
    if isinstance(fields.get("choices"), list):
        fields["choices"] = _tuples(fields["choices"])
    try:
        parameter = kinds[kind](**fields)
    except TypeError as error:
        raise ValueError(f"parameters[{name!r}] must describe a parameter: {error}") from None
    if conditions is None:
        return parameter
    if not isinstance(conditions, dict):
        raise TypeError(f"parameters[{name!r}]['when'] must be a dict, got {conditions!r}")
    return parameter.when(
        **{
            other: Categorical(_tuples(values))
            if isinstance(values, list)
            else parameter_from_data(values, other)
            for other, values in conditions.items()
        }
    )


def _tuples(items: list[Any]) -> list[Any]:
    """The items with lists among them as tuples."""
    return [tuple(_tuples(item)) if isinstance(item, list) else item for item in items]
