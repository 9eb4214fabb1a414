"""Tables as Markdown and JSON."""

from __future__ import annotations

import dataclasses
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch

import swiftnas as nas
from sections.timing import Settings, Table


def write(tables: list[Table], settings: Settings, directory: Path) -> str:
    """Write `speed.md` and `speed.json`; the Markdown."""
    about = {
        "processor": _processor(),
        "instruction set": nas.show_config("dicts")["instruction_set"],
        "swiftnas": nas.__version__,
        "PyTorch": torch.__version__,
        "NumPy": np.__version__,
        "Python": platform.python_version(),
        "mode": "full" if settings.full else "short",
    }
    text = "\n\n".join(
        [", ".join(f"{name} {value}" for name, value in about.items()), *map(_markdown, tables)]
    )
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "speed.md").write_text(text + "\n")
    figures = {"about": about, "tables": [dataclasses.asdict(table) for table in tables]}
    (directory / "speed.json").write_text(json.dumps(figures, indent=1, default=float) + "\n")
    return text


def _markdown(table: Table) -> str:
    lines = [f"### {table.title}", ""]
    if table.rows:
        lines += [_line(table.columns), "|---" * len(table.columns) + "|"]
        lines += [_line(row) for row in table.rows]
        lines.append("")
    return "\n".join(lines + table.notes)


def _line(cells: list[Any]) -> str:
    return "| " + " | ".join(map(_text, cells)) + " |"


def _text(cell: Any) -> str:
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()
