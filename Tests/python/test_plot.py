"""Pictures: what stands on their axes is what the trials say."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from every_kind_of_result import CONDITIONAL, SPACE, classification, results, supernet, task

import swiftnas as nas
from swiftnas.encoding import column_counts, encode

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")
matplotlib.use("Agg")

from matplotlib import pyplot  # noqa: E402
from matplotlib.collections import LineCollection, PathCollection  # noqa: E402

from swiftnas.plot import importances  # noqa: E402
from swiftnas.plot.alphas import softmax  # noqa: E402
from swiftnas.plot.parallel import ABOVE, BELOW  # noqa: E402

KINDS = list(results())


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    yield
    pyplot.close("all")


def drawn(ax: Any) -> None:
    """Draw everything, so that what cannot be drawn fails here."""
    ax.figure.canvas.draw()


def points(ax: Any, label: str) -> np.ndarray:
    """The (x, y) of the marks with a label."""
    for item in ax.collections:
        if isinstance(item, PathCollection) and item.get_label() == label:
            return np.asarray(item.get_offsets())
    return np.empty((0, 2))


def line(ax: Any, label: str) -> np.ndarray:
    return np.column_stack(next(x for x in ax.lines if x.get_label() == label).get_data())


@pytest.mark.parametrize("kind", KINDS)
def test_history_shows_every_trial_once(kind: str) -> None:
    result = results()[kind]
    ax = result.plot.history()
    drawn(ax)
    shown = [
        (int(x), label)
        for label in ("trial", "full fidelity", "lower fidelity", "stopped early")
        for x, y in points(ax, label)
        if math.isclose(y, result.objective_values(result.trials[int(x)])[0])
    ]
    statuses = ("diverged", "failed", "infeasible")
    marked = [(int(x), label) for label in statuses for x, _ in points(ax, label)]
    assert sorted(number for number, _ in shown + marked) == list(range(len(result.trials)))
    for number, label in shown:
        trial = result.trials[number]
        assert trial.succeeded
        assert (label == "stopped early") == (
            trial.status == "stopped" and trial.fidelity == max(t.fidelity for t in result.trials)
        )
        assert (label == "lower fidelity") == (
            trial.fidelity < max(t.fidelity for t in result.trials if t.succeeded)
        )
    assert all(result.trials[number].status == status for number, status in marked)
    assert ax.get_ylabel() == {
        "objective": "value",
        "none succeeded": "value",
        "maximised": "validation_accuracy",
    }.get(kind, "validation loss (MSE)")


@pytest.mark.parametrize("kind", ["one trial", "task", "objective", "fidelities", "stopped"])
def test_the_best_so_far_ends_at_the_best(kind: str) -> None:
    result = results()[kind]
    best = line(result.plot.history(), "best so far")
    assert best[-1, 1] == result.best.value
    assert (np.diff(best[:, 1]) <= 0).all()
    if kind != "fidelities":
        expected = result.history.best[np.isfinite(result.history.best)]
        assert set(best[:, 1]) == set(expected)


def test_what_is_maximised_has_its_own_sign() -> None:
    result = results()["maximised"]
    highest = max(trial.measures["validation_accuracy"] for trial in result.trials)
    best = line(result.plot.history(), "best so far")
    assert best[-1, 1] == highest > 0
    assert (np.diff(best[:, 1]) >= 0).all()
    ax = result.plot.parallel(parameters=[])
    assert f"{highest:.4g}" in texts(ax)
    chosen = next(x for x in ax.lines if x.get_label() == f"best (trial {result.best.number})")
    assert chosen.get_ydata() == [1]


def test_partial_values_do_not_count_for_the_best() -> None:
    result = results()["fidelities"]
    partial = next(trial for trial in result.trials if trial.fidelity < 1)
    lucky = replace(partial, value=1e-9, values=(1e-9,))
    trials = [lucky if trial is partial else trial for trial in result.trials]
    ax = replace(result, trials=tuple(trials)).plot.history()
    assert 1e-9 in points(ax, "lower fidelity")[:, 1]
    assert line(ax, "best so far")[-1, 1] == result.best.value > 1e-9


def test_scales_follow_the_numbers() -> None:
    assert results()["objective"].plot.history().get_yscale() == "log"
    flat = nas.search({"x": [1.0, 2.0, 3.0]}, objective=lambda a: a["x"], trials=3, seed=0)
    assert flat.plot.history().get_yscale() == "linear"
    negative = nas.search({"x": [-1e6, 1.0]}, objective=lambda a: a["x"], trials=2, seed=0)
    assert negative.plot.history().get_yscale() == "linear"


@pytest.mark.parametrize("x", ["epochs", "seconds"])
def test_history_by_what_was_spent(x: str) -> None:
    result = results()["task"]
    ends = getattr(result.history, x)
    shown = points(result.plot.history(x=x), "trial")
    np.testing.assert_allclose(np.sort(shown[:, 0]), ends)


@pytest.mark.parametrize("kind", KINDS)
def test_parallel_draws_a_line_per_trial(kind: str) -> None:
    result = results()[kind]
    ax = result.plot.parallel()
    drawn(ax)
    lines = [
        segment
        for item in ax.collections
        if isinstance(item, LineCollection)
        for segment in item.get_segments()
    ]
    best = [x for x in ax.lines if x.get_label().startswith("best")]
    assert len(lines) + len(best) == len(result.trials)
    names = [name for name, parameter in result.space.items() if parameter.size != 1]
    assert all(len(segment) == len(names) + 1 for segment in lines)


def test_parallel_places() -> None:
    result = results()["objective"]
    ax = result.plot.parallel(parameters=["count", "rate", "kind", "shape"])
    best = next(x for x in ax.lines if x.get_label() == f"best (trial {result.best.number})")
    architecture = result.best.architecture
    expected = [
        (architecture["count"] - 1) / 8 if "count" in architecture else BELOW,
        math.log(architecture["rate"] / 1e-4) / math.log(1e4),
        ["a", "b", "broken"].index(architecture["kind"]) / 2,
        [(1, 2), (3,)].index(architecture["shape"]) / 1,
        0,
    ]
    np.testing.assert_allclose(best.get_ydata(), expected, atol=1e-9)
    segments = np.array(
        [s for c in ax.collections if isinstance(c, LineCollection) for s in c.get_segments()]
    )
    absent = sum("count" not in trial.architecture for trial in result.trials)
    assert (segments[:, 0, 1] == BELOW).sum() == absent - ("count" not in architecture)
    assert (segments[:, 4, 1] == ABOVE).sum() == sum(not t.succeeded for t in result.trials) > 0


def test_parallel_makes_better_trials_stronger() -> None:
    result = results()["task"]
    ax = result.plot.parallel()
    item = next(c for c in ax.collections if isinstance(c, LineCollection))
    values = [segment[-1][1] for segment in item.get_segments()]
    assert values == sorted(values, reverse=True)
    assert (np.diff(item.get_alpha()) > 0).all()


def test_importance_finds_what_matters() -> None:
    pytest.importorskip("sklearn")
    result = nas.search(
        {"x": nas.Float(-1, 1), "kind": ["a", "b", "c"], "idle": nas.Float(0, 1), "fixed": [1]},
        objective=lambda a: 3 * a["x"] + {"a": 0, "b": 1, "c": 2}[a["kind"]],
        strategy=nas.RandomSearch(),
        trials=120,
        seed=0,
    )
    found = importances(result)
    assert list(found) == ["x", "kind", "idle"]
    # Var(3x) = 3 and Var(kind) = 2/3, and shuffling doubles what was explained.
    assert 1.2 < found["x"][0] < 2
    assert 0.15 < found["kind"][0] < 0.6
    assert abs(found["idle"][0]) < 0.05
    assert importances(result) == found
    ax = result.plot.importance()
    drawn(ax)
    assert [bar.get_width() for bar in ax.patches][::-1] == [mean for mean, _ in found.values()]
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["idle", "kind", "x"]


def test_importance_shuffles_a_parameter_s_columns_together() -> None:
    counts = column_counts(CONDITIONAL)
    assert counts == {"kind": 3, "rate": 1, "count": 2, "shape": 2}
    assert encode(CONDITIONAL, CONDITIONAL.sample(0, count=3)).shape[1] == sum(counts.values())


def test_importance_of_each_objective() -> None:
    pytest.importorskip("sklearn")
    result = results()["several objectives"]
    found = importances(result, objective="parameters")
    assert set(list(found)[:2]) == {"num_hidden_layers", "hidden_layer_size"}
    drawn(result.plot.importance(objective=1))


def test_importance_says_what_it_lacks() -> None:
    pytest.importorskip("sklearn")
    with pytest.raises(ValueError, match="at least"):
        results()["one trial"].plot.importance()
    same = nas.search({"x": [1, 2]}, objective=lambda _: 1.0, trials=30, seed=0)
    with pytest.raises(ValueError, match="at least 10 trials to learn from, this search has 2"):
        same.plot.importance()


def test_importance_of_equal_values_is_zero() -> None:
    pytest.importorskip("sklearn")
    result = nas.search({"x": nas.Float(0, 1)}, objective=lambda _: 1.0, trials=20, seed=0)
    assert importances(result) == {"x": (0.0, 0.0)}


def test_pareto() -> None:
    result = results()["several objectives"]
    ax = result.plot.pareto()
    drawn(ax)
    front = [list(trial.values) for trial in result.pareto_front]
    assert sorted(points(ax, "Pareto front").tolist()) == sorted(front)
    assert len(points(ax, "dominated")) > 0
    assert ax.get_xlabel() == "validation loss (MSE)"
    assert ax.get_ylabel() == "parameters"
    swapped = result.plot.pareto(objectives=("parameters", "validation_loss"))
    assert sorted(points(swapped, "Pareto front")[:, ::-1].tolist()) == sorted(front)
    with pytest.raises(ValueError, match="pareto needs at least two objectives"):
        results()["task"].plot.pareto()
    with pytest.raises(ValueError, match="objectives must be 0 or 'validation_loss', 1 or"):
        result.plot.pareto(objectives=("validation_loss", "speed"))


def test_steps_of_a_front_with_something_maximised() -> None:
    both = nas.objectives.Objective("gain", maximize=True), "cost"
    result = nas.search(
        {"x": [1, 2, 3]},
        objective=lambda a: {"gain": a["x"], "cost": 10 * a["x"]},
        objectives=both,
        trials=3,
        seed=0,
    )
    for order, style in (("gain", "cost"), "steps-pre"), (("cost", "gain"), "steps-post"):
        ax = result.plot.pareto(objectives=order)
        assert sorted(points(ax, "Pareto front")[:, order.index("gain")].tolist()) == [1, 2, 3]
        (steps,) = ax.lines
        assert steps.get_drawstyle() == style


def texts(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts if text.get_text()]


def test_architecture() -> None:
    architecture = {
        "num_hidden_layers": 3,
        "hidden_layer_size": [4, 8, 8],
        "activation_function": ["ReLU", "Tanh", "GELU"],
        "dropout_rate": [0.0, 0.25, 0.0],
        "skip_connection": [False, True, True],
        "learning_rate": 0.1,
    }
    ax = results()["task"].plot.architecture(architecture, task=task())
    drawn(ax)
    layers = ["4 · ReLU", "8 · Tanh · dropout 0.25", "8 · GELU"]
    assert [text for text in texts(ax) if "·" in text] == layers
    assert {"input: 1 feature", "output: 1 target"} <= set(texts(ax))
    assert [text for text in texts(ax) if text in ("skip", "linear\nprojection")] == [
        "linear\nprojection",
        "skip",
    ]
    assert ax.get_title() == "Network: 3 hidden layers, 2 skip connections"
    widths = [patch.get_width() for patch in ax.patches if hasattr(patch, "get_boxstyle")]
    classes = results()["task"].plot.architecture(architecture, task=classification())
    assert "output: 2 classes" in texts(classes)
    assert widths[2] < widths[4]
    assert widths[4] == widths[6]


def test_deep_architectures_leave_out_the_middle() -> None:
    deep = {"num_hidden_layers": 40, "hidden_layer_size": 8, "activation_function": "ReLU"}
    ax = results()["task"].plot.architecture(deep | {"learning_rate": 0.1})
    assert len([text for text in texts(ax) if text == "8 · ReLU"]) == 12
    assert any("28 more layers" in text for text in texts(ax))


@pytest.mark.parametrize("kind", ["one trial", "task", "several objectives", "fidelities"])
def test_architecture_of_the_best(kind: str) -> None:
    result = results()[kind]
    best = result.best if len(result.objectives) == 1 else result.pareto_front[0]
    ax = result.plot.architecture()
    shown = [text for text in texts(ax) if "·" in text]
    assert len(shown) == best.architecture["num_hidden_layers"]
    assert shown[0].startswith(f"{best.architecture['hidden_layer_size']} · ")


def test_architectures_that_no_task_knows_are_errors() -> None:
    with pytest.raises(ValueError, match="num_hidden_layers"):
        results()["objective"].plot.architecture()


@pytest.mark.parametrize(
    "kind", ["one trial", "task", "several objectives", "fidelities", "stopped"]
)
def test_learning_curves(kind: str) -> None:
    result = results()[kind]
    ax = result.plot.learning_curves()
    drawn(ax)
    best = result.best if len(result.objectives) == 1 else result.pareto_front[0]
    curve = line(ax, f"training, best (trial {best.number})")
    assert curve[:, 1].tolist() == list(best.training_losses)
    assert curve[:, 0].tolist() == list(range(1, len(best.training_losses) + 1))
    last = line(ax, "validation, best")
    assert best.values[0] in last[:, 1]
    others = [t for t in result.trials if t.training_losses and t is not best]
    curves = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert sum(len(c.get_segments()) for c in curves) == len(others)


@pytest.mark.parametrize(
    ("loss", "label"),
    [("mae", "loss (MAE)"), ("binary_cross_entropy", "loss (binary cross entropy)")],
)
def test_losses_are_called_what_they_are(loss: Any, label: str) -> None:
    X = np.linspace(-1, 1, 60).reshape(-1, 1)
    data = nas.Task.split(X, (X[:, 0] > 0).astype(int), loss=loss)
    result = nas.search(SPACE, data, trials=2, epochs=2, seed=0)
    assert result.plot.learning_curves().get_ylabel() == label
    assert result.plot.history().get_ylabel() == f"validation {label}"
    found = replace(supernet(), settings=result)
    assert found.plot.learning_curves().get_ylabel() == label


def test_learning_curves_need_some() -> None:
    with pytest.raises(ValueError, match="learning_curves needs trials that a task trained"):
        results()["objective"].plot.learning_curves()


def test_alphas() -> None:
    result = supernet()
    ax = result.plot.alphas()
    drawn(ax)
    image = np.asarray(ax.images[0].get_array())
    names = [name for cell in result.candidates for name in cell]
    assert image.shape == (len(names), len(result.alphas))
    first = result.alphas[0][0]
    expected = np.exp(first) / np.exp(first).sum()
    np.testing.assert_allclose(image[: len(first), 0], expected)
    np.testing.assert_allclose(image.sum(axis=0), len(result.candidates))
    assert [tick.get_text() for tick in ax.get_yticklabels()] == names
    chosen = [names[int(x.get_ydata()[0])] for x in ax.lines if x.get_marker() == "o"]
    activations = result.architecture["activation_function"]
    assert [name for name in chosen if name != "skip"] == list(activations)
    drawn(result.plot.architecture())
    curves = result.plot.learning_curves()
    drawn(curves)
    assert line(curves, "rows that move α")[:, 1].tolist() == list(result.alpha_losses)


def test_weights_of_alphas_that_are_not_finite() -> None:
    np.testing.assert_allclose(softmax((math.nan, 0.0, 0.0)), [0, 0.5, 0.5])
    assert softmax((math.nan, math.nan)).tolist() == [0, 0]
    np.testing.assert_allclose(softmax((1000.0, 0.0)), [1, 0])


def test_plots_draw_on_the_axes_that_they_are_given() -> None:
    _, ax = pyplot.subplots()
    result = results()["task"]
    assert result.plot.history(ax=ax) is ax
    assert len(pyplot.get_fignums()) == 1
    with pytest.raises(TypeError, match="ax must be matplotlib's Axes, got int"):
        result.plot.history(ax=3)  # type: ignore[arg-type]


def test_arguments_are_checked() -> None:
    plot = results()["several objectives"].plot
    with pytest.raises(ValueError, match="x must be one of 'trials', 'epochs', 'seconds'"):
        plot.history(x="hours")
    with pytest.raises(ValueError, match="objective must be 0 or 'validation_loss', 1 or"):
        plot.history(objective=2)
    with pytest.raises(ValueError, match="parameters must name parameters of the space"):
        plot.parallel(parameters=["depth"])
    assert plot.parallel(parameters=["learning_rate"]).get_xticks().tolist() == [0, 1]
    assert set(SPACE) >= {"learning_rate"}


def test_missing_extras_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    result = results()["task"]
    for module in ("matplotlib", "matplotlib.collections", "matplotlib.ticker"):
        monkeypatch.setitem(sys.modules, module, None)
    for draw in (result.plot.history, result.plot.learning_curves, supernet().plot.alphas):
        with pytest.raises(ImportError, match=r"pip install 'swiftnas\[plot\]'"):
            draw()
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ImportError, match=r"pip install 'swiftnas\[sklearn\]'"):
        result.plot.importance()
