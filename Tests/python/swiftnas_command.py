"""The command ``swiftnas`` in this process, and tables for it."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from swiftnas.command_line import main

#: A space whose trainings take no time.
SPACE = {
    "num_hidden_layers": [1, 2],
    "hidden_layer_size": [8, 16],
    "learning_rate": {"type": "float", "low": 0.003, "high": 0.1, "log": True},
}


@dataclass
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed with --json."""
        return json.loads(self.out)


def swiftnas(*arguments: object) -> Ended:
    """Run the command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
    assert isinstance(code, int)
    return Ended(code, out.getvalue(), err.getvalue())


def houses(rows: int = 200) -> pd.DataFrame:
    """Numbers, texts, booleans and missing ones of each; a price, and whether it is dear."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "area": random.normal(100, 30, rows).round(1),
            "rooms": random.integers(1, 6, rows),
            "colour": random.choice(["red", "green", "blue"], rows),
            "garden": random.choice([True, False], rows),
            "name": [f"house {number}" for number in range(rows)],
        }
    )
    frame["price"] = 3 * frame.area + 20 * frame.rooms + 80 * (frame.colour == "red")
    frame["dear"] = np.where(frame.price > frame.price.median(), "yes", "no")
    frame.loc[3:8, "area"] = np.nan
    frame.loc[10:14, "colour"] = None
    return frame


def write_space(folder: Path) -> Path:
    """The space as a file for --space."""
    path = folder / "space.json"
    path.write_text(json.dumps(SPACE), encoding="utf-8")
    return path
