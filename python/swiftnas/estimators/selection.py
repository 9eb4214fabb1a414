"""Which candidates make up an ensemble, and how much each of them counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    _Array = npt.NDArray[np.float64]

#: Draws with replacement; a weight is a multiple of 1/20.
_DRAWS = 20


def ensemble_weights(
    predictions: Sequence[_Array], error: Callable[[_Array], float]
) -> npt.NDArray[np.float64]:
    """Weights of candidates by forward selection with replacement.

    Again and again the candidate is added with which the mean has the least error on rows that
    none of the models has trained on. After Caruana, Niculescu-Mizil, Crew and Ksikes, "Ensemble
    Selection from Libraries of Models", ICML 2004, sections 2 and 2.2.

    Parameters
    ----------
    predictions : sequence of ndarray, all of one shape
        Of each candidate, best first.
    error : callable
        From mean predictions to a number.

    Returns
    -------
    ndarray of float64
        One per candidate, ≥ 0, with the sum 1.

    Examples
    --------
    >>> import numpy as np
    >>> from swiftnas.estimators.selection import ensemble_weights
    >>> low, high, bad = np.array([0.0]), np.array([2.0]), np.array([50.0])
    >>> ensemble_weights([low, high, bad], lambda mean: abs(mean[0] - 1)).tolist()
    [0.5, 0.5, 0.0]
    """
    counts = np.zeros(len(predictions), int)
    total = np.zeros_like(predictions[0])
    for draw in range(1, _DRAWS + 1):
        # The first of equals, which is the better one by itself.
        errors = [error((total + prediction) / draw) for prediction in predictions]
        chosen = int(np.argmin(errors))
        counts[chosen] += 1
        total = total + predictions[chosen]
    return counts / _DRAWS
