"""Memory behind the border: Swift's own leaks, and callers that change what is being read."""

from __future__ import annotations

import copy
import ctypes
import gc
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from swiftnas import _native

ARCHITECTURE = {"num_hidden_layers": 1, "hidden_layer_size": 8, "dropout_rate": 0.2}
X = np.linspace(-1, 1, 40, dtype=np.float32).reshape(-1, 1)
DATA = _native.Dataset(X, X, X, X, ("X_train", "y_train", "X_val", "y_val"))
SPACE = _native.Space(
    [
        ("a", "categorical", (1, 2.5, "x", None, (1, "y")), ()),
        ("b", "integer", (1, 9, 0), [("a", "categorical", (1, 2.5))]),
    ],
    [[("a", "categorical", (2.5,)), ("b", "integer", (3, 4, 0))]],
)
STRATEGIES = [description["name"] for description in _native.strategies()]


def train(keep_model=True, architecture=ARCHITECTURE):
    return _native.train(architecture, DATA, 2, 0, "counter", None, keep_model, None, 1)


# What Swift allocates, Python's own counters do not see.


class _MallocInfo(ctypes.Structure):
    """`struct mallinfo2` of glibc."""

    _fields_ = [(f"before_{index}", ctypes.c_size_t) for index in range(4)]
    _fields_ += [("mapped", ctypes.c_size_t)]
    _fields_ += [(f"between_{index}", ctypes.c_size_t) for index in range(2)]
    _fields_ += [("given_out", ctypes.c_size_t)]
    _fields_ += [(f"behind_{index}", ctypes.c_size_t) for index in range(2)]


def in_use() -> int:
    """Bytes that malloc has given out, exactly."""
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        pytest.skip("needs mallinfo2 of glibc 2.33")
    library.mallinfo2.restype = _MallocInfo
    gc.collect()
    facts = library.mallinfo2()
    return int(facts.given_out + facts.mapped)


def growth(call, calls=1000):
    """Bytes that so many calls leave behind: the least of three rounds, as caches may grow."""
    rounds = []
    for _ in range(3):
        before = in_use()
        for _ in range(calls):
            call()
        rounds.append(in_use() - before)
    return min(rounds)


def strategy(name):
    asked = _native.Strategy(name, SPACE, {}, 0, 1)
    for number, *_ in asked.ask(3):
        asked.tell(number, [1.0], 0.0)
    asked.restore(asked.state())
    asked.ask(1)


def refused(function, *arguments):
    with pytest.raises((TypeError, ValueError, MemoryError)):
        function(*arguments)


@pytest.mark.parametrize(
    "call",
    [
        lambda: _native.Space([("a", "categorical", ("x" * 50, (1, 2)), ())], ()).sample(0, 3),
        *(partial(strategy, name) for name in STRATEGIES),
        lambda: _native.Dataset(X, X, X, X, ("a", "b", "c", "d")),
        lambda: _native.Cancellation().cancel(),
        lambda: train()[1].predict(X, np.empty_like(X)),
        lambda: _native.darts(["ReLU"], {"epochs": 1, "layers": 1, "width": 4}, DATA, None, None),
        lambda: refused(_native.Dataset, X, X, X, X[1:], ("a", "b", "c", "d")),
        lambda: refused(_native.Space, [("a", "categorical", ("x" * 50, object()), ())], ()),
        lambda: refused(_native.Strategy, "Evolution", SPACE, {"population_size": 0}, 0, 1),
        lambda: refused(train, True, ARCHITECTURE | {"hidden_layer_size": 2**20, "weight": 1}),
    ],
)
def test_nothing_is_left_behind(call):
    """A leak of the smallest block, 32 bytes, would leave 32,000."""
    assert growth(call) < 16_000


def test_this_way_of_measuring_would_see_a_leak():
    kept = []
    assert growth(lambda: kept.append(np.empty(64, np.float32))) > 16_000


# Conversions run the caller's code, which may do anything.


class Index:
    """An integer that does something when it is looked at."""

    def __init__(self, action, error=None):
        self.action = action
        self.error = error

    def __index__(self):
        self.action()
        if self.error:
            raise self.error
        return 1


def test_a_list_may_be_cleared_while_it_is_read():
    choices: list[object] = []
    choices += [Index(choices.clear), "text" * 20, [1.5, {"a": 2.5}], 3.5]
    assert _native.Space([("a", "categorical", choices, ())], ()).size == 4
    assert choices == []
    choices.append(Index(choices.clear, ValueError("no")))
    with pytest.raises(TypeError, match="must be an integer, got Index"):
        _native.Space([("a", "categorical", choices, ())], ())


def test_a_dict_may_be_cleared_while_it_is_read():
    architecture: dict[str, object] = {}
    architecture["num_hidden_layers"] = Index(architecture.clear)
    architecture["hidden_layer_size"] = Index(architecture.clear)
    assert _native.describe(architecture, 1, 1, 1)["parameters"] == 4
    architecture["num_hidden_layers"] = Index(architecture.clear, ValueError("no"))
    with pytest.raises(TypeError, match="must be an integer, got Index"):
        _native.describe(architecture, 1, 1, 1)


def test_memory_that_was_given_back_is_not_read():
    """A fresh interpreter overwrites what is freed, so that a stale pointer shows or crashes."""
    script = """
import sys
sys.path.append(sys.argv[1])
from swiftnas import _native
from test_native_memory import *
test_a_list_may_be_cleared_while_it_is_read()
test_a_dict_may_be_cleared_while_it_is_read()
for wrong in (1, X, "text".encode()):
    try:
        _native.Strategy(wrong, SPACE, {}, 0, 1)
    except TypeError as error:
        assert str(error) == f"name must be a string, got {type(wrong).__name__}", error
for name in ("RandomSearch", "Evolution", "Reinforce"):
    strategy(name)
train()
"""
    command = [sys.executable, "-c", script, str(Path(__file__).parent)]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONMALLOC": "debug"})


@pytest.mark.parametrize("other", [None, 5, object, int, _native.Space])
def test_a_replaced_type_is_not_written_to(monkeypatch, other):
    monkeypatch.setattr(_native, "Model", other)
    if other is _native.Space:
        with pytest.raises(TypeError, match="self must be"):
            train()[1].sample(0, 1)
    else:
        with pytest.raises(TypeError, match="must be one of its own"):
            train()


def test_the_truth_of_an_object_may_raise():
    with pytest.raises(ValueError, match="truth value"):
        _native.Space([("a", "integer", (1, 2, np.array([1, 2])), ())], ())
    with pytest.raises(ValueError, match="truth value"):
        train(keep_model=np.array([1, 2]))


def test_zero_characters_are_characters():
    (architecture,) = _native.Space([("a\0b", "categorical", ("x\0y",), ())], ()).sample(0, 1)
    assert architecture == {"a\0b": "x\0y"}
    with pytest.raises(ValueError, match="search_space\\['a\0b'\\] must have at least one choice"):
        _native.Space([("a\0b", "categorical", (), ())], ())


# A state that was damaged on its way is refused, or goes on; it never ends the process.


@pytest.mark.parametrize("name", ["RandomSearch", "Evolution", "Reinforce"])
@pytest.mark.parametrize("number", [-1, 2**53 + 1, 2**63 - 1])
def test_counts_of_a_damaged_state_are_refused(name, number):
    asked = _native.Strategy(name, SPACE, {}, 0, 1)
    state = asked.state()
    counts = [(state, "first")]
    counts += [(state["strategy"], key) for key in ("drawn", "generation", "episodes", "updates")]
    damaged = 0
    for record, key in counts:
        if key in record:
            kept, record[key] = record[key], number
            with pytest.raises(ValueError, match=f"state\\['{key}'\\]"):
                asked.restore(state)
            record[key] = kept
            damaged += 1
    assert damaged >= 2
    asked.restore(state)
    assert asked.ask(1)


def test_a_state_with_more_elites_than_fit_is_refused():
    asked = _native.Strategy("Evolution", SPACE, {"population_size": 4}, 0, 1)
    for number, *_ in asked.ask(4):
        asked.tell(number, [float(number)], 0.0)
    asked.ask(1)
    state = copy.deepcopy(asked.state())
    state["strategy"]["elites"] *= 4
    with pytest.raises(ValueError, match="at most 2 elites, got 8"):
        asked.restore(state)


def leaves(state, path=()):
    """The paths to everything in a state that is no container, and to the containers."""
    yield path
    items = state.items() if isinstance(state, dict) else enumerate(state)
    for key, item in items:
        if isinstance(item, dict | tuple | list):
            yield from leaves(item, (*path, key))
        else:
            yield (*path, key)


def damaged(state, path, value):
    """A copy with another value at a path."""
    if not path:
        return value
    copied = dict(state) if isinstance(state, dict) else list(state)
    copied[path[0]] = damaged(copied[path[0]], path[1:], value)
    return copied


@pytest.mark.parametrize("objectives", [1, 2])
@pytest.mark.parametrize("name", STRATEGIES)
def test_no_damage_to_a_state_ends_the_process(name, objectives):
    options = {"hidden_size": 2} if name in ("Reinforce", "PPO") else {}
    space = _native.Space([("a", "ordinal", (1, 2, 3), ()), ("b", "categorical", (0, 1), ())], ())

    def session():
        return _native.Strategy(name, space, options, 0, objectives)

    def drive(asked, count):
        for _ in range(count):
            for number, *_ in asked.ask(2):
                asked.tell(number, [float(number % 5)] * objectives, 0.0)

    asked = session()
    drive(asked, 5)
    state = asked.state()
    paths = list(leaves(state))
    accepted = 0
    for path in paths[:: max(1, len(paths) // 60)]:
        for value in (-1, 2**53 + 1, float("nan"), 1e308, "text", None, (), (1, 2), {}):
            other = session()
            try:
                other.restore(damaged(state, path, value))
            except (ValueError, TypeError):
                continue
            accepted += 1
            drive(other, 2)
    asked.restore(state)
    assert len(paths) > 5
