"""Coercion of data: what is taken as it is, what is converted, what is refused and how."""

from __future__ import annotations

import re

import numpy as np
import pytest

import swiftnas as nas
from swiftnas import _arrays

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)


def test_float32_in_c_order_is_not_copied() -> None:
    assert _arrays.features(ROWS, "X") is ROWS
    targets, was_flat = _arrays.targets(ROWS[:, 0].copy(), "y")
    assert was_flat
    assert targets.shape == (4, 1)
    task = nas.Task(ROWS, ROWS, ROWS[:2], ROWS[:2])
    assert task.X_train is ROWS
    assert np.shares_memory(task.X_val, ROWS)


def test_read_only_arrays_are_not_copied() -> None:
    X = ROWS.copy()
    X.setflags(write=False)
    assert nas.Task(X, X, X, X).X_train is X


@pytest.mark.parametrize(
    "value",
    [
        ROWS.astype(np.float64),
        ROWS.astype(np.float16),
        ROWS.astype(np.longdouble),
        ROWS.astype(np.int8),
        ROWS.astype(np.int64),
        ROWS.astype(np.uint16),
        ROWS.astype(">f4"),
        np.asfortranarray(ROWS),
        np.repeat(ROWS, 2, axis=0)[::2],
        np.repeat(ROWS, 2, axis=1)[:, ::2],
        ROWS[::-1][::-1].tolist(),
        tuple(map(tuple, ROWS)),
        np.ma.masked_array(ROWS, mask=False),
    ],
    ids=lambda value: f"{type(value).__name__}-{getattr(value, 'dtype', '')}",
)
def test_other_types_and_layouts_are_converted(value: object) -> None:
    matrix = _arrays.features(value, "X")
    np.testing.assert_array_equal(matrix, ROWS)
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    assert matrix.dtype.isnative


def test_unaligned_memory_is_converted() -> None:
    raw = np.zeros(ROWS.nbytes + 1, np.uint8)
    unaligned = raw[1:].view(np.float32).reshape(ROWS.shape)
    unaligned[:] = ROWS
    assert not unaligned.flags.aligned
    matrix = _arrays.features(unaligned, "X")
    assert matrix.flags.aligned
    np.testing.assert_array_equal(matrix, ROWS)


def test_booleans_are_numbers() -> None:
    assert _arrays.features(ROWS > 5, "X").sum() == 6


def test_pandas_frames_and_series_are_converted() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2], "b": [True, False], "c": [0.5, 1.5]})
    np.testing.assert_array_equal(_arrays.features(frame, "X"), [[1, 1, 0.5], [2, 0, 1.5]])
    assert _arrays.targets(frame["a"], "y")[1]
    nullable = pandas.DataFrame({"a": pandas.array([1, None], dtype="Int64"), "b": [1.0, 2.0]})
    with pytest.raises(ValueError, match="X must be finite, got nan at row 1, column 0"):
        _arrays.features(nullable, "X")
    with pytest.raises(TypeError, match=r"X must hold real numbers, got dtype .* in column 'b'"):
        _arrays.features(pandas.DataFrame({"a": [1], "b": ["x"]}), "X")


def test_torch_tensors_are_converted() -> None:
    torch = pytest.importorskip("torch")
    tensor = torch.tensor(ROWS.tolist(), requires_grad=True)
    np.testing.assert_array_equal(_arrays.features(tensor, "X"), ROWS)
    np.testing.assert_array_equal(_arrays.features(tensor.T, "X"), ROWS.T)
    np.testing.assert_array_equal(_arrays.features(tensor.bfloat16(), "X"), ROWS)
    np.testing.assert_array_equal(_arrays.features(tensor.double(), "X"), ROWS)
    plain = torch.from_numpy(ROWS)
    assert np.shares_memory(_arrays.features(plain, "X"), ROWS)
    with pytest.raises(TypeError, match="X must hold real numbers"):
        _arrays.features(tensor.to(torch.complex64), "X")


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (ROWS[0], ValueError, "X must be 2-D .*got 1-D with shape (3,); .*X.reshape(-1, 1)"),
        (ROWS[None], ValueError, "X must be 2-D .*got 3-D with shape (1, 4, 3)"),
        (1.5, ValueError, "X must be 2-D .*got 0-D"),
        (ROWS[:0], ValueError, "X must have at least one row, got shape (0, 3)"),
        (ROWS[:, :0], ValueError, "X must have at least one column, got shape (4, 0)"),
        (ROWS.astype(object), TypeError, "X must hold real numbers, got dtype object"),
        (ROWS + 0j, TypeError, "X must hold real numbers, got dtype complex64"),
        ([["a", "b"]], TypeError, "X must hold real numbers, got dtype <U1"),
        ([[1, None]], TypeError, "X must hold real numbers, got dtype object"),
        (None, TypeError, "X must hold real numbers, got dtype object"),
        ([[1], [2, 3]], ValueError, "X must be an array of numbers: "),
        (ROWS.astype("M8[s]"), TypeError, "X must hold real numbers, got dtype datetime64"),
        (np.ma.masked_equal(ROWS, 1), ValueError, "X must have no masked values"),
    ],
)
def test_bad_features(value: object, error: type[Exception], message: str) -> None:
    pattern = re.escape(message).replace(r"\.\*", ".*").replace(r"\ ", " ")
    with pytest.raises(error, match=pattern):
        _arrays.features(value, "X")


def test_sparse_matrices_are_refused() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(TypeError, match="X must be a dense array, got csr_"):
        _arrays.features(sparse.csr_array(ROWS), "X")


def test_three_dimensional_targets_are_refused() -> None:
    with pytest.raises(ValueError, match=r"y must be 1-D .* or 2-D .*got 3-D"):
        _arrays.targets(ROWS[None], "y")


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["X_train", "y_train", "X_val", "y_val"])
def test_values_that_are_not_finite_are_named(name: str, value: float, dtype: type) -> None:
    data = {part: np.ones((5, 2), dtype) for part in ("X_train", "y_train", "X_val", "y_val")}
    data[name][3, 1] = value
    with pytest.raises(ValueError, match=f"{name} must be finite, got {value} at row 3, column 1"):
        nas.Task(**data)


def test_values_beyond_float32_are_named() -> None:
    with pytest.raises(
        ValueError, match=r"X must fit in float32 \(at most 3.402823e\+38\), got 1e\+300 at row 1, "
    ):
        _arrays.features([[1.0, 2.0], [1e300, 4.0]], "X")


def test_split_counts_rows_as_the_caller_does() -> None:
    X = np.ones((50, 2), np.float32)
    X[17, 1] = np.nan
    with pytest.raises(ValueError, match="X must be finite, got nan at row 17, column 1"):
        nas.Task.split(X, np.ones(50))
    y = np.ones(50)
    y[31] = np.inf
    with pytest.raises(ValueError, match="y must be finite, got inf at row 31, column 0"):
        nas.Task.split(np.ones((50, 2)), y)
