"""Callbacks that keep a search in other programs: ``nas.search(…, callback=[…])``.

`TensorBoard` writes event files (extra ``tensorboard``), `MLflow` runs of a tracking server or
database (extra ``mlflow``); both as the search goes, so that it can be watched. Own ones are
functions of a `Trial`, or subclasses of `Callback`.
"""

from swiftnas.callback import Callback
from swiftnas.callbacks.mlflow_runs import MLflow
from swiftnas.callbacks.tensorboard_events import TensorBoard

__all__ = ["Callback", "MLflow", "TensorBoard"]
