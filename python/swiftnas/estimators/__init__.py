"""scikit-learn estimators: `NASRegressor` and `NASClassifier` (extra ``sklearn``)."""

from __future__ import annotations

try:
    from sklearn.utils.validation import validate_data as _validate_data  # noqa: F401
except ImportError as error:
    raise ImportError(
        "NASRegressor and NASClassifier need scikit-learn 1.6 or later; "
        "pip install 'swiftnas[sklearn]'"
    ) from error

from swiftnas.estimators.classifier import NASClassifier
from swiftnas.estimators.regressor import NASRegressor

__all__ = ["NASClassifier", "NASRegressor"]
