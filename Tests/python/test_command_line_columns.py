"""The command line: what becomes of the columns and the target of a table."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from swiftnas_command import houses

from swiftnas.command_line.columns import Columns, learn
from swiftnas.command_line.errors import CommandError
from swiftnas.command_line.tables import read_frame, read_training, write_frame
from swiftnas.command_line.target import target_of


def learnt(frame: pd.DataFrame, rows: Any = slice(None), **options: Any) -> Columns:
    return learn(frame, rows, options.get("as_text", ()), options.get("ignored", ()))


def test_medians_and_texts_are_those_of_the_training_rows() -> None:
    frame = pd.DataFrame({"age": [1.0, 3.0, np.nan, 100.0], "town": ["Ulm", "Bonn", "Ulm", "Rome"]})
    columns = learnt(frame, [0, 1])
    assert columns.medians == {"age": 2.0}
    assert columns.texts == {"town": ["Bonn", "Ulm"]}
    assert columns.encoded == ["age", "town=Bonn", "town=Ulm"]
    expected = [[1, 0, 1], [3, 1, 0], [2, 0, 1], [100, 0, 0]]
    assert columns.encode(frame).tolist() == expected


def test_scikit_learn_s_own_fit_agrees() -> None:
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    frame = houses().drop(columns=["name", "dear"])
    columns = learnt(frame)
    texts = frame[["colour"]].astype(object).where(frame[["colour"]].notna(), "")
    expected = np.hstack(
        [
            SimpleImputer(strategy="median").fit_transform(
                frame[["area", "rooms", "garden", "price"]].astype(float)
            ),
            OneHotEncoder(sparse_output=False).fit_transform(texts),
        ]
    )
    np.testing.assert_array_equal(columns.encode(frame), expected.astype(np.float32))


def test_what_was_learnt_comes_back_from_its_file(tmp_path: Path) -> None:
    frame = houses()
    frame.columns = ["Fläche", *frame.columns[1:]]
    columns = learnt(frame, range(50))
    columns.write(tmp_path / "columns.json")
    again = Columns.read(tmp_path / "columns.json")
    assert again == columns
    np.testing.assert_array_equal(again.encode(frame), columns.encode(frame))


def test_columns_of_one_kind_only() -> None:
    numbers = pd.DataFrame({"a": [1, 2], "b": [0.5, np.nan]})
    assert learnt(numbers).encode(numbers).tolist() == [[1, 0.5], [2, 0.5]]
    texts = pd.DataFrame({"a": ["x", "y", "x"]})
    assert learnt(texts).encode(texts).tolist() == [[1, 0], [0, 1], [1, 0]]


def test_missing_texts_are_a_text_of_their_own() -> None:
    frame = pd.DataFrame({"colour": ["red", None, "red", np.nan]})
    columns = learnt(frame)
    assert columns.encoded == ["colour=", "colour=red"]
    assert columns.encode(frame).tolist() == [[0, 1], [1, 0], [0, 1], [1, 0]]
    # Where none was missing in training, it is like a text that is not known.
    assert learnt(frame, [0, 2]).encode(frame).tolist() == [[1], [0], [1], [0]]


def test_only_frequent_texts_count() -> None:
    words = [f"w{number:03}" for number in range(150)]
    frame = pd.DataFrame({"word": words[:120] * 2 + words[120:]})
    columns = learnt(frame)
    assert columns.texts["word"] == words[:100]
    assert columns.encode(frame).sum() == 200


def test_numbers_as_texts_do_not_depend_on_missing_ones() -> None:
    whole = pd.DataFrame({"code": [12, 7, 12, 7]})
    columns = learnt(whole, as_text=["code"])
    assert columns.texts == {"code": ["12", "7"]}
    with_missing = pd.DataFrame({"code": [12, np.nan]})
    assert columns.encode(with_missing).tolist() == [[1, 0], [0, 0]]


@pytest.mark.parametrize(
    "values",
    [
        pd.Series([True, False, None], dtype=object),
        pd.Series([1, 0, None], dtype="Int64"),
        pd.Series([1.0, 0.0, None], dtype="Float32"),
        pd.Series([True, False, None], dtype="boolean"),
        pd.Series([np.float16(1), np.float16(0), np.float16("nan")]),
    ],
)
def test_numbers_of_many_types(values: pd.Series) -> None:
    frame = pd.DataFrame({"x": values})
    assert learnt(frame).encode(frame).tolist() == [[1], [0], [0.5]]


def test_categories_and_dates() -> None:
    frame = pd.DataFrame(
        {
            "size": pd.Categorical(["S", "L", "S"], ["S", "M", "L"]),
            "day": pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"]),
            "shape": [[1], [2], [3]],
            "nothing": [None, None, None],
            "number": pd.Categorical([3, 1, 3]),
        }
    )
    columns = learnt(frame)
    assert columns.texts == {"size": ["L", "S"], "number": ["1", "3"]}
    assert set(columns.left_out) == {"day", "shape", "nothing"}


def test_text_that_is_a_number_now_and_then_is_text() -> None:
    frame = pd.DataFrame({"flat": ["1a", "2b", "3", "1a", "2b"]})
    assert learnt(frame).texts == {"flat": ["1a", "2b", "3"]}
    mostly = pd.DataFrame({"flat": ["1", "2", "3", "1a"]})
    with pytest.raises(CommandError, match="got '1a' in data row 4; --categorical takes all"):
        learnt(mostly)
    assert learnt(mostly, as_text=["flat"]).texts == {"flat": ["1", "1a", "2", "3"]}


@pytest.mark.parametrize(
    ("values", "task"),
    [
        (["a", "b"] * 4, "classification"),
        ([True, False] * 4, "classification"),
        ([0, 1] * 4, "classification"),
        ([1.0, 2.0, None, 1.0] * 2, "classification"),
        ([0, 1, 2, 1] * 2, "classification"),
        ([3, 4, 5, 8] * 2, "regression"),
        ([0.5, 1.5] * 4, "regression"),
        (list(range(21)) * 2, "regression"),
        ([0.1, 0.2, 0.3, 0.4] * 2, "regression"),
        # Too large for NumPy's integers.
        ([10**30, 2 * 10**30, 5 * 10**30], "regression"),
    ],
)
def test_the_task_is_seen_from_the_target(values: list[Any], task: str) -> None:
    found = target_of(pd.DataFrame({"y": values}), None, None)
    assert found.task == task
    assert found.values.dtype == (np.float32 if task == "regression" else found.values.dtype)
    assert len(found.values) == found.rows.sum()
    if task == "classification":
        assert found.values.dtype.kind in "biU"


def test_the_task_can_be_told() -> None:
    frame = pd.DataFrame({"y": [0, 1, 2, 1] * 2})
    assert target_of(frame, "regression", None).loss == "mse"
    assert target_of(frame, None, "huber").task == "regression"
    grades = pd.DataFrame({"y": [3, 4, 5, 8] * 2})
    assert "if they are classes: --task classification" in target_of(grades, None, None).reason
    assert target_of(grades, "classification", None).values.tolist() == [3, 4, 5, 8] * 2


def test_rows_without_a_target_are_left_out() -> None:
    found = target_of(pd.DataFrame({"a": [1.0, None, 3.0], "b": [1.0, 2.0, 5.0]}), None, None)
    assert found.rows.tolist() == [True, False, True]
    assert found.values.tolist() == [[1, 1], [3, 5]]


def test_arrays_of_other_machines(tmp_path: Path) -> None:
    X, y = np.arange(6.0).reshape(3, 2), np.array(["a", "b", "a"])
    np.savez(tmp_path / "big.npz", X=X.astype(">f8"), y=y.astype(">U3"))
    table, targets = read_training(tmp_path / "big.npz", [], "X")
    np.testing.assert_array_equal(learnt(table).encode(table), X)
    assert targets["y"].tolist() == y.tolist()


def test_tables_of_other_programs(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "price": [Decimal("1.50"), None, Decimal("3.25")],
            "day": [date(2024, 1, 1), date(2024, 1, 2), None],
            "town": ["Ulm", "Bonn", "Köln"],
        }
    )
    frame.set_index("town").to_parquet(tmp_path / "decimals.parquet")
    read = read_frame(tmp_path / "decimals.parquet")
    assert list(read.columns) == ["town", "price", "day"]
    assert learnt(read).medians == {"price": 2.375}
    assert set(learnt(read).left_out) == {"day", "town"}
    for separator in (",", ";", "\t"):
        path = tmp_path / "table.csv"
        frame[["price", "town"]].to_csv(path, sep=separator, index=False)
        assert read_frame(path)["town"].tolist() == ["Ulm", "Bonn", "Köln"]
    (tmp_path / "table.csv").write_bytes(
        "\ufefftown;price;rooms;range\nUlm;1,5;3;1,5\nBonn;;4;1-2\nKöln;-,25e1;;3\n".encode()
    )
    read = read_frame(tmp_path / "table.csv")
    assert read["price"].tolist()[::2] == [1.5, -2.5]
    assert list(read.columns) == ["town", "price", "rooms", "range"]
    assert read["range"].tolist() == ["1,5", "1-2", "3"]
    houses(9)[["area", "rooms"]].to_csv(tmp_path / "index.csv")
    assert learnt(read_frame(tmp_path / "index.csv")).names == ["area", "rooms"]
    frame[["price"]].to_csv(tmp_path / "table.csv.gz", index=False)
    assert read_frame(tmp_path / "table.csv.gz")["price"].tolist()[::2] == [1.5, 3.25]


@pytest.mark.parametrize("compression", [".gz", ".bz2", ".xz", ".zip"])
def test_compressed_tables_are_what_they_were_before(tmp_path: Path, compression: str) -> None:
    frame = pd.DataFrame({"price": [1.5, 3.25], "town": ["Ulm, Donau", "Köln; Rhein"]})
    for separator in (",", ";", "\t"):
        path = tmp_path / f"table.csv{compression}"
        frame.to_csv(path, sep=separator, index=False)
        pd.testing.assert_frame_equal(read_frame(path), frame)
    path = tmp_path / f"table.TSV{compression}"
    write_frame(frame, str(path))
    pd.testing.assert_frame_equal(pd.read_csv(path, sep="\t"), frame)
    pd.testing.assert_frame_equal(read_frame(path), frame)
