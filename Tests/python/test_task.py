"""Tasks: shapes that fit together, and splits."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import swiftnas as nas

X = np.arange(40, dtype=np.float32).reshape(20, 2)
y = np.arange(20, dtype=np.float32)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ((X, y[:-1], X, y), r"y_train must have as many rows as X_train \(20\), got 19"),
        ((X, y, X, y[:-1]), r"y_val must have as many rows as X_val \(20\), got 19"),
        ((X, y, X[:, :1], y), r"X_val must have as many features as X_train \(2\), got 1"),
        ((X, X, X, y), r"y_val must have as many targets as y_train \(2\), got 1"),
        ((X[:0], y[:0], X, y), r"X_train must have at least one row"),
        ((X, y, X[:0], y[:0]), r"X_val must have at least one row"),
    ],
)
def test_parts_must_fit_together(data: tuple[np.ndarray, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        nas.Task(*data)


def test_flat_and_column_targets_are_the_same_task() -> None:
    flat, column = nas.Task(X, y, X, y), nas.Task(X, y[:, None], X, y[:, None])
    np.testing.assert_array_equal(flat.y_train, column.y_train)
    assert (flat.flat_targets, column.flat_targets) == (True, False)
    assert flat.output_width == column.output_width == 1


def test_repr_counts() -> None:
    task = nas.Task(X, X, X[:1], X[:1])
    assert repr(task) == "Task(20 training rows, 1 validation row, 2 features, 2 targets)"


def test_split_keeps_every_row_once() -> None:
    task = nas.Task.split(X, y, validation=0.25, seed=3)
    assert (len(task.X_train), len(task.X_val)) == (15, 5)
    together = np.concatenate([task.X_train, task.X_val])
    np.testing.assert_array_equal(np.sort(together[:, 0]), X[:, 0])
    np.testing.assert_array_equal(task.X_train[:, 0] / 2, task.y_train[:, 0])


def test_split_is_decided_by_its_seed() -> None:
    first, again = (nas.Task.split(X, y, seed=1).X_val for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, nas.Task.split(X, y, seed=2).X_val)
    # The order of a seed is a promise: results depend on it.
    assert nas.Task.split(X, y, seed=0).y_val[:, 0].tolist() == [18, 6, 2, 14]


def test_split_without_shuffling_takes_the_last_rows() -> None:
    task = nas.Task.split(X, y, shuffle=False)
    np.testing.assert_array_equal(task.y_val[:, 0], y[16:])
    assert np.shares_memory(task.X_train, X)


@pytest.mark.parametrize("rows", [2, 3, 5, 10, 35, 442, 1000])
def test_split_trains_on_the_article_s_rows(rows: int) -> None:
    data = np.zeros((rows, 1), np.float32)
    task = nas.Task.split(data, data, validation=0.2, shuffle=False)
    assert task.rows == int(0.8 * rows)


@pytest.mark.parametrize(("validation", "rows"), [(0.9, 1), (0.1, 9), (3, 7), (np.int64(9), 1)])
def test_split_sizes(validation: float, rows: int) -> None:
    assert nas.Task.split(X[:10], y[:10], validation=validation).rows == rows


@pytest.mark.parametrize("validation", [0.0, 1.0, -0.5, 1.5, 0, 20, 21, 0.999])
def test_split_needs_rows_on_both_sides(validation: float) -> None:
    with pytest.raises(ValueError, match="validation must"):
        nas.Task.split(X, y, validation=validation)


def test_split_refuses_other_types() -> None:
    with pytest.raises(TypeError, match="validation must be an integer ≥ 1, got 'half'"):
        nas.Task.split(X, y, validation="half")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"y must have as many rows as X \(20\), got 19"):
        nas.Task.split(X, y[:-1])


def test_tasks_can_be_pickled() -> None:
    for targets in (y, X):
        task = nas.Task(X, targets, X[:5], targets[:5])
        again = pickle.loads(pickle.dumps(task))
        np.testing.assert_array_equal(again.X_train, X)
        np.testing.assert_array_equal(again.y_val, task.y_val)
        assert again.flat_targets == task.flat_targets


def test_a_task_keeps_its_memory_from_being_resized() -> None:
    data = np.ones((8, 1), np.float32)
    task = nas.Task(data, data, data, data)
    with pytest.raises(ValueError, match="resize"):
        data.resize((1000, 1))
    assert nas.train({"num_hidden_layers": 0, "hidden_layer_size": 1}, task, epochs=1).epochs == 1


def test_costs_are_those_of_a_task() -> None:
    architecture = {"num_hidden_layers": 1, "hidden_layer_size": 8}
    for wrong in ((X, X[:, 0]), (3, 1), None):
        with pytest.raises(
            TypeError, match=r"^task must be a swiftnas.Task, got .*; write Task.split\(X, y\) or"
        ):
            nas.cost(architecture, wrong)  # type: ignore[arg-type]
