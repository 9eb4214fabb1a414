"""The extension's `Training`: what it refuses, what it leaves behind, who may use it."""

from __future__ import annotations

import gc
import math
import sys
import threading

import numpy as np
import pytest
from test_native_memory import growth

from swiftnas import _native

ARCHITECTURE = {"num_hidden_layers": 2, "hidden_layer_size": 8, "dropout_rate": 0.2}
X = np.linspace(-1, 1, 40, dtype=np.float32).reshape(-1, 1)
DATA = _native.Dataset(X, X**2, X, X**2, ("X_train", "y_train", "X_val", "y_val"))


def training(
    architecture=ARCHITECTURE,
    epochs=9,
    seed=0,
    rng="counter",
    weights=None,
    fraction=1.0,
    every=2,
    patience=None,
):
    return _native.Training(
        architecture, DATA, epochs, seed, rng, weights, fraction, every, patience, True
    )


def advance(until=9, thresholds=(), forecast=None, cancellation=None, threads=1, **options):
    return training(**options).advance(until, thresholds, forecast, cancellation, threads)


def test_it_is_the_training_of_train():
    expected, model = _native.train(ARCHITECTURE, DATA, 9, 0, "torch", None, True, None, 1)
    paused = training(rng="torch")
    paused.advance(4, (), None, None, 1)
    running = paused.byte_count
    paused.pause()
    assert paused.byte_count < running
    outcome = paused.advance(9, (), None, None, 2)
    for name in ("status", "validation_loss", "training_losses", "epochs", "parameters", "flops"):
        assert outcome[name] == expected[name]
    assert [epoch for epoch, _ in outcome["validation_losses"]] == [2, 4, 6, 8, 9]
    predictions = np.empty((2, *X.shape), np.float32)
    model.predict(X, predictions[0])
    paused.model().predict(X, predictions[1])
    np.testing.assert_array_equal(predictions[0], predictions[1])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: _native.Training(), TypeError, "takes 10 positional arguments, got 0"),
        (lambda: training(3), TypeError, "architecture must be a dict"),
        (lambda: training(epochs=0), ValueError, "epochs must be ≥ 1, got 0"),
        (lambda: training(epochs=2**64), ValueError, "64 bits"),
        (lambda: training(rng="x"), ValueError, "rng must be 'counter' or 'torch', got 'x'"),
        (lambda: training(fraction=0.0), ValueError, r"row_fraction must be in \(0, 1\], got 0"),
        (lambda: training(fraction=math.nan), ValueError, "row_fraction must be"),
        (lambda: training(every=0), ValueError, "validate_every must be ≥ 1, got 0"),
        (lambda: training(every=1.5), TypeError, "validate_every must be an integer"),
        (lambda: training(patience=0), ValueError, "patience must be ≥ 1, got 0"),
        (lambda: advance(0), ValueError, r"epochs must be in \[1, 9\], got 0"),
        (lambda: advance(10), ValueError, r"epochs must be in \[1, 9\], got 10"),
        (lambda: advance(threads=0), ValueError, "threads must be ≥ 1"),
        (lambda: advance(thresholds=3), TypeError, "thresholds must be a list or tuple"),
        (lambda: advance(thresholds=("a",)), TypeError, "thresholds must be a number"),
        (lambda: advance(thresholds=(math.nan,)), ValueError, "thresholds must be numbers"),
        (lambda: advance(thresholds=(1.0,), every=None), ValueError, "validate_every must be"),
        (lambda: advance(forecast=(1.0,)), ValueError, "forecast must have 3 elements, got 1"),
        (lambda: advance(forecast=(1.0, 0.0, 0)), ValueError, r"probability must be in \(0, 1\)"),
        (lambda: advance(forecast=(math.nan, 0.5, 0)), ValueError, "goal must be a number"),
        (lambda: advance(weights=[X]), ValueError, "initial_weights must have"),
        (lambda: _native.extrapolate([(1,)], 9, 0.0), ValueError, "pairs"),
        (lambda: _native.extrapolate([(1, math.inf)], 9, 0.0), ValueError, "finite"),
        (lambda: _native.extrapolate([(2**62, 1.0)], 0, 0.0), ValueError, "epochs must be ≥ 1"),
        (
            lambda: advance(architecture=ARCHITECTURE | {"hidden_layer_size": 2**20}),
            MemoryError,
            "GiB needed",
        ),
    ],
)
def test_mistakes_are_errors_that_say_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_the_largest_numbers_do_not_trap():
    largest = 2**63 - 1
    assert advance(3, every=largest, patience=largest, epochs=largest)["status"] == "ok"
    assert advance(3, forecast=(-1e308, 0.5, -largest), every=1, epochs=largest)["status"] == "ok"
    curve = [(largest - 5 + k, 10.0 ** (300 + k)) for k in range(6)]
    found = _native.extrapolate(curve, largest, 0.0)
    assert found is None or len(found) == 3


def test_cancellation_ends_it():
    cancellation = _native.Cancellation()
    cancellation.cancel()
    assert advance(cancellation=cancellation)["status"] == "cancelled"


def test_one_thread_at_a_time():
    shared = training(epochs=10**9)
    cancellation = _native.Cancellation()
    thread = threading.Thread(target=shared.advance, args=(10**9, (), None, cancellation, 1))
    thread.start()
    try:
        refused = 0
        while not refused and thread.is_alive():
            try:
                _ = shared.byte_count
            except ValueError as error:
                assert "by one thread at a time" in str(error)  # noqa: PT017
                refused += 1
        for call in (shared.pause, shared.model, lambda: shared.advance(1, (), None, None, 1)):
            with pytest.raises(ValueError, match="by one thread at a time"):
                call()
    finally:
        cancellation.cancel()
        thread.join()
    assert shared.byte_count > 0


CALLS = [
    lambda: advance(patience=1),
    lambda: advance(thresholds=[1.0] * 9, forecast=(0.0, 0.5, 0), every=1),
    lambda: [paused := training(), paused.advance(3, (), None, None, 1), paused.pause()],
    lambda: training().model(),
    lambda: _native.extrapolate([(k, 1 / k) for k in range(1, 9)], 20, 0.0),
]


@pytest.mark.parametrize("call", CALLS)
def test_nothing_is_left_behind(call):
    """A leak of the smallest block, 32 bytes, would leave 32,000."""
    assert growth(call) < 16_000


@pytest.mark.parametrize("call", CALLS)
def test_no_references_leak(call):
    """A leak would be 1,000 more blocks of Python memory."""
    for _ in range(100):
        call()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(1000):
        call()
    gc.collect()
    assert sys.getallocatedblocks() - before < 500
