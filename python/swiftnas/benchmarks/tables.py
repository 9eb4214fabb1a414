"""The published tables: where their files are, and how they are read.

Files are those of the projects' data as compressed CSV, found in the directory that is given or
that the environment variable ``SWIFTNAS_DATA`` names. Each table is read once per process.
"""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from swiftnas.benchmarks.tabular import TabularBenchmark
from swiftnas.parameters import Categorical, Ordinal
from swiftnas.search_space import SearchSpace

#: Names the directory of the tables.
DIRECTORY_VARIABLE = "SWIFTNAS_DATA"

_FCNET = ("protein_structure", "naval_propulsion")
_HPOBENCH_MLP = ("car", "credit_g", "segment")
_NASBENCH201 = ("cifar10",)

#: In the order of the digits of `config_id`.
_FCNET_SPACE = SearchSpace(
    {
        "activation_fn_1": Categorical(["relu", "tanh"]),
        "activation_fn_2": Categorical(["relu", "tanh"]),
        "batch_size": Ordinal([8, 16, 32, 64]),
        "dropout_1": Ordinal([0.0, 0.3, 0.6]),
        "dropout_2": Ordinal([0.0, 0.3, 0.6]),
        "init_lr": Ordinal([5e-4, 1e-3, 5e-3, 1e-2, 5e-2, 1e-1]),
        "lr_schedule": Categorical(["cosine", "const"]),
        "n_units_1": Ordinal([16, 32, 64, 128, 256, 512]),
        "n_units_2": Ordinal([16, 32, 64, 128, 256, 512]),
    }
)

_HPOBENCH_MLP_SPACE = SearchSpace(
    {
        "alpha": Ordinal(range(10)),
        "batch_size": Ordinal(range(10)),
        "depth": Ordinal([1, 2, 3]),
        "learning_rate_init": Ordinal(range(10)),
        "width": Ordinal(range(10)),
    }
)

_OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")

#: Edges in the order in which the benchmark writes them: all that enter node 1, then 2, then 3.
_EDGES = [(source, target) for target in (1, 2, 3) for source in range(target)]
_NASBENCH201_SPACE = SearchSpace(
    {f"edge_{source}_{target}": Categorical(_OPERATIONS) for source, target in _EDGES}
)


def fcnet(
    dataset: str = "protein_structure", directory: str | os.PathLike[str] | None = None
) -> TabularBenchmark:
    """FCNet: 62,208 networks of two hidden layers with their training settings, 4 seeds each.

    Values are mean squared errors on the validation set after 100 epochs [1]_. Numbers of
    parameters are known.

    Parameters
    ----------
    dataset : {"protein_structure", "naval_propulsion"}
        What the networks were trained on.
    directory : path, optional
        Where ``fcnet/protein_structure.csv.gz`` is; by default what ``SWIFTNAS_DATA`` names.

    References
    ----------
    .. [1] Klein & Hutter, "Tabular Benchmarks for Joint Architecture and Hyperparameter
       Optimization", 2019, arXiv:1905.04970.

    Examples
    --------
    >>> import swiftnas as nas
    >>> table = nas.benchmarks.fcnet("protein_structure")  # doctest: +SKIP
    >>> round(table.optimum, 7)  # doctest: +SKIP
    0.2213789
    """
    return _fcnet(_path("fcnet", _known(dataset, _FCNET), directory))


def hpobench_mlp(
    dataset: str = "segment", directory: str | os.PathLike[str] | None = None
) -> TabularBenchmark:
    """HPOBench's multi-layer perceptrons: 30,000 settings of depth, width and training, 5 seeds.

    Values are 1 − validation accuracy [1]_. Except for the depth, choices are positions in the
    benchmark's own grids, which rise.

    Parameters
    ----------
    dataset : {"car", "credit_g", "segment"}
        What the networks were trained on.
    directory : path, optional
        Where ``hpobench_mlp/segment.csv.gz`` is; by default what ``SWIFTNAS_DATA`` names.

    References
    ----------
    .. [1] Eggensperger et al., "HPOBench: A Collection of Reproducible Multi-Fidelity Benchmark
       Problems for HPO", 2021, arXiv:2109.06716.

    Examples
    --------
    >>> import swiftnas as nas
    >>> nas.benchmarks.hpobench_mlp("segment").space["depth"]  # doctest: +SKIP
    Ordinal([1, 2, 3])
    """
    return _hpobench_mlp(_path("hpobench_mlp", _known(dataset, _HPOBENCH_MLP), directory))


def nasbench201(
    dataset: str = "cifar10", directory: str | os.PathLike[str] | None = None
) -> TabularBenchmark:
    """NAS-Bench-201: all 15,625 cells of five operations on six edges, 2 or 3 seeds each.

    Values are validation errors after 200 epochs, in percent: 100 − accuracy [1]_. Test errors,
    training seconds (one figure per cell) and numbers of parameters are known.

    Parameters
    ----------
    dataset : {"cifar10"}
        What the networks were trained on.
    directory : path, optional
        Where ``nasbench201/cifar10.csv.gz`` is; by default what ``SWIFTNAS_DATA`` names.

    References
    ----------
    .. [1] Dong & Yang, "NAS-Bench-201: Extending the Scope of Reproducible Neural Architecture
       Search", 2020, arXiv:2001.00326.

    Examples
    --------
    >>> import swiftnas as nas
    >>> table = nas.benchmarks.nasbench201()  # doctest: +SKIP
    >>> list(table.space)[:3]  # doctest: +SKIP
    ['edge_0_1', 'edge_0_2', 'edge_1_2']
    """
    return _nasbench201(_path("nasbench201", _known(dataset, _NASBENCH201), directory))


@lru_cache
def _fcnet(path: Path) -> TabularBenchmark:
    rows = _numbers(path, _FCNET_SPACE)
    # config_id, 4 losses, 4 times, size.
    return TabularBenchmark(
        f"fcnet/{_stem(path)}",
        _FCNET_SPACE,
        rows[:, 1:5],
        seconds=rows[:, 5:9],
        parameters=rows[:, 9],
    )


@lru_cache
def _hpobench_mlp(path: Path) -> TabularBenchmark:
    rows = _numbers(path, _HPOBENCH_MLP_SPACE)
    # config_id, 5 accuracies, 5 times.
    return TabularBenchmark(
        f"hpobench_mlp/{_stem(path)}",
        _HPOBENCH_MLP_SPACE,
        1 - rows[:, 1:6],
        seconds=rows[:, 6:11],
    )


@lru_cache
def _nasbench201(path: Path) -> TabularBenchmark:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    places = [_cell_row(row["arch"]) for row in rows]

    def column(name: str) -> npt.NDArray[np.float64]:
        return np.array([row[name] or "nan" for row in rows], dtype=np.float64)

    # Some cells were trained with two seeds only; their third is empty.
    errors = 100 - np.stack([column(f"cifar10_val_{seed}") for seed in range(3)], axis=1)
    figures = np.column_stack(
        [
            errors,
            100 - column("cifar10_test"),
            column("cifar10_train_s"),
            np.rint(1e6 * column("params_M_c10")),
        ]
    )
    figures = _placed(figures, places, _NASBENCH201_SPACE, path)
    return TabularBenchmark(
        f"nasbench201/{_stem(path)}",
        _NASBENCH201_SPACE,
        figures[:, :3],
        test=figures[:, 3],
        seconds=figures[:, 4],
        parameters=figures[:, 5],
    )


def _known(dataset: str, allowed: Sequence[str]) -> str:
    if dataset in allowed:
        return dataset
    names = ", ".join(map(repr, allowed))
    raise ValueError(f"dataset must be one of {names}, got {dataset!r}")


def _path(family: str, dataset: str, directory: str | os.PathLike[str] | None) -> Path:
    """The file of a table, which exists."""
    given = os.environ.get(DIRECTORY_VARIABLE) if directory is None else directory
    name = Path(family, f"{dataset}.csv.gz")
    if not given:
        raise FileNotFoundError(
            f"no directory to look for {name} in: give directory=, or set the environment "
            f"variable {DIRECTORY_VARIABLE}"
        )
    path = Path(given, name).resolve()
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} does not exist: directory= or the environment variable "
            f"{DIRECTORY_VARIABLE} must name the directory in which {name} is"
        )
    return path


def _stem(path: Path) -> str:
    return path.name.removesuffix(".csv.gz")


def _numbers(path: Path, space: SearchSpace) -> npt.NDArray[np.float64]:
    """The rows of a file of numbers, in the order of the space; the first column is config_id."""
    rows = np.loadtxt(path, delimiter=",", skiprows=1, dtype=np.float64, ndmin=2)
    # One decimal digit per parameter: the position of its choice.
    digits = rows[:, 0].astype(np.int64)
    places = np.zeros(len(rows), dtype=np.int64)
    stride = 1
    for parameter in reversed(list(space.values())):
        places += digits % 10 * stride
        digits //= 10
        stride *= parameter.size or 1
    return _placed(rows, places, space, path)


def _placed(
    rows: npt.NDArray[np.float64],
    places: Sequence[int] | npt.NDArray[np.int64],
    space: SearchSpace,
    path: Path,
) -> npt.NDArray[np.float64]:
    """The rows, each moved to its place; an error unless every place is taken once."""
    order = np.argsort(places, kind="stable")
    if not np.array_equal(np.asarray(places)[order], np.arange(space.size or 0)):
        raise ValueError(f"{path} must have one row for each of {space.size} architectures")
    return rows[order]


def _cell_row(cell: str) -> int:
    """The row of a cell in the benchmark's form: ``|op~0|+|op~0|op~1|+|op~0|op~1|op~2|``."""
    row = 0
    for operation in cell.replace("+", "").strip("|").replace("||", "|").split("|"):
        row = row * len(_OPERATIONS) + _OPERATIONS.index(operation.partition("~")[0])
    return row
