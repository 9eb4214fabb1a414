"""The three products of training, one by one."""

from __future__ import annotations

import statistics

import torch

from sections.timing import Settings, Table, in_turns
from swiftnas import _native

ROWS = 800


def products(settings: Settings) -> list[Table]:
    """Forward, input and weight gradient of a square layer, beside the peak and `torch.mm`."""
    table = Table(
        f"Products of {ROWS} × h × h, one thread",
        ["product", "h", "GFLOP/s", "share of peak", "torch.mm GFLOP/s", "PyTorch ÷ swiftnas"],
    )
    shares = []
    for width in (32, 64, 128, 256, 512):
        x, dy = torch.randn(ROWS, width), torch.randn(ROWS, width)
        w, dw, result = torch.randn(width, width), torch.empty(width, width), torch.empty_like(x)
        operations = 2.0 * ROWS * width * width
        repetitions = max(1, round(2e7 / operations))
        peers = {
            "forward": lambda x=x, w=w, result=result: torch.mm(x, w, out=result),
            "input_gradient": lambda dy=dy, w=w, result=result: torch.mm(dy, w.T, out=result),
            "weight_gradient": lambda x=x, dy=dy, dw=dw: torch.mm(x.T, dy, out=dw),
        }
        for kernel, peer in peers.items():

            def own(kernel=kernel, width=width, repetitions=repetitions):
                _native.measure(kernel, ROWS, width, width, repetitions)

            def other(peer=peer, repetitions=repetitions):
                for _ in range(repetitions):
                    peer()

            timing = in_turns({"swiftnas": own, "torch": other}, 15 if settings.full else 7)
            total = operations * repetitions
            shares.append(timing.share(total))
            table.rows.append(
                [
                    kernel,
                    width,
                    total / timing.seconds["swiftnas"] / 1e9,
                    timing.share(total),
                    total / timing.seconds["torch"] / 1e9,
                    timing.ratio("torch"),
                ]
            )
    table.notes.append(
        f"Share of the peak: median {statistics.median(shares):.2f}, least {min(shares):.2f}. "
        "Filling the operands is part of our time."
    )
    return [table]
