"""The differentiable search: what it takes, what it finds, and what it must not look at."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import _native
from swiftnas.differentiable import article_darts
from swiftnas.supernet import layers_of, strongest

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
    assert found.chosen == strongest(found.alphas[found.epoch], found.candidates)
    assert layers_of(found.chosen) == found.architecture["activation_function"]


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
        ([(0.0, 0.0), (float("nan"),) * 3, (0.0, 3.0, float("inf"))], ("ReLU", "ReLU")),
    ],
)
def test_every_alpha_counts(alpha: Any, layers: tuple[str, ...]) -> None:
    candidates = [("ReLU", "Tanh"), *[("ReLU", "Tanh", "skip")] * 2]
    assert layers_of(strongest(alpha, candidates)) == layers


@pytest.mark.parametrize(
    ("depths", "layers"),
    [
        # The second cell prefers to be skipped by 1, the third by 2, the fourth to stay by 0.5.
        (None, ("ReLU", "ReLU")),
        ([1, 3], ("ReLU",)),
        ([3, 4], ("ReLU", "Tanh", "ReLU")),
        ([4], ("ReLU", "Tanh", "Tanh", "ReLU")),
    ],
)
def test_only_depths_of_the_space_are_chosen(depths: Any, layers: tuple[str, ...]) -> None:
    candidates = [("ReLU", "Tanh"), *[("ReLU", "Tanh", "skip")] * 3]
    alpha = [(1.0, 0.0), (0.0, 1.0, 2.0), (0.0, 1.0, 3.0), (1.0, 0.0, 0.5)]
    assert layers_of(strongest(alpha, candidates, depths)) == layers


def test_a_space_of_one_depth_keeps_all_its_layers(task: nas.Task) -> None:
    result = nas.darts(SPACE | {"num_hidden_layers": [3]}, task, epochs=2, trials=1, seed=0)
    assert result.candidates == (("ReLU", "Tanh"),) * 3
    assert result.architecture["num_hidden_layers"] == 3


def test_layers_of_the_published_form_are_counted_with_the_first(task: nas.Task) -> None:
    found = article_darts(SPACE, task, epochs=1, seed=0)
    assert len(found.candidates) == 2
    assert (found.supernet_layers, found.skip_share) == (3, 0)
    assert article_darts(SPACE | {"num_hidden_layers": [1]}, task, epochs=1).skip_share == 0


def test_forbidden_combinations_and_conditions_hold_for_the_settings(task: nas.Task) -> None:
    parameters = SPACE | {
        "momentum": nas.Categorical([0.5, 0.9]).when(optimizer="SGD", num_hidden_layers=[1, 2, 3]),
        "dropout_rate": nas.Categorical([0.0, 0.2]).when(num_hidden_layers=[4]),
        "num_hidden_layers": [1, 2, 3, 4],
    }
    order = ["num_hidden_layers", *(name for name in parameters if name != "num_hidden_layers")]
    space = nas.SearchSpace(
        {name: parameters[name] for name in order},
        forbidden=[
            {"num_hidden_layers": 4},
            {"optimizer": "Adam", "learning_rate": [0.1, 0.01]},
            {"hidden_layer_size": 8, "optimizer": "SGD", "learning_rate": 0.001},
        ],
    )
    result = nas.darts(space, task, epochs=2, trials=50, final_epochs=1, seed=0)
    assert len(result.candidates) == 3
    found = {
        (t.architecture["optimizer"], t.architecture["learning_rate"])
        for t in result.settings.trials
    }
    assert found == {("Adam", 0.001), ("SGD", 0.1), ("SGD", 0.01)}
    for trial in result.settings.trials:
        assert ("momentum" in trial.architecture) == (trial.architecture["optimizer"] == "SGD")
        assert "dropout_rate" not in trial.architecture


def nothing_is_trained(*arguments: Any) -> Any:
    raise AssertionError("the supernet was trained before everything was checked")


@pytest.mark.parametrize(
    ("changes", "forbidden", "message"),
    [
        (
            {"momentum": nas.Categorical([0.5]).when(activation_function="ReLU")},
            [],
            r"space\['momentum'\] must not have a condition on 'activation_function' in darts",
        ),
        (
            {"hidden_layer_size": nas.Categorical([8]).when(num_hidden_layers=[1, 2])},
            [],
            r"space\['hidden_layer_size'\] must not have conditions in darts",
        ),
        (
            {},
            [{"activation_function": "Tanh", "optimizer": "SGD"}],
            "forbidden must not name 'activation_function' in darts",
        ),
        (
            {"hidden_layer_size": [8, 16]},
            [{"hidden_layer_size": 8}],
            "forbidden must leave the first hidden_layer_size",
        ),
        (
            {"hidden_layer_size": [8, 16]},
            [{"hidden_layer_size": 8, "num_hidden_layers": [1, 2, 3]}],
            "forbidden must leave the first hidden_layer_size",
        ),
    ],
)
def test_what_cannot_be_kept_of_a_space_is_refused_at_once(
    changes: dict[str, Any],
    forbidden: list[dict[str, Any]],
    message: str,
    task: nas.Task,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("swiftnas._native.darts", nothing_is_trained)
    space = nas.SearchSpace(SPACE | changes, forbidden)
    with pytest.raises(ValueError, match=message):
        nas.darts(space, task)


def test_a_condition_on_the_only_activation_is_kept(task: nas.Task) -> None:
    space = SPACE | {
        "activation_function": ["Tanh"],
        "momentum": nas.Categorical([0.5]).when(activation_function="Tanh"),
    }
    result = nas.darts(space, task, epochs=1, trials=1, final_epochs=1, seed=0)
    assert result.architecture["momentum"] == 0.5


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trials": 0}, "trials must be an integer ≥ 1, got 0"),
        ({"final_epochs": 0}, "final_epochs must be an integer ≥ 1, got 0"),
        ({"workers": 0}, "workers must be an integer ≥ 1, got 0"),
        ({"rng": "numpy"}, "rng must be"),
        ({"alpha_share": 1.5}, r"alpha_share must be in \(0, 1\), got 1.5"),
        ({"alpha_share": 20}, r"alpha_share must be in \(0, 1\), got 20"),
        ({"alpha_share": 0.999}, "alpha_share must leave rows .* got 0.999 of 48"),
    ],
)
def test_arguments_are_checked_before_the_supernet_is_trained(
    options: dict[str, Any], message: str, task: nas.Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("swiftnas._native.darts", nothing_is_trained)
    with pytest.raises(ValueError, match=message):
        nas.darts(SPACE, task, seed=0, **options)


def test_a_diverging_supernet_still_gives_an_outcome(task: nas.Task) -> None:
    result = nas.darts(SPACE, task, epochs=50, trials=1, seed=0, weight_learning_rate=1e30)
    assert len(result.alphas) < 50
    assert result.architecture["num_hidden_layers"] >= 1


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"order": 3}, ValueError, "order must be an integer in"),
        ({"epochs": 0}, ValueError, "epochs must be an integer ≥ 1, got 0"),
        ({"skip": "no"}, ValueError, "skip must be a boolean"),
        ({"stem": True}, TypeError, "argument 'stem'"),
        ({"layers": 2}, TypeError, "argument 'layers'"),
        ({"depth": 2}, TypeError, "argument 'depth'"),
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


def test_options_and_their_documented_defaults_are_the_engines() -> None:
    parameters = inspect.signature(nas.darts).parameters
    documented = dict(re.findall(r"^    (\w+) : .*, default (\S+)$", nas.darts.__doc__ or "", re.M))
    # Those from the space, those that users set under other types, and the published script's form.
    others = {"layers", "width", "seed", "rng", "stem"}
    options = {
        option["name"]: option["default"]
        for option in _native.darts_options()
        if option["name"] not in others
    }
    assert {name: parameters[name].default for name in options} == options
    assert {name: documented[name] for name in options} == {n: str(d) for n, d in options.items()}


def test_spaces_must_have_what_the_supernet_needs(task: nas.Task) -> None:
    with pytest.raises(ValueError, match="must have the key 'activation_function'"):
        nas.darts({"num_hidden_layers": [1], "hidden_layer_size": [8]}, task)
    with pytest.raises(ValueError, match="one of 'ReLU'"):
        nas.darts(SPACE | {"activation_function": ["Sine"]}, task)
