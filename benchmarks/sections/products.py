"""The three products of training, one by one."""

from __future__ import annotations

import statistics
import time

import torch

from sections.timing import Settings, Table, peak
from swiftnas import _native

ROWS = 800


def products(settings: Settings) -> list[Table]:
    """Forward, input and weight gradient of a square layer, beside the peak and `torch.mm`."""
    table = Table(
        f"Products of {ROWS} × h × h, one thread",
        [
            "product",
            "h",
            "GFLOP/s",
            "share of peak",
            "share of the peak from the first cache",
            "torch.mm GFLOP/s",
            "PyTorch ÷ swiftnas",
        ],
    )
    shares, cached_shares = [], []
    for width in (32, 64, 128, 256, 512):
        x, dy = torch.randn(ROWS, width), torch.randn(ROWS, width)
        w, dw, result = torch.randn(width, width), torch.empty(width, width), torch.empty_like(x)
        repetitions = max(1, round(2e7 / (2 * ROWS * width * width)))
        peers = {
            "forward": (x, w, result),
            "input_gradient": (dy, w.T, result),
            "weight_gradient": (x.T, dy, dw),
        }
        for kernel, (a, b, out) in peers.items():
            speeds = []
            for _ in range(41 if settings.full else 15):
                seconds, operations = _native.measure(kernel, ROWS, width, width, repetitions)
                start = time.perf_counter()
                for _ in range(repetitions):
                    torch.mm(a, b, out=out)
                other = time.perf_counter() - start
                speeds.append(
                    (
                        operations / seconds,
                        operations / other,
                        peak(),
                        peak("first_cache_peak"),
                    )
                )
            own, theirs, most, cached = (
                statistics.median(column) for column in zip(*speeds, strict=True)
            )
            shares.append(own / most)
            cached_shares.append(own / cached)
            table.rows.append(
                [
                    kernel,
                    width,
                    own / 1e9,
                    own / most,
                    own / cached,
                    theirs / 1e9,
                    own / theirs,
                ]
            )
    for name, values in (
        ("the peak", shares),
        ("the peak from the first cache", cached_shares),
    ):
        table.notes.append(
            f"Share of {name}: median {statistics.median(values):.2f}, least {min(values):.2f}."
        )
    return [table]
