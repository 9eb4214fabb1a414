"""`NASRegressor`: regression by an architecture search, as a scikit-learn estimator."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import validate_data

from swiftnas import _arrays
from swiftnas.estimators.base import NASEstimator, counted_rows
from swiftnas.task import Loss

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import timedelta

    import numpy.typing as npt

    from swiftnas.search_space import SearchSpace
    from swiftnas.strategy import Strategy


class NASRegressor(RegressorMixin, NASEstimator):  # type: ignore[misc]
    """Regression by the best networks that a search finds; one or many targets.

    Every candidate is trained on each of several folds, with early stopping on the rows left out,
    and is as good as its mean loss there. The models of the best ones predict together.

    Inputs are finite numbers. Missing values and categories are for scikit-learn's preprocessing in
    a pipeline, with dense columns: ``make_pipeline(make_column_transformer((OneHotEncoder(
    sparse_output=False), ["kind"]), remainder=SimpleImputer()), NASRegressor())``.

    Parameters
    ----------
    space : SearchSpace or dict, optional
        What to search, see `architecture_keys`. By default networks of one to four equal hidden
        layers with their width, activation, dropout, skip connections, learning rate, weight decay
        and batch size.
    strategy : Strategy or str, optional
        How to search, such as ``nas.BOHB()`` or ``"BOHB"``; `TPE` by default. Those of several
        fidelities judge candidates by fewer folds first.
    budget : int, str or datetime.timedelta, default 50
        How many candidates to try, or how long `fit` may take, such as ``"60s"`` or ``"5min"``. The
        result depends on the machine only if it is a time.
    ensemble : int, default 10
        How many of the best candidates may predict together. They are weighted by forward selection
        on the rows left out (Caruana et al., ICML 2004); 1 takes the best alone.
    validation : int, float or splitter, optional
        A number of folds, the share of the rows to hold out from all candidates, or one of
        scikit-learn's splitters. By default 5 folds, or a share of 0.2 of more than 5,000 rows.
    epochs : int, default 1000
        The most passes over the rows in each training.
    patience : int, default 30
        Epochs without a better validation after which a training ends; its model is that of the
        best one.
    loss : {"mse", "mae", "huber"}
        See `Task`.
    standardize : bool, default True
        Whether networks see inputs, and learn targets, of mean 0 and standard deviation 1.
    workers : int, default 1
        Trainings at once, of folds and candidates. The result is the same for any number, bit for
        bit, unless the budget is a time.
    random_state : int, RandomState or None, default None
        Decides about folds, candidates, initial weights, batches and dropout.
    progress : bool or None, default False
        Whether to show a progress bar, see `search`.

    Attributes
    ----------
    result_ : SearchResult
        All trials; ``result_.report("search.html")`` shows them.
    best_architecture_ : dict
    models_ : list of Model
        What predicts: of each candidate in the ensemble one per fold.
    weights_ : ndarray of shape (n_models,)
        How much each model counts; the sum is 1.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Only if `fit` had a frame with names.

    See Also
    --------
    search : the search by itself, with objectives, constraints and callbacks.

    Notes
    -----
    A weight of 2 is the same as two rows, and the order of rows does not matter. Whole weights are
    numbers of copies; as with rows that happen to be equal, some may train and others validate. If
    any weight is not whole, equal rows are one row with the sum of their weights, which trains or
    validates. With a splitter rows stay as they are.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.random.default_rng(0).uniform(-2, 2, (300, 2))
    >>> y = np.sin(2 * X[:, 0]) + X[:, 1] ** 2
    >>> model = nas.NASRegressor(budget=5, random_state=0).fit(X[:200], y[:200])
    >>> model.score(X[200:], y[200:]) > 0.9
    True

    In a pipeline, where a column is a category and some values are missing:

    >>> from sklearn.compose import make_column_transformer
    >>> from sklearn.impute import SimpleImputer
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import OneHotEncoder
    >>> table = np.column_stack([X, X[:, 0] > 0]).astype(object)
    >>> table[0, 1] = np.nan
    >>> columns = make_column_transformer(
    ...     (OneHotEncoder(sparse_output=False), [2]), remainder=SimpleImputer()
    ... )
    >>> model = make_pipeline(columns, nas.NASRegressor(budget=1, epochs=5))
    >>> model.fit(table, y).predict(table).shape
    (300,)
    """

    _losses: ClassVar[tuple[Loss, ...]] = ("mse", "mae", "huber")

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
        loss: str = "mse",
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
    ) -> NASRegressor:
        """Search for the best networks.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            Finite real numbers: NumPy arrays, pandas or polars frames, or lists.
        y : array_like of shape (rows,) or (rows, targets)
            Finite real numbers.
        sample_weight : array_like of shape (rows,), optional
            How much each row counts, in training and validation.
        groups : array_like of shape (rows,), optional
            For a splitter such as ``validation=GroupKFold()``.

        Returns
        -------
        NASRegressor
            Itself.
        """
        start = time.perf_counter()
        inputs, targets = validate_data(
            self, X, y, multi_output=True, y_numeric=True, ensure_min_samples=2
        )
        _arrays.targets(targets, "y")
        inputs, targets, weights = counted_rows(sample_weight, inputs, targets, self.validation)
        self._search(inputs, targets, weights, groups=groups, start=start)
        return self

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Predict the targets of each row.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            As in `fit`, with the same features.

        Returns
        -------
        ndarray of float64 of shape (rows,) or (rows, targets)
            In the shape and the units that they had in `fit`.
        """
        return self._mean(X, "predict")

    def _averaged(self, outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        return outputs.astype(np.float64)

    def _error(self, mean: npt.NDArray[np.float64], targets: npt.NDArray[np.float32]) -> float:
        distances = np.abs(mean - targets)
        if self.loss == "mse":
            distances = distances**2
        elif self.loss == "huber":
            distances = np.where(distances < 1, distances**2 / 2, distances - 0.5)
        return float(distances.mean())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
