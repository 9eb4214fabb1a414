"""Splits by class, group and time, and folds; scikit-learn as the oracle where it has the same."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import model_selection

import swiftnas as nas

ROWS = 97
X = np.arange(ROWS, dtype=np.float32).reshape(-1, 1)
LABELS = np.where(np.arange(ROWS) % 10 == 0, "rare", np.where(np.arange(ROWS) % 3, "a", "b"))
GROUPS = np.arange(ROWS) // 7


def parts(task: nas.Task) -> tuple[np.ndarray, np.ndarray]:
    """Which rows train and which validate."""
    return task.X_train[:, 0].astype(int), task.X_val[:, 0].astype(int)


def assert_whole(train: np.ndarray, rest: np.ndarray) -> None:
    assert sorted([*train, *rest]) == list(range(ROWS))


@pytest.mark.parametrize("validation", [0.1, 0.2, 0.5, 40])
@pytest.mark.parametrize("seed", [0, 1])
def test_classes_keep_their_proportions(validation: float, seed: int) -> None:
    task = nas.Task.split(X, LABELS, loss="cross_entropy", validation=validation, seed=seed)
    train, rest = parts(task)
    assert_whole(train, rest)
    plain = nas.Task.split(X, X[:, 0], validation=validation, seed=seed)
    assert len(rest) == len(plain.X_val)
    for label in np.unique(LABELS):
        share = len(rest) / ROWS * (label == LABELS).sum()
        assert abs(np.sum(LABELS[rest] == label) - share) < 1
    np.testing.assert_array_equal(task.classes[task.y_val[:, 0].astype(int)], LABELS[rest])


def test_every_class_keeps_a_row_to_train_on() -> None:
    labels = np.arange(10) // 2
    task = nas.Task.split(X[:10], labels, loss="cross_entropy", validation=5)
    assert sorted(task.y_train[:, 0].tolist()) == [0, 1, 2, 3, 4]
    single = [0, 0, 0, 0, 0, 0, 0, 0, 1, 2]
    task = nas.Task.split(X[:10], single, loss="cross_entropy", validation=7)
    assert sorted(task.y_train[:, 0].tolist()) == [0, 1, 2]
    with pytest.raises(ValueError, match="validation must leave a row of each class to train on"):
        nas.Task.split(X[:10], single, loss="cross_entropy", validation=8)


def test_without_stratification_the_split_is_that_of_regression() -> None:
    first = nas.Task.split(X, LABELS, loss="cross_entropy", stratify=False, seed=3)
    np.testing.assert_array_equal(first.X_val, nas.Task.split(X, X[:, 0], seed=3).X_val)
    ordered = nas.Task.split(X, LABELS, loss="cross_entropy", shuffle=False)
    assert parts(ordered)[1].tolist() == list(range(77, ROWS))


@pytest.mark.parametrize("kind", [GROUPS, GROUPS.astype(str), GROUPS.tolist()], ids=type)
def test_groups_stay_together(kind: object) -> None:
    train, rest = parts(nas.Task.split(X, X[:, 0], groups=kind, validation=0.3, seed=2))
    assert_whole(train, rest)
    assert not set(GROUPS[train]) & set(GROUPS[rest])
    # A share of the 14 groups, rounded up.
    assert len(set(GROUPS[rest])) == 5


def test_weights_go_with_their_rows() -> None:
    for task in (
        nas.Task.split(X, X[:, 0], sample_weight=X[:, 0] + 1),
        *nas.Task.folds(X, X[:, 0], sample_weight=X[:, 0] + 1),
    ):
        ratio = task.weights[:, 0] / (task.X_train[:, 0] + 1)
        np.testing.assert_allclose(ratio, ratio[0], rtol=1e-5)


@pytest.mark.parametrize(
    "options", [{}, {"shuffle": False}, {"groups": GROUPS}, {"seed": 5}], ids=str
)
@pytest.mark.parametrize("n_splits", [2, 5, 14])
def test_folds_validate_on_each_row_once(options: dict[str, object], n_splits: int) -> None:
    tasks = nas.Task.folds(X, X[:, 0], n_splits, **options)
    seen: list[int] = []
    for task in tasks:
        train, rest = parts(task)
        assert_whole(train, rest)
        seen += rest.tolist()
        if "groups" in options:
            assert not set(GROUPS[train]) & set(GROUPS[rest])
    assert sorted(seen) == list(range(ROWS))
    assert len(tasks) == n_splits
    if "groups" not in options:
        sizes = [len(task.X_val) for task in tasks]
        assert max(sizes) - min(sizes) <= 1


def test_folds_without_shuffling_are_scikit_learns() -> None:
    theirs = model_selection.KFold(6).split(X)
    for task, (train, rest) in zip(
        nas.Task.folds(X, X[:, 0], 6, shuffle=False), theirs, strict=True
    ):
        assert [part.tolist() for part in parts(task)] == [train.tolist(), rest.tolist()]


@pytest.mark.parametrize("n_splits", [1, 3, 10, 96])
def test_folds_in_time_are_scikit_learns(n_splits: int) -> None:
    ours = nas.Task.folds(X, X[:, 0], n_splits, time_ordered=True)
    if n_splits == 1:
        assert [part.tolist() for part in parts(ours[0])] == [list(range(49)), list(range(49, 97))]
        return
    theirs = model_selection.TimeSeriesSplit(n_splits).split(X)
    for task, (train, rest) in zip(ours, theirs, strict=True):
        assert [part.tolist() for part in parts(task)] == [train.tolist(), rest.tolist()]


@pytest.mark.parametrize("seed", [0, 1])
def test_folds_of_classes_are_even(seed: int) -> None:
    tasks = nas.Task.folds(X, LABELS, 4, loss="cross_entropy", seed=seed)
    for label in np.unique(LABELS):
        counts = [int(np.sum(LABELS[parts(task)[1]] == label)) for task in tasks]
        assert max(counts) - min(counts) <= 1
    sizes = [len(task.X_val) for task in tasks]
    assert max(sizes) - min(sizes) <= 1


def test_splitters_of_scikit_learn() -> None:
    splitter = model_selection.StratifiedGroupKFold(3)
    tasks = nas.Task.folds(X, LABELS, splitter=splitter, groups=GROUPS, loss="cross_entropy")
    expected = splitter.split(X, LABELS, GROUPS)
    for task, (train, rest) in zip(tasks, expected, strict=True):
        assert [part.tolist() for part in parts(task)] == [train.tolist(), rest.tolist()]


class Odd:
    """A splitter that says what it is told."""

    def __init__(self, *pairs: object) -> None:
        self.pairs = pairs

    def split(self, X: object, y: object, groups: object) -> list[object]:
        return list(self.pairs)


def test_splitters_may_give_masks() -> None:
    mask = np.arange(ROWS) % 4 == 0
    for given in (mask, mask.tolist()):
        (task,) = nas.Task.folds(X, X[:, 0], splitter=Odd((~mask, given)))
        train, rest = parts(task)
        assert np.array_equal(rest, np.flatnonzero(mask))
        assert_whole(train, rest)


def test_bad_input() -> None:
    y = X[:, 0]
    for call, message in (
        (lambda: nas.Task.folds(X, y, 1), "n_splits must be an integer ≥ 2, got 1"),
        (lambda: nas.Task.folds(X, y, 98), r"n_splits must be at most the number of rows \(97\)"),
        (lambda: nas.Task.folds(X, y, 15, groups=GROUPS), r"number of groups \(14\), got 15"),
        (lambda: nas.Task.folds(X, y, 97, time_ordered=True), "n_splits must be below the number"),
        (lambda: nas.Task.folds(X, y, time_ordered=True, groups=GROUPS), "groups cannot be kept"),
        (lambda: nas.Task.folds(X, y, splitter=3), "splitter must have a method split"),
        (lambda: nas.Task.folds(X, y, splitter=Odd()), "splitter must give at least one split"),
        (lambda: nas.Task.folds(X, y, splitter=Odd(([], [1]))), "splitter must leave rows on both"),
        (lambda: nas.Task.folds(X, y, splitter=Odd(([0], [97]))), "splitter must give rows"),
        (lambda: nas.Task.folds(X, y, splitter=Odd(3)), "splitter must give pairs of rows"),
        (lambda: nas.Task.folds(X, y, splitter=Odd(([True], [1]))), "or masks of 97 rows"),
        (
            lambda: nas.Task.folds(X, y, 3, splitter=Odd(([0], [1]))),
            "n_splits must be left out with a splitter, .* got 3",
        ),
        (
            lambda: nas.Task.folds(X, y, splitter=Odd(([0], [1])), shuffle=False),
            "shuffle must be left out with a splitter, .* got False",
        ),
        (
            lambda: nas.Task.folds(X, y, splitter=Odd(([0], [1])), time_ordered=True),
            "time_ordered must be left out with a splitter, .* got True",
        ),
        (
            lambda: nas.Task.folds(X, y, splitter=Odd(([0], [1])), stratify=False),
            "stratify must be left out with a splitter, .* got False",
        ),
        (
            lambda: nas.Task.split(X, LABELS, loss="cross_entropy", stratify=LABELS),
            "stratify must be a boolean or None, got ndarray; True keeps the proportions",
        ),
        (lambda: nas.Task.split(X, y, stratify=True), "stratify needs classes"),
        (
            lambda: nas.Task.split(X, y, groups=[1] * 97),
            "validation must leave groups on both sides",
        ),
        (
            lambda: nas.Task.split(X, y, groups=[1]),
            "groups must have one entry for each of 97 rows",
        ),
        (lambda: nas.Task.split(X, y, groups=GROUPS, shuffle=False), "groups need shuffle=True"),
        (
            lambda: nas.Task.split(X, LABELS, loss="cross_entropy", stratify=True, groups=GROUPS),
            "stratify must be False with groups",
        ),
        (lambda: nas.Task.split(X, LABELS[:-1], loss="cross_entropy"), r"as many rows as X \(97\)"),
        (lambda: nas.Task.split(X, y, sample_weight=[1]), "one weight for each of 97 rows, got 1"),
    ):
        with pytest.raises((ValueError, TypeError), match=message):
            call()
