"""What a task can train: the keys of its architectures, their cost, and whole spaces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from swiftnas import _native
from swiftnas.parameters import NotPlainError, plain
from swiftnas.task import Task, checked_task

if TYPE_CHECKING:
    from swiftnas.search_space import Architecture, SearchSpace

#: Keys whose value may be a list with one entry per hidden layer, and which may stand with the
#: number of a layer, counted from 1, behind them.
LAYER_KEYS = ("hidden_layer_size", "activation_function", "dropout_rate", "skip_connection")


def architecture_keys() -> dict[str, str]:
    """The keys that the architectures of a `Task` may have, with what each of them takes.

    ``hidden_layer_size``, ``activation_function``, ``dropout_rate`` and ``skip_connection`` take
    one value for all hidden layers or a list with one for each. With the number of a layer behind
    them, counted from 1, as in ``hidden_layer_size_2``, they are about that layer alone and go
    before the common value.

    ``skip_connection`` adds a layer's input to its output, behind activation and dropout. Where the
    widths differ, the input goes through a linear projection without bias (He et al., "Deep
    Residual Learning for Image Recognition", CVPR 2016, option B).

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.architecture_keys()["dropout_rate"]
    'in [0, 1), default 0.0'
    """
    return {
        key["name"]: key["requirement"]
        + (", required" if key["required"] else f", default {key['default']!r}")
        for key in _native.architecture_keys()
    }


@dataclass(frozen=True, slots=True)
class HiddenLayer:
    """Width, activation and dropout rate of one hidden layer, and whether its input is added."""

    width: int
    activation: str
    dropout: float
    skip: bool


def settings(architecture: Mapping[str, Any]) -> Architecture:
    """All keys of an architecture that the engine has accepted, with its defaults filled in."""
    defaults = {key["name"]: key["default"] for key in _native.architecture_keys()}
    return defaults | plain_architecture(architecture)


def hidden_layers(architecture: Mapping[str, Any]) -> list[HiddenLayer]:
    """The hidden layers that an architecture describes, first to last."""
    values = settings(architecture)
    depth = int(values["num_hidden_layers"])
    columns = []
    for key in LAYER_KEYS:
        value = values[key]
        column = list(value) if isinstance(value, tuple) else [value] * depth
        columns.append([values.get(f"{key}_{k}", common) for k, common in enumerate(column, 1)])
    return [
        HiddenLayer(width=int(width), activation=activation, dropout=float(dropout), skip=skip)
        for width, activation, dropout, skip in zip(*columns, strict=True)
    ]


def weight_shapes(
    architecture: Mapping[str, Any], input_width: int, output_width: int
) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the weights, as in the `state_dict` of ``Model.to_torch()``.

    The `nn.Sequential` counts three modules per hidden layer: linear, activation, dropout. A layer
    with a skip connection is one module, whose parts are called ``linear`` and, where the widths
    differ, ``projection``.
    """
    shapes: dict[str, tuple[int, ...]] = {}
    module, width = 0, input_width
    for layer in hidden_layers(architecture):
        linear = f"{module}.linear" if layer.skip else f"{module}"
        shapes[f"{linear}.weight"] = (layer.width, width)
        shapes[f"{linear}.bias"] = (layer.width,)
        if layer.skip and layer.width != width:
            shapes[f"{module}.projection.weight"] = (layer.width, width)
        module, width = module + (1 if layer.skip else 3), layer.width
    shapes[f"{module}.weight"] = (output_width, width)
    shapes[f"{module}.bias"] = (output_width,)
    return shapes


def plain_architecture(architecture: Mapping[str, Any]) -> Architecture:
    """`architecture` in the engine's types; the engine itself checks keys and values."""
    if not isinstance(architecture, Mapping):
        raise TypeError(f"architecture must be a dict, got {type(architecture).__name__}")
    result = {}
    for name, value in architecture.items():
        if not isinstance(name, str):
            raise TypeError(f"architecture must have strings as keys, got {name!r}")
        try:
            result[name] = plain(value)
        except NotPlainError as error:
            raise TypeError(
                f"architecture[{name!r}] must be a number of at most 64 bits "
                f"or a name such as 'ReLU', {error}"
            ) from None
    return result


class Cost(NamedTuple):
    """What the engine says about an architecture.

    Attributes
    ----------
    parameters : int
        Trainable numbers.
    flops : int
        Floating-point operations of one row's forward pass; multiply and add count as two.
    bytes : int
        Memory that its training takes, the data not counted.
    memory : int
        Memory that this process may use.
    """

    parameters: int
    flops: int
    bytes: int
    memory: int


def cost(architecture: Mapping[str, Any], task: Task) -> Cost:
    """What training an architecture costs; an error if the task cannot train it.

    Examples
    --------
    >>> import swiftnas as nas
    >>> task = nas.Task([[0.0], [1.0]], [0.0, 1.0], [[0.5]], [0.5])
    >>> cost = nas.cost({"num_hidden_layers": 1, "hidden_layer_size": 8}, task)
    >>> cost.parameters, cost.flops
    (25, 49)
    >>> 0 < cost.bytes < cost.memory
    True
    """
    checked_task(task)
    facts = _native.describe(
        plain_architecture(architecture), task.input_width, task.output_width, task.rows
    )
    return Cost(**facts)


def check_space(space: SearchSpace, task: Task, workers: int) -> None:
    """Raise an error unless `task` can train every architecture of `space`, `workers` at once."""
    costs = (cost(probe, task) for probe in _distinct(_probes(space)))
    largest = max(costs, key=lambda cost: cost.bytes)
    needed = workers * largest.bytes
    if needed > largest.memory:
        raise MemoryError(
            f"the largest architecture of the space ({largest.parameters:,} parameters) takes "
            f"{needed / 2**30:,.1f} GiB to train with workers={workers}, "
            f"this machine has {largest.memory / 2**30:,.1f} GiB"
        )


def _distinct(probes: Iterable[Architecture]) -> Iterator[Architecture]:
    """Those that hold other objects than all before; equal ones may be of other types."""
    seen: dict[tuple[tuple[str, int], ...], Architecture] = {}
    for probe in probes:
        key = tuple((name, id(value)) for name, value in probe.items())
        if key not in seen:
            # An object that is kept does not lose its id to another.
            seen[key] = probe
            yield probe


def _probes(space: SearchSpace) -> Iterator[Architecture]:
    """Architectures that together show every choice, then the largest ones."""
    choices = {name: parameter._representatives() for name, parameter in space.items()}
    # Lists with one value per layer must have the length that every depth asks for.
    has_lists = any(
        isinstance(value, list | tuple) for values in choices.values() for value in values
    )
    for fixed in _each("num_hidden_layers", choices) if has_lists else [{}]:
        for name, values in choices.items():
            required = space._requirements(name)
            for value in values:
                yield space._complete(fixed | required | {name: value})
    # Every choice has passed by here, so sizes are numbers or lists of them.
    largest, projecting = {}, {}
    for name, values in choices.items():
        if name in ("num_hidden_layers", "batch_size") or name.startswith(
            ("hidden_layer_size", "skip_connection")
        ):
            sizes = sorted(values, key=_total)
            largest[name] = sizes[-1]
            # A projection stands where widths differ, so every other layer has the second width.
            is_even = (
                name.startswith("hidden_layer_size_") and int(name.rpartition("_")[2]) % 2 == 0
            )
            projecting[name] = sizes[-2] if is_even and len(sizes) > 1 else sizes[-1]
    for optimizer in _each("optimizer", choices):
        yield space._complete(largest | optimizer)
        yield space._complete(projecting | optimizer)


def _total(size: Any) -> Any:
    """The sum of a list with one size per layer; a size itself."""
    return sum(size) if hasattr(size, "__len__") else size


def _each(name: str, choices: Mapping[str, Sequence[Any]]) -> list[Architecture]:
    """What `name` contributes to an architecture, for each choice; nothing, once, without it."""
    return [{name: choice} for choice in choices[name]] if name in choices else [{}]
