"""Writes `strategies.pyi`, in which editors and type checkers see the engine's strategies.

python Tests/python/write_stubs.py
"""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import swiftnas
from swiftnas import _native
from swiftnas.strategy import docstring, type_name

TARGET = Path(swiftnas.__file__).with_name("strategies.pyi")

HEADER = '''\
"""Written by `make stubs` from the engine's own description of its strategies; do not edit."""

from swiftnas.strategy import Strategy

'''


def stub() -> str:
    """The whole file."""
    descriptions = _native.strategies()
    # Constants first, as the linter sorts them.
    ordered = sorted((not d["name"].isupper(), d["name"]) for d in descriptions)
    names = "".join(f'    "{name}",\n' for _, name in ordered)
    return HEADER + f"__all__ = [\n{names}]\n" + "".join(map(_class, descriptions))


def _class(description: dict[str, Any]) -> str:
    """One strategy."""
    lines = [f"class {description['name']}(Strategy):"]
    # The closing quotes stand on a line of their own.
    lines.append(textwrap.indent(f'"""{docstring(description)}"""', "    "))
    if description["options"]:
        lines.append("    def __init__(")
        lines += ["        self,", "        *,"]
        for option in description["options"]:
            default = _literal(option["default"])
            lines.append(f"        {option['name']}: {type_name(option)} = {default},")
        lines.append("    ) -> None: ...")
    for option in description["options"]:
        lines.append("    @property")
        lines.append(f"    def {option['name']}(self) -> {type_name(option)}: ...")
    return "\n" + "\n".join(lines) + "\n"


def _literal(value: object) -> str:
    """A default as the formatter writes it."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


if __name__ == "__main__":
    TARGET.write_text(stub(), encoding="utf-8")
    print(f"wrote {TARGET}")
