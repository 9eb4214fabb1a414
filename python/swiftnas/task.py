"""Tasks: the data that candidates are trained and validated on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas import _arrays, _native
from swiftnas._arguments import seed_or_fresh, whole_number

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas._arrays import Matrix


class Task:
    """Regression on training data, judged by the mean squared error on validation data.

    Candidates are networks that ``num_hidden_layers``, ``hidden_layer_size`` and the other keys of
    `architecture_keys` describe.

    Parameters
    ----------
    X_train, X_val : array_like of shape (rows, features)
        NumPy arrays, pandas frames, torch tensors or lists of finite real numbers. float32 arrays
        in C order are used as they are, without a copy, so they must not change as long as the
        task is in use; anything else is converted to float32 once.
    y_train, y_val : array_like of shape (rows,) or (rows, targets)
        What to predict. Models predict 1-D arrays if `y_train` is 1-D.

    Attributes
    ----------
    X_train, y_train, X_val, y_val : ndarray of float32
        The data as matrices.
    flat_targets : bool
        Whether `y_train` was 1-D.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> nas.Task(X[:80], X[:80, 0] ** 2, X[80:], X[80:, 0] ** 2)
    Task(80 training rows, 20 validation rows, 1 feature, 1 target)
    """

    def __init__(
        self,
        X_train: npt.ArrayLike,
        y_train: npt.ArrayLike,
        X_val: npt.ArrayLike,
        y_val: npt.ArrayLike,
    ) -> None:
        self.X_train: Matrix = _arrays.features(X_train, "X_train")
        self.y_train: Matrix
        self.y_train, self.flat_targets = _arrays.targets(y_train, "y_train")
        self.X_val: Matrix = _arrays.features(X_val, "X_val")
        self.y_val: Matrix = _arrays.targets(y_val, "y_val")[0]
        _arrays.require_same_rows(self.X_train, self.y_train, ("X_train", "y_train"))
        _arrays.require_same_rows(self.X_val, self.y_val, ("X_val", "y_val"))
        _arrays.require_same_columns(self.X_train, self.X_val, ("X_train", "X_val"), "features")
        _arrays.require_same_columns(self.y_train, self.y_val, ("y_train", "y_val"), "targets")
        self._native = _native.Dataset(
            self.X_train,
            self.y_train,
            self.X_val,
            self.y_val,
            ("X_train", "y_train", "X_val", "y_val"),
        )

    @classmethod
    def split(
        cls,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        validation: float = 0.2,
        seed: int | None = 0,
        shuffle: bool = True,
    ) -> Task:
        """Divide data into rows to train on and rows to validate on.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            See `Task`.
        y : array_like of shape (rows,) or (rows, targets)
            See `Task`.
        validation : float or int, default 0.2
            The share of the rows to validate on, rounded up; or their number, if it is an integer.
        seed : int, optional
            Decides which rows; the same seed gives the same split. None draws a fresh one.
        shuffle : bool, default True
            Without it the first rows train and the last validate, whatever the seed.

        Examples
        --------
        >>> import numpy as np
        >>> import swiftnas as nas
        >>> X = np.arange(10.0).reshape(-1, 1)
        >>> task = nas.Task.split(X, X[:, 0], validation=0.2, shuffle=False)
        >>> task.X_val.tolist()
        [[8.0], [9.0]]
        """
        inputs = _arrays.features(X, "X")
        outputs, was_flat = _arrays.targets(y, "y")
        _arrays.require_same_rows(inputs, outputs, ("X", "y"))
        # Checked before the rows move, so that errors count them as the caller does.
        _arrays.require_finite(inputs, "X")
        _arrays.require_finite(outputs, "y")
        rows = len(inputs)
        size = _training_rows(rows, validation)
        train: Any = slice(None, size)
        rest: Any = slice(size, None)
        if shuffle:
            # NumPy promises that this generator's permutations never change.
            bits = np.random.MT19937(seed_or_fresh(seed))
            order = np.random.RandomState(bits).permutation(rows)
            train, rest = order[:size], order[size:]
        if was_flat:
            outputs = outputs[:, 0]
        return cls(inputs[train], outputs[train], inputs[rest], outputs[rest])

    @property
    def input_width(self) -> int:
        """Features per row."""
        return self.X_train.shape[1]

    @property
    def output_width(self) -> int:
        """Targets per row."""
        return self.y_train.shape[1]

    @property
    def rows(self) -> int:
        """Rows to train on."""
        return len(self.X_train)

    def __repr__(self) -> str:
        counts = (
            (self.rows, "training row"),
            (len(self.X_val), "validation row"),
            (self.input_width, "feature"),
            (self.output_width, "target"),
        )
        texts = (f"{count} {noun}" + "s" * (count != 1) for count, noun in counts)
        return f"Task({', '.join(texts)})"

    def __reduce__(self) -> tuple[Any, ...]:
        y_train, y_val = self.y_train, self.y_val
        if self.flat_targets:
            return Task, (self.X_train, y_train[:, 0], self.X_val, y_val[:, 0])
        return Task, (self.X_train, y_train, self.X_val, y_val)


def _training_rows(rows: int, validation: float) -> int:
    """How many of `rows` are left to train on; at least one on either side."""
    if isinstance(validation, float | np.floating):
        if not 0 < validation < 1:
            raise ValueError(f"validation must be in (0, 1), got {validation}")
        # Shares such as 0.9 are not exact: 10 · (1 − 0.9) is a little less than 1.
        size = int((1 - float(validation)) * rows + 1e-9)
    else:
        size = rows - whole_number(validation, "validation", minimum=1)
    if not 0 < size < rows:
        raise ValueError(
            f"validation must leave rows on both sides, got {validation} of {rows} rows"
        )
    return size


def checked_task(task: Any) -> Task:
    """`task` itself, or an error that says how to make one."""
    if not isinstance(task, Task):
        raise TypeError(
            f"task must be a swiftnas.Task, got {type(task).__name__}; "
            "write Task(X_train, y_train, X_val, y_val)"
        )
    return task
