"""The command line: what each command does when all goes well."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from every_kind_of_result import results
from rich.console import Console
from swiftnas_command import Ended, houses, swiftnas, write_space

import swiftnas as nas
from swiftnas.budget import Budget
from swiftnas.command_line import run_folder, search_run
from swiftnas.command_line.interruption import Interruption
from swiftnas.command_line.live_progress import LiveProgress
from swiftnas.command_line.run_folder import Run
from swiftnas.command_line.stored_result import result_from_dict


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables, a space, and the runs of the tests of this file."""
    path = tmp_path_factory.mktemp("command line")
    houses().to_csv(path / "houses.csv", index=False)
    houses().to_parquet(path / "houses.parquet", index=False)
    write_space(path)
    return path


def search(folder: Path, table: str, out: str, *more: object) -> Ended:
    space = folder / "space.json"
    settings = ("--space", space, "--budget", 6, "--epochs", 20, "--final-epochs", 100)
    return swiftnas("search", folder / table, "--out", folder / out, *settings, *more)


@pytest.fixture(scope="module")
def prices(folder: Path) -> Ended:
    """A run of regression, in the folder ``prices``."""
    return search(folder, "houses.csv", "prices", "--target", "price", "--ignore", "dear", "--json")


@pytest.fixture(scope="module")
def classes(folder: Path) -> Ended:
    """A run of classification, in the folder ``classes``, without a page."""
    return search(
        *(folder, "houses.parquet", "classes", "--target", "dear", "--ignore", "price"),
        *("--json", "--no-report", "--quiet"),
    )


def test_search_writes_a_run(folder: Path, prices: Ended) -> None:
    assert prices.code == 0
    summary = prices.json
    assert summary["task"] == "regression"
    assert summary["inputs"] == [
        *("area", "rooms", "garden", "colour=", "colour=blue", "colour=green", "colour=red"),
    ]
    assert summary["left_out"] == {"dear": "asked for", "name": "another text in every row"}
    assert summary["validation"]["r2"] > 0.5
    assert (summary["training_rows"], summary["validation_rows"]) == (160, 40)
    assert {item.name for item in (folder / "prices").iterdir()} >= set(run_folder.FILES)
    kept = json.loads((folder / "prices" / "result.json").read_text("utf-8"))
    assert kept == {"format": "swiftnas-run", "version": 1} | summary
    trials = pd.read_csv(folder / "prices" / "trials.csv")
    assert len(trials) == summary["trials"] == 6
    assert "price" in (folder / "prices" / "report.html").read_text("utf-8")
    # Nothing temporary is left beside it.
    assert not list(folder.glob(".*"))


def test_what_was_decided_is_said(prices: Ended) -> None:
    assert "regression of price, as the target holds numbers\n" in prices.err
    assert "left out column 'name': another text in every row\n" in prices.err
    assert re.search(r"best validation_loss [\d.]+ \(100% of the budget", prices.err)


def test_the_model_is_no_worse_than_the_search_found(prices: Ended) -> None:
    summary = prices.json
    assert summary["model"]["validation_loss"] <= summary["best"]["value"]
    assert summary["model"]["epochs"] >= 20


def test_predict_is_what_the_model_says(folder: Path, prices: Ended) -> None:
    new = houses().drop(columns=["price", "dear"])[::-1]
    new.to_csv(folder / "new.csv", index=False)
    done = swiftnas("predict", folder / "prices", folder / "new.csv")
    assert (done.code, done.err) == (0, "")
    run = Run(folder / "prices")
    model = nas.load(folder / "prices" / run_folder.MODEL)
    expected = model.predict(run.columns().encode(new))
    found = pd.read_csv(io.StringIO(done.out))
    assert list(found.columns) == ["price"]
    np.testing.assert_allclose(found["price"], expected, rtol=1e-6)
    truth = houses()["price"][::-1]
    assert np.corrcoef(found["price"], truth)[0, 1] > 0.8

    path = folder / "predicted.parquet"
    assert swiftnas("predict", folder / "prices", folder / "new.csv", "--out", path).code == 0
    np.testing.assert_array_equal(pd.read_parquet(path)["price"], expected)
    done = swiftnas("predict", folder / "prices", folder / "new.csv", "--json")
    assert [row["price"] for row in done.json["predictions"]] == expected.tolist()


def test_classes_with_probabilities(folder: Path, classes: Ended) -> None:
    assert (classes.code, classes.err) == (0, "")
    assert classes.json["classes"] == ["no", "yes"]
    assert classes.json["validation"]["accuracy"] > 0.8
    out = folder / "classes.csv"
    done = swiftnas(
        *("predict", folder / "classes", folder / "houses.csv", "--probabilities"),
        *("--out", out, "--json"),
    )
    assert done.json == {"rows": 200, "target": ["dear"], "out": str(out)}
    found = pd.read_csv(out)
    assert list(found.columns) == ["dear", "probability_no", "probability_yes"]
    np.testing.assert_allclose(found["probability_no"] + found["probability_yes"], 1, atol=1e-6)
    more_likely = np.where(found["probability_yes"] > 0.5, "yes", "no")
    assert (found["dear"] == more_likely).all()
    assert (found["dear"] == houses()["dear"]).mean() > 0.8


def test_the_same_seed_gives_the_same_run(folder: Path, classes: Ended) -> None:
    again = search(
        *(folder, "houses.csv", "again", "--target", "dear", "--ignore", "price", "--json"),
        *("--no-report", "--workers", 2),
    )
    for name in ("best", "validation", "inputs"):
        assert again.json[name] == classes.json[name]
    one, two = (Run(folder / name).model().weights for name in ("classes", "again"))
    assert all((one[name] == two[name]).all() for name in one)
    other = search(
        *(folder, "houses.csv", "other", "--target", "dear", "--ignore", "price", "--json"),
        *("--no-report", "--seed", 1),
    )
    assert other.json["best"] != classes.json["best"]


def test_arrays(folder: Path) -> None:
    X = np.random.default_rng(0).normal(size=(120, 3))
    y = np.column_stack([X[:, 0] + X[:, 1], X[:, 2]])
    np.savez(folder / "arrays.npz", features=X, y=y, labels=(X[:, 0] > 0).astype(int))
    done = search(folder, "arrays.npz", "two", "--inputs", "features", "--no-report", "--json")
    assert done.json["target"] == ["y0", "y1"]
    done = swiftnas("predict", folder / "two", folder / "arrays.npz", "--inputs", "features")
    assert pd.read_csv(io.StringIO(done.out)).shape == (120, 2)
    done = search(
        *(folder, "arrays.npz", "labels", "--inputs", "features", "--target", "labels"),
        *("--no-report", "--json"),
    )
    assert (done.json["task"], done.json["classes"]) == ("classification", [0, 1])


def test_objectives_constraints_and_other_options(folder: Path) -> None:
    done = search(
        *(folder, "houses.csv", "front", "--target", "dear", "--no-report", "--json"),
        *("--objective", "validation_accuracy", "--objective", "parameters"),
        *("--constraint", "parameters<=300", "--strategy", "nsga2", "--batch-size", 32),
        *("--loss", "binary_cross_entropy", "--validation", 50, "--categorical", "rooms"),
    )
    assert done.code == 0
    summary = done.json
    assert summary["strategy"] == "NSGA2"
    assert summary["objectives"] == ["validation_accuracy", "parameters"]
    assert summary["model"]["parameters"] <= 300
    assert summary["best"]["architecture"]["batch_size"] == 32
    assert summary["validation_rows"] == 50
    assert {"rooms=1", "rooms=5"} <= set(summary["inputs"])
    assert len(Run(folder / "front").result().pareto_front) >= 1


def test_scores_of_classification_are_objectives(folder: Path) -> None:
    done = search(
        *(folder, "houses.csv", "scores", "--target", "dear", "--ignore", "price", "--no-report"),
        *("--objective", "validation_auc", "--constraint", "validation_f1>=0.5", "--json"),
    )
    assert done.code == 0
    assert done.json["objectives"] == ["validation_auc"]
    shown = [float(text) for text in re.findall(r"best validation_auc (\S+)", done.err)]
    assert shown
    assert all(0 < number <= 1 for number in shown)
    result = Run(folder / "scores").result()
    assert result.best.value == -result.best.measures["validation_auc"]
    assert done.json["best"]["value"] == result.best.measures["validation_auc"] > 0
    assert result.best.measures["validation_f1"] >= 0.5
    assert 0.5 < done.json["validation"]["auc"] <= 1


def test_a_budget_of_seconds_covers_the_last_training(folder: Path) -> None:
    out = folder / "seconds"
    done = swiftnas(
        *("search", folder / "houses.csv", "--target", "price", "--out", out, "--no-report"),
        *("--space", folder / "space.json", "--budget", "0.5s", "--final-epochs", 10**9, "--json"),
    )
    assert done.json["stop_reason"] == "seconds"
    assert done.json["model"]["epochs"] < 10**9


def run_of_seconds(seconds: float, space: nas.SearchSpace, task: nas.Task) -> search_run.SearchRun:
    return search_run.SearchRun(
        space=space,
        task=task,
        strategy=nas.TPE(),
        trials=None,
        seconds=seconds,
        final_epochs=500,
        seed=0,
        workers=1,
        objectives=None,
        constraints={},
        interruption=Interruption(),
    )


def test_epochs_are_as_many_as_the_time_allows(
    space: nas.SearchSpace, task: nas.Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained: list[int] = []

    def train(architecture: object, task: object, epochs: int, *_: object, **__: object) -> object:
        trained.append(epochs)
        return SimpleNamespace(wall_seconds=0.5 * epochs, status="ok")

    monkeypatch.setattr(search_run, "train", lambda *a, epochs=1, **k: train(*a[:2], epochs))
    # An epoch takes half a second, and twenty trials are to fit.
    for seconds, epochs in ((100, 10), (10_000, 50), (1, 1)):
        run = run_of_seconds(seconds, space, task)
        run.plan_epochs()
        assert run.epochs == epochs
    trained.clear()
    best = nas.Trial(
        number=0, architecture={}, value=1, status="ok", seed=0,
        epochs=10, trained_epochs=10, wall_seconds=5,
    )  # fmt: skip
    for seconds in (100, 10_000, 1):
        run_of_seconds(seconds, space, task).model(best, print)
    # Four fifths of what is left, which is less than all of it; all; as the trial.
    assert 10 < trained[0] < 160
    assert trained[1:] == [500, 10]


def test_force_replaces_a_run(folder: Path) -> None:
    table = ("houses.csv", "replaced", "--target", "price", "--no-report", "--json")
    first = search(folder, *table)
    refused = search(folder, *table, "--seed", 1)
    assert refused.code == 2
    assert "--force replaces a run" in refused.err
    assert Run(folder / "replaced").summary()["best"] == first.json["best"]
    second = search(folder, *table, "--seed", 1, "--force")
    assert second.code == 0
    assert Run(folder / "replaced").summary()["seed"] == 1
    assert not list(folder.glob(".*"))


def test_report_writes_the_page_again(folder: Path, prices: Ended) -> None:
    page = folder / "prices" / "report.html"
    before = page.read_text("utf-8")
    page.unlink()
    done = swiftnas("report", folder / "prices")
    assert done.code == 0
    assert "price (regression, mse)" in done.out
    # All but what a drawing library makes up anew each time.
    best = re.compile(r"<h1.*?</h1>|<td.*?</td>", re.DOTALL)
    assert best.findall(page.read_text("utf-8")) == best.findall(before)
    done = swiftnas("report", folder / "prices", "--out", folder / "page.html", "--json")
    assert done.json == prices.json | {
        "format": "swiftnas-run",
        "version": 1,
        "report": str(folder / "page.html"),
    }
    assert (folder / "page.html").exists()


def test_export_to_torch(folder: Path, prices: Ended) -> None:
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    done = swiftnas("export", folder / "prices", "--to", "torch", "--json")
    out = folder / "prices" / "model.pt2"
    assert done.json == {"out": str(out), "format": "torch", "inputs": prices.json["inputs"]}
    run = Run(folder / "prices")
    X = run.columns().encode(houses())
    module = torch.export.load(out).module()
    for rows in (1, 200):
        found = module(torch.from_numpy(X[:rows])).detach().numpy()
        np.testing.assert_allclose(found.ravel(), run.model().predict(X[:rows]), rtol=1e-4)


def test_export_of_code(folder: Path, classes: Ended) -> None:
    out = folder / "train.py"
    done = swiftnas("export", folder / "classes", "--to", "torch", "--out", out)
    assert done.code == 0
    assert all(name in done.out for name in classes.json["inputs"])
    code = out.read_text("utf-8")
    compile(code, "train.py", "exec")
    assert "class Network(nn.Module)" in code


@pytest.mark.parametrize("name", ["prices", "classes"])
def test_export_to_onnx(name: str, folder: Path, prices: Ended, classes: Ended) -> None:
    onnxruntime = pytest.importorskip("onnxruntime", reason="ONNX Runtime is not installed")
    assert swiftnas("export", folder / name, "--to", "onnx").code == 0
    run = Run(folder / name)
    X = run.columns().encode(houses())
    session = onnxruntime.InferenceSession(folder / name / "model.onnx")
    found = session.run(None, {session.get_inputs()[0].name: X})[0]
    expected = run.model().predict(X)
    if name == "prices":
        np.testing.assert_allclose(found.ravel(), expected, rtol=1e-4)
    else:
        assert found.ravel().tolist() == expected.tolist()


def test_spaces(tmp_path: Path) -> None:
    done = swiftnas("spaces")
    assert all(name in done.out for name in ("article", "residual_mlp", "3,600"))
    listed = {item["name"]: item for item in swiftnas("spaces", "--json").json}
    assert listed["article"]["size"] == 3600
    assert listed["mlp"]["size"] is None
    assert "num_hidden_layers" in swiftnas("spaces", "residual-mlp").out
    data = swiftnas("spaces", "mlp", "--json").json
    assert nas.SearchSpace.from_dict(data) == nas.spaces.mlp()


def test_config() -> None:
    assert swiftnas("config", "--json").json == nas.show_config(mode="dicts")
    assert nas.__version__ in swiftnas("config").out


def test_a_module_and_its_help() -> None:
    command = [sys.executable, "-m", "swiftnas"]
    done = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"swiftnas {nas.__version__}\n"
    for name in ("search", "predict", "report", "export", "spaces", "config"):
        assert name in swiftnas("--help").out
        assert swiftnas(name, "--help").code == 0


def test_without_the_extra_one_line_says_how_to_install_it() -> None:
    script = """
import sys
sys.modules["typer"] = None
from swiftnas.command_line import main
main(["spaces"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        "swiftnas: error: this needs Typer; install it with: pip install 'swiftnas[cli]'\n"
    )


@pytest.mark.parametrize(
    ("module", "command"),
    [
        ("onnx", ("export", "--to", "onnx")),
        ("jinja2", ("report",)),
        ("torch", ("export", "--to", "torch")),
    ],
)
def test_without_what_a_command_needs(
    module: str,
    command: tuple[str, ...],
    folder: Path,
    classes: Ended,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    # Another test may have loaded it.
    monkeypatch.delitem(sys.modules, "swiftnas.onnx_export", raising=False)
    done = swiftnas(command[0], folder / "classes", *command[1:], "--out", folder / "absent")
    assert done.code == 2
    assert re.fullmatch(
        r"swiftnas: error: \w+ needs? \w+; install it with: pip install 'swiftnas\[\w+\]'\n",
        done.err,
    )
    assert not (folder / "absent").exists()


def test_results_are_read_as_they_were_written() -> None:
    checked = 0
    for name, result in results().items():
        if not isinstance(result, nas.SearchResult) or "objective" in name:
            continue
        again = result_from_dict(json.loads(result.to_json()))
        assert json.loads(again.to_json()) == json.loads(result.to_json())
        assert [trial.value for trial in again.trials] == [t.value for t in result.trials]
        assert again.space == result.space
        assert again.strategy == result.strategy
        assert again.top(3) == result.top(3)
        checked += 1
    assert checked > 3


def test_progress_in_a_terminal() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120)
    budget = Budget.checked(trials=3, seconds=None, target=None, total_epochs=None)
    with LiveProgress(budget, console, "validation_loss") as progress:
        nas.search({"x": [3, 1, 2]}, objective=lambda a: a["x"], trials=3, callback=progress)
        progress._progress.refresh()  # type: ignore[union-attr]
    assert "3 trials, best validation_loss 1" in screen.getvalue()
    assert "about 0 s left" in screen.getvalue()


def test_nothing_imports_the_command_line() -> None:
    package = Path(nas.__file__).parent
    others = [
        path
        for path in package.rglob("*.py")
        if "command_line" not in path.parts and path.name != "__main__.py"
    ]
    assert len(others) > 40
    assert not [path for path in others if "command_line" in path.read_text("utf-8")]
