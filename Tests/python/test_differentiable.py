"""The differentiable search: what it takes, what it finds, and what it must not look at."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas.differentiable import article_darts, strongest

SPACE = {
    "num_hidden_layers": [1, 2, 3],
    "hidden_layer_size": [8],
    "activation_function": ["ReLU", "Tanh"],
    "learning_rate": [0.1, 0.01, 0.001],
    "optimizer": ["Adam", "SGD"],
}


@pytest.fixture(scope="module")
def found(task: nas.Task) -> nas.DARTSResult:
    return nas.darts(SPACE, task, epochs=30, trials=4, final_epochs=20, seed=3)


def test_the_architecture_is_one_of_the_space(found: nas.DARTSResult) -> None:
    architecture = found.architecture
    assert architecture["num_hidden_layers"] in SPACE["num_hidden_layers"]
    assert len(architecture["activation_function"]) == architecture["num_hidden_layers"]
    assert set(architecture["activation_function"]) <= set(SPACE["activation_function"])
    assert architecture["learning_rate"] in SPACE["learning_rate"]
    assert np.isfinite(found.value)


def test_the_history_is_whole(found: nas.DARTSResult) -> None:
    assert len(found.alphas) == len(found.training_losses) == len(found.alpha_losses) == 30
    assert found.candidates == (("ReLU", "Tanh"), *(("ReLU", "Tanh", "skip"),) * 2)
    assert len(found.settings.trials) == 4
    assert found.value == found.settings.best.value
    chosen = strongest(found.alphas[found.epoch], found.candidates)
    assert chosen == found.architecture["activation_function"]


def test_the_value_is_that_of_the_architecture(found: nas.DARTSResult, task: nas.Task) -> None:
    best = found.settings.best
    model = nas.train(found.architecture, task, epochs=20, seed=best.seed)
    assert model.validation_loss == found.value


def test_the_same_seed_gives_the_same_result(found: nas.DARTSResult, task: nas.Task) -> None:
    options: dict[str, Any] = {"epochs": 30, "trials": 4, "final_epochs": 20}
    again = nas.darts(SPACE, task, seed=3, workers=2, **options)
    assert again.alphas == found.alphas
    assert again.architecture == found.architecture
    assert again.value == found.value
    assert nas.darts(SPACE, task, seed=4, **options).alphas != found.alphas


def test_alphas_never_see_the_validation_rows(task: nas.Task) -> None:
    other = nas.Task(task.X_train, task.y_train, task.X_val * 3, task.y_val - 7)
    alphas = [nas.darts(SPACE, t, epochs=5, trials=1, seed=0).alphas for t in (task, other)]
    assert alphas[0] == alphas[1]
    article = [article_darts(SPACE, t, epochs=5, seed=0).alphas for t in (task, other)]
    assert article[0] != article[1], "in the published form they do"


def test_second_order_is_another_search(task: nas.Task) -> None:
    def alphas(**options: Any) -> Any:
        return nas.darts(SPACE, task, epochs=5, trials=1, seed=0, **options).alphas

    first = alphas()
    assert alphas(order=2) != first
    assert alphas(order=2, unrolled_learning_rate=0) == first


@pytest.mark.parametrize(
    ("alpha", "layers"),
    [
        ([(0.0, 1.0), (2.0, 1.0, 0.0), (0.0, 0.0, 1.0)], ("Tanh", "ReLU")),
        ([(1.0, 0.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0)], ("ReLU",)),
        ([(0.0, 0.0), (float("nan"), -1.0, -2.0), (0.0, 3.0, 1.0)], ("ReLU", "Tanh", "Tanh")),
    ],
)
def test_every_alpha_counts(alpha: Any, layers: tuple[str, ...]) -> None:
    candidates = [("ReLU", "Tanh"), *[("ReLU", "Tanh", "skip")] * 2]
    assert strongest(alpha, candidates) == layers


def test_a_diverging_supernet_still_gives_an_outcome(task: nas.Task) -> None:
    result = nas.darts(SPACE, task, epochs=50, trials=1, seed=0, weight_learning_rate=1e30)
    assert len(result.alphas) < 50
    assert result.architecture["num_hidden_layers"] >= 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"order": 3}, ValueError, "order must be an integer in"),
        ({"epochs": 0}, ValueError, "epochs must be an integer ≥ 1, got 0"),
        ({"stem": True}, TypeError, "'stem'"),
        ({"layers": 2}, TypeError, "'layers'"),
        ({"depth": 2}, ValueError, "no option 'depth'"),
        ({"alpha_share": 1.5}, ValueError, r"in \(0, 1\), got 1.5"),
        ({"trials": 0}, ValueError, "trials must be"),
        ({"rng": "numpy"}, ValueError, "rng must be"),
        ({"alpha_learning_rate": 0}, ValueError, "alpha_learning_rate must be"),
    ],
)
def test_bad_options(
    options: dict[str, Any], error: type[Exception], message: str, task: nas.Task
) -> None:
    with pytest.raises(error, match=message):
        nas.darts(SPACE, task, seed=0, **options)


def test_spaces_must_have_what_the_supernet_needs(task: nas.Task) -> None:
    with pytest.raises(ValueError, match="must have the key 'activation_function'"):
        nas.darts({"num_hidden_layers": [1], "hidden_layer_size": [8]}, task)
    with pytest.raises(ValueError, match="one of 'ReLU'"):
        nas.darts(SPACE | {"activation_function": ["Sine"]}, task)
