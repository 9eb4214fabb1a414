"""Strategy classes: made from the engine's description, checked when constructed."""

from __future__ import annotations

import inspect
import pickle
from typing import Any

import numpy as np
import pytest
import write_stubs

import swiftnas as nas
from swiftnas import _native, strategies

DESCRIPTIONS = {description["name"]: description for description in _native.strategies()}


def test_every_strategy_of_the_engine_is_a_class() -> None:
    assert (
        set(strategies.__all__) == set(DESCRIPTIONS) >= {"RandomSearch", "Evolution", "Reinforce"}
    )
    for name in DESCRIPTIONS:
        cls = getattr(nas, name)
        assert issubclass(cls, nas.Strategy)
        assert cls.__name__ == name
        assert cls.__module__ == "swiftnas.strategies"


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_classes_say_what_the_engine_says(name: str) -> None:
    cls, description = getattr(nas, name), DESCRIPTIONS[name]
    signature = inspect.signature(cls)
    assert list(signature.parameters) == [option["name"] for option in description["options"]]
    for option in description["options"]:
        parameter = signature.parameters[option["name"]]
        assert parameter.kind is inspect.Parameter.KEYWORD_ONLY
        assert parameter.default == option["default"]
        assert getattr(cls(), option["name"]) == option["default"]
        assert f"{option['name']} : " in cls.__doc__
        assert getattr(cls, option["name"]).__doc__ == option["summary"]


def test_the_stub_is_up_to_date() -> None:
    assert write_stubs.TARGET.read_text(encoding="utf-8") == write_stubs.stub(), "run `make stubs`"


def test_repr_names_what_is_not_default() -> None:
    assert repr(nas.Evolution()) == "Evolution()"
    assert repr(nas.Evolution(population_size=10)) == "Evolution()"
    assert repr(nas.Evolution(population_size=4)) == "Evolution(population_size=4)"
    strategy = nas.Evolution(population_size=4, elite_fraction=0.25)
    assert eval(repr(strategy), {"Evolution": nas.Evolution}) == strategy


def test_strategies_are_values() -> None:
    assert nas.Evolution() == nas.Evolution(population_size=10)
    assert nas.Evolution() != nas.Evolution(population_size=4)
    assert nas.Evolution() != nas.RandomSearch()
    assert len({nas.Evolution(), nas.Evolution(population_size=10), nas.RandomSearch()}) == 2
    with pytest.raises(AttributeError):
        nas.Evolution().population_size = 4  # type: ignore[misc]
    strategy = nas.Evolution(population_size=4)
    assert pickle.loads(pickle.dumps(strategy)) == strategy
    assert strategy.options["population_size"] == 4
    strategy.options["population_size"] = 5
    assert strategy.population_size == 4


def test_numpy_numbers_become_python_s() -> None:
    strategy = nas.Evolution(population_size=np.int64(4), elite_fraction=np.float32(0.5))
    assert type(strategy.population_size) is int
    assert type(strategy.elite_fraction) is float


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"population_size": 1}, "population_size must be an integer in .*, got 1"),
        ({"population_size": -3}, "population_size must be an integer in .*, got -3"),
        ({"population_size": 2.5}, "population_size must be an integer in .*, got 2.5"),
        ({"population_size": "ten"}, "population_size must be an integer in .*, got 'ten'"),
        ({"population_size": True}, "population_size must be an integer in .*, got True"),
        ({"population_size": None}, "population_size must be an integer in .*, got None"),
        ({"elite_fraction": 0}, r"elite_fraction must be in \(0, 1\), got 0"),
        ({"elite_fraction": float("nan")}, r"elite_fraction must be in \(0, 1\), got nan"),
        ({"retrain_elites": 1}, "retrain_elites must be a boolean, got 1"),
    ],
)
def test_bad_options_are_refused_at_once(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nas.Evolution(**options)


def test_other_mistakes() -> None:
    with pytest.raises(TypeError, match="Evolution has no option 'popsize'; it has: population_"):
        nas.Evolution(popsize=4)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"population_size.* must be a bool, number"):
        nas.Evolution(population_size=object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Strategy is abstract"):
        nas.Strategy()
    space = {"x": [1, 2]}
    with pytest.raises(
        TypeError, match=r"strategy must be an object, got a class; .*Evolution\(\)"
    ):
        nas.AskTell(space, nas.Evolution)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"strategy must be a Strategy such as .* got 3"):
        nas.AskTell(space, 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"strategy must be a Strategy or one of .*, got 'magic'"):
        nas.AskTell(space, "magic")


def test_strategies_by_name() -> None:
    space = {"x": [1, 2]}
    assert nas.AskTell(space, "regularized-evolution").strategy == nas.RegularizedEvolution()
    assert nas.AskTell(space).strategy == nas.Evolution()
    result = nas.search(space, objective=lambda a: a["x"], strategy="tpe", trials=2)
    assert result.strategy == nas.TPE()


def test_a_controller_that_is_too_big_for_the_machine_is_refused() -> None:
    space = nas.SearchSpace({f"p{index}": nas.Integer(1, 10_000) for index in range(400)})
    with pytest.raises(MemoryError, match="GiB needed"):
        nas.AskTell(space, nas.PPO(hidden_size=4096))
