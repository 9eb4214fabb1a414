"""The programs in `examples`, each as a user would run it, with less to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: What makes each program quick, and what it must print.
PROGRAMS = {
    "accuracy_and_latency": ("--trials 20 --picture front.png", r"accuracy  microseconds"),
    "classification": ("--trials 8", r"accuracy  0\.[89]"),
    "compare_strategies": ("--evaluations 20 --seeds 3", r"TPE +0\.\d+  \["),
    "demo": ("", r"Report page: runs/demo\.html"),
    "hyperband": ("--budget 200 --seeds 1", r"BOHB +\d+"),
    "own_objective": ("--trials 12", r"error 0\.\d+ with \d+ support vectors"),
    "regression": ("--trials 20", r"best network +0\.\d+"),
}


def test_every_program_is_tried() -> None:
    assert {path.stem for path in (ROOT / "examples").glob("*.py")} == set(PROGRAMS)


@pytest.mark.parametrize("name", PROGRAMS)
def test_program_runs(name: str, tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    arguments, printed = PROGRAMS[name]
    command = [sys.executable, ROOT / "examples" / f"{name}.py", *arguments.split()]
    ran = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "MPLBACKEND": "Agg", "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert re.search(printed, ran.stdout), ran.stdout
