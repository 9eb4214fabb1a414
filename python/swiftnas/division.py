"""Data that are to be divided, checked before rows move: errors count rows as the user does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas import _arrays, splits
from swiftnas.labels import classes_of, classifies

if TYPE_CHECKING:
    import numpy.typing as npt


class Rows:
    """The data of one division, with what each row belongs to."""

    def __init__(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        loss: str,
        stratify: bool | None,
        groups: npt.ArrayLike | None,
        sample_weight: npt.ArrayLike | None,
        shuffle: bool,
    ) -> None:
        is_classification = classifies(loss)
        if not (stratify is None or isinstance(stratify, bool | np.bool_)):
            raise TypeError(
                f"stratify must be a boolean or None, got {type(stratify).__name__}; "
                "True keeps the proportions of the classes in y"
            )
        self.inputs = _arrays.features(X, "X")
        self.count = len(self.inputs)
        self.targets: npt.NDArray[Any]
        if is_classification:
            self.targets = _arrays.labels(y, "y")
            classes_of(self.targets, "y")
        else:
            matrix, was_flat = _arrays.targets(y, "y")
            self.targets = matrix[:, 0] if was_flat else matrix
        if len(self.targets) != self.count:
            raise ValueError(
                f"y must have as many rows as X ({self.count}), got {len(self.targets)}"
            )
        _arrays.require_finite(self.inputs, "X")
        if not is_classification:
            _arrays.require_finite(matrix, "y")
        self.weights = (
            None
            if sample_weight is None
            else _arrays.weights(sample_weight, "sample_weight", self.count)
        )
        self.groups: npt.NDArray[Any] | None = None
        if groups is not None:
            self.groups = np.asarray(groups)
            if self.groups.shape != (self.count,):
                raise ValueError(
                    f"groups must have one entry for each of {self.count} rows, "
                    f"got shape {self.groups.shape}"
                )
        if stratify is None:
            stratify = is_classification and shuffle and groups is None
        if stratify:
            if not is_classification:
                raise ValueError("stratify needs classes, got a loss of regression")
            if not shuffle or groups is not None:
                raise ValueError("stratify must be False with groups or without shuffling")
        self.strata = self.targets if stratify else None

    def by(self, splitter: Any) -> list[splits.Split]:
        """The pairs of a splitter like scikit-learn's, checked."""
        if not hasattr(splitter, "split"):
            raise TypeError(f"splitter must have a method split(X, y, groups), got {splitter!r}")
        pairs = []
        for pair in splitter.split(self.inputs, self.targets, self.groups):
            try:
                train, rest = (np.arange(self.count)[_places(rows)] for rows in pair)
            except IndexError:
                raise ValueError(
                    f"splitter must give rows below {self.count}, or masks of {self.count} rows"
                ) from None
            except (TypeError, ValueError):
                raise TypeError(f"splitter must give pairs of rows, got {pair!r}") from None
            if not len(train) or not len(rest):
                raise ValueError("splitter must leave rows on both sides, got none on one")
            pairs.append((train, rest))
        if not pairs:
            raise ValueError("splitter must give at least one split, got none")
        return pairs

    def parts(self, train: Any, rest: Any) -> tuple[npt.NDArray[Any], ...]:
        """Inputs and targets to train on, then those to validate on."""
        return self.inputs[train], self.targets[train], self.inputs[rest], self.targets[rest]

    def weights_of(self, train: Any) -> npt.NDArray[np.float64] | None:
        """The weights of the rows to train on."""
        return None if self.weights is None else self.weights[train]


def _places(rows: Any) -> npt.NDArray[Any]:
    """Rows as a splitter gives them: their places, or a mask of all rows."""
    array = np.asarray(rows)
    return array if array.dtype == bool else array.astype(np.intp)
