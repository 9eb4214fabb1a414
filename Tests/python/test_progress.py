"""The progress bar, and that nobody who does not want it pays for it."""

from __future__ import annotations

import itertools
import sys
from typing import Any

import pytest

import swiftnas as nas
from swiftnas import progress
from swiftnas.budget import Budget


class Bar:
    """What is asked of tqdm."""

    def __init__(self) -> None:
        self.n = 0.0
        self.texts: list[str] = []
        self.closed = 0

    def set_postfix_str(self, text: str, refresh: bool) -> None:
        self.texts.append(text)

    def update(self, step: float) -> None:
        self.n += step

    def refresh(self) -> None:
        pass

    def close(self) -> None:
        self.closed += 1


def objective(architecture: dict[str, Any]) -> float:
    if architecture["x"] == 3:
        raise ValueError
    return architecture["x"]


@pytest.fixture
def bar(monkeypatch: pytest.MonkeyPatch) -> Bar:
    bar = Bar()
    monkeypatch.setattr(progress, "_tqdm", lambda: lambda **options: bar)
    return bar


def test_the_bar_shows_best_and_failed(bar: Bar) -> None:
    nas.search(
        {"x": [3, 2, 1, 4]},
        objective=objective,
        strategy=nas.GridSearch(),
        trials=4,
        progress=True,
    )
    assert bar.texts[-1] == "4 trials, best 1, 1 failed"
    assert bar.n == pytest.approx(1.0)
    assert bar.closed == 1


def test_the_bar_shows_the_best_of_the_highest_fidelity(bar: Bar) -> None:
    """Whose value may be worse than one of less."""
    numbers = itertools.count()
    result = nas.search(
        {"x": list(range(1, 100))},
        objective=lambda _: next(numbers),
        strategy=nas.SuccessiveHalving(candidates=9),
        progress=True,
        trials=14,
        seed=0,
    )
    assert [trial.fidelity for trial in result.trials[-2:]] == [1.0, 1 / 9]
    assert bar.texts[8] == "9 trials, best 0 at fidelity 0.111"
    assert bar.texts[-1] == "14 trials, best 12"
    assert result.best.value == result.history.best[-1] == 12


def test_the_bar_is_closed_whatever_happens(bar: Bar) -> None:
    def callback(trial: nas.Trial) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        nas.search({"x": [1]}, objective=objective, progress=True, callback=callback)
    assert bar.closed == 1


def test_the_share_is_that_of_the_nearest_limit() -> None:
    budget = Budget.checked(trials=10, seconds=1e6, target=None, total_epochs=100)
    budget.spent_trials, budget.spent_epochs = 2, 70
    assert budget.share == 0.7
    budget.spent_trials = 9
    assert budget.share == 0.9


def test_tqdm_itself(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("tqdm", reason="tqdm is not installed")
    nas.search({"x": [2, 1]}, objective=objective, strategy=nas.GridSearch(), progress=True)
    # Of 50 trials two were to be had.
    assert "4%|" in capsys.readouterr().err.rpartition("\r")[2]


def test_without_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    with pytest.raises(ImportError, match=r"progress=True needs tqdm; .*swiftnas\[progress\]"):
        nas.search({"x": [1]}, objective=objective, progress=True)
    # Who only has not said no is not bothered.
    monkeypatch.setattr(progress, "_is_interactive", lambda: True)
    assert len(nas.search({"x": [1]}, objective=objective, trials=1).trials) == 1


def test_scripts_are_silent(bar: Bar, monkeypatch: pytest.MonkeyPatch) -> None:
    nas.search({"x": [1]}, objective=objective)
    assert bar.texts == []
    monkeypatch.setattr(progress, "_is_interactive", lambda: True)
    nas.search({"x": [1]}, objective=objective, progress=False)
    assert bar.texts == []
    nas.search({"x": [1]}, objective=objective, trials=1)
    assert bar.texts == ["1 trial, best 1"]
