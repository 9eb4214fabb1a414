"""How cost grows with threads, rows, epochs and candidates."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

import swiftnas as nas
from sections.data import architecture, data, ours
from sections.timing import Settings, Table, in_turns


def threads(settings: Settings) -> list[Table]:
    """One candidate on two threads, and two candidates at once."""
    given = data()
    task = nas.Task(*given.arrays)
    table = Table("Two threads", ["what", "1 thread ÷ 2 threads"])
    if len(os.sched_getaffinity(0)) < 2:
        table.notes.append("There is only one core here.")
        return [table]
    for width in (32, 128, 512) if settings.full else (128,):
        spec = architecture(5, width)
        epochs = max(10, 10 * (128 // width) ** 2)
        timing = in_turns(
            {
                name: lambda spec=spec, epochs=epochs, workers=workers: nas.train(
                    spec, task, epochs=epochs, seed=0, workers=workers
                )
                for workers, name in ((1, "one"), (2, "two"))
            },
            settings.rounds,
        )
        table.rows.append([f"one candidate, 5 × {width}", timing.ratio("one", "two")])
    spec = architecture(3, 128)
    with ThreadPoolExecutor(2) as executor:
        timing = in_turns(
            {
                "one": lambda: [ours(spec, given) for _ in range(8)],
                "two": lambda: list(executor.map(lambda _: ours(spec, given), range(8))),
            },
            settings.rounds,
        )
    table.rows.append(["eight candidates, 3 × 128", timing.ratio("one", "two")])
    return [table]


def growth(settings: Settings) -> list[Table]:
    """Time per row and per epoch."""
    table = Table(
        "Time per row and epoch, relative to the first", ["shape", "rows", "epochs", "relative"]
    )
    cases = [(800, 10), (8000, 10), (800, 100)] + ([(80_000, 10)] if settings.full else [])
    for layers, width in ((3, 64), (3, 256)) if settings.full else ((3, 64),):
        spec = architecture(layers, width, activation_function="Tanh")
        given = {rows: data(rows) for rows, _ in cases}
        calls = {(rows, epochs): partial(ours, spec, given[rows], epochs) for rows, epochs in cases}
        timing = in_turns({str(case): call for case, call in calls.items()}, settings.rounds)
        each = {case: timing.seconds[str(case)] / case[0] / case[1] for case in cases}
        for case in cases:
            table.rows.append([f"{layers} × {width}", *case, each[case] / each[cases[0]]])
    return [table]


def overhead(settings: Settings) -> list[Table]:
    """What a candidate costs beyond its training."""
    trials = 2000
    given = data(8)
    task = nas.Task(*given.arrays)
    space = {
        "num_hidden_layers": [1],
        "hidden_layer_size": list(range(1, 9)),
        "learning_rate": nas.Float(1e-4, 1e-1, log=True),
    }
    spec = architecture(1, 8)
    trained: list[float] = []

    def search() -> None:
        result = nas.search(
            space, task, strategy=nas.RandomSearch(), trials=trials, epochs=1, seed=0
        )
        trained.append(float(np.median([trial.wall_seconds for trial in result.trials])))

    timing = in_turns({"call": lambda: ours(spec, given, 1), "search": search}, settings.rounds)
    each = timing.seconds["search"] / trials
    training = float(np.median(trained))
    return [
        Table(
            "One epoch of a tiny candidate, in microseconds",
            ["evaluate_architecture", "a trial of search", "of which training", "beyond it"],
            [[timing.seconds["call"] * 1e6, each * 1e6, training * 1e6, (each - training) * 1e6]],
        )
    ]
