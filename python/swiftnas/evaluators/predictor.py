"""A performance predictor: values of architectures learnt from the trials of a search so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from swiftnas._arguments import seed_or_fresh, whole_number
from swiftnas.encoding import encode
from swiftnas.rank_correlation import spearman
from swiftnas.results import SearchResult
from swiftnas.search_space import SearchSpace
from swiftnas.trial import Trial, highest_fidelity

if TYPE_CHECKING:
    from swiftnas.search_space import Architecture

#: Trees of the forest that is used if no other model is given.
_TREES = 200

#: Trials from which anything can be learnt and held out.
_FEWEST = 4

_Vector = npt.NDArray[np.float64]


class Predictor:
    """Predicts the value of an architecture from trials, as an objective for a search of its own.

    By default extremely randomised trees (Geurts, Ernst and Wehenkel, 2006; needs scikit-learn) on
    the encoded architectures. Values that are all positive, as losses are, are learnt as
    logarithms. Diverged trials count as bad as the worst of the others; failed, stopped and
    infeasible ones are left out, as are all of less than the highest fidelity.

    Parameters
    ----------
    result : SearchResult
        What to learn from; its first objective, if it has several.
    model : object, optional
        A regressor with scikit-learn's `fit` and `predict`, instead of the trees.
    seed : int, default 0
        Of the trees and of `rank_correlation`.

    Attributes
    ----------
    trials : tuple of Trial
        Those that it learnt from, without repetitions.

    Examples
    --------
    >>> import swiftnas as nas
    >>> space = {"x": nas.Float(-1, 1), "y": nas.Float(-1, 1)}
    >>> def f(architecture):
    ...     return 1 + architecture["x"] ** 2 + architecture["y"] ** 2
    >>> study = nas.search(space, objective=f, strategy=nas.RandomSearch(), trials=60, seed=0)
    >>> predictor = nas.evaluators.Predictor(study)
    >>> predictor.rank_correlation() > 0.7
    True
    >>> cheap = nas.search(space, objective=predictor, trials=100, seed=0)
    >>> f(cheap.best.architecture) < 1.2
    True
    """

    def __init__(self, result: SearchResult, *, model: Any = None, seed: int = 0) -> None:
        if not isinstance(result, SearchResult):
            raise TypeError(f"result must be a SearchResult, got {type(result).__name__}")
        self.space: SearchSpace = result.space
        self.seed = seed_or_fresh(seed)
        self.trials = lessons(result)
        if len(self.trials) < _FEWEST:
            raise ValueError(
                f"result must have at least {_FEWEST} trials to learn from, got {len(self.trials)}"
            )
        if not (model is None or (hasattr(model, "fit") and hasattr(model, "predict"))):
            raise TypeError(f"model must have fit and predict, got {type(model).__name__}")
        self._rows = encode(self.space, [trial.architecture for trial in self.trials])
        values = np.array([trial.value for trial in self.trials])
        finite = np.isfinite(values)
        if not finite.any():
            raise ValueError("result must have a trial with a finite value, got none")
        values[~finite] = values[finite].max()
        self._is_logarithm = bool((values > 0).all())
        self._targets: _Vector = np.log(values) if self._is_logarithm else values
        self._model = self._fitted(_trees(self.seed) if model is None else model, slice(None))

    def __repr__(self) -> str:
        return f"Predictor({len(self.trials)} trials, {type(self._model).__name__})"

    def __call__(self, architecture: Mapping[str, Any]) -> float:
        """The predicted value of one architecture."""
        return float(self.predict([architecture])[0])

    def predict(self, architectures: Iterable[Mapping[str, Any]]) -> _Vector:
        """The predicted values of architectures, faster than one by one."""
        rows = encode(self.space, architectures)
        if not len(rows):
            return np.empty(0)
        return self._values(self._predicted(self._model, rows))

    def best(self, count: int, *, candidates: int = 1_000, seed: int = 0) -> list[Architecture]:
        """The most promising of random architectures that were not tried yet, best first.

        Parameters
        ----------
        count : int
            How many to return at most.
        candidates : int, default 1000
            How many to draw and predict.
        seed : int, default 0
            Of the draw.
        """
        count = whole_number(count, "count", minimum=1)
        number = whole_number(candidates, "candidates", minimum=1)
        tried = {_key(trial.architecture) for trial in self.trials}
        drawn = {_key(a): a for a in self.space.sample(seed, count=number)}
        new = [architecture for key, architecture in drawn.items() if key not in tried]
        order = np.argsort(self.predict(new), kind="stable")
        return [new[index] for index in order[:count]]

    def rank_correlation(self, folds: int = 5) -> float:
        """Spearman's correlation of predictions and values, by cross-validation.

        Each trial is predicted by a model that has not seen it. 1 means that the order is right, 0
        that nothing was learnt; NaN if all values or all predictions are equal.

        Parameters
        ----------
        folds : int, default 5
            Parts of equal size, up to one; at most the number of trials.
        """
        count = len(self.trials)
        folds = whole_number(folds, "folds", minimum=2, maximum=count)
        order = np.random.default_rng(self.seed).permutation(count)
        predicted = np.empty(count)
        for part in np.array_split(order, folds):
            rest = np.setdiff1d(order, part)
            model = self._fitted(_copy(self._model), rest)
            predicted[part] = self._predicted(model, self._rows[part])
        return spearman(predicted, self._targets)

    def _fitted(self, model: Any, rows: Any) -> Any:
        model.fit(self._rows[rows], self._targets[rows])
        return model

    def _predicted(self, model: Any, rows: _Vector) -> _Vector:
        return np.asarray(model.predict(rows), np.float64).reshape(len(rows))

    def _values(self, targets: _Vector) -> _Vector:
        return np.exp(targets) if self._is_logarithm else targets


def lessons(result: SearchResult) -> tuple[Trial, ...]:
    """The trials to learn from: one of each architecture."""
    usable = [trial for trial in result.trials if trial.status in ("ok", "diverged")]
    reached = highest_fidelity(usable)
    found: dict[str, Trial] = {}
    for trial in usable:
        if trial.fidelity == reached:
            found.setdefault(_key(trial.architecture), trial)
    return tuple(found.values())


def _key(architecture: Mapping[str, Any]) -> str:
    """What architectures are compared by; choices may be objects that cannot be hashed."""
    return repr(list(architecture.items()))


def _trees(seed: int) -> Any:
    """The default model."""
    try:
        from sklearn.ensemble import ExtraTreesRegressor
    except ImportError:
        raise ImportError(
            "Predictor needs scikit-learn, or a model; "
            "install it with: pip install 'swiftnas[sklearn]'"
        ) from None
    # Leaves of two smooth the noise of single trainings.
    return ExtraTreesRegressor(_TREES, min_samples_leaf=2, random_state=seed % 2**32)


def _copy(model: Any) -> Any:
    """A model with the same options, not fitted."""
    try:
        from sklearn.base import clone
    except ImportError:
        from copy import deepcopy

        return deepcopy(model)
    return clone(model, safe=False)
