"""The spaces of `swiftnas.spaces`: what is in them, and that all of it can be trained."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

import swiftnas as nas
from swiftnas import _native, strategies
from swiftnas.architecture import check_space, plain_architecture

SMALL: dict[str, Any] = {
    "max_layers": 3,
    "widths": [4, 6],
    "activations": ["ReLU", "Tanh"],
    "dropout": [0.0, 0.3],
    "learning_rate": [0.1, 0.01],
    "optimizers": ["Adam", "SGD"],
}

SPACES: dict[str, Callable[[], nas.SearchSpace]] = {
    "article": nas.spaces.article,
    "mlp": nas.spaces.mlp,
    "residual_mlp": nas.spaces.residual_mlp,
    "mlp of equal layers": lambda: nas.spaces.mlp(per_layer=False),
    "residual_mlp of equal layers": lambda: nas.spaces.residual_mlp(per_layer=False),
    "small mlp": lambda: nas.spaces.mlp(**SMALL),
    "small residual_mlp": lambda: nas.spaces.residual_mlp(**SMALL, min_layers=2),
    "ranges": lambda: nas.spaces.residual_mlp(
        widths=nas.Integer(1, 9), dropout=nas.Float(0, 0.9), skip_connections=[True]
    ),
}


@pytest.fixture(params=sorted(SPACES))
def ready_made(request: pytest.FixtureRequest) -> nas.SearchSpace:
    return SPACES[request.param]()


def brute(depths: range, per_layer: bool, skips: bool) -> set[frozenset[tuple[str, Any]]]:
    """All architectures of the small spaces, from first principles."""
    names = ["hidden_layer_size", "activation_function", "dropout_rate", "skip_connection"]
    columns: list[list[Any]] = [[4, 6], ["ReLU", "Tanh"], [0.0, 0.3], [False, True]]
    layers = list(itertools.product(*columns[: 4 if skips else 3]))
    found = set()
    for depth, optimizer, rate in itertools.product(depths, ["Adam", "SGD"], [0.1, 0.01]):
        common = {"num_hidden_layers": depth, "optimizer": optimizer, "learning_rate": rate}
        for chosen in itertools.product(layers, repeat=depth if per_layer else 1):
            own = {
                f"{name}_{number}" if per_layer else name: value
                for number, layer in enumerate(chosen, 1)
                for name, value in zip(names, layer, strict=False)
            }
            found.add(frozenset((common | own).items()))
    return found


@pytest.mark.parametrize("per_layer", [True, False])
@pytest.mark.parametrize(("make", "skips"), [("mlp", False), ("residual_mlp", True)])
def test_a_space_is_all_of_its_architectures(make: str, skips: bool, per_layer: bool) -> None:
    options = SMALL | {"max_layers": 2, "min_layers": 1, "per_layer": per_layer}
    space = getattr(nas.spaces, make)(**options)
    expected = brute(range(1, 3), per_layer, skips)
    assert space.size == len(expected)
    drawn = {frozenset(a.items()) for a in space.sample(seed=0, count=20_000)}
    # Each of 1,088 architectures is missed by 20,000 draws with a chance of 1e-4 at the most.
    assert drawn <= expected
    assert len(drawn) > 0.99 * len(expected)


def test_sizes_follow_from_the_choices() -> None:
    # Widths × activations × dropout rates for each layer, times optimizers and learning rates.
    assert nas.spaces.mlp(**SMALL).size == (8 + 8**2 + 8**3) * 4
    assert nas.spaces.residual_mlp(**SMALL, min_layers=2).size == (16**2 + 16**3) * 4
    assert nas.spaces.mlp(**SMALL, per_layer=False).size == 3 * 8 * 4
    assert nas.spaces.mlp().size is None
    assert nas.spaces.mlp(learning_rate=[0.01]).size == sum(100**depth for depth in range(1, 6)) * 3
    assert nas.spaces.article().size == 3600


def test_the_published_space() -> None:
    assert nas.spaces.article() == nas.SearchSpace(
        {
            "num_hidden_layers": [1, 2, 3, 4, 5],
            "hidden_layer_size": [32, 64, 128, 256, 512],
            "activation_function": ["ReLU", "LeakyReLU", "Tanh"],
            "learning_rate": [0.1, 0.01, 0.001, 0.0001],
            "optimizer": ["Adam", "SGD", "RMSprop"],
            "dropout_rate": [0.0, 0.2, 0.4, 0.6],
        }
    )


def test_spaces_round_trip(ready_made: nas.SearchSpace) -> None:
    assert nas.SearchSpace.from_json(ready_made.to_json()) == ready_made
    names = {name: getattr(nas, name) for name in nas.__all__}
    assert eval(repr(ready_made), names) == ready_made


def test_the_engine_takes_every_architecture(ready_made: nas.SearchSpace, task: nas.Task) -> None:
    check_space(ready_made, task, workers=1)
    for architecture in ready_made.sample(seed=1, count=300):
        facts = _native.describe(plain_architecture(architecture), 3, 2, 100)
        assert facts["parameters"] > 0
        # Nothing about a layer that there is not.
        numbers = [int(key[-1]) for key in architecture if key[-1].isdigit()]
        assert max(numbers, default=1) <= architecture["num_hidden_layers"]


@pytest.mark.parametrize("name", sorted(strategies.__all__))
@pytest.mark.parametrize("small", ["small mlp", "small residual_mlp"])
def test_every_strategy_stays_inside(small: str, name: str) -> None:
    space = SPACES[small]()
    result = nas.search(
        space,
        objective=lambda a: a["hidden_layer_size_1"] / a["num_hidden_layers"],
        strategy=getattr(nas, name)(),
        trials=80,
        seed=0,
    )
    for trial in result.trials:
        space.validate(trial.architecture)


def test_a_search_trains_them(ready_made: nas.SearchSpace, task: nas.Task) -> None:
    result = nas.search(ready_made, task, strategy=nas.Evolution(), trials=12, epochs=5, seed=0)
    assert len(result.trials) == 12
    model = nas.train(result.best.architecture, task, epochs=5, seed=0)
    assert model.predict(task.X_val).shape == (len(task.X_val),)
    assert list(model.weights)[-1].endswith(".bias")


def test_skip_connections_count_when_memory_is_checked(task: nas.Task) -> None:
    """The estimate is that of the architecture with the most projections."""
    from swiftnas.architecture import _probes, cost

    space = nas.spaces.residual_mlp(min_layers=4, max_layers=4, widths=[4, 399, 400])
    largest = max(cost(probe, task).parameters for probe in _probes(space))
    drawn = max(cost(architecture, task).parameters for architecture in space.sample(0, count=500))
    assert largest >= drawn


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"max_layers": 0}, ValueError, r"max_layers must be an integer in \[1, 1000\], got 0"),
        ({"min_layers": 6}, ValueError, r"min_layers must be an integer in \[1, 5\], got 6"),
        ({"max_layers": 2.5}, TypeError, "max_layers must be an integer in .*, got 2.5"),
        ({"widths": 64}, TypeError, r"widths must be a list, got 64; .* write \[64\]"),
        ({"activations": "ReLU"}, TypeError, "activations must be a list, got 'ReLU'"),
        ({"dropout": []}, ValueError, "dropout must hold at least one choice, got none"),
        ({"optimizers": ["SGD", "SGD"]}, ValueError, "optimizers must be different, got 'SGD'"),
        ({"per_layer": 1}, TypeError, "per_layer must be a boolean, got 1"),
    ],
)
@pytest.mark.parametrize("make", ["mlp", "residual_mlp"])
def test_bad_arguments(
    make: str, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    options = {"max_layers": 5} | options
    with pytest.raises(error, match=message):
        getattr(nas.spaces, make)(**options)


def test_the_module_is_found_without_an_import() -> None:
    assert "spaces" in dir(nas)
    assert nas.spaces.__name__ == "swiftnas.spaces"
