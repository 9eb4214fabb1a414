"""Whole searches and sweeps beside PyTorch."""

from __future__ import annotations

import itertools
import multiprocessing
import random
import statistics
import time
from concurrent.futures import ThreadPoolExecutor

import pytorch_article
import torch

import swiftnas as nas
from sections.data import EPOCHS, SPACE, Architecture, Data, data, ours, theirs
from sections.timing import Settings, Table
from swiftnas.article import published_evolution, published_reinforce


def sweep(settings: Settings) -> list[Table]:
    """Random candidates, the same of every layer count and width, on two cores."""
    generator = random.Random(0)
    shapes = itertools.product(SPACE["num_hidden_layers"], SPACE["hidden_layer_size"])
    chosen = [
        {key: generator.choice(values) for key, values in SPACE.items()}
        | {"num_hidden_layers": layers, "hidden_layer_size": width}
        for layers, width in shapes
        for _ in range(3 if settings.full else 1)
    ]
    # The longest first, so that both cores finish together; for both libraries.
    chosen.sort(key=lambda c: -c["num_hidden_layers"] * c["hidden_layer_size"] ** 2)
    given = data()
    own, other = [], []
    context = multiprocessing.get_context("spawn")
    with context.Pool(2, _prepare) as processes, ThreadPoolExecutor(2) as threads:
        processes.map(_evaluate, chosen[-4:], 1)
        for _ in range(3 if settings.full else 1):
            start = time.perf_counter()
            list(threads.map(lambda spec: ours(spec, given), chosen))
            own.append(time.perf_counter() - start)
            start = time.perf_counter()
            processes.map(_evaluate, chosen, 1)
            other.append(time.perf_counter() - start)
    seconds = statistics.median(own), statistics.median(other)
    return [
        Table(
            f"A sweep of {len(chosen)} random candidates on two cores",
            ["swiftnas, 2 threads (s)", "PyTorch, 2 processes × 1 thread (s)", "ratio"],
            [[*seconds, seconds[1] / seconds[0]]],
        )
    ]


def searches(settings: Settings) -> list[Table]:
    """REINFORCE and evolution of the published experiment; PyTorch is given our candidates."""
    given = data()
    X, y = given.arrays[:2]
    tensors = given.tensors
    table = Table(
        "Searches as published, one thread, the same candidates",
        ["search", "swiftnas (s)", "PyTorch (s)", "ratio of the sums"],
    )
    seeds = range(5 if settings.full else 1)
    runs = {
        "REINFORCE, 20 episodes": (
            lambda seed: _search(nas.Task(*given.arrays), published_reinforce(), 20, seed),
            lambda same: pytorch_article.run_rl_search(SPACE, tensors, 10, 20, same),
        ),
        "evolution, 5 generations of 10": (
            lambda seed: _search(
                nas.Task.split(X, y, validation=0.2, shuffle=False),
                *(published_evolution(10), 50, seed),
            ),
            lambda same: pytorch_article.run_evolutionary_search(
                *tensors[:2], SPACE, 10, 5, candidates=same
            ),
        ),
    }
    for name, (own, other) in runs.items():
        sums = [0.0, 0.0]
        for seed in seeds:
            torch.manual_seed(seed)
            start = time.perf_counter()
            same = own(seed)
            sums[0] += time.perf_counter() - start
            start = time.perf_counter()
            other(same)
            sums[1] += time.perf_counter() - start
        table.rows.append([name, *sums, sums[1] / sums[0]])
    table.notes.append(f"Sums over {len(seeds)} seeds.")
    return [table]


def _search(task: nas.Task, strategy: nas.Strategy, trials: int, seed: int) -> list[Architecture]:
    result = nas.search(SPACE, task, strategy=strategy, trials=trials, epochs=EPOCHS, seed=seed)
    return [dict(trial.architecture) for trial in result.trials]


_given: list[Data] = []


def _prepare() -> None:
    torch.set_num_threads(1)
    _given.append(data())


def _evaluate(spec: Architecture) -> float:
    return theirs(spec, _given[0])
