"""Whole evaluations beside PyTorch eager."""

from __future__ import annotations

import itertools
import statistics

from sections.data import EPOCHS, ROWS, architecture, data, ours, theirs, training_operations
from sections.roofline import training_work
from sections.timing import Settings, Table, in_turns

LAYERS = (1, 2, 3, 4, 5)
WIDTHS = (32, 64, 128, 256, 512)
OPTIMIZERS = ("Adam", "SGD", "RMSprop")
DROPOUTS = (0.0, 0.2)
ACTIVATIONS = ("ReLU", "Tanh", "LeakyReLU")


def training(settings: Settings) -> list[Table]:
    """25 shapes × 3 optimizers × 2 dropout rates, or a sample of them."""
    return [_grid(settings, ROWS, OPTIMIZERS if settings.full else ("Adam",))]


def rows(settings: Settings) -> list[Table]:
    """The same for fewer and for more rows."""
    sizes = (160, 8000) if settings.full else (160,)
    return [_grid(settings, size, ("Adam",)) for size in sizes]


def sparse(settings: Settings) -> list[Table]:
    """ReLU with dropout: time beside that of the dense products at the peak."""
    table = Table(
        "ReLU and dropout: our time ÷ dense operations at the peak",
        ["shape", *(f"dropout {rate}" for rate in (0.0, 0.4, 0.6))],
    )
    given = data()
    for layers, width in ((3, 256), (5, 512)) if settings.full else ((3, 256),):
        cells = []
        for rate in (0.0, 0.4, 0.6):
            spec = architecture(layers, width, dropout_rate=rate)
            timing = in_turns({"swiftnas": lambda spec=spec: ours(spec, given)}, settings.rounds)
            cells.append(1 / timing.share(training_operations(spec, ROWS, EPOCHS)))
        table.rows.append([f"{layers} × {width}", *cells])
    return [table]


def _grid(settings: Settings, size: int, optimizers: tuple[str, ...]) -> Table:
    """Per shape the geometric mean over optimizers and dropout rates."""
    given = data(size)
    # The least training there is, for what a call takes.
    smallest, row = architecture(1, 1), data(1)
    whole = settings.full and size <= ROWS
    layers = LAYERS if whole else (1, 3, 5)
    widths = WIDTHS if whole else (32, 128, 512)
    table = Table(
        f"Evaluations of {EPOCHS} epochs on {size} rows, one thread: PyTorch ÷ swiftnas "
        "(share of the peak; of the roofline)",
        ["layers", *(f"h = {width}" for width in widths)],
    )
    activations = itertools.cycle(ACTIVATIONS)
    ratios: dict[tuple[int, int, str, float], float] = {}
    #: The share that the roofline takes of our time, and with the call from Python.
    reached: dict[tuple[int, int, str, float], float] = {}
    called: dict[tuple[int, int, str, float], float] = {}
    calls: list[float] = []
    #: Cells whose activations are no exact zeros, so that nothing can be skipped.
    dense: list[tuple[int, int, str, float]] = []
    for depth in layers:
        cells = []
        for width in widths:
            shares = []
            for optimizer, rate in itertools.product(optimizers, DROPOUTS):
                spec = architecture(
                    depth,
                    width,
                    optimizer=optimizer,
                    dropout_rate=rate,
                    activation_function=next(activations),
                )
                work = training_work(spec, size, EPOCHS)
                timing = in_turns(
                    {
                        "swiftnas": lambda spec=spec: ours(spec, given),
                        "torch": lambda spec=spec: theirs(spec, given),
                        "call": lambda: ours(smallest, row, 1),
                    },
                    settings.rounds if size <= ROWS else 3,
                    work.passes,
                )
                ratios[depth, width, optimizer, rate] = timing.ratio("torch")
                shares.append(timing.share(training_operations(spec, size, EPOCHS)))
                if rate == 0 and spec["activation_function"] != "ReLU":
                    dense.append((depth, width, optimizer, rate))
                taken = timing.seconds["swiftnas"]
                least = work.least_seconds(timing)
                calls.append(timing.seconds["call"])
                reached[depth, width, optimizer, rate] = least / taken
                called[depth, width, optimizer, rate] = (least + calls[-1]) / taken
            own = [key for key in ratios if key[:2] == (depth, width)]
            ratio = statistics.geometric_mean(ratios[key] for key in own)
            share = statistics.geometric_mean(reached[key] for key in own)
            cells.append(f"{ratio:.1f} ({statistics.fmean(shares):.0%}; {share:.0%})")
        table.rows.append([depth, *cells])
    worst = min(ratios, key=ratios.__getitem__)
    wide = [value for key, value in ratios.items() if key[0] > 1 and key[1] == 512]
    table.notes.append(
        f"Geometric mean over {len(ratios)} cells: "
        f"{statistics.geometric_mean(ratios.values()):.2f}; "
        f"least {ratios[worst]:.2f} ({worst[0]} × {worst[1]}, {worst[2]}, dropout {worst[3]}); "
        f"mean of h = 512 with 2 to 5 layers: {statistics.fmean(wide):.2f}. "
        f"Activations take turns: {', '.join(ACTIVATIONS)}."
    )
    for name, chosen in (
        ("All cells", list(ratios)),
        ("Two layers and more", [key for key in ratios if key[0] > 1]),
        ("Of these, without zeros to skip", [key for key in dense if key[0] > 1]),
        ("Of these, h = 512", [key for key in dense if key[0] > 1 and key[1] == 512]),
    ):
        ratio = statistics.geometric_mean(ratios[key] for key in chosen)
        share = statistics.geometric_mean(reached[key] for key in chosen)
        with_call = statistics.geometric_mean(called[key] for key in chosen)
        table.notes.append(
            f"{name}: {ratio:.2f}, {share:.2f} of the {ratio / share:.2f} that it would be at "
            "the roofline; "
            f"{with_call:.2f} of {ratio / with_call:.2f} with the "
            f"{statistics.median(calls) * 1e6:.0f} µs of a call from Python."
        )
    for rate in DROPOUTS:
        own = [value for key, value in ratios.items() if key[3] == rate]
        table.notes.append(f"Dropout {rate}: {statistics.geometric_mean(own):.2f}.")
    return table
