"""Tables of known results: the published files, where they are, and the class alone."""

from __future__ import annotations

import gzip
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.benchmarks import TabularBenchmark

HAS_DATA = bool(os.environ.get("SWIFTNAS_DATA"))
needs_data = pytest.mark.skipif(
    not HAS_DATA, reason="SWIFTNAS_DATA does not name a directory of tables"
)

#: Loader, data set, size, greatest number of seeds, optimum, and what rounding hides of it.
PUBLISHED = [
    (nas.benchmarks.fcnet, "protein_structure", 62_208, 4, 0.2213789, 1e-7),
    (nas.benchmarks.fcnet, "naval_propulsion", 62_208, 4, 3.1911e-05, 1e-9),
    (nas.benchmarks.nasbench201, "cifar10", 15_625, 3, 100 - 91.6067, 1e-4),
    (nas.benchmarks.hpobench_mlp, "car", 30_000, 5, 1 - 1.0, 1e-12),
    (nas.benchmarks.hpobench_mlp, "credit_g", 30_000, 5, 1 - 0.88527, 1e-5),
    (nas.benchmarks.hpobench_mlp, "segment", 30_000, 5, 1 - 0.96851, 1e-5),
]


@pytest.fixture(scope="module")
def small() -> TabularBenchmark:
    """Six architectures with up to two seeds."""
    nan = float("nan")
    return TabularBenchmark(
        "small",
        {"depth": [1, 2], "activation": ["ReLU", "Tanh", "GELU"]},
        [[4, 6], [3, nan], [2, 9], [8, 8], [1, 3], [7, 7]],
        seconds=[[1, 3], [5, nan], [1, 1], [1, 1], [1, 1], [2, 2]],
        parameters=[10, 11, 12, 13, 14, 15],
    )


@needs_data
@pytest.mark.parametrize(("load", "name", "size", "seeds", "optimum", "tolerance"), PUBLISHED)
def test_a_published_table(
    load: Callable[..., TabularBenchmark],
    name: str,
    size: int,
    seeds: int,
    optimum: float,
    tolerance: float,
) -> None:
    table = load(name)
    assert table.size == table.space.size == size
    assert table.optimum == pytest.approx(optimum, abs=tolerance)
    assert table.regret(table.best) == 0
    assert load(name) is table
    for architecture in table.space.sample(seed=0, count=200):
        count = table.seeds(architecture)
        assert 2 <= count <= seeds
        values = [table.value(architecture, index) for index in range(count)]
        assert table.mean(architecture) == pytest.approx(np.mean(values), rel=1e-12)
        assert table.regret(architecture) >= 0
        assert table.seconds(architecture) > 0
        assert table.architecture(table.row(architecture)) == architecture


@needs_data
def test_rows_are_found_by_their_choices() -> None:
    """Figures that stand in the files beside these choices."""
    fcnet = nas.benchmarks.fcnet("protein_structure")
    third = {
        "activation_fn_1": "relu",
        "activation_fn_2": "relu",
        "batch_size": 8,
        "dropout_1": 0.0,
        "dropout_2": 0.0,
        "init_lr": 5e-4,
        "lr_schedule": "cosine",
        "n_units_1": 16,
        "n_units_2": 64,
    }
    assert fcnet.value(third, 1) == 0.3143616
    assert fcnet.seconds(third, 3) == 471.79
    # 9 inputs, one output: the table has no other way to know the widths.
    assert fcnet.parameters(third) == (9 + 1) * 16 + (16 + 1) * 64 + (64 + 1)
    for architecture in fcnet.space.sample(seed=1, count=100):
        first, second = architecture["n_units_1"], architecture["n_units_2"]
        assert fcnet.parameters(architecture) == 10 * first + (first + 1) * second + second + 1
    cells = nas.benchmarks.nasbench201()
    cell = {
        "edge_0_1": "avg_pool_3x3",
        "edge_0_2": "nor_conv_1x1",
        "edge_1_2": "skip_connect",
        "edge_0_3": "nor_conv_1x1",
        "edge_1_3": "skip_connect",
        "edge_2_3": "skip_connect",
    }
    assert cells.value(cell, 0) == pytest.approx(100 - 82.092, abs=1e-9)
    assert cells.test(cell) == pytest.approx(100 - 85.86333, abs=1e-9)
    assert cells.parameters(cell) == 129_310
    mlp = nas.benchmarks.hpobench_mlp("car")
    second = {"alpha": 0, "batch_size": 0, "depth": 1, "learning_rate_init": 0, "width": 1}
    assert mlp.value(second, 3) == pytest.approx(1 - 0.580227, abs=1e-9)
    with pytest.raises(ValueError, match="hpobench_mlp/car has no numbers of parameters"):
        mlp.parameters(second)


@needs_data
def test_a_search_on_a_published_table_is_the_same_for_any_number_of_workers() -> None:
    table = nas.benchmarks.nasbench201()
    runs = [
        nas.search(table.space, objective=table.objective(3), trials=40, seed=1, workers=workers)
        for workers in (1, 3)
    ]
    first, second = ([trial.value for trial in run.trials] for run in runs)
    assert first == second
    assert table.regret(runs[0].best.architecture) < table.regret(runs[0].trials[0].architecture)


@pytest.mark.parametrize(("load", "name"), [row[:2] for row in PUBLISHED])
def test_a_missing_file_says_what_to_set(
    load: Callable[..., TabularBenchmark],
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SWIFTNAS_DATA", raising=False)
    with pytest.raises(FileNotFoundError, match="set the environment variable SWIFTNAS_DATA"):
        load(name)
    with pytest.raises(FileNotFoundError, match=rf"SWIFTNAS_DATA must name .*{name}.csv.gz is"):
        load(name, directory=tmp_path)
    with pytest.raises(ValueError, match=f"dataset must be one of .*{name}.*, got 'mnist'"):
        load("mnist", directory=tmp_path)


def test_a_file_with_missing_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "fcnet").mkdir()
    path = tmp_path / "fcnet" / "protein_structure.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write("header\n" + ",".join(["0"] * 10) + "\n")
    with pytest.raises(ValueError, match="must have one row for each of 62208 architectures"):
        nas.benchmarks.fcnet(directory=tmp_path)


def test_values_means_and_regret(small: TabularBenchmark) -> None:
    tanh = {"activation": "Tanh", "depth": 1}
    assert (small.size, small.optimum) == (6, 2)
    assert small.best == {"depth": 2, "activation": "Tanh"}
    assert small.seeds(tanh) == 1
    assert small.mean(tanh) == small.value(tanh, 0) == 3
    assert small.regret(tanh) == 1
    assert small.seconds(tanh) == small.seconds(tanh, 0) == 5
    assert small.seconds({"depth": 1, "activation": "ReLU"}) == 2
    assert small.parameters(tanh) == 11
    assert [small.row(small.architecture(row)) for row in range(6)] == list(range(6))
    assert repr(small) == "TabularBenchmark('small', 6 architectures, 2 seeds)"
    with pytest.raises(ValueError, match="small has no test losses"):
        small.test(tanh)


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({"depth": 3, "activation": "ReLU"}, r"architecture\['depth'\] must be one of \[1, 2\]"),
        ({"depth": 1}, "must have the key 'activation'"),
        ({"depth": 1, "activation": "ReLU", "width": 2}, "must have only .*, got 'width'"),
        ({"depth": 1, "activation": ["ReLU"]}, "must be one of"),
    ],
)
def test_an_architecture_that_is_not_in_the_table(
    small: TabularBenchmark, architecture: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        small.mean(architecture)


def test_bad_tables_and_seed_indices(small: TabularBenchmark) -> None:
    space = {"depth": [1, 2]}
    with pytest.raises(ValueError, match=r"row for each of 2 architectures, got the shape \(3,\)"):
        TabularBenchmark("bad", space, [1, 2, 3])
    with pytest.raises(ValueError, match="NaN only after"):
        TabularBenchmark("bad", space, [[np.nan, 1], [1, 2]])
    with pytest.raises(TypeError, match="lists of choices only, got width=Integer"):
        TabularBenchmark("bad", {"width": nas.Integer(1, 2)}, [1, 2])
    with pytest.raises(ValueError, match=r"seed_index must be an integer in \[0, 0\], got 1"):
        small.value({"depth": 1, "activation": "Tanh"}, 1)


def test_the_objective_draws_by_seed_and_architecture(small: TabularBenchmark) -> None:
    relu = {"depth": 1, "activation": "ReLU"}
    drawn = [small.objective(seed)(relu) for seed in range(200)]
    assert set(drawn) == {4, 6}
    # Two standard deviations and more of 200 even draws.
    assert 80 <= drawn.count(4) <= 120
    objective = pickle.loads(pickle.dumps(small.objective(7)))
    assert [objective(relu) for _ in range(3)] == [small.objective(7)(relu)] * 3
    result = nas.search(small.space, objective=objective, trials=30, seed=0)
    assert small.regret(result.best.architecture) <= 1
