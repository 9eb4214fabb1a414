"""Model files: an ``.npz`` archive with the weights and a description in JSON, never any code."""

from __future__ import annotations

import json
import math
import os
import secrets
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import swiftnas
from swiftnas._json import json_data
from swiftnas.model import restored
from swiftnas.standardization import NAMES, Standardization

if TYPE_CHECKING:
    from swiftnas.model import Model

#: What the file says it is, and the version of its layout: raised when old readers would be wrong.
#: Models of regression by the mean squared error without standardisation are still written as 1.
FORMAT = "swiftnas model"
VERSION = 2

_DESCRIPTION = "description"
_LOSSES = "training_losses"
_WEIGHT = "weight/"
_CLASSES = "classes"
_STANDARDIZATION = "standardization/"


def write(model: Model, path: str | os.PathLike[str]) -> None:
    """Write `model` to `path`, so that the file is either complete or not there."""
    facts = model.facts()
    # Kept as an array: JSON has no infinity.
    losses = np.array(facts.pop("training_losses"), np.float64)
    own: dict[str, np.ndarray] = {}
    if (classes := facts.pop("classes")) is not None:
        own[_CLASSES] = classes
    if (standardization := facts.pop("standardization")) is not None:
        for name in NAMES:
            if (array := getattr(standardization, name)) is not None:
                own[_STANDARDIZATION + name] = array
    version = VERSION
    if not own and facts["loss"] == "mse":
        version = 1
        del facts["loss"], facts["validation_accuracy"]
    description = {"format": FORMAT, "version": version, "swiftnas": swiftnas.__version__}
    text = json.dumps(description | json_data(facts), allow_nan=False)
    arrays: dict[str, Any] = {_DESCRIPTION: np.array(text), _LOSSES: losses} | own
    arrays |= {_WEIGHT + name: array for name, array in model.weights.items()}
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            np.savez(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def read(path: str | os.PathLike[str]) -> Model:
    """The model in a file; errors as `swiftnas.load` says."""
    path = os.fspath(path)
    try:
        # Opened here, as NumPy leaves a file open that it cannot read.
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return _model(archive)
    except (FileNotFoundError, IsADirectoryError, PermissionError):
        raise
    except _NewerError as error:
        raise ValueError(f"{path!r} {error}") from None
    except (
        *(ValueError, TypeError, KeyError, AttributeError, EOFError, OSError),
        *(zipfile.BadZipFile, zlib.error, NotImplementedError),
    ) as error:
        raise ValueError(f"{path!r} must be an intact swiftnas model file: {error}") from error


class _NewerError(Exception):
    """The file is of a version that this one does not know."""


def _model(archive: Any) -> Model:
    """The model in an open archive; raises errors of many types if it is none."""
    facts = json.loads(archive[_DESCRIPTION].item())
    if facts.pop("format") != FORMAT:
        raise ValueError("it says that it is something else")
    version = facts.pop("version")
    if version > VERSION:
        raise _NewerError(
            f"was written by swiftnas {facts['swiftnas']} in version {version} of the format; "
            f"swiftnas {swiftnas.__version__} reads up to {VERSION}"
        )
    del facts["swiftnas"]
    facts["architecture"] = {
        # JSON has no tuples.
        name: tuple(value) if isinstance(value, list) else value
        for name, value in facts["architecture"].items()
    }
    facts["validation_losses"] = tuple(map(tuple, facts.get("validation_losses", ())))
    facts["training_losses"] = tuple(archive[_LOSSES].tolist())
    if facts["validation_loss"] is None:
        facts["validation_loss"] = math.inf
    if _CLASSES in archive.files:
        facts["classes"] = archive[_CLASSES]
    scaling = {
        name: archive[_STANDARDIZATION + name]
        for name in NAMES
        if _STANDARDIZATION + name in archive.files
    }
    if scaling:
        facts["standardization"] = Standardization(**scaling)
    weights = [archive[name] for name in archive.files if name.startswith(_WEIGHT)]
    return restored(facts, weights)
