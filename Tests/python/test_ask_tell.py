"""Ask and tell by hand, for every strategy."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

import swiftnas as nas
from swiftnas import _native

SPACE = {"x": [-2, -1, 0, 1, 2], "y": [0.0, 0.5, 1.0], "z": ["a", "b"]}
NAMES = [description["name"] for description in _native.strategies()]


def value(architecture: dict[str, Any]) -> float:
    """Least at x = 0, y = 0.5, z = 'b'."""
    return (
        architecture["x"] ** 2 + (architecture["y"] - 0.5) ** 2 + (architecture["z"] == "a") * 0.1
    )


def drive(
    asking: nas.AskTell, count: int, limit: int = 1, order: Callable[[list[Any]], Any] = list
) -> list[nas.Proposal]:
    """Ask for `limit` at a time and tell in the given order, until `count` are told."""
    told: list[nas.Proposal] = []
    while len(told) < count:
        proposals = asking.ask(min(limit, count - len(told)))
        if not proposals:
            break
        for proposal in order(proposals):
            asking.tell(proposal, value(proposal.architecture))
        told += proposals
    return told


@pytest.mark.parametrize("name", NAMES)
def test_the_course_depends_on_the_seed_only(name: str) -> None:
    strategy = getattr(nas, name)()
    one = drive(nas.AskTell(SPACE, strategy, seed=1), 25)
    many = drive(nas.AskTell(SPACE, strategy, seed=1), 25, limit=7, order=reversed)
    other = drive(nas.AskTell(SPACE, strategy, seed=2), 25)
    assert one == many
    assert [proposal.number for proposal in one] == list(range(25))
    assert one != other
    # What goes on with an earlier evaluation has its seed.
    begun = sum(proposal.origin == proposal.number for proposal in one + other)
    assert len({proposal.seed for proposal in one + other}) == begun
    space = nas.SearchSpace(SPACE)
    for proposal in one:
        space.validate(proposal.architecture)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("stop", [0, 1, 10, 13, 20])
def test_pickled_in_the_middle_it_goes_on_the_same(name: str, stop: int) -> None:
    strategy = getattr(nas, name)()
    whole = drive(nas.AskTell(SPACE, strategy, seed=3), 25)
    first = nas.AskTell(SPACE, strategy, seed=3)
    before = drive(first, stop)
    again = pickle.loads(pickle.dumps(first))
    assert (again.space, again.strategy, again.seed) == (first.space, strategy, 3)
    assert before + drive(again, 25 - stop) == whole


def test_what_was_not_told_is_asked_for_again_after_unpickling() -> None:
    asking = nas.AskTell(SPACE, nas.Evolution(population_size=4), seed=0)
    proposals = asking.ask(4)
    asking.tell(proposals[2], 1.0)
    again = pickle.loads(pickle.dumps(asking))
    assert again.ask(4) == [proposals[0], proposals[1], proposals[3]]


def test_asking_waits_for_whole_batches() -> None:
    asking = nas.AskTell(SPACE, nas.Evolution(population_size=4), seed=0)
    proposals = asking.ask(10)
    assert len(proposals) == 4
    assert asking.ask() == []
    assert not asking.exhausted
    for proposal in proposals[1:]:
        asking.tell(proposal.number, 1.0)
    assert asking.ask() == []
    asking.tell(proposals[0], 1.0)
    assert asking.ask()[0].number == 4


def test_an_exhausted_space_ends_the_search() -> None:
    asking = nas.AskTell({"x": [1, 2, 3]}, nas.RandomSearch(), seed=0)
    proposals = asking.ask(10)
    assert sorted(p.architecture["x"] for p in proposals) == [1, 2, 3]
    for proposal in proposals:
        asking.tell(proposal, float("nan"))
    assert asking.ask() == []
    assert asking.exhausted


def test_fresh_seeds_differ_and_are_recorded() -> None:
    first, second = nas.AskTell(SPACE), nas.AskTell(SPACE)
    assert first.seed != second.seed
    assert drive(nas.AskTell(SPACE, seed=first.seed), 5) == drive(first, 5)


def test_several_values_and_a_violation() -> None:
    asking = nas.AskTell(SPACE, nas.NSGA2(population_size=4), seed=0, objectives=2)
    for proposal in asking.ask(4):
        asking.tell(proposal, (value(proposal.architecture), 1.0), violation=proposal.number)
    (proposal,) = asking.ask()
    with pytest.raises(TypeError, match=r"value must be a list of 2 numbers, got 1\.0"):
        asking.tell(proposal, 1.0)
    with pytest.raises(ValueError, match=r"one number per objective \(2\), got 3"):
        asking.tell(proposal, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match=r"violation must be ≥ 0, got -1"):
        asking.tell(proposal, [1.0, 2.0], violation=-1)
    assert pickle.loads(pickle.dumps(asking)).ask() == [proposal]
    with pytest.raises(ValueError, match=r"objectives must be an integer in \[1, 16\], got 0"):
        nas.AskTell(SPACE, objectives=0)


def test_earlier_trials_are_not_proposed_again() -> None:
    space = nas.SearchSpace({"x": [-2, -1, 0, 1, 2]})
    earlier = nas.search(
        space, objective=lambda a: a["x"] ** 2, strategy=nas.RandomSearch(), trials=3, seed=0
    )
    asking = nas.AskTell(space, nas.TPE(initial_samples=2), seed=1)
    asking.learn(earlier.trials)
    new = [asking.ask()[0]]
    asking.tell(new[0], 1.0)
    new += asking.ask()
    seen = {trial.architecture["x"] for trial in earlier.trials}
    assert seen.isdisjoint({proposal.architecture["x"] for proposal in new})
    with pytest.raises(ValueError, match="before the first trial is asked for"):
        asking.learn(earlier.trials)


def test_enqueued_architectures_come_first() -> None:
    asking = nas.AskTell({"x": [1.5, "a"], "y": nas.Float(0, 1)}, nas.TPE(), seed=1)
    asking.enqueue([{"y": 1, "x": "a"}, {"x": 1.5, "y": 0.5}])
    assert [p.architecture for p in asking.ask(3)] == [{"x": "a", "y": 1.0}, {"x": 1.5, "y": 0.5}]
    with pytest.raises(ValueError, match="must be one of"):
        asking.enqueue([{"x": 2, "y": 0.5}])


def test_bad_calls() -> None:
    asking = nas.AskTell(SPACE, seed=0)
    proposal = asking.ask()[0]
    with pytest.raises(ValueError, match="limit must be an integer ≥ 1, got 0"):
        asking.ask(0)
    with pytest.raises(TypeError, match="value must be a number, got 'small'"):
        asking.tell(proposal, "small")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"proposal must be an integer ≥ 0, got 'first'"):
        asking.tell("first", 1.0)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match=r"number must be that of a trial that was asked for, got 7"
    ):
        asking.tell(7, 1.0)
    asking.tell(proposal, 1)
    with pytest.raises(ValueError, match="trial 0 must be told once"):
        asking.tell(proposal, 1.0)
    with pytest.raises(ValueError, match=r"seed must be an integer in .*, got -1"):
        nas.AskTell(SPACE, seed=-1)
    with pytest.raises(TypeError, match=r"seed must be an integer in .*, got 0.5"):
        nas.AskTell(SPACE, seed=0.5)  # type: ignore[arg-type]


def test_seeds_of_all_sizes() -> None:
    courses = {
        str([p.architecture for p in drive(nas.AskTell(SPACE, seed=seed), 5)])
        for seed in (0, 1, 2**32, 2**63 - 1)
    }
    assert len(courses) == 4
