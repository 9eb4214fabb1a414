"""The command line: bad input at every door is one line and exit code 2, and leaves no trace."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from swiftnas_command import houses, swiftnas, write_space

from swiftnas.command_line import report_command


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good and bad tables, two runs, and damaged ones."""
    path = tmp_path_factory.mktemp("bad doors")
    space = write_space(path)
    good = houses(60)
    good.to_csv(path / "good.csv", index=False)
    settings = ("--space", space, "--budget", 2, "--epochs", 2, "--final-epochs", 2, "--no-report")
    for name, target in (("run", "price"), ("classes", "dear")):
        done = swiftnas(
            "search", path / "good.csv", "--target", target, "--out", path / name, *settings
        )
        assert done.code == 0, done.err
    write_bad_tables(path, good)
    np.savez(path / "arrays.npz", X=np.ones((9, 2)) * np.arange(9)[:, None], y=np.arange(9) / 8)
    done = swiftnas("search", path / "arrays.npz", "--out", path / "arrays", *settings)
    assert done.code == 0, done.err
    write_bad_runs(path)
    (path / "not a run").mkdir()
    (path / "not a run" / "letter.txt").write_text("dear all")
    shutil.copytree(path / "run", path / "run and more")
    (path / "run and more" / "letter.txt").write_text("dear all")
    return path


def write_bad_tables(path: Path, good: pd.DataFrame) -> None:
    good.assign(price=np.nan).to_csv(path / "no target.csv", index=False)
    good.assign(dear="yes").to_csv(path / "one class.csv", index=False)
    good.assign(price=7).to_csv(path / "constant.csv", index=False)
    good.assign(area=["many", *good.area[1:]]).to_csv(path / "text in area.csv", index=False)
    good.assign(price=["much", *good.price[1:]]).to_csv(path / "text in price.csv", index=False)
    late = good.assign(price=[np.nan, *good.price[1:]], area=[1, 2, "many", *good.area[3:]])
    late.to_csv(path / "text in row 3.csv", index=False)
    good.assign(area=[np.inf, *good.area[1:]]).to_csv(path / "infinite.csv", index=False)
    good.assign(area=[1e300, *good.area[1:]]).to_csv(path / "large.csv", index=False)
    good[["name", "price"]].to_csv(path / "names only.csv", index=False)
    good.drop(columns=["area", "rooms"]).to_csv(path / "fewer.csv", index=False)
    good[:1].to_csv(path / "one row.csv", index=False)
    good[:0].to_csv(path / "no rows.csv", index=False)
    good.to_parquet(path / "good.parquet")
    data = (path / "good.parquet").read_bytes()
    (path / "truncated.parquet").write_bytes(data[: len(data) // 2])
    (path / "foreign.parquet").write_text("price\n1\n")
    (path / "empty.csv").write_text("")
    (path / "ragged.csv").write_text("price,area\n1,2\n3,4,5,6\n")
    (path / "wide.csv").write_text("price,area\n1,2,3\n4,5,6\n")
    (path / "twice.csv").write_text("area,price,price\n1,2,3\n4,5,6\n")
    (path / "latin.csv").write_bytes("size,price\nweiß,2\n".encode("latin-1"))
    (path / "binary.csv").write_bytes(bytes(range(256)) * 4)
    (path / "table.xls").write_text("price\n1\n")
    np.savez(path / "good.npz", X=np.ones((5, 9)), y=np.arange(5))
    np.savez(path / "flat.npz", X=np.ones(5), y=np.arange(5))
    np.savez(path / "texts.npz", X=np.array([["a"], ["b"]]), y=np.arange(2))
    np.savez(path / "rows.npz", X=np.ones((5, 2)), y=np.arange(4))
    np.savez(path / "objects.npz", X=np.array([[None]], object), y=np.arange(1))
    data = (path / "good.npz").read_bytes()
    (path / "truncated.npz").write_bytes(data[: len(data) // 2])
    (path / "foreign.npz").write_text("PK but no archive")
    np.save(path / "array.npy", np.ones(3))
    (path / "array.npy").rename(path / "array.npz")
    (path / "broken.json").write_text('{"num_hidden_layers": [1')
    (path / "deep.json").write_text("[" * 100_000)
    (path / "list.json").write_text("[1, 2]")
    (path / "typo.json").write_text('{"num_hiden_layers": [1], "hidden_layer_size": [4]}')
    (path / "empty choices.json").write_text('{"num_hidden_layers": []}')


def write_bad_runs(path: Path) -> None:
    def damaged(name: str, file: str, data: bytes) -> None:
        shutil.copytree(path / "run", path / name)
        (path / name / file).write_bytes(data)

    def edited(name: str, file: str, edit: Callable[[Any], object]) -> None:
        data = json.loads((path / "run" / file).read_text("utf-8"))
        edit(data)
        damaged(name, file, json.dumps(data).encode())

    whole = (path / "run" / "model.safetensors").read_bytes()
    damaged("truncated model", "model.safetensors", whole[: len(whole) // 2])
    damaged("empty model", "model.safetensors", b"")
    damaged("foreign model", "model.safetensors", b"\x08\0\0\0\0\0\0\0{}      and more")
    damaged("array as model", "model.safetensors", (path / "good.npz").read_bytes())
    damaged("truncated columns", "columns.json", b'{"format": "swiftnas-columns"')
    damaged("foreign columns", "columns.json", b'{"format": "other", "version": 1}')
    damaged("lists as columns", "columns.json", b"[]")
    columns = (path / "classes" / "columns.json").read_bytes()
    damaged("columns of another run", "columns.json", columns)
    damaged("truncated summary", "result.json", b"{")
    damaged("foreign summary", "result.json", b'{"format": "swiftnas-run", "version": 1}')
    damaged("deep summary", "result.json", b"[" * 100_000)
    damaged("truncated trials", "trials.json", b'{"trials": [')
    damaged("foreign trials", "trials.json", b'{"trials": []}')
    trials = json.loads((path / "run" / "trials.json").read_text("utf-8"))
    trials["strategy"]["name"] = "os"
    damaged("trials of another strategy", "trials.json", json.dumps(trials).encode())
    edited("summary without task", "result.json", lambda it: it.pop("task"))
    edited("two targets", "result.json", lambda it: it.update(target=["a", "b"]))
    edited("no validation", "result.json", lambda it: it.update(validation=None))
    edited("other order", "columns.json", lambda it: it["texts"]["colour"].reverse())
    edited("texts as numbers", "columns.json", lambda it: it["medians"].update(colour=1.0))
    edited("no trials", "trials.json", lambda it: it["trials"].clear())
    edited("no objectives", "trials.json", lambda it: it["objectives"].clear())
    edited("text as value", "trials.json", lambda it: it["trials"][0].update(value="x"))
    edited("text as number", "trials.json", lambda it: it["trials"][1].update(number="x"))
    edited("text as epochs", "trials.json", lambda it: it.update(epochs="x"))
    no_model = path / "no model"
    shutil.copytree(path / "run", no_model)
    (no_model / "model.safetensors").unlink()


def search(table: str, target: str, *more: str) -> list[str]:
    given = [] if target == "" else ["--target", target]
    return ["search", table, *given, "--out", "new", "--space", "space.json", *more]


def predict(run: str, table: str, *more: str) -> list[str]:
    return ["predict", run, table, "--out", "predicted.csv", *more]


#: What is done wrong, and a part of what is said about it.
DOORS: list[tuple[list[str], str]] = [
    # Tables and targets.
    (search("good.csv", "prize"), "--target must be one of area, rooms, "),
    (search("good.csv", "prize"), "got 'prize'; did you mean 'price'?"),
    (search("good.csv", ""), "--target must name a column"),
    (search("good.csv", "price", "--target", "price"), "different columns"),
    (search("good.csv", "price", "--target", "dear"), "column 'dear' must hold finite numbers"),
    (search("no target.csv", "price"), "'price' must have values, got none in any row"),
    (search("one class.csv", "dear"), "must hold at least two classes, got only 'yes'"),
    (search("constant.csv", "price"), "must hold different numbers, got only 7"),
    (search("good.csv", "name"), "classes that repeat, got 60 different ones in 60 rows"),
    (search("text in area.csv", "price"), "'area' must hold numbers, got 'many' in data row 1"),
    (search("text in price.csv", "price"), "'price' must hold numbers, got 'much' in data row 1"),
    (search("text in row 3.csv", "price"), "got 'many' in data row 3"),
    (search("infinite.csv", "price"), "fit in float32, got inf in data row 1"),
    (search("large.csv", "price"), "fit in float32, got"),
    (search("names only.csv", "price"), "'name': another text in every row"),
    (search("one row.csv", "price"), "must hold different numbers"),
    (search("no rows.csv", "price"), "must have at least one row"),
    (search("empty.csv", "price"), "must be an intact CSV file: No columns"),
    (search("ragged.csv", "price"), "must be an intact CSV file"),
    (search("wide.csv", "price"), "must be an intact CSV file: Length of header"),
    (search("twice.csv", "price"), "columns of different names, got 'price' twice"),
    (predict("run", "twice.csv"), "columns of different names, got 'price' twice"),
    (search("latin.csv", "price"), "must be text in UTF-8, got the byte 0xdf"),
    (search("binary.csv", "price"), "must be text in UTF-8, got the byte 0x80"),
    (search("absent.csv", "price"), "absent.csv cannot be read: No such file"),
    (search("not a run", "price"), "must end in one of"),
    (search("table.xls", "price"), "must end in one of .csv"),
    (search("truncated.parquet", "price"), "must be an intact Parquet file"),
    (search("foreign.parquet", "price"), "must be an intact Parquet file"),
    (search("truncated.npz", ""), "must be an intact npz file"),
    (search("foreign.npz", ""), "must be an intact npz file"),
    (search("array.npz", ""), "one array, not an archive"),
    (search("objects.npz", ""), "must be an intact npz file"),
    (search("flat.npz", ""), "X must be a matrix of real numbers"),
    (search("texts.npz", ""), "X must be a matrix of real numbers"),
    (search("rows.npz", ""), "y must have as many rows as X (5), got 4"),
    (search("good.npz", "X"), "--target must be another array than the inputs, got 'X'"),
    (search("good.npz", "z"), "the array must be one of X, y, got 'z'"),
    (search("good.npz", "", "--inputs", "x"), "got 'x'; did you mean 'X'?"),
    # Options.
    (search("good.csv", "dear", "--task", "regression"), "'dear' must hold finite numbers"),
    (search("good.csv", "price", "--task", "classification"), "texts or whole numbers"),
    (search("good.csv", "price", "--task", "ranking"), "'ranking'"),
    (search("good.csv", "price", "--loss", "mes"), "loss must be one of 'mse'"),
    (search("good.csv", "dear", "--loss", "mse"), "'dear' must hold finite numbers"),
    (
        search("good.csv", "price", "--loss", "mse", "--task", "classification"),
        "--loss must be one for classification, got 'mse'",
    ),
    (
        search("good.csv", "rooms", "--loss", "binary_cross_entropy"),
        "must hold two classes with loss='binary_cross_entropy', got 5",
    ),
    (search("good.csv", "price", "--strategy", "tpee"), "did you mean 'tpe'?"),
    (search("good.csv", "price", "--strategy", "reinforce"), "learning_rate"),
    (search("good.csv", "price", "--space", "mpl"), "did you mean 'mlp'?"),
    (search("good.csv", "price", "--space", "absent.json"), "absent.json cannot be read"),
    (search("good.csv", "price", "--space", "broken.json"), "must be an intact JSON file"),
    (search("good.csv", "price", "--space", "deep.json"), "must be an intact JSON file: maximum"),
    (search("good.csv", "price", "--space", "list.json"), "data must be a dict"),
    (search("good.csv", "price", "--space", "typo.json"), "num_hiden_layers"),
    (
        search("good.csv", "price", "--space", "empty choices.json"),
        "choices must hold at least one choice",
    ),
    (search("good.csv", "price", "--budget", "soon"), "budget must be a number of trials"),
    (search("good.csv", "price", "--budget", "0"), "budget must be a number of trials"),
    (search("good.csv", "price", "--epochs", "0"), "epochs must be an integer in [1, "),
    (search("good.csv", "price", "--final-epochs", "0"), "final_epochs must be an integer in [1, "),
    (search("good.csv", "price", "--epochs", "few"), "Invalid value for '--epochs'"),
    (search("good.csv", "price", "--epochs", str(10**30)), "epochs must be an integer in"),
    (search("good.csv", "price", "--workers", "0"), "workers must be an integer ≥ 1, got 0"),
    (search("good.csv", "price", "--seed", "-1"), "seed must be an integer in [0, "),
    (search("good.csv", "price", "--batch-size", "0"), "batch_size must be an integer"),
    (search("good.csv", "price", "--batch-size", str(2**40)), "batch_size must be"),
    (search("good.csv", "price", "--batch-size", str(10**30)), "batch_size must be an integer in"),
    (search("good.csv", "price", "--validation", "2.5"), "validation must be in (0, 1), got 2.5"),
    (search("good.csv", "price", "--validation", "nan"), "validation must be in (0, 1)"),
    (search("good.csv", "price", "--validation", "60"), "must leave rows on both sides"),
    (search("good.csv", "price", "--validation", "half"), "--validation must be a share"),
    (search("good.csv", "price", "--objective", "loss"), "--objective must be one of"),
    (
        search("good.csv", "price", "--objective", "validation_accuracy"),
        "needs a task of classification",
    ),
    (
        search("good.csv", "price", "--objective", "validation_auc"),
        "'validation_auc' needs a task of classification",
    ),
    (search("good.csv", "price", "--constraint", "validation_f1<=0.5"), "must have >="),
    (search("good.csv", "price", "--constraint", "parameters"), "like 'parameters<=10000'"),
    (search("good.csv", "price", "--constraint", "size<=3"), "--constraint must be one of"),
    (search("good.csv", "price", "--constraint", "parameters>=3"), "must have <="),
    (search("good.csv", "price", "--constraint", "parameters<=few"), "must end in a number"),
    (search("good.csv", "price", "--constraint", "parameters<=nan"), "must be finite"),
    (search("good.csv", "price", "--ignore", "aera"), "did you mean 'area'?"),
    (search("good.csv", "price", "--categorical", "room"), "did you mean 'rooms'?"),
    (search("good.csv", "price", "--colour", "red"), "No such option"),
    (search("good.csv", "price", "--out", "good.csv"), "must be a folder, got the file good.csv"),
    (search("good.csv", "price", "--out", "good.csv/run"), "good.csv: Not a directory"),
    (search("good.csv", "price", "--out", "run"), "--force replaces a run"),
    (search("good.csv", "price", "--out", "not a run", "--force"), "it has 'letter.txt' too"),
    (search("good.csv", "price", "--out", "run and more", "--force"), "it has 'letter.txt' too"),
    (["search"], "Missing argument"),
    (["serach"], "No such command 'serach'"),
    # Predictions.
    (predict("run", "fewer.csv"), "it lacks 2: 'area', 'rooms'"),
    (predict("run", "text in area.csv"), "'area' must hold finite numbers that fit in float32"),
    (predict("run", "infinite.csv"), "'area' must hold finite numbers"),
    (predict("run", "good.npz"), "must be a table with named columns"),
    (predict("arrays", "good.npz"), "X must have as many columns as in training (2), got 9"),
    (predict("run", "absent.csv"), "cannot be read"),
    (predict("run", "truncated.parquet"), "must be an intact Parquet file"),
    (predict("run", "no rows.csv"), "must have at least one row"),
    (predict("absent", "good.csv"), "must be the folder of a run, got nothing there"),
    (predict("good.csv", "good.csv"), "must be the folder of a run, got a file"),
    (predict("not a run", "good.csv"), "must be the folder of a run, it has no result.json"),
    (predict("no model", "good.csv"), "cannot be read"),
    (predict("truncated model", "good.csv"), "model.safetensors"),
    (predict("empty model", "good.csv"), "model.safetensors"),
    (predict("foreign model", "good.csv"), "model.safetensors"),
    (predict("array as model", "good.csv"), "model.safetensors"),
    (predict("truncated columns", "good.csv"), "must be an intact description of columns"),
    (predict("foreign columns", "good.csv"), "must be an intact description of columns"),
    (predict("lists as columns", "good.csv"), "must be an intact description of columns"),
    (predict("columns of another run", "good.csv"), "a model and columns of one run"),
    (predict("truncated summary", "good.csv"), "must be an intact summary of a run"),
    (predict("foreign summary", "good.csv"), "must be an intact summary of a run"),
    (predict("summary without task", "good.csv"), "intact summary of a run: it lacks 'task'"),
    (predict("deep summary", "good.csv"), "must be an intact summary of a run: maximum"),
    (predict("two targets", "good.csv"), "got 1 targets of the one and 2 of the other"),
    (predict("other order", "good.csv"), "are not those of the inputs it lists"),
    (predict("texts as numbers", "good.csv"), "are not those of the inputs it lists"),
    (predict("run", "good.csv", "--probabilities"), "needs classification"),
    (predict("run", "good.csv", "--out", "absent/p.csv"), "must be in a folder that exists"),
    (predict("run", "good.csv", "--out", "not a run"), "must end in one of"),
    (predict("run", "good.csv", "--out", "p.npz"), "must end in .csv, .tsv or .parquet"),
    # The rest.
    (["report", "x" * 300], "File name too long: xxx"),
    (["report", "absent"], "must be the folder of a run"),
    (["report", "truncated trials"], "must be an intact result of a search"),
    (["report", "foreign trials"], "must be an intact result of a search"),
    (["report", "trials of another strategy"], "must be one of the engine's, got 'os'"),
    (["report", "foreign summary"], "must be an intact summary of a run"),
    (["report", "no validation"], "validation is not what it must be"),
    (["report", "no objectives"], "values must be one per objective"),
    (["report", "text as value"], "values and losses must be numbers, got 'x'"),
    (["report", "text as number"], "number must not be 'x'"),
    (["report", "text as epochs"], "epochs must not be 'x'"),
    (["export", "no trials", "--to", "torch", "--out", "code.py"], "a trial that succeeded"),
    (["report", "run", "--out", "not a run"], "must be a file, got a folder"),
    (["export", "run"], "Missing option"),
    (["export", "run", "--to", "tensorflow"], "'tensorflow'"),
    (["export", "truncated model", "--to", "torch"], "model.safetensors"),
    (["export", "run", "--to", "torch", "--out", "absent/model.pt"], "a folder that exists"),
    (["spaces", "mlpp"], "did you mean 'mlp'?"),
]


def contents(folder: Path) -> dict[str, bytes | None]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize(
    ("arguments", "message"), DOORS, ids=[" ".join(arguments)[:80] for arguments, _ in DOORS]
)
def test_one_line_and_no_trace(
    arguments: list[str], message: str, prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(prepared)
    before = contents(prepared)
    done = swiftnas(*arguments)
    assert done.err.startswith("swiftnas: error: ")
    assert message in done.err
    assert done.err.count("\n") == 1
    assert len(done.err) < 400
    assert done.out == ""
    assert done.code == 2
    assert contents(prepared) == before


def test_a_failure_of_our_own_is_one_line_and_exit_code_1(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(run: Path) -> None:
        raise RuntimeError("of our\nown")

    monkeypatch.setattr(report_command, "Run", broken)
    done = swiftnas("report", prepared / "run")
    assert (done.code, done.out) == (1, "")
    assert done.err == (
        "swiftnas: error: internal failure: RuntimeError: of our own (--traceback shows where)\n"
    )
    with pytest.raises(RuntimeError, match="of our\nown"):
        swiftnas("--traceback", "report", prepared / "run")
    with pytest.raises(RuntimeError, match="of our\nown"):
        swiftnas("report", prepared / "run", "--traceback")
    monkeypatch.setenv("SWIFTNAS_TRACEBACK", "1")
    with pytest.raises(RuntimeError, match="of our\nown"):
        swiftnas("report", prepared / "run")


def test_without_arguments_there_is_help() -> None:
    done = swiftnas()
    assert (done.code, done.err) == (2, "")
    assert "Commands" in done.out


def test_a_search_without_success_is_exit_code_1(prepared: Path, tmp_path: Path) -> None:
    arguments = search(str(prepared / "good.csv"), "price", "--constraint", "parameters<=1")
    arguments[arguments.index("space.json")] = str(prepared / "space.json")
    arguments[arguments.index("new")] = str(tmp_path / "new")
    done = swiftnas(*arguments, "--budget", "3", "--quiet")
    assert done.code == 1
    assert done.err == ("swiftnas: error: no architecture was found: all 3 trials are infeasible\n")
    assert not any(tmp_path.iterdir())


def test_pytorch_cannot_end_the_process_over_a_full_disk(prepared: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    command = ["export", str(prepared / "run"), "--to", "torch", "--out", str(tmp_path / "m.pt2")]
    done = subprocess.run(
        [sys.executable, "-m", "swiftnas", *command],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )
    assert done.returncode == 2
    assert done.stderr.endswith("m.pt2 cannot be written: File too large\n")
    assert not any(tmp_path.iterdir())


def test_what_cannot_be_written_is_taken_back(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the disk is full in the middle of a run's folder, or of a table."""

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    arguments = search(str(prepared / "good.csv"), "price", "--budget", "2", "--quiet")
    arguments[arguments.index("space.json")] = str(prepared / "space.json")
    arguments[arguments.index("new")] = str(tmp_path / "new")
    monkeypatch.setattr("swiftnas.results.SearchResult.report", full)
    done = swiftnas(*arguments)
    assert done.code == 2
    assert done.err.endswith("new cannot be written: No space left on device\n")
    assert not any(tmp_path.iterdir())

    (tmp_path / "old.csv").write_text("old")
    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    done = swiftnas(
        "predict", prepared / "run", prepared / "good.csv", "--out", tmp_path / "old.csv"
    )
    assert done.code == 2
    assert done.err.endswith("old.csv cannot be written: No space left on device\n")
    assert [path.name for path in tmp_path.iterdir()] == ["old.csv"]
    assert (tmp_path / "old.csv").read_text() == "old"
