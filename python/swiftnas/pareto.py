"""Pareto fronts: which points no other one dominates, and how much they dominate together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

#: One row per point, one column per objective, all to be minimised.
_Points = npt.NDArray[np.float64]


def non_dominated(points: Sequence[Sequence[float]] | _Points) -> list[int]:
    """The indices of the points that no other one dominates, in order of their values.

    A point dominates another if it is nowhere larger and somewhere smaller, so equal points stay
    together. Time grows with the number of points times the size of the front.

    Examples
    --------
    >>> from swiftnas.pareto import non_dominated
    >>> non_dominated([[3, 1], [1, 2], [3, 3]])
    [1, 0]
    """
    array = _matrix(points)
    # In this order nothing is dominated by what comes later.
    order = np.lexsort(array.T[::-1])
    front: list[int] = []
    values = np.empty_like(array)
    for index in order:
        point, known = array[index], values[: len(front)]
        dominated = (known <= point).all(axis=1) & (known < point).any(axis=1)
        if not dominated.any():
            values[len(front)] = point
            front.append(int(index))
    return front


def hypervolume(points: Sequence[Sequence[float]] | _Points, reference: Sequence[float]) -> float:
    """The volume that points dominate up to a reference point; exact.

    Points that are not below the reference everywhere add nothing. Two objectives are swept;
    more are cut into slices along the last one, as in HSO (While, Hingston, Barone and Huband, "A
    faster algorithm for calculating hypervolume", IEEE TEC 10, 2006), so that each further
    objective multiplies the time by the size of the front.

    Examples
    --------
    >>> from swiftnas.pareto import hypervolume
    >>> hypervolume([[1, 2], [2, 1]], reference=[3, 3])
    3.0
    """
    limits = np.asarray(reference, np.float64)
    array = _matrix(points, limits.size)
    if limits.shape != (array.shape[1],) or not np.isfinite(limits).all():
        raise ValueError(
            f"reference must hold one finite number per objective ({array.shape[1]}), "
            f"got {reference!r}"
        )
    return _volume(array[(array < limits).all(axis=1)], limits)


def _volume(points: _Points, reference: _Points) -> float:
    """The volume of points that are all below the reference."""
    if not len(points):
        return 0.0
    if len(reference) == 1:
        return float(reference[0] - points.min())
    if len(reference) == 2:
        return _area(points, reference)
    points = points[np.argsort(points[:, -1], kind="stable")]
    ends = np.append(points[1:, -1], reference[-1])
    volume = 0.0
    section = np.empty((0, len(reference) - 1))
    for point, end in zip(points, ends, strict=True):
        section = np.vstack([section, point[:-1]])
        if end > point[-1]:
            section = section[non_dominated(section)]
            volume += float(end - point[-1]) * _volume(section, reference[:-1])
    return volume


def _area(points: _Points, reference: _Points) -> float:
    """The area of points that are all below the reference, by a sweep along the first objective."""
    points = points[np.lexsort((points[:, 1], points[:, 0]))]
    heights = np.minimum.accumulate(points[:, 1])
    widths = np.diff(np.append(points[:, 0], reference[0]))
    return float(widths @ (reference[1] - heights))


def _matrix(points: Sequence[Sequence[float]] | _Points, columns: int = 1) -> _Points:
    """The points as a matrix, also if there are none."""
    array = np.asarray(points, np.float64)
    if array.size == 0:
        return np.empty((0, columns))
    if array.ndim != 2 or np.isnan(array).any():
        raise ValueError(f"points must be rows of numbers without NaN, got {points!r}")
    return array
