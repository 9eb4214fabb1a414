"""Encodings of architectures, and values learnt from them."""

from __future__ import annotations

import math
import pickle
import sys
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.encoding import encode
from swiftnas.evaluators import Predictor
from swiftnas.rank_correlation import spearman

SPACE = nas.SearchSpace(
    {
        "width": [16, 32, 64],
        "activation": ["ReLU", "Tanh", "GELU"],
        "rate": nas.Float(1e-4, 1e-2, log=True),
        "count": nas.Integer(0, 10),
        "momentum": nas.Float(0, 1).when(activation=["Tanh"]),
    }
)


def test_encodings() -> None:
    architecture = {"width": 64, "activation": "Tanh", "rate": 1e-3, "count": 5, "momentum": 0.25}
    other = {"width": 16, "activation": "GELU", "rate": 1e-4, "count": 10}
    np.testing.assert_allclose(
        encode(SPACE, [architecture, other]),
        [[1, 0, 1, 0, 0.5, 0.5, 1, 0.25], [0, 0, 0, 1, 0, 1, 0, 0]],
        atol=1e-12,
    )
    rows = encode(SPACE, SPACE.sample(0, count=200))
    assert rows.shape == (200, 8)
    assert 0 <= rows.min() <= rows.max() <= 1
    choices = [len, (1, 2)]
    assert encode({"f": choices, "n": [3]}, [{"f": len, "n": 3}]).tolist() == [[1, 0, 1]]
    with pytest.raises(ValueError, match="must have the key 'width'"):
        encode(SPACE, [{}])


def f(architecture: dict[str, Any]) -> float:
    bonus = {"ReLU": 1.0, "Tanh": 2.0, "GELU": 0.5}[architecture["activation"]]
    return bonus * architecture["width"] * (1 + architecture["count"])


@pytest.fixture(scope="module")
def study() -> nas.SearchResult:
    return nas.search(SPACE, objective=f, strategy=nas.RandomSearch(), trials=150, seed=0)


def test_what_was_learnt_holds_elsewhere(study: nas.SearchResult) -> None:
    pytest.importorskip("sklearn")
    predictor = Predictor(study)
    assert predictor.rank_correlation() > 0.9
    unseen = SPACE.sample(5, count=200)
    predicted = predictor.predict(unseen)
    assert spearman(predicted, [f(a) for a in unseen]) > 0.9
    assert predicted[3] == predictor(unseen[3])
    np.testing.assert_array_equal(Predictor(study).predict(unseen), predicted)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(predictor)).predict(unseen), predicted)
    promising = predictor.best(5)
    assert np.mean([f(a) for a in promising]) < np.quantile([f(a) for a in unseen], 0.1)
    assert predictor.predict([]).shape == (0,)


def test_noise_has_no_order(study: nas.SearchResult) -> None:
    pytest.importorskip("sklearn")
    noise = np.random.default_rng(0)
    result = nas.search(
        SPACE, objective=lambda a: noise.normal(), strategy=nas.RandomSearch(), trials=150, seed=0
    )
    # The standard error of a rank correlation of nothing is 1/√149 = 0.08.
    assert abs(Predictor(result).rank_correlation()) < 0.33


def test_it_is_an_objective(study: nas.SearchResult) -> None:
    pytest.importorskip("sklearn")
    strategy = nas.RandomSearch()
    options: dict[str, Any] = {"objective": Predictor(study), "strategy": strategy, "seed": 4}
    one = nas.search(SPACE, trials=20, **options)
    two = nas.search(SPACE, trials=20, workers=2, **options)
    assert [t.value for t in one.trials] == [t.value for t in two.trials]


class Mean:
    """A model of no use, and without scikit-learn."""

    def fit(self, rows: Any, targets: Any) -> None:
        self.seen = len(rows)
        self.mean = targets.mean()

    def predict(self, rows: Any) -> Any:
        return np.full((len(rows), 1), self.mean)


def test_any_model_will_do(study: nas.SearchResult, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("sklearn", "sklearn.base", "sklearn.ensemble"):
        monkeypatch.setitem(sys.modules, module, None)
    model = Mean()
    predictor = Predictor(study, model=model)
    assert model.seen == len(predictor.trials) == 150
    values = np.array([trial.value for trial in study.trials])
    assert predictor(study.trials[0].architecture) == pytest.approx(np.exp(np.log(values).mean()))
    # Each fold's mean is highest where the values held out are lowest.
    assert predictor.rank_correlation() < 0.1
    assert model.seen == 150
    with pytest.raises(ImportError, match=r"Predictor needs scikit-learn, or a model"):
        Predictor(study)


def test_what_is_learnt_from() -> None:
    def objective(architecture: dict[str, Any]) -> float:
        if architecture["x"] == 1:
            raise ValueError
        return [-3.0, 0.0, math.nan, 4.0, 5.0, 6.0][architecture["x"]]

    result = nas.search(
        {"x": list(range(6))}, objective=objective, strategy=nas.RandomSearch(), trials=6
    )
    predictor = Predictor(result, model=Mean())
    assert sorted(t.architecture["x"] for t in predictor.trials) == [0, 2, 3, 4, 5]
    assert predictor({"x": 0}) == np.mean([-3.0, 6.0, 4.0, 5.0, 6.0])


def test_bad_arguments(study: nas.SearchResult) -> None:
    few = nas.search({"x": [1, 2]}, objective=lambda a: 1.0, strategy=nas.RandomSearch())
    with pytest.raises(ValueError, match=r"result must have at least 4 trials .*got 2"):
        Predictor(few)
    with pytest.raises(TypeError, match="result must be a SearchResult, got list"):
        Predictor([])  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="model must have fit and predict, got int"):
        Predictor(study, model=3)
    with pytest.raises(ValueError, match=r"folds must be an integer in \[2, 150\], got 1"):
        Predictor(study, model=Mean()).rank_correlation(1)


def test_rank_correlation_against_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(0)
    for _ in range(20):
        first, second = random.integers(0, 8, (2, 15))
        assert spearman(first, second) == pytest.approx(stats.spearmanr(first, second).statistic)
    assert math.isnan(spearman([1, 1], [1, 2]))
