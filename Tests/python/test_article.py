"""The published functions: signatures, defaults and semantics."""

from __future__ import annotations

import inspect
import itertools
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import article, search_loop

X = np.random.RandomState(0).uniform(-2, 2, size=(100, 1))
y = np.sin(X) + 0.1 * np.random.RandomState(1).normal(size=X.shape)
DATA = (X[:80], y[:80], X[80:], y[80:])
ARCHITECTURE = {
    "num_hidden_layers": 2,
    "hidden_layer_size": 32,
    "activation_function": "Tanh",
    "learning_rate": 0.01,
    "optimizer": "Adam",
    "dropout_rate": 0.2,
}


@pytest.mark.parametrize(
    ("function", "signature"),
    [
        (
            nas.evaluate_architecture,
            "(architecture, X_train, y_train, X_val, y_val, num_epochs=50, *,",
        ),
        (
            nas.run_rl_search,
            "(search_space, X_train, y_train, X_val, y_val, num_epochs=10, num_episodes=5, *,",
        ),
        (
            nas.run_evolutionary_search,
            "(X, y, search_space, population_size=10, num_generations=5, *,",
        ),
        (
            nas.run_gradient_based_search,
            "(search_space, X_train, y_train, X_val, y_val, num_epochs=50, *,",
        ),
    ],
)
def test_signatures(function: Any, signature: str) -> None:
    parameters = [
        p.replace(annotation=inspect.Parameter.empty)
        for p in inspect.signature(function).parameters.values()
    ]
    assert str(inspect.Signature(parameters)) == f"{signature} seed=None, rng='default', workers=1)"


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[nas.SearchResult]:
    """The results of the searches behind the functions."""
    results: list[nas.SearchResult] = []

    def search(*arguments: Any, **options: Any) -> nas.SearchResult:
        results.append(search_loop.search(*arguments, **options))
        return results[-1]

    monkeypatch.setattr(article, "search", search)
    return results


def test_evaluation_is_a_training() -> None:
    loss = nas.evaluate_architecture(ARCHITECTURE, *DATA, num_epochs=20, seed=3)
    model = nas.train(ARCHITECTURE, nas.Task(*DATA), epochs=20, seed=3)
    assert isinstance(loss, float)
    assert loss == model.validation_loss
    assert loss == nas.evaluate_architecture(ARCHITECTURE, *DATA, 20, seed=3, workers=2)
    assert loss != nas.evaluate_architecture(ARCHITECTURE, *DATA, 20)
    assert loss != nas.evaluate_architecture(ARCHITECTURE, *DATA, 20, seed=3, rng="torch")


def test_evaluation_of_what_diverges_is_infinite() -> None:
    wild = ARCHITECTURE | {
        "optimizer": "SGD",
        "learning_rate": 1e9,
        "activation_function": "Identity",
    }
    assert nas.evaluate_architecture(wild, *DATA) == np.inf


def test_reinforce(article_space: dict[str, Any], searched: list[nas.SearchResult]) -> None:
    found = nas.run_rl_search(article_space, *DATA, seed=0)
    (result,) = searched
    assert found == (result.best.architecture, result.best.value)
    assert list(found[0] or ()) == list(article_space)
    assert (len(result.trials), result.epochs) == (5, 10)
    strategy = result.strategy
    assert isinstance(strategy, nas.Reinforce)
    assert (strategy.learning_rate, strategy.hidden_size, strategy.batch_size) == (0.01, 64, 1)
    assert not strategy.baseline
    assert not strategy.rank_reward
    assert not strategy.feed_previous_choice
    assert strategy.entropy_weight == 0


def test_reinforce_trains_repeated_candidates_again(searched: list[nas.SearchResult]) -> None:
    space = {"num_hidden_layers": [1], "hidden_layer_size": [4, 8]}
    nas.run_rl_search(space, *DATA, num_epochs=2, num_episodes=8, seed=0)
    trials = searched[0].trials
    assert len(trials) == 8
    assert not any(trial.cached for trial in trials)
    assert len({trial.value for trial in trials}) == 8


def test_evolution(article_space: dict[str, Any], searched: list[nas.SearchResult]) -> None:
    found = nas.run_evolutionary_search(X, y, article_space, seed=0)
    (result,) = searched
    assert found == (result.best.architecture, result.best.value)
    assert (len(result.trials), result.epochs) == (50, 10)
    assert not any(trial.cached for trial in result.trials)
    generations = [result.trials[i : i + 10] for i in range(0, 50, 10)]
    for before, after in itertools.pairwise(generations):
        ranked = sorted(before, key=lambda trial: trial.value)
        elites = [trial.architecture for trial in ranked[:5]]
        # The better half stays and is trained afresh.
        assert [trial.architecture for trial in after[:5]] == elites
        assert {t.value for t in after[:5] if t.status == "ok"}.isdisjoint(t.value for t in before)
        for child in after[5:]:
            # All but one key come from two elites.
            from_elites = [
                any(elite[name] == value for elite in elites)
                for name, value in child.architecture.items()
            ]
            assert sum(from_elites) >= len(article_space) - 1


def test_evolution_validates_on_the_last_rows(searched: list[nas.SearchResult]) -> None:
    space = {"num_hidden_layers": [1], "hidden_layer_size": [4, 8]}
    nas.run_evolutionary_search(X, y, space, 2, 1, seed=0)
    task = nas.Task(X[:80], y[:80], X[80:], y[80:])
    for trial in searched[0].trials:
        model = nas.train(trial.architecture, task, epochs=10, seed=trial.seed)
        assert model.validation_loss == trial.value


def test_gradient_based_search(article_space: dict[str, Any]) -> None:
    architecture, loss = nas.run_gradient_based_search(article_space, *DATA, 20, seed=0)
    assert architecture == {
        "num_hidden_layers": 5,
        "hidden_layer_size": 8,
        "activation_function": architecture["activation_function"],
        "learning_rate": 0.001,
        "optimizer": "Adam",
        "dropout_rate": 0.0,
    }
    assert architecture["activation_function"] in article_space["activation_function"]
    assert np.isfinite(loss)
    assert (architecture, loss) == nas.run_gradient_based_search(article_space, *DATA, 20, seed=0)


def test_workers_change_nothing(article_space: dict[str, Any]) -> None:
    for workers in (2, 3):
        assert nas.run_rl_search(article_space, *DATA, seed=1) == nas.run_rl_search(
            article_space, *DATA, seed=1, workers=workers
        )
        assert nas.run_evolutionary_search(X, y, article_space, 6, 3, seed=1) == (
            nas.run_evolutionary_search(X, y, article_space, 6, 3, seed=1, workers=workers)
        )


def test_reinforce_survives_candidates_that_diverge() -> None:
    space = {
        "num_hidden_layers": [2, 3],
        "hidden_layer_size": [8, 16],
        "activation_function": ["Identity"],
        "optimizer": ["SGD"],
        "learning_rate": [0.01, 1e9],
    }
    for seed in range(10):
        architecture, loss = nas.run_rl_search(space, *DATA, num_episodes=30, seed=seed)
        assert architecture is not None
        assert architecture["learning_rate"] == 0.01
        assert np.isfinite(loss)


def test_when_every_candidate_diverges() -> None:
    space = {"num_hidden_layers": [3], "hidden_layer_size": [8, 16], "optimizer": ["SGD"]}
    space |= {"activation_function": ["Identity"], "learning_rate": [1e9]}
    with pytest.warns(RuntimeWarning, match="all 5 trials diverged"):
        assert nas.run_rl_search(space, *DATA) == (None, np.inf)
    with pytest.warns(RuntimeWarning, match="all 4 trials diverged"):
        assert nas.run_evolutionary_search(X, y, space, 2, 2) == (None, np.inf)


SPACE = {"num_hidden_layers": [1], "hidden_layer_size": [4], "activation_function": ["ReLU"]}


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nas.evaluate_architecture({}, *DATA),
            ValueError,
            "architecture must have the key",
        ),
        (lambda: nas.evaluate_architecture(None, *DATA), TypeError, "architecture must be a dict"),
        (
            lambda: nas.evaluate_architecture(ARCHITECTURE, *DATA, 0),
            ValueError,
            "num_epochs must be an integer ≥ 1, got 0",
        ),
        (
            lambda: nas.evaluate_architecture(ARCHITECTURE, X[:, 0], *DATA[1:]),
            ValueError,
            "X_train must be 2-D",
        ),
        (
            lambda: nas.evaluate_architecture(ARCHITECTURE, X[:0], y[:0], X, y),
            ValueError,
            "X_train must have at least one row",
        ),
        (
            lambda: nas.evaluate_architecture(ARCHITECTURE, X, y[1:], X, y),
            ValueError,
            "y_train must have as many rows as X_train",
        ),
        (
            lambda: nas.evaluate_architecture(ARCHITECTURE, *DATA, rng="cuda"),
            ValueError,
            "rng must be one of",
        ),
        (
            lambda: nas.evaluate_architecture(ARCHITECTURE, *DATA, workers=0),
            ValueError,
            "workers must be an integer ≥ 1",
        ),
        (lambda: nas.run_rl_search({}, *DATA), ValueError, "search_space must have at least one"),
        (
            lambda: nas.run_gradient_based_search({"a": 3}, *DATA),
            TypeError,
            r"search_space\['a'\] must be a list, got 3",
        ),
        (
            lambda: nas.run_rl_search(SPACE, *DATA, num_epochs=0),
            ValueError,
            "num_epochs must be an integer ≥ 1, got 0",
        ),
        (
            lambda: nas.run_rl_search(SPACE, *DATA, num_episodes=0),
            ValueError,
            "num_episodes must be an integer ≥ 1, got 0",
        ),
        (
            lambda: nas.run_rl_search(SPACE | {"colour": ["red"]}, *DATA),
            ValueError,
            "colour",
        ),
        (
            lambda: nas.run_evolutionary_search(X, y, SPACE, population_size=1),
            ValueError,
            "population_size must be an integer .*got 1",
        ),
        (
            lambda: nas.run_evolutionary_search(X, y, SPACE, num_generations=0),
            ValueError,
            "num_generations must be an integer ≥ 1, got 0",
        ),
        (
            lambda: nas.run_evolutionary_search(X, y[1:], SPACE),
            ValueError,
            r"y must have as many rows as X \(100\), got 99",
        ),
        (
            lambda: nas.run_evolutionary_search(X[:1], y[:1], SPACE),
            ValueError,
            "must leave rows on both sides",
        ),
        (
            lambda: nas.run_gradient_based_search({"num_hidden_layers": [1]}, *DATA),
            ValueError,
            "search_space must have the key 'hidden_layer_size'",
        ),
        (
            lambda: nas.run_gradient_based_search(SPACE, *DATA, num_epochs=0),
            ValueError,
            "num_epochs must be an integer ≥ 1, got 0",
        ),
    ],
)
def test_bad_input(call: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        call()
