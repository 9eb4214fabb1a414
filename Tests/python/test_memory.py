"""Memory: calls that are repeated thousands of times leave nothing behind."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="resident memory is read from /proc"
)

#: Bytes of the smallest array that every call passes on: 400 float32 targets.
SMALLEST_ARRAY = 400 * 4

CALLS = 2000

#: What the process may grow by. Threads' allocators come and go by 0.6 MB, which a leak of one such
#: array per call exceeds fivefold.
ALLOWED = CALLS * SMALLEST_ARRAY // 2

SETTING = """
    import ctypes, gc, os, warnings
    import numpy as np
    import swiftnas as nas

    X = np.random.RandomState(0).normal(size=(500, 4))
    DATA = X[:400], X[:400, :1], X[400:], X[400:, :1]
    TASK = nas.Task(*DATA)
    ARCHITECTURE = {"num_hidden_layers": 2, "hidden_layer_size": 32, "dropout_rate": 0.2}
    SPACE = {"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 8]}
    kept = []

    def refused(function, *arguments):
        try:
            function(*arguments)
        except ValueError:
            return
        raise AssertionError("no error")

    def resident():
        gc.collect()
        # Freed memory goes back to the system, so that a leak cannot hide in it.
        if hasattr(ctypes.CDLL(None), "malloc_trim"):
            ctypes.CDLL(None).malloc_trim(0)
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
"""


def growth(call: str) -> int:
    """Bytes by which a fresh process grows over `CALLS` calls, after some that fill its pools."""
    script = textwrap.dedent(SETTING) + textwrap.dedent(
        f"""
        for _ in range({CALLS // 5}):
            {call}
        before = resident()
        for _ in range({CALLS}):
            {call}
        print(resident() - before)
        """
    )
    command = [sys.executable, "-c", script]
    return int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


EVALUATE = "nas.evaluate_architecture(ARCHITECTURE, *DATA, num_epochs=1, seed=0)"


def test_evaluations_do_not_grow_the_process() -> None:
    assert growth(EVALUATE) < ALLOWED


def test_this_way_of_measuring_would_see_a_leak() -> None:
    assert growth(f"{EVALUATE}; kept.append(np.ones({SMALLEST_ARRAY // 4}, 'f'))") > ALLOWED


@pytest.mark.parametrize(
    "call",
    [
        "nas.train(ARCHITECTURE, TASK, epochs=1, seed=0).predict(X)",
        "nas.train(ARCHITECTURE, TASK, epochs=1, seed=0).weights",
        "nas.AskTell(SPACE, nas.Reinforce(), seed=0).ask(5)",
        "nas.search(SPACE, TASK, trials=2, epochs=1, workers=2)",
        "refused(nas.evaluate_architecture, ARCHITECTURE | {'dropout_rate': 2}, *DATA)",
        "refused(nas.Task, X, X[:, :1], np.full((400, 4), np.nan, 'f'), X[:400, :1])",
        "refused(nas.SearchSpace, {'a' * 2000: []})",
    ],
)
def test_other_calls_do_not_grow_the_process(call: str) -> None:
    assert growth(call) < ALLOWED
