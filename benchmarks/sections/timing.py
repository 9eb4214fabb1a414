"""Timing in turns, beside the machine's peak."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch

from swiftnas import _native

#: Seconds that one timing takes at least.
SHORTEST = 0.01

#: Numbers that a timing of a pass works on at least, again and again where there are fewer.
_NUMBERS = 1 << 17


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
class Pass:
    """Something that a training does number by number, as `_native.measure_pass` names it."""

    kind: str
    name: str
    dropout: bool
    #: Numbers that it goes over at a time: with what belongs to them, 1,024 fill half of the first
    #: cache.
    count: int = 1024

    def per_number(self) -> float:
        """Seconds per number, now."""
        repetitions = max(4, _NUMBERS // self.count)
        seconds = _native.measure_pass(self.kind, self.name, self.dropout, self.count, repetitions)
        return seconds / (self.count * repetitions)


@dataclass(frozen=True)
class Timing:
    """Medians over the rounds."""

    #: Seconds of one call of each competitor.
    seconds: dict[str, float]
    #: Floating-point operations per second of multiply-adds in registers, on this core meanwhile.
    peak: float
    #: The same of multiply-adds that load their numbers from the first cache.
    first_cache_peak: float
    #: Seconds per number.
    passes: dict[Pass, float]

    def ratio(self, other: str, own: str = "swiftnas") -> float:
        """How many times as long as ours the other takes."""
        return self.seconds[other] / self.seconds[own]

    def share(self, operations: float, name: str = "swiftnas") -> float:
        """The share of the peak that `operations` per call are."""
        return operations / self.seconds[name] / self.peak


def one_thread() -> None:
    """Restrict PyTorch to one thread."""
    torch.set_num_threads(1)


def peak(kernel: str = "peak") -> float:
    """Multiply-adds in registers, or of the `first_cache_peak`: operations per second."""
    seconds, operations = _native.measure(kernel, 1, 1, 1, 200)
    return operations / seconds


def in_turns(
    calls: dict[str, Callable[[], object]], rounds: int, passes: Iterable[Pass] = ()
) -> Timing:
    """Time the calls and the passes one after the other, so many rounds, warm."""
    probes: dict[Any, Callable[[], float]] = {
        "peak": peak,
        "first_cache_peak": lambda: peak("first_cache_peak"),
        **{one: one.per_number for one in passes},
    }
    repetitions = {}
    for name, call in calls.items():
        call()
        repetitions[name] = max(1, round(SHORTEST / max(_seconds(call, 1), 1e-9)))
    taken: dict[str, list[float]] = {name: [] for name in calls}
    probed: dict[Any, list[float]] = {key: [probe()] for key, probe in probes.items()}
    for _ in range(rounds):
        for name, call in calls.items():
            taken[name].append(_seconds(call, repetitions[name]))
        for key, probe in probes.items():
            probed[key].append(probe())
    found = {key: statistics.median(values) for key, values in probed.items()}
    return Timing(
        {name: statistics.median(values) for name, values in taken.items()},
        found.pop("peak"),
        found.pop("first_cache_peak"),
        found,
    )


def _seconds(call: Callable[[], object], repetitions: int) -> float:
    start = time.perf_counter()
    for _ in range(repetitions):
        call()
    return (time.perf_counter() - start) / repetitions
