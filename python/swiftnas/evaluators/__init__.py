"""Objectives for `search` that need no training: a table, a predictor, a zero-cost proxy."""

from swiftnas.evaluators.predictor import Predictor
from swiftnas.evaluators.table import Table
from swiftnas.evaluators.zero_cost import ZeroCost

__all__ = ["Predictor", "Table", "ZeroCost"]
