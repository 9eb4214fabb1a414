"""Public tables of architectures that were all trained beforehand: searches in milliseconds.

`fcnet`, `hpobench_mlp` and `nasbench201` read their files from the directory that the environment
variable ``SWIFTNAS_DATA`` names, or that is given.

Examples
--------
>>> import swiftnas as nas
>>> table = nas.benchmarks.fcnet("protein_structure")  # doctest: +SKIP
>>> result = nas.search(table.space, objective=table.objective(seed=0))  # doctest: +SKIP
>>> table.regret(result.best.architecture)  # doctest: +SKIP
0.014
"""

from swiftnas.benchmarks.tables import fcnet as fcnet
from swiftnas.benchmarks.tables import hpobench_mlp as hpobench_mlp
from swiftnas.benchmarks.tables import nasbench201 as nasbench201
from swiftnas.benchmarks.tabular import TableObjective as TableObjective
from swiftnas.benchmarks.tabular import TabularBenchmark as TabularBenchmark
