"""Model files: weights and a description in JSON, in the safetensors format; never any code.

`docs/model-file.md` says what each field means and when the version is raised.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

import swiftnas
from swiftnas import _native
from swiftnas._arguments import whole_number
from swiftnas.architecture import weight_shapes
from swiftnas.model import restored
from swiftnas.model_description import read_facts, refused, written_facts
from swiftnas.standardization import NAMES, Standardization
from swiftnas.whole_file import write_whole

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas.model import Model

#: What the file says it is, and the version of its layout: raised when old readers would be wrong.
FORMAT = "swiftnas model"
VERSION = 1

#: The key of the description in the file's ``__metadata__``.
KEY = "swiftnas"

#: What the checksum is taken with in its place.
_NO_CHECKSUM = "0" * 64

#: The longest header that safetensors reads, in bytes.
_LONGEST_HEADER = 100_000_000


def write(model: Model, path: str | os.PathLike[str]) -> None:
    """Write `model` to `path`, so that the file is either complete or not there."""
    tensors = dict(model.weights)
    if model.standardization is not None:
        arrays = {name: getattr(model.standardization, name) for name in NAMES}
        tensors |= {name: array for name, array in arrays.items() if array is not None}
    head = {"format": FORMAT, "version": VERSION, "sha256": _NO_CHECKSUM}
    text = json.dumps(
        head | {"swiftnas": swiftnas.__version__} | written_facts(model), allow_nan=False
    )
    text = text.replace(_NO_CHECKSUM, _checksum(text, tensors), 1)
    content = save(tensors, metadata={KEY: text})
    if int.from_bytes(content[:8], "little") > _LONGEST_HEADER:
        raise ValueError(
            f"a model file holds about 4 million losses, got {len(model.training_losses):,} of "
            f"training and {len(model.validation_losses):,} of validation"
        )
    write_whole(path, content)


def read(path: str | os.PathLike[str]) -> Model:
    """The model in a file; errors as `swiftnas.load` says."""
    path = os.fsdecode(path)
    # The system's own errors: not there, a folder, not allowed.
    with Path(path).open("rb"):
        pass
    try:
        with safe_open(path, framework="numpy") as file:
            return _model(file)
    except _NewerError as error:
        raise ValueError(f"{path!r} {_line(error)}") from None
    except (SafetensorError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise ValueError(
            f"{path!r} must be an intact swiftnas model file: {_line(error)}"
        ) from error


def _line(error: Exception) -> str:
    """What an error says, in one line, whatever stands in the file."""
    return " ".join(str(error).split())[:300]


class _NewerError(Exception):
    """The file is of a version that this one does not know."""


def _model(file: Any) -> Model:
    """The model in an open file; nothing of it is trusted."""
    text = (file.metadata() or {}).get(KEY)
    if text is None:
        raise ValueError("its weights are of something else")
    description = json.loads(text, parse_constant=refused)
    if not isinstance(description, dict) or description.get("format") != FORMAT:
        raise ValueError("it says that it is something else")
    version = whole_number(description.pop("version", None), "version", minimum=1)
    if version > VERSION:
        raise _NewerError(
            f"was written by swiftnas {description.get('swiftnas')!s:.40} in version {version:.0f} "
            f"of the format; swiftnas {swiftnas.__version__} reads up to {VERSION}"
        )
    checksum = description.pop("sha256", None)
    del description["format"]
    description.pop("swiftnas", None)
    facts = read_facts(description)
    shapes = _shapes(facts)
    scaling = {name for name in NAMES if name in set(file.keys())}
    if scaling:
        shapes |= _scaling_shapes(facts, scaling)
    tensors = _tensors(file, shapes)
    plain = text.replace(checksum, _NO_CHECKSUM, 1) if isinstance(checksum, str) else text
    if checksum != _checksum(plain, tensors):
        raise ValueError("its contents do not have the checksum that it gives")
    facts["standardization"] = None
    if scaling:
        facts["standardization"] = _standardization({name: tensors.pop(name) for name in scaling})
    return restored(facts, list(tensors.values()))


def _checksum(text: str, tensors: Mapping[str, npt.NDArray[np.float32]]) -> str:
    """SHA-256 over the description without checksum and all tensors by name, in hexadecimal."""
    digest = hashlib.sha256(text.encode())
    for name in sorted(tensors):
        # The file is little-endian on every machine.
        digest.update(tensors[name].astype("<f4", copy=False).data)
    return digest.hexdigest()


def _shapes(facts: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """The shapes of the weights, if the engine takes the architecture."""
    arguments = (facts["architecture"], facts["input_width"], facts["output_width"])
    try:
        described = _native.describe(*arguments, 1)
    except MemoryError as error:
        raise ValueError(str(error)) from None
    if facts["parameters"] != described["parameters"]:
        raise ValueError(f"parameters must be {described['parameters']}, got {facts['parameters']}")
    return weight_shapes(*arguments)


def _scaling_shapes(facts: Mapping[str, Any], names: set[str]) -> dict[str, tuple[int, ...]]:
    """The shapes of the standardisation's arrays: both of the inputs, both or none of targets."""
    expected = set(NAMES) if facts["classes"] is None and "target_mean" in names else set(NAMES[:2])
    if names != expected:
        raise ValueError(f"it must have the tensors {sorted(expected)}, got {sorted(names)}")
    widths = {"input": facts["input_width"], "target": facts["output_width"]}
    return {name: (widths[name.partition("_")[0]],) for name in NAMES if name in names}


def _tensors(
    file: Any, shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, npt.NDArray[np.float32]]:
    """All tensors in the order of `shapes`; nothing is read before all names and shapes are right.

    So a file never takes more memory than its own length.
    """
    names = set(file.keys())
    if names != set(shapes):
        odd = min(names ^ set(shapes))
        raise ValueError(f"it {'must not' if odd in names else 'must'} have the tensor {odd!r}")
    for name, shape in shapes.items():
        view = file.get_slice(name)
        found = (tuple(view.get_shape()), view.get_dtype())
        if found != (shape, "F32"):
            raise ValueError(
                f"tensor {name!r} must be {shape} of F32, got {found[0]} of {found[1]}"
            )
    return {name: file.get_tensor(name) for name in shapes}


def _standardization(arrays: Mapping[str, npt.NDArray[np.float32]]) -> Standardization:
    for name, array in arrays.items():
        if not np.isfinite(array).all() or (name.endswith("scale") and not (array > 0).all()):
            raise ValueError(f"tensor {name!r} must be finite, and above 0 if it is a scale")
    return Standardization(**arrays)
