"""Standardisation of inputs and targets: fitted on the training part, carried by the model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas._arrays import Matrix

    #: One float32 number per column.
    Columns = npt.NDArray[np.float32]

#: The arrays of a `Standardization`.
NAMES = ("input_mean", "input_scale", "target_mean", "target_scale")

#: Rows that are converted at once, so that float64 copies of them stay small.
_BLOCK = 8192


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Standardization:
    """Means and scales of a task's training columns.

    The network sees ``(X - input_mean) / input_scale``, and its outputs become predictions as
    ``output * target_scale + target_mean``. A scale is the standard deviation (not corrected for
    the sample's size); 1 for a constant column, and for one whose deviation float32 cannot hold.
    Sample weights play no part.

    Attributes
    ----------
    input_mean, input_scale : ndarray of shape (features,)
    target_mean, target_scale : ndarray of shape (targets,), or None
        None if targets are left as they are.
    """

    input_mean: Columns
    input_scale: Columns
    target_mean: Columns | None = None
    target_scale: Columns | None = None

    def inputs(self, X: Matrix) -> Matrix:
        """Inputs as the network sees them; values too large for float32 become infinite."""
        return _standardized(X, self.input_mean, self.input_scale)

    def targets(self, y: Matrix) -> Matrix:
        """Targets as the network is to give them."""
        if self.target_mean is None or self.target_scale is None:
            return y
        return _standardized(y, self.target_mean, self.target_scale)

    def predictions(self, outputs: Matrix) -> Matrix:
        """Outputs of the network in the units of the targets."""
        if self.target_mean is None or self.target_scale is None:
            return outputs
        scaled = outputs.astype(np.float64) * self.target_scale + self.target_mean
        with np.errstate(over="ignore"):
            return scaled.astype(np.float32)


def fitted(X: Matrix, y: Matrix | None) -> Standardization:
    """The standardisation of training inputs, and of targets if given."""
    input_mean, input_scale = _moments(X)
    target_mean, target_scale = (None, None) if y is None else _moments(y)
    return Standardization(
        input_mean=input_mean,
        input_scale=input_scale,
        target_mean=target_mean,
        target_scale=target_scale,
    )


def _moments(matrix: Matrix) -> tuple[Columns, Columns]:
    """Mean and scale of each column, computed in float64."""
    means, scales = np.empty((2, matrix.shape[1]), np.float32)
    for column in range(matrix.shape[1]):
        values = matrix[:, column].astype(np.float64)
        means[column] = values.mean()
        # Rounding could give a constant column a tiny deviation.
        deviation = values.std() if values.min() < values.max() else 0.0
        scales[column] = deviation if deviation >= np.finfo(np.float32).tiny else 1
    return means, scales


def _standardized(matrix: Matrix, mean: Columns, scale: Columns) -> Matrix:
    result = np.empty(matrix.shape, np.float32)
    with np.errstate(over="ignore"):
        for first in range(0, len(matrix), _BLOCK):
            rows = slice(first, first + _BLOCK)
            result[rows] = (matrix[rows].astype(np.float64) - mean) / scale
    return result
