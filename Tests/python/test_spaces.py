"""Search spaces and their parameters."""

from __future__ import annotations

import enum
import itertools
import pickle
import re
from typing import Any

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import strategies


class Width(enum.IntEnum):
    SMALL = 8
    LARGE = 16


def test_a_space_is_a_mapping_in_the_order_given() -> None:
    space = nas.SearchSpace(
        {"b": [1, 2], "a": nas.Integer(0, 4), "c": nas.Categorical(list("xyz"))}
    )
    assert list(space) == ["b", "a", "c"]
    assert len(space) == 3
    assert "a" in space
    assert space["a"] == nas.Integer(0, 4)
    assert dict(space)["c"].size == 3


def test_size() -> None:
    assert nas.SearchSpace({"a": [1, 2, 3], "b": nas.Integer(-2, 2)}).size == 15
    assert nas.SearchSpace({"a": [1, 2], "b": nas.Float(0, 1)}).size is None
    assert nas.SearchSpace({"a": nas.Float(1, 1)}).size == 1
    assert nas.SearchSpace({f"k{i}": list(range(10)) for i in range(30)}).size == 10**30


def test_repr_can_be_evaluated() -> None:
    space = nas.SearchSpace(
        {"a": [1, "x", None], "b": nas.Float(0.5, 1), "c": nas.Integer(1, 8, True)}
    )
    again = eval(
        repr(space),
        {**vars(nas), "SearchSpace": nas.SearchSpace, "Float": nas.Float, "Integer": nas.Integer},
    )
    assert again == space


def test_equality_counts_the_order() -> None:
    space = nas.SearchSpace({"a": [1], "b": [2]})
    assert space == nas.SearchSpace({"a": [1], "b": [2]})
    assert hash(space) == hash(nas.SearchSpace({"a": [1], "b": [2]}))
    assert space != nas.SearchSpace({"b": [2], "a": [1]})
    assert space != {"a": [1], "b": [2]}


@pytest.mark.parametrize(
    "choice",
    [
        1,
        1.0,
        True,
        None,
        "ReLU",
        np.float64(0.1),
        np.float32(0.1),
        np.int64(64),
        np.bool_(True),
        np.str_("Tanh"),
        Width.LARGE,
        (32, 64),
        [32, 64],
        2**70,
        float("inf"),
        pytest.param(object(), id="object"),
        len,
        np.zeros(3),
        {"nested": 1},
        "",
        "größer",
    ],
    ids=repr,
)
def test_architectures_hold_the_very_choices(choice: Any) -> None:
    space = nas.SearchSpace({"x": [choice], "y": [choice, "another"]})
    architecture = space.sample(seed=0)
    assert architecture["x"] is choice
    result = nas.search(space, objective=lambda _: 0.0, strategy=nas.RandomSearch(), trials=2)
    assert any(trial.architecture["y"] is choice for trial in result.trials)


def test_mixed_choices_stay_what_they_are() -> None:
    choices = [0, 0.5, "0", None, (0,)]
    drawn = nas.SearchSpace({"x": choices}).sample(seed=0, count=100)
    assert {id(a["x"]) for a in drawn} == {id(choice) for choice in choices}


def test_numpy_arrays_of_choices() -> None:
    space = nas.SearchSpace({"x": np.array([0.1, 0.2])})
    assert isinstance(space.sample(seed=0)["x"], np.float64)


def test_samples_are_decided_by_their_seed(space: nas.SearchSpace) -> None:
    assert space.sample(seed=1) == space.sample(seed=1)
    assert space.sample(seed=1, count=5) == space.sample(seed=1, count=5)
    assert len({str(space.sample(seed=seed)) for seed in range(20)}) > 5
    assert isinstance(space.sample(), dict)
    for architecture in space.sample(seed=0, count=50):
        space.validate(architecture)


def test_ranges_are_drawn_within_their_ends() -> None:
    space = nas.SearchSpace(
        {
            "i": nas.Integer(-3, 3),
            "k": nas.Integer(1, 1000, log=True),
            "f": nas.Float(-0.5, 0.5),
            "g": nas.Float(1e-5, 1.0, log=True),
        }
    )
    drawn = space.sample(seed=0, count=2000)
    assert {a["i"] for a in drawn} == set(range(-3, 4))
    assert all(type(a["i"]) is int and type(a["f"]) is float for a in drawn)
    # Half of a logarithmic range lies below the geometric mean of its ends: for the integers, which
    # own half a unit on either side, √(0.5 · 1000.5) = 22.4.
    assert np.mean([a["k"] <= 22 for a in drawn]) == pytest.approx(0.5, abs=0.05)
    assert np.mean([a["g"] < 1e-2 * 10**-0.5 for a in drawn]) == pytest.approx(0.5, abs=0.05)
    assert abs(np.mean([a["f"] for a in drawn])) < 0.03


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({}, ValueError, "parameters must have at least one parameter, got none"),
        ({"a": []}, ValueError, "parameters['a'] must hold at least one choice, got none"),
        ({"a": 3}, TypeError, "parameters['a'] must be a list, got 3; .* write [3]"),
        ({"a": "Adam"}, TypeError, "parameters['a'] must be a list, got 'Adam'; .*['Adam']"),
        ({"a": {1, 2}}, TypeError, "parameters['a'] must be a list, got {1, 2}"),
        ({"a": {1: 2}}, TypeError, "parameters['a'] must be a list, got {1: 2}"),
        ({"a": None}, TypeError, "parameters['a'] must be a list, got None"),
        ({"a": np.zeros((2, 2))}, TypeError, "parameters['a'] must be a list, got "),
        ({"a": [1, 2, 1]}, ValueError, "parameters['a'] must be different, got 1 twice"),
        ({"a": [1, 1.0]}, ValueError, "parameters['a'] must be different, got 1 and 1.0"),
        ({"a": [float("nan")]}, ValueError, "parameters['a'] must not hold NaN"),
        ({"a": [len, len]}, ValueError, "parameters['a'] must be different, got <built-in"),
        ({1: [1]}, TypeError, "parameters must have strings as names, got 1"),
        ({"": [1]}, ValueError, "parameters must have names that are not empty"),
        ([("a", [1])], TypeError, "parameters must be a dict of names to choices, got list"),
        (None, TypeError, "parameters must be a dict of names to choices, got NoneType"),
    ],
)
def test_bad_spaces(parameters: Any, error: type[Exception], message: str) -> None:
    pattern = re.escape(message).replace(r"\.\*", ".*").replace(r"\ ", " ")
    with pytest.raises(error, match=pattern):
        nas.SearchSpace(parameters)
    # Where the argument has another name, the error has too.
    with pytest.raises(error, match="^" + re.sub("^parameters", "space", pattern)):
        nas.search(parameters, objective=lambda _: 0)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: nas.Integer(5, 1), ValueError, "low must be ≤ high, got 5 and 1"),
        (lambda: nas.Integer(0, 9, log=True), ValueError, "low must be > 0 on a log"),
        (lambda: nas.Integer(0.5, 9), TypeError, "low must be an integer in .*, got 0.5"),
        (lambda: nas.Integer(0, 2**60), ValueError, "high must be an integer in"),
        (lambda: nas.Integer(True, 3), TypeError, "low must be an integer in .*, got True"),
        (lambda: nas.Float(1, 0), ValueError, "low must be ≤ high, got 1.0 and 0.0"),
        (lambda: nas.Float(0, 1, log=True), ValueError, "low must be > 0 on a logarithmic"),
        (lambda: nas.Float(0, float("inf")), ValueError, "high must be finite, got inf"),
        (lambda: nas.Float("0", 1), TypeError, "low must be a number, got '0'"),
        (lambda: nas.Float(0, 1, log="yes"), TypeError, "log must be a boolean, got 'yes'"),
    ],
)
def test_bad_ranges(make: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        make()


def test_parameters_are_values() -> None:
    assert nas.Integer(np.int64(1), 4) == nas.Integer(1, 4)
    assert type(nas.Integer(np.int64(1), 4).low) is int
    assert nas.Float(0, 1) == nas.Float(0.0, 1.0)
    assert nas.Categorical([1, 2]) == nas.Categorical((1, 2))
    assert nas.Categorical([1, 2]) != nas.Categorical([2, 1])
    assert len({nas.Categorical([1, 2]), nas.Categorical((1, 2)), nas.Integer(1, 2)}) == 2


def test_contains() -> None:
    assert nas.Categorical([1, "a", None]).contains(np.int64(1))
    assert not nas.Categorical([1, "a"]).contains([1])
    assert nas.Categorical([np.zeros(2), len]).contains(len)
    assert nas.Integer(1, 3).contains(np.int8(3))
    assert not nas.Integer(1, 3).contains(2.0)
    assert not nas.Integer(0, 3).contains(True)
    assert nas.Float(0, 1).contains(1)
    assert not nas.Float(0, 1).contains(float("nan"))
    assert not nas.Float(0, 1).contains("0.5")


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({"a": 1}, "architecture must have the key 'b'"),
        ({"a": 3, "b": 0.5}, r"architecture\['a'\] must be one of \[1, 2\], got 3"),
        (
            {"a": 1, "b": 2.0},
            r"architecture\['b'\] must be in Float\(low=0.0, high=1.0, log=False\)",
        ),
        ({"a": 1, "b": 0.5, "c": 0}, r"have only parameters of the space \('a', 'b'\), got 'c'"),
    ],
)
def test_validate(architecture: dict[str, Any], message: str) -> None:
    space = nas.SearchSpace({"a": [1, 2], "b": nas.Float(0, 1)})
    space.validate({"b": 0.5, "a": 1})
    with pytest.raises(ValueError, match=message):
        space.validate(architecture)


def test_spaces_can_be_pickled() -> None:
    space = nas.SearchSpace({"a": [1, len], "b": nas.Float(0, 1), "c": nas.Integer(1, 9, log=True)})
    again = pickle.loads(pickle.dumps(space))
    assert again == space
    assert again.sample(seed=0) == space.sample(seed=0)


@pytest.fixture
def tree() -> nas.SearchSpace:
    """A width and an activation per layer, momentum for SGD only, one combination left out."""
    return nas.SearchSpace(
        {
            "depth": nas.Integer(1, 3),
            "width_1": [8, 16],
            "width_2": nas.Ordinal([8, 16]).when(depth=range(2, 4)),
            "width_3": nas.Ordinal([8, 16]).when(depth=3),
            "optimizer": ["Adam", "SGD"],
            "momentum": nas.Categorical([0.5, 0.9]).when(optimizer="SGD"),
        },
        forbidden=[{"depth": nas.Integer(2, 3), "optimizer": "SGD", "momentum": 0.9}],
    )


def _brute(space: nas.SearchSpace) -> set[tuple[Any, ...]]:
    """All architectures of the tree above, from first principles."""
    found = set()
    for depth in (1, 2, 3):
        for widths in itertools.product((8, 16), repeat=depth):
            for rest in (("Adam",), ("SGD", 0.5), ("SGD", 0.9)):
                if depth > 1 and 0.9 in rest:
                    continue
                names = ["depth", *(f"width_{i + 1}" for i in range(depth)), "optimizer"]
                found.add(tuple(zip([*names, "momentum"], (depth, *widths, *rest), strict=False)))
    return found


def test_conditions_and_forbidden_combinations(tree: nas.SearchSpace) -> None:
    expected = _brute(tree)
    assert tree.size == len(expected)
    drawn = {tuple(a.items()) for a in tree.sample(seed=0, count=3000)}
    assert drawn == expected
    for architecture in drawn:
        tree.validate(dict(architecture))


@pytest.mark.parametrize("name", sorted(strategies.__all__))
def test_every_strategy_stays_inside(tree: nas.SearchSpace, name: str) -> None:
    expected = _brute(tree)
    result = nas.search(
        tree,
        objective=lambda a: a["depth"] + a["width_1"] / 100,
        strategy=getattr(nas, name)(),
        trials=60,
        seed=0,
    )
    seen = {tuple(trial.architecture.items()) for trial in result.trials}
    assert seen <= expected


def test_random_search_finds_all_of_a_tree(tree: nas.SearchSpace) -> None:
    result = nas.search(
        tree, objective=lambda _: 0.0, strategy=nas.RandomSearch(), trials=1000, seed=1
    )
    assert result.exhausted
    assert len(result.trials) == tree.size == len({str(t.architecture) for t in result.trials})


def test_trees_are_values(tree: nas.SearchSpace) -> None:
    assert pickle.loads(pickle.dumps(tree)) == tree
    assert nas.SearchSpace.from_json(tree.to_json()) == tree
    assert hash(nas.SearchSpace.from_dict(tree.to_dict())) == hash(tree)
    assert eval(repr(tree), {**vars(nas), **{n: getattr(nas, n) for n in nas.__all__}}) == tree


def test_spaces_of_everything_round_trip_through_json() -> None:
    space = nas.SearchSpace(
        {
            "a": [1, "x", None, 2.5, (1, 2)],
            "b": nas.Categorical([1, 2]),
            "c": nas.Ordinal(["s", "m"]),
            "d": nas.Float(0.5, 1.5, log=True).when(a=[1, "x"]).when(b=2),
        }
    )
    assert nas.SearchSpace.from_json(space.to_json()) == space
    with pytest.raises(TypeError, match="JSON"):
        nas.SearchSpace({"f": [len, max]}).to_json()


def test_the_kind_of_a_plain_list() -> None:
    space = nas.SearchSpace(
        {
            "a": [1, 2, 4],
            "b": [0.1, 0.01],
            "c": ["x", "y"],
            "d": [1, 4, 2],
            "e": [7],
            "f": [0, True],
        }
    )
    assert [type(space[name]).__name__ for name in "abcdef"] == [
        "Ordinal",
        "Ordinal",
        "Categorical",
        "Categorical",
        "Categorical",
        "Categorical",
    ]


def test_fix(tree: nas.SearchSpace) -> None:
    fixed = tree.fix(depth=2, optimizer="SGD")
    assert list(fixed) == ["depth", "width_1", "width_2", "optimizer", "momentum"]
    assert fixed.size == 4
    assert all(a["depth"] == 2 for a in fixed.sample(seed=0, count=20))
    with pytest.raises(ValueError, match=r"depth must be in Integer.*, got 7"):
        tree.fix(depth=7)
    with pytest.raises(ValueError, match=r"fix must name parameters .* \('depth', .*\), got 'not'"):
        tree.fix(**{"not": 1})
    # What asks for a parameter that is gone is gone with it.
    chain = nas.SearchSpace(
        {
            "a": [1, 2],
            "b": nas.Categorical([1, 2]).when(a=2),
            "c": nas.Categorical([1, 2]).when(b=1),
        },
        forbidden=[{"a": [1, 2], "b": 2}],
    )
    assert chain.fix(a=1) == nas.SearchSpace({"a": [1]})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: nas.SearchSpace({"a": nas.Integer(1, 2).when(b=1), "b": [1, 2]}),
            r"parameters\['a'\] must depend on parameters before it, got 'b'",
        ),
        (
            lambda: nas.SearchSpace({"a": [1, 2], "b": nas.Integer(1, 2).when(a=3)}),
            r"parameters\['b'\]: the values of 'a' must be among \[1, 2\], got .*3",
        ),
        (
            lambda: nas.SearchSpace({"a": [1, 2], "b": nas.Integer(1, 2).when(c=3)}),
            r"parameters\['b'\] must name parameters of the space \('a', 'b'\), got 'c'",
        ),
        (
            lambda: nas.SearchSpace({"a": [1, 2]}, forbidden=[{"a": [1, 2]}]),
            "forbidden must leave some of the space",
        ),
        (
            lambda: nas.SearchSpace({"a": nas.Float(0, 1)}, forbidden=[{"a": nas.Float(0, 1)}]),
            "forbidden must leave some of the space",
        ),
        (
            lambda: nas.SearchSpace({"a": [1, 2]}, forbidden=[{}]),
            "forbidden must hold combinations, got an empty one",
        ),
        (
            lambda: nas.SearchSpace({"a": [1, 2]}, forbidden=[{"z": 1}]),
            r"forbidden must name parameters of the space \('a'\), got 'z'",
        ),
        (
            lambda: nas.SearchSpace.from_dict({"parameters": {"a": {"type": "odd"}}}),
            r"parameters\['a'\] must have a type of .*, got 'odd'",
        ),
        (
            lambda: nas.SearchSpace.from_dict({"parameters": {"a": {"type": "integer"}}}),
            r"parameters\['a'\] must describe a parameter",
        ),
    ],
)
def test_bad_trees(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("architecture", "message"),
    [
        ({"depth": 1, "width_1": 8}, "must have the key 'optimizer'"),
        (
            {"depth": 1, "width_1": 8, "width_2": 8, "optimizer": "Adam"},
            r"must not have the key 'width_2', as its conditions \(depth\) do not hold",
        ),
        (
            {"depth": 2, "width_1": 8, "width_2": 8, "optimizer": "SGD", "momentum": 0.9},
            "must not be forbidden",
        ),
    ],
)
def test_validate_trees(tree: nas.SearchSpace, architecture: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tree.validate(architecture)
