"""Coercion of data to the engine's form: float32, C-contiguous, two-dimensional, finite.

This is the only place that does it. An array that has the form already is taken as it is, without a
copy; everything else (other real types, other layouts, slices, pandas frames, torch tensors, lists)
is converted once. Shapes are checked here; the engine itself checks that the values are finite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    #: A float32 matrix, `(rows, columns)`, C-contiguous.
    Matrix: TypeAlias = np.ndarray[tuple[int, int], np.dtype[np.float32]]


def features(value: npt.ArrayLike, name: str) -> Matrix:
    """`value` as a matrix of `(rows, features)`."""
    array = _array(value, name)
    if array.ndim != 2:
        hint = f"; for one feature pass {name}.reshape(-1, 1)" if array.ndim == 1 else ""
        raise ValueError(
            f"{name} must be 2-D with shape (rows, features), "
            f"got {array.ndim}-D with shape {array.shape}{hint}"
        )
    return _matrix(array, name)


def targets(value: npt.ArrayLike, name: str) -> tuple[Matrix, bool]:
    """`value` as a matrix of `(rows, targets)`, and whether it was 1-D: then it is one column."""
    array = _array(value, name)
    if array.ndim not in (1, 2):
        raise ValueError(
            f"{name} must be 1-D with shape (rows,) or 2-D with shape (rows, targets), "
            f"got {array.ndim}-D with shape {array.shape}"
        )
    was_flat = array.ndim == 1
    return _matrix(array.reshape(-1, 1) if was_flat else array, name), was_flat


def shaped(value: npt.ArrayLike, name: str, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """`value` as a finite float32 array of exactly this shape, of one or two dimensions."""
    array = _array(value, name)
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, got {array.shape}")
    matrix = _matrix(array.reshape(-1, shape[-1]), name)
    require_finite(matrix, name)
    return matrix.reshape(shape)


def labels(value: npt.ArrayLike, name: str) -> npt.NDArray[Any]:
    """`value` as a 1-D array of class labels: booleans, whole numbers or strings."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = _from_tensor(value, name)
    if hasattr(value, "mask") and np.ma.is_masked(value):
        raise ValueError(f"{name} must have no masked values; use .filled(…) or drop those rows")
    try:
        # Of a list with numbers and texts, NumPy would make texts.
        array = np.asarray(value, object if isinstance(value, list | tuple) else None)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of labels: {error}") from error
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be 1-D with one label per row, "
            f"got {array.ndim}-D with shape {array.shape}"
        )
    if not len(array):
        raise ValueError(f"{name} must have at least one row, got shape {array.shape}")
    if array.dtype.kind in "OT":
        array = _from_objects(array, name)
    if array.dtype.kind not in "biufU":
        raise TypeError(
            f"{name} must hold labels that are strings, whole numbers or booleans, "
            f"got dtype {array.dtype}"
        )
    if array.dtype.kind == "f":
        wrong = ~(np.isfinite(array) & (array == np.floor(array)))
        if wrong.any():
            row = int(np.argmax(wrong))
            raise ValueError(
                f"{name} must hold labels that are strings, whole numbers or booleans, "
                f"got {array[row]} at row {row}"
            )
    return array


def _from_objects(array: np.ndarray, name: str) -> np.ndarray:
    """Labels of an array of Python objects, which must be of one kind."""
    kinds = ((str, "strings"), (bool | np.bool_, "booleans"), (int | float | np.number, "numbers"))
    values = array.tolist()
    for kind, noun in kinds:
        if not isinstance(values[0], kind):
            continue
        for row, item in enumerate(values):
            is_odd = isinstance(item, bool) and noun == "numbers"
            if not isinstance(item, kind) or is_odd:
                raise TypeError(
                    f"{name} must hold labels of one kind ({noun}), got {item!r} at row {row}"
                )
        return np.array(values)
    raise TypeError(
        f"{name} must hold labels that are strings, whole numbers or booleans, "
        f"got {values[0]!r} at row 0"
    )


def weights(value: npt.ArrayLike, name: str, rows: int) -> npt.NDArray[np.float64]:
    """`value` as a finite number ≥ 0 for each row, not all of them 0."""
    array = _array(value, name)
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be 1-D with shape (rows,), got {array.ndim}-D with shape {array.shape}"
        )
    if len(array) != rows:
        raise ValueError(f"{name} must have one weight for each of {rows} rows, got {len(array)}")
    result = array.astype(np.float64)
    wrong = ~(np.isfinite(result) & (result >= 0))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"{name} must hold finite numbers ≥ 0, got {result[row]} at row {row}")
    if not result.any():
        raise ValueError(f"{name} must not be 0 for all rows")
    return result


def require_same_rows(inputs: Matrix, outputs: Matrix, names: tuple[str, str]) -> None:
    """Raise an error unless both matrices have the same number of rows."""
    if len(inputs) != len(outputs):
        raise ValueError(
            f"{names[1]} must have as many rows as {names[0]} ({len(inputs)}), got {len(outputs)}"
        )


def require_same_columns(
    first: Matrix, second: Matrix, names: tuple[str, str], columns: str
) -> None:
    """Raise an error unless both matrices have the same number of `columns`, a plural noun."""
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{names[1]} must have as many {columns} as {names[0]} ({first.shape[1]}), "
            f"got {second.shape[1]}"
        )


def require_finite(matrix: Matrix, name: str, original: np.ndarray | None = None) -> None:
    """Raise an error that names the first value which is not finite.

    Parameters
    ----------
    original : ndarray, optional
        The array that `matrix` was converted from: a value that was finite there is too large for
        float32, which the error then says.
    """
    # Minimum and maximum carry every NaN and infinity, and need no memory.
    if np.isfinite(matrix.min()) and np.isfinite(matrix.max()):
        return
    row, column = (int(i) for i in np.argwhere(~np.isfinite(matrix))[0])
    value = matrix[row, column] if original is None else original[row, column]
    requirement = "be finite"
    if np.isfinite(value):
        requirement = f"fit in float32 (at most {np.finfo(np.float32).max:.7g})"
    raise ValueError(f"{name} must {requirement}, got {value} at row {row}, column {column}")


def _matrix(array: np.ndarray, name: str) -> Matrix:
    """A two-dimensional array of any real type in the engine's form."""
    if array.size == 0:
        noun = "row" if array.shape[0] == 0 else "column"
        raise ValueError(f"{name} must have at least one {noun}, got shape {array.shape}")
    flags = array.flags
    if array.dtype == np.float32 and flags.c_contiguous and flags.aligned:
        return array
    # Larger numbers than float32 holds become infinite here and are reported below.
    with np.errstate(over="ignore", invalid="ignore"):
        matrix = np.require(array, np.float32, ("C_CONTIGUOUS", "ALIGNED"))
    if matrix.dtype != array.dtype:
        require_finite(matrix, name, array)
    return matrix


def _array(value: Any, name: str) -> np.ndarray:
    """`value` as an array of a real type, in its own type and layout."""
    array = value if type(value) is np.ndarray else _converted(value, name)
    # Booleans, signed and unsigned integers, and floating-point numbers.
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    return array


def _converted(value: Any, name: str) -> np.ndarray:
    """`value` as an array of any type."""
    if hasattr(value, "detach") and hasattr(value, "cpu"):
        value = _from_tensor(value, name)
    if hasattr(value, "nnz") and hasattr(value, "toarray"):
        raise TypeError(f"{name} must be a dense array, got {type(value).__name__}; use .toarray()")
    # Asked for the attribute first, as `np.ma` is loaded when it is touched.
    if hasattr(value, "mask") and np.ma.is_masked(value):
        raise ValueError(f"{name} must have no masked values; use .filled(…) or drop those rows")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of numbers: {error}") from error
    if array.dtype == object and hasattr(value, "columns") and hasattr(value, "dtypes"):
        return _from_frame(value, name)
    return array


def _from_tensor(tensor: Any, name: str) -> np.ndarray:
    """The values of a torch tensor, whatever device or graph it belongs to."""
    tensor = tensor.detach().cpu()
    try:
        try:
            array = tensor.numpy()
        except TypeError:
            # NumPy has no bfloat16.
            array = tensor.float().numpy()
    except (TypeError, RuntimeError) as error:
        raise TypeError(f"{name} must be a dense tensor of real numbers: {error}") from error
    return np.asarray(array)


def _from_frame(frame: Any, name: str) -> np.ndarray:
    """The values of a data frame whose columns have several types, missing ones as NaN."""
    for column, dtype in zip(frame.columns, frame.dtypes, strict=True):
        if getattr(dtype, "kind", "O") not in "biuf":
            raise TypeError(
                f"{name} must hold real numbers, got dtype {dtype} in column {column!r}"
            )
    return np.asarray(frame.to_numpy(dtype=np.float64, na_value=np.nan))
