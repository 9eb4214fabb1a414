"""What `NASRegressor` and `NASClassifier` have in common: parameters, and the search in `fit`."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from swiftnas import _arrays
from swiftnas._arguments import whole_number
from swiftnas.architecture import check_space
from swiftnas.budget import trials_and_seconds
from swiftnas.estimators.default_space import default_space, first_candidates
from swiftnas.estimators.fold_training import FoldTraining
from swiftnas.estimators.rows import (
    divided,
    is_splitter,
    repeated_by_weight,
    require_all_classes,
    sorted_rows,
)
from swiftnas.estimators.selection import ensemble_weights
from swiftnas.search_loop import search
from swiftnas.search_space import SearchSpace
from swiftnas.strategy import checked_strategy
from swiftnas.task import Loss, Task

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas.model import Model
    from swiftnas.results import SearchResult
    from swiftnas.search_space import Architecture

#: Seeds that NumPy's and the engine's generators both take.
_SEEDS = 2**31 - 1


class NASEstimator(BaseEstimator):  # type: ignore[misc]
    """The common part of the estimators; see `NASRegressor` for the parameters."""

    #: Names that the parameter `loss` takes.
    _losses: ClassVar[tuple[Loss, ...]]

    result_: SearchResult
    models_: list[Model]
    weights_: npt.NDArray[np.float64]
    best_architecture_: Architecture
    n_features_in_: int

    def _search(
        self,
        X: npt.NDArray[np.float64],
        y: npt.NDArray[Any],
        weights: npt.NDArray[np.float64],
        *,
        factors: npt.NDArray[np.float64] | None = None,
        labels: npt.NDArray[Any] | None = None,
        groups: npt.ArrayLike | None,
        start: float,
    ) -> None:
        """Search on checked data, and keep the best candidates' models.

        Parameters
        ----------
        y : ndarray of shape (rows,) or (rows, targets)
            Targets, or the numbers of classes.
        weights : ndarray of shape (rows,)
            All of them positive.
        factors : ndarray of shape (classes,), optional
            What each class's weights are multiplied by.
        labels : ndarray of shape (classes,), optional
            What each class is called, for errors.
        start : float
            When `fit` began, by `time.perf_counter`.
        """
        trials, seconds = trials_and_seconds(self.budget)
        loss = self._checked_loss()
        keep = whole_number(self.ensemble, "ensemble", minimum=1)
        workers = whole_number(self.workers, "workers", minimum=1)
        epochs = whole_number(self.epochs, "epochs", minimum=1)
        patience = whole_number(self.patience, "patience", minimum=1)
        strategy = checked_strategy("TPE" if self.strategy is None else self.strategy)
        seed = int(check_random_state(self.random_state).randint(_SEEDS))
        space = None if self.space is None else SearchSpace.of(self.space)

        if not is_splitter(self.validation):
            rows, weights = sorted_rows(np.column_stack([X, y]), weights)
            X, y = X[rows], y[rows]
        classes = None if factors is None else y
        if factors is not None:
            weights = weights * (factors / factors.max(initial=1.0))[y]
            if not weights.any():
                raise ValueError("class_weight must not be 0 for all rows")
        pairs = divided(self.validation, X, y, loss=loss, classes=classes, groups=groups, seed=seed)
        if labels is not None:
            require_all_classes(pairs, y, labels)
        tasks = [self._task(X, y, weights, pair, loss) for pair in pairs]

        initial = []
        if space is None:
            space = default_space(tasks[0].rows)
            initial = first_candidates(space)
        check_space(space, tasks[0], workers)
        deadline = None if seconds is None else start + seconds
        training = FoldTraining(
            tasks,
            workers=workers,
            epochs=epochs,
            patience=patience,
            keep=keep,
            seed=seed,
            deadline=deadline,
        )
        try:
            result = search(
                space,
                objective=training,
                strategy=strategy,
                initial=initial,
                trials=trials,
                # At least one candidate is trained, however late it is.
                seconds=None if deadline is None else max(1e-3, deadline - time.perf_counter()),
                seed=seed,
                workers=workers,
                progress=self.progress,
            )
            # Raises an error if there is none.
            best = dict(result.best.architecture)
            if not training.best:
                # A strategy of several fidelities that did not come to all folds of any candidate.
                training(best)
        finally:
            training.close()
        # What an earlier `fit` has left stays whole until here.
        self._keep(training)
        self.result_, self.best_architecture_ = result, best

    def _keep(self, training: FoldTraining) -> None:
        """The models of the best candidates that make the ensemble better."""
        best = training.best
        targets = training.held_out_targets()
        shares = np.ones(1)
        if len(best) > 1:
            outputs = [self._averaged(training.held_out_outputs(candidate)) for candidate in best]
            shares = ensemble_weights(outputs, lambda mean: self._error(mean, targets))
        chosen = [(one, share) for one, share in zip(best, shares, strict=True) if share > 0]
        self.models_ = [model for one, _ in chosen for model in one.models]
        self.weights_ = np.array(
            [share / len(one.models) for one, share in chosen for _ in one.models]
        )

    def _task(
        self,
        X: npt.NDArray[np.float64],
        y: npt.NDArray[Any],
        weights: npt.NDArray[np.float64],
        pair: tuple[Any, Any],
        loss: Loss,
    ) -> Task:
        """One fold, in which the rows to validate on are repeated by their weights."""
        train, rest = pair
        if not weights[train].any():
            raise ValueError("sample_weight must not be 0 for all rows of a fold to train on")
        if weights[rest].any():
            rest = rest[repeated_by_weight(weights[rest])]
        return Task(
            X[train],
            y[train],
            X[rest],
            y[rest],
            loss=loss,
            sample_weight=None if (weights == weights[0]).all() else weights[train],
            standardize=self._checked_standardize(),
        )

    def _checked_loss(self) -> Loss:
        if self.loss not in self._losses:
            allowed = ", ".join(map(repr, self._losses))
            raise ValueError(f"loss must be one of {allowed}, got {self.loss!r}")
        loss: Loss = self.loss
        return loss

    def _checked_standardize(self) -> bool:
        if not isinstance(self.standardize, bool | np.bool_):
            raise TypeError(f"standardize must be a boolean, got {self.standardize!r}")
        return bool(self.standardize)

    def _mean(self, X: Any, method: str) -> npt.NDArray[np.float64]:
        """The weighted mean over all models of what a method of theirs gives."""
        check_is_fitted(self, "models_")
        X = validate_data(self, X, reset=False)
        total: npt.NDArray[np.float64] = sum(
            weight * getattr(model, method)(X).astype(np.float64)
            for model, weight in zip(self.models_, self.weights_, strict=True)
        )
        return total

    @abstractmethod
    def _averaged(self, outputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Outputs of a network in the form in which the ensemble averages them."""

    @abstractmethod
    def _error(self, mean: npt.NDArray[np.float64], targets: npt.NDArray[np.float32]) -> float:
        """The loss of averages."""


def counted_rows(
    sample_weight: Any, X: npt.NDArray[Any], y: npt.NDArray[Any], validation: Any
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], npt.NDArray[np.float64]]:
    """The rows that count, and how much; for a splitter, which counts rows itself, all rows."""
    # Folds would call it X_train, and count their own rows.
    _arrays.features(X, "X")
    if sample_weight is None:
        return X, y, np.ones(len(X))
    if not np.any(np.asarray(sample_weight)):
        raise ValueError("sample_weight must not be zero for all rows")
    weights = _arrays.weights(sample_weight, "sample_weight", len(X))
    if is_splitter(validation):
        return X, y, weights
    counts = weights > 0
    return X[counts], y[counts], weights[counts]
