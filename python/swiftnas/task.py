"""Tasks: the data that candidates are trained and validated on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from swiftnas import _arrays, _native, splits
from swiftnas._arguments import given
from swiftnas.division import Rows
from swiftnas.labels import class_numbers, classes_of, classifies, row_weights
from swiftnas.standardization import Standardization, fitted

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas._arrays import Matrix

#: Names that `loss` takes.
Loss: TypeAlias = Literal["mse", "mae", "huber", "cross_entropy", "binary_cross_entropy"]
#: What `class_weight` takes.
ClassWeight: TypeAlias = Literal["balanced"] | Mapping[Any, float]


class Task:
    """Training data, validation data and the loss: regression or classification.

    Candidates are networks that ``num_hidden_layers``, ``hidden_layer_size`` and the other keys of
    `architecture_keys` describe. They are judged by the mean loss on the validation data, in which
    every row counts the same; in classification also by their accuracy.

    Parameters
    ----------
    X_train, X_val : array_like of shape (rows, features)
        NumPy arrays, pandas frames, torch tensors or lists of finite real numbers. float32 arrays
        in C order are used as they are, without a copy, so they must not change as long as the
        task is in use; anything else is converted to float32 once.
    y_train, y_val : array_like of shape (rows,) or (rows, targets)
        What to predict. Models predict 1-D arrays if `y_train` is 1-D. For classification one label
        per row: strings, whole numbers or booleans. The classes are those of `y_train`.
    loss : str, default "mse"
        For regression ``"mse"`` (mean squared error), ``"mae"`` (mean absolute error) or
        ``"huber"`` (with δ = 1); for classification ``"cross_entropy"`` (a softmax over one output
        per class) or, for two classes, ``"binary_cross_entropy"`` (one output). All are PyTorch's.
    sample_weight : array_like of shape (rows,), optional
        How much each training row counts, ≥ 0. The training loss is the weighted mean, divided by
        the sum of the weights, so that only their ratios matter.
    class_weight : "balanced" or dict, optional
        For classification a factor on the weights of each class's rows, 1 for labels that the dict
        leaves out; ``"balanced"`` gives every class the same sum.
    standardize : bool, default False
        Whether the network sees inputs of mean 0 and standard deviation 1, and in regression
        learns targets of that kind. Means and deviations are those of the training part; the model
        carries them along, takes inputs as they are and predicts in the units of `y_train`.
        **Losses are in units of the standardised targets.**

    Attributes
    ----------
    X_train, y_train, X_val, y_val : ndarray of float32
        The data as matrices, not standardised; labels as the places of their classes.
    flat_targets : bool
        Whether `y_train` was 1-D.
    loss : str
    classes : ndarray or None
        The different labels, sorted; None for regression.
    weights : ndarray of shape (rows, 1) or None
        How much each training row counts, with mean 1.
    standardization : Standardization or None

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> nas.Task(X[:80], X[:80, 0] ** 2, X[80:], X[80:, 0] ** 2)
    Task(80 training rows, 20 validation rows, 1 feature, 1 target)
    >>> labels = np.where(abs(X[:, 0]) < 0.5, "near", "far")
    >>> task = nas.Task.split(X, labels, loss="cross_entropy", standardize=True)
    >>> task
    Task(80 training rows, 20 validation rows, 1 feature, 2 classes)
    >>> task.classes.tolist()
    ['far', 'near']
    >>> architecture = {"num_hidden_layers": 1, "hidden_layer_size": 16, "learning_rate": 0.05}
    >>> model = nas.train(architecture, task, epochs=100, seed=0)
    >>> model.predict([[0.0], [0.9]]).tolist(), model.validation_accuracy > 0.9
    (['near', 'far'], True)
    """

    def __init__(
        self,
        X_train: npt.ArrayLike,
        y_train: npt.ArrayLike,
        X_val: npt.ArrayLike,
        y_val: npt.ArrayLike,
        *,
        loss: Loss = "mse",
        sample_weight: npt.ArrayLike | None = None,
        class_weight: ClassWeight | None = None,
        standardize: bool = False,
    ) -> None:
        is_classification = classifies(loss)
        if not isinstance(standardize, bool | np.bool_):
            raise TypeError(f"standardize must be a boolean, got {standardize!r}")
        self.loss: Loss = loss
        self.classes: npt.NDArray[Any] | None = None
        self.X_train: Matrix = _arrays.features(X_train, "X_train")
        self.X_val: Matrix = _arrays.features(X_val, "X_val")
        self.y_train: Matrix
        self.y_val: Matrix
        if is_classification:
            labels = _arrays.labels(y_train, "y_train")
            self.classes = classes_of(labels, "y_train")
            if loss == "binary_cross_entropy" and len(self.classes) > 2:
                raise ValueError(
                    f"y_train must hold two classes with loss={loss!r}, got {len(self.classes)}; "
                    "'cross_entropy' takes more"
                )
            self.flat_targets = True
            self.y_train = class_numbers(labels, self.classes, "y_train")
            validation_labels = _arrays.labels(y_val, "y_val")
            self.y_val = class_numbers(validation_labels, self.classes, "y_val")
        else:
            self.y_train, self.flat_targets = _arrays.targets(y_train, "y_train")
            self.y_val = _arrays.targets(y_val, "y_val")[0]
        _arrays.require_same_rows(self.X_train, self.y_train, ("X_train", "y_train"))
        _arrays.require_same_rows(self.X_val, self.y_val, ("X_val", "y_val"))
        _arrays.require_same_columns(self.X_train, self.X_val, ("X_train", "X_val"), "features")
        _arrays.require_same_columns(self.y_train, self.y_val, ("y_train", "y_val"), "targets")
        if sample_weight is not None:
            sample_weight = _arrays.weights(sample_weight, "sample_weight", self.rows)
        if isinstance(class_weight, Mapping):
            class_weight = dict(class_weight)
        self._sample_weight, self._class_weight = sample_weight, class_weight
        self.weights: Matrix | None = row_weights(
            sample_weight, class_weight, self.classes, self.y_train
        )
        self.standardization: Standardization | None = None
        #: What the network sees: inputs and targets to train on, then those to validate on.
        self._data = (self.X_train, self.y_train, self.X_val, self.y_val)
        names: tuple[str, ...] = ("X_train", "y_train", "X_val", "y_val")
        if standardize:
            for matrix, name in zip(self._data, names, strict=True):
                _arrays.require_finite(matrix, name)
            made = fitted(self.X_train, None if is_classification else self.y_train)
            self.standardization = made
            self._data = (
                made.inputs(self.X_train),
                made.targets(self.y_train),
                made.inputs(self.X_val),
                made.targets(self.y_val),
            )
            names = tuple(f"{name} (standardised)" for name in names)
        self._native = _native.Dataset(*self._data, names, loss, self.output_width, self.weights)

    @classmethod
    def split(
        cls,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        *,
        validation: float = 0.2,
        seed: int | None = 0,
        shuffle: bool = True,
        stratify: bool | None = None,
        groups: npt.ArrayLike | None = None,
        sample_weight: npt.ArrayLike | None = None,
        loss: Loss = "mse",
        class_weight: ClassWeight | None = None,
        standardize: bool = False,
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
            With `groups`, of the groups.
        seed : int or None, default 0
            Decides which rows; the same seed gives the same split. None draws a fresh one.
        shuffle : bool, default True
            Without it the first rows train and the last validate, whatever the seed: the split for
            rows in the order of time.
        stratify : bool, optional
            Whether both parts have the classes in the same proportions, as far as whole numbers go;
            so for classification, unless there are groups or no shuffling.
        groups : array_like of shape (rows,), optional
            A group for each row, such as a patient; no group has rows on both sides.
        sample_weight : array_like of shape (rows,), optional
            See `Task`; only those of the rows to train on count.
        loss, class_weight, standardize
            See `Task`.

        Examples
        --------
        >>> import numpy as np
        >>> import swiftnas as nas
        >>> X = np.arange(10.0).reshape(-1, 1)
        >>> task = nas.Task.split(X, X[:, 0], validation=0.2, shuffle=False)
        >>> task.X_val.tolist()
        [[8.0], [9.0]]
        """
        data = Rows(X, y, loss, stratify, groups, sample_weight, shuffle)
        train: Any
        rest: Any
        if shuffle:
            train, rest = splits.hold_out(
                data.count, validation, seed, strata=data.strata, groups=data.groups
            )
        else:
            if groups is not None:
                raise ValueError("groups need shuffle=True, got False")
            size = splits.training_count(data.count, validation)
            # Slices, so that nothing is copied.
            train, rest = slice(None, size), slice(size, None)
        return cls(
            *data.parts(train, rest),
            sample_weight=data.weights_of(train),
            loss=loss,
            class_weight=class_weight,
            standardize=standardize,
        )

    @classmethod
    def folds(
        cls,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        n_splits: int = 5,
        *,
        seed: int | None = 0,
        shuffle: bool = True,
        stratify: bool | None = None,
        groups: npt.ArrayLike | None = None,
        time_ordered: bool = False,
        splitter: Any = None,
        sample_weight: npt.ArrayLike | None = None,
        loss: Loss = "mse",
        class_weight: ClassWeight | None = None,
        standardize: bool = False,
    ) -> list[Task]:
        """Divide data several times, so that each row is validated on once.

        Parameters
        ----------
        n_splits : int, default 5
            Tasks to make, at least 2.
        shuffle : bool, default True
            Without it folds are blocks of consecutive rows.
        groups : array_like of shape (rows,), optional
            A group for each row; no group has rows on both sides, and groups count instead of rows.
        time_ordered : bool, default False
            Whether rows are in the order of time. Each task then validates on a block of rows and
            trains on all before it; the first rows are never validated on.
        splitter : object, optional
            Does the splitting instead, as scikit-learn's splitters do: its ``split(X, y, groups)``
            gives pairs of rows to train on and rows to validate on, as places or as masks.
            `n_splits`, `shuffle`, `stratify` and `time_ordered` are then left out.
        X, y, seed, stratify, sample_weight, loss, class_weight, standardize
            See `split`.

        Examples
        --------
        >>> import numpy as np
        >>> import swiftnas as nas
        >>> X = np.arange(6.0).reshape(-1, 1)
        >>> tasks = nas.Task.folds(X, X[:, 0], n_splits=3)
        >>> sorted(row for task in tasks for row in task.X_val[:, 0].tolist())
        [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
        >>> [task.rows for task in nas.Task.folds(X, X[:, 0], n_splits=2, time_ordered=True)]
        [2, 4]
        """
        data = Rows(X, y, loss, stratify, groups, sample_weight, shuffle and not time_ordered)
        if splitter is not None:
            for name, value in given(
                Task.folds,
                n_splits=n_splits,
                shuffle=shuffle,
                time_ordered=time_ordered,
                stratify=stratify,
            ).items():
                raise ValueError(
                    f"{name} must be left out with a splitter, which divides the rows itself, "
                    f"got {value!r}"
                )
            pairs = data.by(splitter)
        elif time_ordered:
            if groups is not None:
                raise ValueError("groups cannot be kept together with time_ordered=True")
            pairs = splits.time_ordered(data.count, n_splits)
        else:
            pairs = splits.k_fold(
                data.count,
                n_splits,
                seed,
                shuffle=shuffle,
                strata=data.strata,
                groups=data.groups,
            )
        return [
            cls(
                *data.parts(train, rest),
                sample_weight=data.weights_of(train),
                loss=loss,
                class_weight=class_weight,
                standardize=standardize,
            )
            for train, rest in pairs
        ]

    @property
    def input_width(self) -> int:
        """Features per row."""
        return self.X_train.shape[1]

    @property
    def output_width(self) -> int:
        """Outputs of the network: a target each, or the classes' logits."""
        if self.classes is None:
            return self.y_train.shape[1]
        return 1 if self.loss == "binary_cross_entropy" else len(self.classes)

    @property
    def rows(self) -> int:
        """Rows to train on."""
        return len(self.X_train)

    def __repr__(self) -> str:
        width = self.y_train.shape[1]
        counts = (
            (self.rows, "training row", "s"),
            (len(self.X_val), "validation row", "s"),
            (self.input_width, "feature", "s"),
            (width, "target", "s") if self.classes is None else (len(self.classes), "class", "es"),
        )
        texts = (f"{count} {noun}" + ending * (count != 1) for count, noun, ending in counts)
        return f"Task({', '.join(texts)})"

    def _targets(self, numbers: Matrix) -> npt.NDArray[Any]:
        """Targets, or places of classes, as they were given."""
        if self.classes is not None:
            given: npt.NDArray[Any] = self.classes[numbers[:, 0].astype(np.intp)]
            return given
        return numbers[:, 0] if self.flat_targets else numbers

    def _options(self) -> dict[str, Any]:
        """The arguments behind the data, except for the weights of rows."""
        return {
            "loss": self.loss,
            "class_weight": self._class_weight,
            "standardize": self.standardization is not None,
        }

    def _divided(self, validation: float, seed: int) -> Task:
        """The training rows alone, divided again."""
        return Task.split(
            self.X_train,
            self._targets(self.y_train),
            validation=validation,
            seed=seed,
            sample_weight=self._sample_weight,
            **self._options(),
        )

    def __reduce__(self) -> tuple[Any, ...]:
        data = (
            self.X_train,
            self._targets(self.y_train),
            self.X_val,
            self._targets(self.y_val),
        )
        return _restored, (data, self._options() | {"sample_weight": self._sample_weight})


def _restored(data: tuple[Any, ...], options: dict[str, Any]) -> Task:
    return Task(*data, **options)


def checked_task(task: Any) -> Task:
    """`task` itself, or an error that says how to make one."""
    if not isinstance(task, Task):
        raise TypeError(
            f"task must be a swiftnas.Task, got {type(task).__name__}; "
            "write Task.split(X, y) or Task(X_train, y_train, X_val, y_val)"
        )
    return task
