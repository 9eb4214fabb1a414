"""`NASClassifier`: classification by an architecture search, as a scikit-learn estimator."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from swiftnas import _arrays
from swiftnas.estimators.base import NASEstimator, counted_rows
from swiftnas.labels import class_factors, classes_of, probabilities, shown
from swiftnas.task import Loss

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    import numpy.typing as npt

    from swiftnas.search_space import SearchSpace
    from swiftnas.strategy import Strategy

#: Below it a probability is no number of float32 any more; its logarithm stays finite.
_LEAST = float(np.finfo(np.float32).tiny)


class NASClassifier(ClassifierMixin, NASEstimator):  # type: ignore[misc]
    """Classification by the best networks that a search finds; two or more classes.

    Every candidate is trained on each of several folds, with early stopping on the rows left out,
    and is as good as its mean loss there. The models of the best ones predict together, by the mean
    of their probabilities. Folds have the classes in the same proportions.

    Parameters
    ----------
    space, strategy, budget, ensemble, validation, epochs, patience, workers, random_state, progress
        See `NASRegressor`.
    loss : {"cross_entropy", "binary_cross_entropy"}
        See `Task`.
    class_weight : "balanced", dict or None, default None
        A factor on the weights of each class's rows, in training and validation; ``"balanced"``
        gives every class the same sum.
    standardize : bool, default True
        Whether networks see inputs of mean 0 and standard deviation 1.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
        The different labels, sorted.
    result_, best_architecture_, models_, weights_, n_features_in_, feature_names_in_
        See `NASRegressor`.

    Examples
    --------
    >>> import swiftnas as nas
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import cross_val_score
    >>> X, y = load_iris(return_X_y=True)
    >>> model = nas.NASClassifier(budget=3, random_state=0)
    >>> bool(cross_val_score(model, X, y, cv=2).min() > 0.9)
    True
    >>> model.fit(X, y).predict_proba(X[:2]).shape
    (2, 3)
    """

    _losses: ClassVar[tuple[Loss, ...]] = ("cross_entropy", "binary_cross_entropy")

    classes_: npt.NDArray[Any]

    def __init__(
        self,
        *,
        space: SearchSpace | Mapping[str, Any] | None = None,
        strategy: Strategy | str | None = None,
        budget: int | str | timedelta = 50,
        ensemble: int = 10,
        validation: Any = None,
        epochs: int = 1000,
        patience: int = 30,
        loss: str = "cross_entropy",
        class_weight: Any = None,
        standardize: bool = True,
        workers: int = 1,
        random_state: Any = None,
        progress: bool | None = False,
    ) -> None:
        self.space = space
        self.strategy = strategy
        self.budget = budget
        self.ensemble = ensemble
        self.validation = validation
        self.epochs = epochs
        self.patience = patience
        self.loss = loss
        self.class_weight = class_weight
        self.standardize = standardize
        self.workers = workers
        self.random_state = random_state
        self.progress = progress

    def fit(
        self,
        X: npt.ArrayLike,
        y: npt.ArrayLike,
        sample_weight: npt.ArrayLike | None = None,
        groups: npt.ArrayLike | None = None,
    ) -> NASClassifier:
        """Search for the best networks.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            Finite real numbers: NumPy arrays, pandas or polars frames, or lists.
        y : array_like of shape (rows,)
            Labels of any kind.
        sample_weight : array_like of shape (rows,), optional
            How much each row counts, in training and validation.
        groups : array_like of shape (rows,), optional
            For a splitter such as ``validation=GroupKFold()``.

        Returns
        -------
        NASClassifier
            Itself.
        """
        start = time.perf_counter()
        inputs, labels = validate_data(self, X, y, ensure_min_samples=2)
        check_classification_targets(labels)
        inputs, labels, weights = counted_rows(sample_weight, inputs, labels, self.validation)
        classes, codes = np.unique(labels, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(
                f"y must hold at least two classes, got one class: {shown(classes[0])}"
            )
        factors = class_factors(
            {} if self.class_weight is None else self.class_weight,
            *(classes, codes, weights, "y"),
        )
        # In the types that a task gives them: a file of a model knows no Python objects.
        plain = classes_of(_arrays.labels(classes, "y"), "y")
        self._search(
            *(inputs, codes, weights), factors=factors, labels=plain, groups=groups, start=start
        )
        self.models_ = [replace(model, classes=plain) for model in self.models_]
        self.classes_ = classes
        return self

    def predict_proba(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The probability of each class for each row.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            As in `fit`, with the same features.

        Returns
        -------
        ndarray of float64 of shape (rows, classes)
            Columns are in the order of `classes_`; each row's sum is 1.
        """
        return self._mean(X, "predict_proba")

    def predict_log_proba(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The logarithms of `predict_proba`, which are finite.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            As in `fit`, with the same features.

        Returns
        -------
        ndarray of float64 of shape (rows, classes)
        """
        logarithms: npt.NDArray[np.float64] = np.log(np.maximum(self.predict_proba(X), _LEAST))
        return logarithms

    def decision_function(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """The logarithms of `predict_proba`; of two classes their difference.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            As in `fit`, with the same features.

        Returns
        -------
        ndarray of float64 of shape (rows, classes), or (rows,) of two classes
        """
        logarithms = self.predict_log_proba(X)
        if len(self.classes_) > 2:
            return logarithms
        difference: npt.NDArray[np.float64] = logarithms[:, 1] - logarithms[:, 0]
        return difference

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Predict the label of each row: the most probable one, the first of equals.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            As in `fit`, with the same features.

        Returns
        -------
        ndarray of shape (rows,)
            Labels of the type that `classes_` has.
        """
        places = self.predict_proba(X).argmax(axis=1)
        labels: npt.NDArray[Any] = self.classes_[places]
        return labels

    def _averaged(self, outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        return probabilities(outputs)

    def _error(self, mean: npt.NDArray[np.float64], targets: npt.NDArray[np.float32]) -> float:
        places = targets[:, 0].astype(np.intp)
        return float(-np.log(np.maximum(mean[np.arange(len(mean)), places], _LEAST)).mean())
