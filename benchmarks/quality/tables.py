"""The six tables that are searched."""

from __future__ import annotations

from functools import cache

from swiftnas import benchmarks
from swiftnas.benchmarks import TabularBenchmark

#: Names of tables, and how each is loaded.
TABLES = {
    "protein": lambda: benchmarks.fcnet("protein_structure"),
    "naval": lambda: benchmarks.fcnet("naval_propulsion"),
    "nasbench201": lambda: benchmarks.nasbench201("cifar10"),
    "car": lambda: benchmarks.hpobench_mlp("car"),
    "credit_g": lambda: benchmarks.hpobench_mlp("credit_g"),
    "segment": lambda: benchmarks.hpobench_mlp("segment"),
}

#: Those that know numbers of parameters and losses that differ by orders of magnitude.
TWO_OBJECTIVE_TABLES = ("protein", "naval")

#: What a regret of each table is measured in.
UNITS = {
    "protein": "MSE",
    "naval": "MSE",
    "nasbench201": "% error",
    "car": "error rate",
    "credit_g": "error rate",
    "segment": "error rate",
}


@cache
def table(name: str) -> TabularBenchmark:
    """The table of a name, read once per process."""
    return TABLES[name]()
