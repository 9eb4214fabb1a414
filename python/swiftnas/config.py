"""What this installation is made of: the first thing to put into a bug report."""

from __future__ import annotations

import platform
from typing import Any, Literal, overload

import numpy as np

import swiftnas
from swiftnas import _native


@overload
def show_config(mode: Literal["stdout"] = "stdout") -> None: ...
@overload
def show_config(mode: Literal["dicts"]) -> dict[str, Any]: ...
def show_config(mode: str = "stdout") -> dict[str, Any] | None:
    """Print version, compiler, instruction set and threads.

    Parameters
    ----------
    mode : {"stdout", "dicts"}
        Print, or return the same as a dictionary, as in `numpy.show_config`.

    Examples
    --------
    >>> import swiftnas as nas
    >>> sorted(nas.show_config(mode="dicts"))
    ['compiler', 'instruction_set', 'numpy', 'platform', 'python', 'threads', 'version']
    """
    if mode not in ("stdout", "dicts"):
        raise ValueError(f"mode must be 'stdout' or 'dicts', got {mode!r}")
    facts = {
        "version": swiftnas.__version__,
        **_native.build_info(),
        "numpy": np.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
    }
    if mode == "dicts":
        return facts
    for name, value in facts.items():
        print(f"{name + ':':<17}{value}")
    return None
