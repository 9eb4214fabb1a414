"""The benchmark of searches on the engine's own trainer: what it counts, and that it runs."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import swiftnas as nas

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
sys.path.insert(0, str(BENCHMARKS))

pytest.importorskip("sklearn", reason="scikit-learn is not installed")

from native import curves, data, fidelity, report, target  # noqa: E402
from quality.store import Store  # noqa: E402

SMALL = nas.SearchSpace(
    {"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 8], "learning_rate": [0.1, 0.01, 0.001]}
)


def trial(value: float, trained_epochs: float, share: float = 1.0) -> nas.Trial:
    return nas.Trial(
        number=0,
        architecture={},
        value=value,
        status="ok",
        seed=0,
        fidelity=share,
        trained_epochs=trained_epochs,
    )


def test_data_are_standardised_by_what_trains() -> None:
    task = data.task("diabetes")
    assert (task.rows, len(task.X_val)) == (353, 89)
    np.testing.assert_allclose(task.X_train.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(task.y_train.std(axis=0), 1, rtol=1e-5)
    assert abs(task.y_val.mean()) > 1e-4


def test_only_full_trainings_count() -> None:
    course = fidelity.Course()
    for value, epochs, share in [(0.1, 5, 1 / 9), (0.9, 45, 1), (0.95, 50, 1), (0.8, 50, 1)]:
        course(trial(value, epochs, share))
    assert course.steps == [(50, 0.9), (150, 0.8)]


def test_a_search_ends_when_nothing_more_is_to_be_learnt() -> None:
    course = fidelity.Course(target=0.5)
    course(trial(0.4, fidelity.SHARE * fidelity.BUDGET - 1))
    with pytest.raises(nas.StopSearch):
        course(trial(0.6, 1))


def test_shares_and_losses() -> None:
    record: dict[str, Any] = {"steps": [(1000, 0.9), (3000, 0.5)]}
    assert report.epochs_to(record, 0.9) == 0.1
    assert report.epochs_to(record, 0.6) == 0.3
    assert report.epochs_to(record, 0.4) == math.inf
    assert (report.loss_after(record, 0.25), report.loss_after(record, 0.3)) == (0.9, 0.5)
    assert report.loss_after(record, 0.05) == math.inf
    assert report.wilcoxon(np.zeros(4)) == 1
    # All of ten on one side: 2 of 2¹⁰ signs are as extreme.
    assert report.wilcoxon(np.arange(1.0, 11.0)) == pytest.approx(2 / 1024)


def test_early_losses_of_finished_candidates() -> None:
    early = np.arange(30.0)
    assert curves._cell(early, early) == "1, 100 %"
    # The three best come last.
    assert curves._cell(early, (early + 3) % 30) == "0.459, 0 %"


def test_the_benchmark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a small scale, in this process, from searches to tables."""
    for module in (fidelity, target):
        monkeypatch.setattr(module, "SPACE", SMALL)
    monkeypatch.setattr(fidelity, "EPOCHS", 9)
    monkeypatch.setattr(fidelity, "BUDGET", 90)
    monkeypatch.setattr(fidelity, "in_processes", lambda jobs, _: (job() for job in jobs))
    store = Store(tmp_path / "fidelity")
    names = ["RandomSearch", "Hyperband", "TPE + Median"]
    fidelity.run_missing(store, names, ["diabetes"], 2, 1)
    for name in names:
        assert store.has(name, 90) == {("diabetes", 0), ("diabetes", 1)}
    assert store.records("RandomSearch")[0]["spent"] == 90
    chosen = ["TPE", "RegularizedEvolution of 10, cheapest first"]
    target.run_missing(Store(tmp_path / "target"), chosen, ["diabetes"], 1)
    text = report.render(tmp_path)
    assert "| Hyperband |" in text
    assert "| RegularizedEvolution of 10, cheapest first | " in text
    record = Store(tmp_path / "target").records("TPE")[0]
    assert record["epochs"] == 10 * record["trainings"]
    assert min(*record["seconds"], *record["published_seconds"]) > 0
