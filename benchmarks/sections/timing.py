"""Timing in turns, beside the machine's peak."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from swiftnas import _native

#: Seconds that one timing takes at least.
SHORTEST = 0.01


@dataclass(frozen=True)
class Settings:
    """How much to measure."""

    full: bool

    @property
    def rounds(self) -> int:
        """Turns of each competitor."""
        return 5 if self.full else 3


@dataclass
class Table:
    """One table of results."""

    title: str
    columns: list[str]
    rows: list[list[Any]] = field(default_factory=list)
    #: Sentences below the table.
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Timing:
    """Medians over the rounds."""

    #: Seconds of one call of each competitor.
    seconds: dict[str, float]
    #: Floating-point operations per second of multiply-adds in registers, on this core meanwhile.
    peak: float

    def ratio(self, other: str, own: str = "swiftnas") -> float:
        """How many times as long as ours the other takes."""
        return self.seconds[other] / self.seconds[own]

    def share(self, operations: float, name: str = "swiftnas") -> float:
        """The share of the peak that `operations` per call are."""
        return operations / self.seconds[name] / self.peak


def one_thread() -> None:
    """Restrict PyTorch to one thread."""
    torch.set_num_threads(1)


def peak() -> float:
    """Multiply-adds in registers, in floating-point operations per second."""
    seconds, operations = _native.measure("peak", 1, 1, 1, 200)
    return operations / seconds


def in_turns(calls: dict[str, Callable[[], object]], rounds: int) -> Timing:
    """Time the calls one after the other, so many rounds, warm."""
    repetitions = {}
    for name, call in calls.items():
        call()
        repetitions[name] = max(1, round(SHORTEST / max(_seconds(call, 1), 1e-9)))
    taken: dict[str, list[float]] = {name: [] for name in calls}
    peaks = [peak()]
    for _ in range(rounds):
        for name, call in calls.items():
            taken[name].append(_seconds(call, repetitions[name]))
        peaks.append(peak())
    return Timing(
        {name: statistics.median(values) for name, values in taken.items()},
        statistics.median(peaks),
    )


def _seconds(call: Callable[[], object], repetitions: int) -> float:
    start = time.perf_counter()
    for _ in range(repetitions):
        call()
    return (time.perf_counter() - start) / repetitions
