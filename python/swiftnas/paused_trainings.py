"""Trainings that wait to be continued at a higher fidelity."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swiftnas import _native

#: Bytes that all paused trainings of a search may hold: 100 networks of 5 × 256, 4 of 5 × 1,000.
LARGEST = 512 << 20


class PausedTrainings:
    """A store of bounded size, by the number of the trial that began each training.

    What was dropped, the longest unused first, is trained again from the start when it is wanted,
    with the same result: the size changes the time of a search and nothing else. Safe for use by
    several threads.
    """

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._lock = Lock()
        self._trainings: OrderedDict[int, tuple[_native.Training, int]] = OrderedDict()
        self._bytes = 0

    @property
    def byte_count(self) -> int:
        """Bytes that all of them hold now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._trainings)

    def take(self, origin: int) -> _native.Training | None:
        """Remove and return the training that trial `origin` began; None if it is not there."""
        with self._lock:
            training, size = self._trainings.pop(origin, (None, 0))
            self._bytes -= size
            return training

    def put(self, origin: int, training: _native.Training) -> None:
        """Pause a training and keep it, as far as there is room."""
        training.pause()
        size = training.byte_count
        with self._lock:
            self._trainings[origin] = training, size
            self._bytes += size
            while self._bytes > self._largest:
                _, (_, dropped) = self._trainings.popitem(last=False)
                self._bytes -= dropped
