"""What a task can train: the keys of its architectures, their cost, and the check of a whole space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swiftnas import _native
from swiftnas.parameters import NotPlainError, plain

if TYPE_CHECKING:
    from swiftnas.spaces import Architecture, SearchSpace
    from swiftnas.task import Task

#: Keys on which the memory of a training depends; the first decides how long layer lists must be.
_SIZE_KEYS = ("num_hidden_layers", "hidden_layer_size", "optimizer")


def architecture_keys() -> dict[str, str]:
    """The keys that the architectures of a `Task` may have, with what each of them takes.

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
                f"architecture[{name!r}] must be a number or a name such as 'ReLU', {error}"
            ) from None
    return result


def describe(architecture: Mapping[str, Any], task: Task) -> dict[str, int]:
    """The cost of training an architecture: parameters, flops, and bytes of memory.

    Raises an error for an architecture that the task cannot train.
    """
    return _native.describe(
        plain_architecture(architecture), task.input_width, task.output_width, task.rows
    )


def check_space(space: SearchSpace, task: Task, workers: int) -> None:
    """Raise an error unless `task` can train every architecture of `space`, `workers` at once."""
    largest = max((describe(probe, task) for probe in _probes(space)), key=lambda cost: cost["bytes"])
    needed = workers * largest["bytes"]
    if needed > largest["memory"]:
        raise MemoryError(
            f"the largest architecture of the space with {largest['parameters']:,} parameters takes "
            f"{needed / 2**30:,.1f} GiB to train with workers={workers}, this machine has "
            f"{largest['memory'] / 2**30:,.1f} GiB"
        )


def _probes(space: SearchSpace) -> Iterator[Architecture]:
    """Architectures that together show every choice, then the largest of each optimizer."""
    choices = {name: parameter._representatives() for name, parameter in space.items()}
    base = {name: values[0] for name, values in choices.items()}
    depths = choices.get("num_hidden_layers", [None])
    if not any(isinstance(value, list | tuple) for values in choices.values() for value in values):
        # Only lists with one value per layer depend on the depth.
        depths = depths[:1]
    for depth in depths:
        if depth is not None:
            base["num_hidden_layers"] = depth
        for name, values in choices.items():
            for value in values if name != "num_hidden_layers" else values[:0] or depths:
                yield {**base, name: value}
