"""Measured latency: how long an architecture takes to predict on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from swiftnas import _native
from swiftnas._arguments import whole_number
from swiftnas.architecture import plain_architecture
from swiftnas.task import Task


def measure_latency(
    architecture: Mapping[str, Any],
    task: Task | tuple[int, int],
    *,
    rows: int = 1,
    repetitions: int = 100,
) -> float:
    """The seconds that a forward pass takes in this engine, on one thread of this machine.

    Measured inside the engine: the pass is warmed up, then timed `repetitions` times (passes
    below 20 µs several at a time), and the median is taken. Nothing is trained: the
    weights are initial ones, the data are normal. As an objective beside the loss, `Trial.flops` is
    the reproducible alternative.

    Parameters
    ----------
    architecture : dict
        See `architecture_keys`.
    task : Task or (int, int)
        What says how many features and targets there are, or these two numbers.
    rows : int, default 1
        Rows that one pass predicts.
    repetitions : int, default 100
        Measurements to take the median of.

    Returns
    -------
    float
        Seconds per pass of `rows` rows.

    Examples
    --------
    >>> import swiftnas as nas
    >>> small = {"num_hidden_layers": 1, "hidden_layer_size": 16}
    >>> large = {"num_hidden_layers": 5, "hidden_layer_size": 512}
    >>> nas.measure_latency(small, (10, 1)) < nas.measure_latency(large, (10, 1))
    True
    """
    inputs, outputs = _widths(task)
    return _native.latency(
        plain_architecture(architecture),
        inputs,
        outputs,
        whole_number(rows, "rows", minimum=1),
        whole_number(repetitions, "repetitions", minimum=1),
    )


def _widths(task: Any) -> tuple[int, int]:
    """Features and targets of a task, or the two numbers themselves."""
    if isinstance(task, Task):
        return task.input_width, task.output_width
    if not isinstance(task, tuple) or len(task) != 2:
        raise TypeError(f"task must be a swiftnas.Task or a pair (features, targets), got {task!r}")
    return (
        whole_number(task[0], "task[0]", minimum=1),
        whole_number(task[1], "task[1]", minimum=1),
    )
