"""Peers other than PyTorch eager; a section says so where its peer is not installed."""

from __future__ import annotations

import importlib.util
import itertools
import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from pytorch_article import build_network

from sections.data import EPOCHS, ROWS, Data, architecture, data, ours
from sections.roofline import training_work
from sections.timing import Settings, Table, in_turns

SHAPES = ((2, 32), (3, 128), (3, 512), (5, 64))


def jax(settings: Settings) -> list[Table]:
    """A jitted step of JAX, compilation left out, on one core."""
    table = Table(
        "JAX `jit` per step, compilation left out, one core: JAX ÷ swiftnas",
        ["shape", "dropout", "swiftnas (ms)", "JAX (ms)", "ratio", "limit", "JAX compiles (s)"],
    )
    if importlib.util.find_spec("jax") is None:
        table.notes.append("JAX is not installed: `pip install jax`.")
        return [table]
    given = data()
    with _one_core():
        for layers, width in SHAPES if settings.full else SHAPES[:2]:
            for rate in (0.0, 0.2):
                spec = architecture(layers, width, activation_function="Tanh", dropout_rate=rate)
                start = time.perf_counter()
                steps = _jax_steps(spec, given)
                compiled = time.perf_counter() - start
                timing = in_turns(
                    {
                        "once": lambda spec=spec: ours(spec, given, EPOCHS),
                        "twice": lambda spec=spec: ours(spec, given, 2 * EPOCHS),
                        "jax": steps,
                    },
                    settings.rounds,
                    training_work(spec, ROWS, EPOCHS).passes,
                )
                own = timing.seconds["twice"] - timing.seconds["once"]
                other = timing.seconds["jax"]
                once, twice = (
                    training_work(spec, ROWS, epochs).least_seconds(timing)
                    for epochs in (EPOCHS, 2 * EPOCHS)
                )
                milliseconds = [seconds * 1e3 / EPOCHS for seconds in (own, other)]
                ratios = [other / own, other / (twice - once)]
                table.rows.append([f"{layers} × {width}", rate, *milliseconds, *ratios, compiled])
    table.notes.append(
        f"Our time is what {EPOCHS} more epochs take; the limit is the ratio that it would be "
        "at the roofline."
    )
    return [table]


def torch_compile(settings: Settings) -> list[Table]:
    """`torch.compile` on the whole step, where it works."""
    table = Table(
        "`torch.compile` per evaluation: compiled ÷ swiftnas",
        ["shape", "swiftnas (ms)", "compiled (ms)", "ratio", "compiles (s)"],
    )
    if not settings.full:
        table.notes.append("In the full mode only: it takes most of a minute to compile.")
        return [table]
    given = data()
    for layers, width in ((2, 32), (3, 128)):
        spec = architecture(layers, width, activation_function="Tanh")
        try:
            start = time.perf_counter()
            steps = _compiled_steps(spec, given)
            compiled = time.perf_counter() - start
        except Exception as error:
            table.notes.append(f"{layers} × {width}: {type(error).__name__}")
            continue
        timing = in_turns(
            {"swiftnas": lambda spec=spec: ours(spec, given), "compiled": steps}, settings.rounds
        )
        milliseconds = [timing.seconds[name] * 1e3 for name in ("swiftnas", "compiled")]
        table.rows.append(
            [f"{layers} × {width}", *milliseconds, timing.ratio("compiled"), compiled]
        )
    return [table]


def scikit_learn(settings: Settings) -> list[Table]:
    """`MLPRegressor` with Adam and full batches, where the two are comparable."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    table = Table(
        "scikit-learn's MLPRegressor, full batches: scikit-learn ÷ swiftnas",
        ["shape", "swiftnas (ms)", "scikit-learn (ms)", "ratio"],
    )
    given = data()
    X, y = given.arrays[0], given.arrays[1][:, 0]
    warnings.simplefilter("ignore", ConvergenceWarning)
    for layers, width in SHAPES if settings.full else SHAPES[:2]:
        spec = architecture(layers, width)

        def other(layers=layers, width=width):
            MLPRegressor(
                hidden_layer_sizes=(width,) * layers,
                alpha=0,
                batch_size=len(X),
                max_iter=EPOCHS,
                random_state=0,
            ).fit(X, y)

        timing = in_turns(
            {"swiftnas": lambda spec=spec: ours(spec, given), "sklearn": other}, settings.rounds
        )
        milliseconds = [timing.seconds[name] * 1e3 for name in ("swiftnas", "sklearn")]
        table.rows.append([f"{layers} × {width}", *milliseconds, timing.ratio("sklearn")])
    return [table]


@contextmanager
def _one_core() -> Iterator[None]:
    """Run on one core, whatever threads a library starts."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _jax_steps(spec: dict[str, Any], given: Data):
    """A call that does `EPOCHS` compiled steps of Adam."""
    import jax
    import jax.numpy as jnp

    X, y = (jnp.asarray(array) for array in given.arrays[:2])
    keep = 1 - spec["dropout_rate"]
    widths = [X.shape[1], *[spec["hidden_layer_size"]] * spec["num_hidden_layers"], 1]
    generator = np.random.default_rng(0)
    parameters = [
        (
            jnp.asarray(generator.uniform(-1, 1, (a, b)) / np.sqrt(a), jnp.float32),
            jnp.zeros(b, jnp.float32),
        )
        for a, b in itertools.pairwise(widths)
    ]

    def loss(parameters, key):
        hidden = X
        for w, b in parameters[:-1]:
            hidden = jnp.tanh(hidden @ w + b)
            if keep < 1:
                key, own = jax.random.split(key)
                mask = jax.random.bernoulli(own, keep, hidden.shape)
                hidden = jnp.where(mask, hidden / keep, 0)
        w, b = parameters[-1]
        return jnp.mean((hidden @ w + b - y) ** 2)

    def step(state, key):
        parameters, first, second, count = state
        gradients = jax.grad(loss)(parameters, key)
        count = count + 1
        first = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, first, gradients)
        second = jax.tree.map(lambda v, g: 0.999 * v + 0.001 * g * g, second, gradients)
        parameters = jax.tree.map(
            lambda p, m, v: (
                p - 0.001 * (m / (1 - 0.9**count)) / (jnp.sqrt(v / (1 - 0.999**count)) + 1e-8)
            ),
            parameters,
            first,
            second,
        )
        return parameters, first, second, count

    jitted = jax.jit(step, donate_argnums=0)
    keys = list(jax.random.split(jax.random.key(0), EPOCHS))
    zeros = [(jnp.zeros_like(w), jnp.zeros_like(b)) for w, b in parameters]
    state = [(parameters, zeros, jax.tree.map(jnp.copy, zeros), jnp.float32(0))]

    def steps():
        for key in keys:
            state[0] = jitted(state[0], key)
        jax.block_until_ready(state[0])

    steps()
    return steps


def _compiled_steps(spec: dict[str, Any], given: Data):
    """A call that does `EPOCHS` steps of a compiled network and optimizer, and a validation."""
    X, y, X_val, y_val = given.tensors
    network = build_network(spec, X.shape[1], 1)
    optimizer = torch.optim.Adam(network.parameters(), lr=spec["learning_rate"])
    criterion = torch.nn.MSELoss()

    @torch.compile
    def step():
        optimizer.zero_grad()
        criterion(network(X), y).backward()
        optimizer.step()

    def steps():
        for _ in range(EPOCHS):
            step()
        with torch.no_grad():
            return criterion(network(X_val), y_val).item()

    steps()
    return steps
