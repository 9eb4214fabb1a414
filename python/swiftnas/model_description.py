"""The description in a model file: what a model knows of itself, to JSON's types and back."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas._arguments import generator, whole_number
from swiftnas._json import json_data, with_tuples
from swiftnas.architecture import plain_architecture
from swiftnas.labels import classifies

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas.model import Model

#: Numbers that JSON does not know, as they stand in the file.
_NOT_FINITE = ("inf", "-inf", "nan")

_STATUSES = ("ok", "diverged", "stopped")

#: Names of the types that labels may have besides strings.
_LABEL_TYPES = frozenset(np.dtype(code).name for code in "?bBhHiIlLqQefdg")


def written_facts(model: Model) -> dict[str, Any]:
    """All attributes of a model but for standardisation and weights, as they stand in the file."""
    facts = model.facts()
    del facts["standardization"]
    facts["architecture"] = json_data(plain_architecture(model.architecture))
    facts["classes"] = _written_classes(model.classes)
    for name in ("validation_loss", "wall_seconds"):
        facts[name] = _written_number(facts[name])
    facts["training_losses"] = [_written_number(loss) for loss in model.training_losses]
    facts["validation_losses"] = [
        [epoch, _written_number(loss)] for epoch, loss in model.validation_losses
    ]
    return facts


def read_facts(description: Mapping[str, Any]) -> dict[str, Any]:
    """The model's facts as `Model.facts` has them but for the standardisation, all checked."""
    if set(description) != set(_FIELDS):
        odd = min(set(description) ^ set(_FIELDS))
        verb = "must not" if odd in description else "must"
        raise ValueError(f"its description {verb} have the field {odd!r}")
    facts = {name: as_read(description[name], name) for name, as_read in _FIELDS.items()}
    classes = facts["classes"]
    if classifies(facts["loss"]) != (classes is not None):
        raise ValueError(f"classes do not go with the loss {facts['loss']!r}")
    outputs = 1 if facts["flat_targets"] else facts["output_width"]
    if classes is not None and facts["loss"] != "binary_cross_entropy":
        outputs = len(classes)
    elif classes is not None and len(classes) != 2:
        raise ValueError(f"classes must be two with this loss, got {len(classes)}")
    if facts["output_width"] != outputs:
        raise ValueError(f"output_width must be {outputs}, got {facts['output_width']}")
    return facts


def _written_number(value: float) -> float | str:
    return float(value) if math.isfinite(value) else str(float(value))


def _read_number(value: Any, name: str) -> float:
    if isinstance(value, str) and value in _NOT_FINITE:
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{name} must be a number or one of {_NOT_FINITE}, got {value!r:.40}")
    return float(value)


def _written_classes(classes: npt.NDArray[Any] | None) -> dict[str, Any] | None:
    """Type and labels; labels that are floating-point numbers are whole, and exact as integers."""
    if classes is None:
        return None
    if classes.dtype.kind == "U":
        return {"dtype": "str", "labels": classes.tolist()}
    if classes.dtype.name not in _LABEL_TYPES:
        raise TypeError(
            f"classes must be strings, whole numbers or booleans, got dtype {classes.dtype}"
        )
    labels = [int(label) for label in classes] if classes.dtype.kind == "f" else classes.tolist()
    return {"dtype": classes.dtype.name, "labels": labels}


def _read_classes(value: Any, name: str) -> npt.NDArray[Any] | None:
    if value is None:
        return None
    if not isinstance(value, dict) or set(value) != {"dtype", "labels"}:
        raise TypeError(f"{name} must have dtype and labels, got {value!r:.40}")
    dtype, labels = value["dtype"], value["labels"]
    if not isinstance(labels, list) or len(labels) < 2:
        raise TypeError(f"{name} must be a list of two labels or more, got {labels!r:.40}")
    if dtype == "str":
        if not all(isinstance(label, str) for label in labels):
            raise TypeError(f"{name} must be strings, got {labels!r:.40}")
        classes = np.array(labels)
    else:
        if not isinstance(dtype, str) or dtype not in _LABEL_TYPES:
            raise ValueError(f"{name} must have the dtype of labels, got {dtype!r:.40}")
        if not all(isinstance(label, int) for label in labels):
            raise TypeError(f"{name} must be whole numbers, got {labels!r:.40}")
        classes = np.array(labels, dtype)
    if classes.tolist() != labels or not (classes[1:] > classes[:-1]).all():
        raise ValueError(f"{name} must be sorted labels of {dtype}, got {labels!r:.40}")
    return classes


def _read_architecture(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{name} must be an object, got {value!r:.40}")
    return with_tuples(value)


def _read_losses(value: Any, name: str) -> tuple[float, ...]:
    if not isinstance(value, list):
        raise TypeError(f"{name} must be a list, got {value!r:.40}")
    return tuple(_read_number(item, name) for item in value)


def _read_validations(value: Any, name: str) -> tuple[tuple[int, float], ...]:
    if not isinstance(value, list) or not all(
        isinstance(item, list) and len(item) == 2 for item in value
    ):
        raise TypeError(f"{name} must be a list of pairs, got {value!r:.40}")
    return tuple(
        (whole_number(epoch, name, minimum=1), _read_number(loss, name)) for epoch, loss in value
    )


def _read_accuracy(value: Any, name: str) -> float | None:
    if value is None:
        return None
    number = _read_number(value, name)
    if not 0 <= number <= 1:
        raise ValueError(f"{name} must be in [0, 1], got {number}")
    return number


def _whole(minimum: int, maximum: int = 2**63 - 1) -> Callable[[Any, str], int]:
    def as_read(value: Any, name: str) -> int:
        return whole_number(value, name, minimum=minimum, maximum=maximum)

    return as_read


def _read_truth(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be true or false, got {value!r:.40}")
    return value


def _read_rng(value: Any, name: str) -> str:
    generator(value)
    return str(value)


def _read_status(value: Any, name: str) -> str:
    if value not in _STATUSES:
        raise ValueError(f"{name} must be one of {_STATUSES}, got {value!r:.40}")
    return str(value)


def _read_loss(value: Any, name: str) -> str:
    classifies(value)
    return str(value)


def refused(constant: str) -> Any:
    """For Python's reader of JSON, which would take NaN and infinities."""
    raise ValueError(f"JSON has no {constant}")


#: How each field of the description becomes a fact of the model.
_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "architecture": _read_architecture,
    "input_width": _whole(1),
    "output_width": _whole(1),
    "flat_targets": _read_truth,
    "epochs": _whole(1),
    "seed": _whole(0),
    "rng": _read_rng,
    "status": _read_status,
    "training_losses": _read_losses,
    "validation_loss": _read_number,
    "parameters": _whole(1),
    "flops": _whole(0),
    "wall_seconds": _read_number,
    "validation_losses": _read_validations,
    "loss": _read_loss,
    "classes": _read_classes,
    "validation_accuracy": _read_accuracy,
}
