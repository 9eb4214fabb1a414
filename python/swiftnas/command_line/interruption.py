"""Ctrl-C: pressed once it ends what can be ended early and keeps the best; twice, everything."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from swiftnas.command_line.errors import CommandError


class Interruption:
    """What Ctrl-C does while a run is made.

    Pressed for the first time within `may_end`, it raises `KeyboardInterrupt` there; elsewhere it
    is only remembered, so that what is being written is finished. Pressed again it raises
    `KeyboardInterrupt` wherever it comes, which leaves as an error of one line.

    Attributes
    ----------
    presses : int
    """

    def __init__(self) -> None:
        self.presses = 0
        self._may_end = False

    def __enter__(self) -> Interruption:
        # Only the main thread may have handlers, and only it is interrupted.
        self._handles = threading.current_thread() is threading.main_thread()
        if self._handles:
            self._before: Any = signal.signal(signal.SIGINT, self._press)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if self._handles:
            signal.signal(signal.SIGINT, self._before)
        if kind is KeyboardInterrupt:
            raise CommandError("interrupted: nothing was written", 130) from None

    @contextmanager
    def may_end(self) -> Iterator[None]:
        """Where the first Ctrl-C ends what is going on."""
        self._may_end = True
        try:
            yield
        finally:
            self._may_end = False

    def _press(self, number: int, frame: object) -> None:
        self.presses += 1
        if self._may_end or self.presses > 1:
            raise KeyboardInterrupt
