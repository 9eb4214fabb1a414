"""The report page: complete in itself, true to the result, readable on a phone."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import shutil
import subprocess
import sys
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from every_kind_of_result import (
    CONDITIONAL,
    SPACE,
    classification,
    function,
    results,
    supernet,
    task,
)

import swiftnas as nas

pytest.importorskip("matplotlib", reason="matplotlib is not installed")
pytest.importorskip("jinja2", reason="Jinja2 is not installed")

from swiftnas.report import report_html, write_report
from swiftnas.report.snippet import MISSING_LINE, OBJECTIVE_LINE, TASK_LINE, snippet
from swiftnas.report.tables import table

KINDS = list(results())

#: Width of a common phone in CSS pixels.
PHONE = 390

#: Elements of HTML without an end tag.
VOID = {"meta", "link", "br", "img", "hr"}


class Page(HTMLParser):
    """What is on a page; an error if tags are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@cache
def page_of(kind: str) -> str:
    return report_html(results()[kind])


@cache
def page_of_all() -> str:
    chosen = {
        kind: results()[kind] for kind in ("objective", "several objectives", "none succeeded")
    }
    return report_html({"Supernet <&>": supernet(), **chosen}, title="All & more")


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_nothing_is_fetched(kind: str) -> None:
    text = page_of_all() if kind == "all" else page_of(kind)
    page = Page(text)
    assert "://" not in text
    assert not page.all("script", "iframe", "object", "embed", "base")
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href", "srcset", "data", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:"))
    for target in re.findall(r"url\(([^)]*)\)", text):
        assert target.strip("'\"").startswith("#")
    assert "@import" not in text


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_all_names_are_there_once(kind: str) -> None:
    text = page_of_all() if kind == "all" else page_of(kind)
    page = Page(text)
    names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(names) == len(set(names))
    used = re.findall(r"url\(#([^)]*)\)", text)
    used += [a[key][1:] for _, a in page.tags for key in ("href", "xlink:href") if key in a]
    assert {name for name in used if not name.startswith("ata:")} <= set(names)


@pytest.mark.parametrize("kind", [*KINDS, "all"])
def test_pictures_are_complete_and_described(kind: str) -> None:
    from matplotlib.image import imread

    page = Page(page_of_all() if kind == "all" else page_of(kind))
    pictures = page.all("svg")
    # α is drawn as an image.
    assert bool(page.all("image")) == (kind == "all")
    assert len(pictures) == len(page.all("figure")) == len(page.all("figcaption"))
    assert len(pictures) >= 2
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert len(attributes["aria-label"]) > 20
        numbers = list(map(float, attributes["viewbox"].split()))
        assert numbers[2] > 100
        assert numbers[3] > 100
    for attributes in page.all("image", "img"):
        source = attributes.get("xlink:href") or attributes["src"]
        kind_of_data, _, data = source.partition(",")
        assert kind_of_data == "data:image/png;base64"
        # Browsers ignore white space in data of base 64.
        png = base64.b64decode("".join(data.split()), validate=True)
        assert imread(io.BytesIO(png)).size > 0


def test_headings_come_in_order() -> None:
    page = Page(page_of_all())
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    assert page.all("html")[0]["lang"] == "en"
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.all(
        "meta"
    )
    assert "prefers-color-scheme: dark" in page_of_all()


def test_text_is_escaped() -> None:
    assert "<title>All &amp; more</title>" in page_of_all()
    assert "Supernet &lt;&amp;&gt;" in page_of_all()
    tricky = nas.search(
        {"<b>": ["<script>alert(1)</script>", "$x_1$", "&amp;"]},
        objective=lambda a: float(len(a["<b>"])),
        trials=3,
        seed=0,
    )
    text = report_html(tricky)
    assert not Page(text).all("script", "b")
    for html in (tricky._repr_html_(), tricky.space._repr_html_()):
        assert not Page(html).all("script", "b")
        assert "&lt;script&gt;" in html


@pytest.mark.parametrize("kind", KINDS)
def test_figures_are_the_result_s(kind: str) -> None:
    result = results()[kind]
    page = Page(page_of(kind))
    words = " ".join("".join(page.words).split())
    assert f"{len(result.trials)} trial" in words
    assert f"seed {result.seed}" in words
    facts = nas.show_config(mode="dicts")
    for name, value in facts.items():
        assert [name.replace("_", " "), str(value)] in page.rows
    for name in result.space:
        assert any(row[0] == name for row in page.rows)
    best = result.top(10)
    listed = [row for row in page.rows if row and row[0].isdigit()]
    assert [int(row[0]) for row in listed] == [trial.number for trial in best]
    for row, trial in zip(listed, best, strict=True):
        assert float(row[1]) == pytest.approx(result.objective_values(trial)[0], rel=1e-4)
    assert ("No trial succeeded" in words) == (not best)


def test_a_supernet_has_the_layers_that_its_space_asks_for() -> None:
    words = " ".join("".join(Page(report_html({"DARTS": supernet()})).words).split())
    assert "supernet of 3 hidden layers, then" in words


def test_classes_are_called_so() -> None:
    settings = {"num_hidden_layers": 1, "hidden_layer_size": 4}
    rows = Page(nas.train(settings, classification(), epochs=1)._repr_html_()).rows
    assert ["features → classes", "1 → 2"] in rows
    rows = Page(nas.train(settings, task(), epochs=1)._repr_html_()).rows
    assert ["features → targets", "1 → 1"] in rows


def test_what_is_maximised_has_its_own_sign() -> None:
    result = results()["maximised"]
    highest = max(trial.measures["validation_accuracy"] for trial in result.trials)
    page = Page(page_of("maximised"))
    words = " ".join("".join(page.words).split())
    assert f"best validation_accuracy {highest:.5g} in trial {result.best.number}" in words
    assert ["validation_accuracy", f"{highest:.5g}"] in page.rows
    assert f"best {highest:.6g}" in repr(result)


@pytest.mark.parametrize(
    "kind", ["task", "one trial", "fidelities", "several objectives", "stopped"]
)
def test_the_program_does_it_again(kind: str) -> None:
    result = results()[kind]
    program = snippet(result)
    assert escape(program, quote=False).replace("'", "&#39;") in page_of(kind)
    assert TASK_LINE in program
    program = program.replace(TASK_LINE, "")
    if kind == "several objectives":
        assert "# The search had constraints too" in program
        program = program.replace("    seed=0,\n", "    seed=0, constraints={'parameters': 300},\n")
    names: dict[str, Any] = {"task": task()}
    exec(program, names)
    again = names["result"]
    assert [t.values for t in again.trials] == [t.values for t in result.trials]
    assert again.space == result.space
    best = names["best"]
    assert names["model"].validation_loss == best.values[0]


def test_the_program_of_an_objective() -> None:
    result = results()["objective"]
    program = snippet(result).replace(OBJECTIVE_LINE, "")
    names: dict[str, Any] = {"objective": function}
    exec(program, names)
    assert [t.value for t in names["result"].trials] == [t.value for t in result.trials]
    assert names["result"].space == CONDITIONAL


def test_the_program_has_every_argument_that_a_result_holds() -> None:
    rule = nas.stopping.Median(warmup_trials=2)
    result = nas.search(
        {"num_hidden_layers": [1, 2], "hidden_layer_size": [4, 8]},
        task(),
        strategy=nas.SuccessiveHalving(),
        trials=4,
        epochs=9,
        fidelity="rows",
        stopping=rule,
        seed=0,
    )
    names: dict[str, Any] = {"task": task()}
    program = snippet(result)
    exec(program.replace(TASK_LINE, ""), names)
    assert names["result"].fidelity == "rows"
    assert names["result"].stopping == rule
    assert [t.values for t in names["result"].trials] == [t.values for t in result.trials]
    # A warm start may have been there.
    assert MISSING_LINE in program


def test_the_program_leaves_out_objectives_that_a_result_does_not_hold() -> None:
    size = nas.objectives.Objective("size", lambda a: a["hidden_layer_size"], maximize=True)
    goals: list[Any] = ["validation_loss", nas.objectives.Soft("parameters", 10), size]
    space = {"num_hidden_layers": [1], "hidden_layer_size": [4, 8]}
    program = snippet(nas.search(space, task(), objectives=goals, trials=2, epochs=1, seed=0))
    for own in ("soft(parameters)", "size"):
        line = f"        ...,  # {own!r}: not a name but an object, which a result does not hold\n"
        assert line in program
        program = program.replace(line, f"        goals[{own!r}],\n")
    names = {"task": task(), "goals": {"soft(parameters)": goals[1], "size": size}}
    exec(program.replace(TASK_LINE, ""), names)
    assert names["result"].objectives == ("validation_loss", "soft(parameters)", "size")  # type: ignore[attr-defined]


def test_the_program_of_several_numbers_of_an_objective() -> None:
    gain = nas.objectives.Objective("gain", maximize=True)
    options: dict[str, Any] = {"objectives": ["cost", gain], "trials": 3, "seed": 0}
    result = nas.search({"x": [1, 2, 3]}, objective=both_numbers, **options)
    names: dict[str, Any] = {"objective": both_numbers}
    exec(snippet(result).replace(OBJECTIVE_LINE, ""), names)
    assert [t.values for t in names["result"].trials] == [t.values for t in result.trials]
    assert names["result"].maximized == ("gain",)


def both_numbers(architecture: dict[str, Any]) -> dict[str, float]:
    return {"cost": 2 * architecture["x"], "gain": architecture["x"]}


def test_the_program_of_an_odd_space() -> None:
    space = nas.SearchSpace(
        {
            "a": [np.float64(0.5), np.float64(0.25)],
            "b": nas.Categorical([3, 1, 2]),
            "c": nas.Ordinal(["s", "m"]),
            "d": nas.Integer(1, 5).when(a=nas.Float(0.3, 1), c="s"),
        },
        forbidden=[{"a": 0.5, "b": [1, 2]}],
    )
    result = nas.search(space, objective=lambda a: a["a"], trials=3, seed=0)
    names: dict[str, Any] = {"objective": lambda a: a["a"]}
    exec(snippet(result).replace(OBJECTIVE_LINE, ""), names)
    assert names["space"] == space
    objects = nas.search({"f": [len, max]}, objective=lambda _: 1.0, trials=2, seed=0)
    assert "# Some choices are objects, shown as they print." in snippet(objects)


def test_the_same_result_gives_the_same_bytes() -> None:
    assert report_html(results()["task"]) == page_of("task")


def test_the_file_is_complete_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = results()["one trial"]
    path = tmp_path / "page.html"
    result.report(path, title="First")
    assert "<h1>First</h1>" in path.read_text(encoding="utf-8")
    before = path.read_bytes()

    def full_disk(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="no space left"):
        result.report(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(TypeError, match="results must be a SearchResult"):
        write_report(path, {"a": 3})  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="results must hold at least one result"):
        write_report(path, {})


def test_the_user_s_style_stays(tmp_path: Path) -> None:
    import matplotlib

    with matplotlib.rc_context({"font.size": 31, "axes.facecolor": "red"}):
        assert report_html(results()["task"]) == page_of("task")
        assert matplotlib.rcParams["font.size"] == 31


def test_notebooks() -> None:
    for kind, result in results().items():
        page = Page(result._repr_html_())
        assert f"{len(result.trials)} trial" in " ".join(page.words), kind
        assert len(page.all("table")) == bool(result.top(1))
    rows = Page(SPACE._repr_html_()).rows
    assert ["learning_rate", "float, logarithmic", "0.001 to 0.1"] in rows
    assert ["count", "integer", "1 to 9", "kind: a"] in Page(CONDITIONAL._repr_html_()).rows
    best = results()["task"].best
    model = nas.train(best.architecture, task(), epochs=3, seed=0)
    assert ["parameters", str(model.parameters)] in Page(model._repr_html_()).rows
    assert len(Page(supernet()._repr_html_()).all("table")) == 2
    assert Page(table("c", ["a", "b"], [("x", None), ("y", True)])).rows[1:] == [
        ["x", "–"],
        ["y", "True"],
    ]


def test_notebooks_need_no_extra() -> None:
    script = """
import sys
import swiftnas as nas
result = nas.search({"x": [1, 2]}, objective=lambda a: a["x"], trials=2, seed=0)
result._repr_html_(), result.space._repr_html_()
print(*({"matplotlib", "jinja2", "pandas", "sklearn", "optuna"} & set(sys.modules)))
"""
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == ""


def test_missing_extras_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"pip install 'swiftnas\[report\]'"):
        results()["task"].report(tmp_path / "page.html")
    assert not any(tmp_path.iterdir())


def test_without_scikit_learn_the_page_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    words = " ".join(Page(report_html(results()["task"])).words)
    assert "No importance of parameters: importance needs scikit-learn" in words


def chromium(tmp_path: Path, *arguments: str) -> str:
    """What a headless Chromium prints; the test is skipped if there is none."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("no Chromium on the PATH (Debian's package is called chromium)")
    command = [
        program,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        f"--user-data-dir={tmp_path / 'profile'}",
        "--virtual-time-budget=10000",
        *arguments,
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout


#: Measures the page in a frame of a phone's width and writes the figures into itself.
MEASURE = """<!DOCTYPE html><meta charset="utf-8"><body style="margin:0">
<iframe id="page" style="border:0;width:{width}px;height:800px" srcdoc="{page}"></iframe>
<pre id="figures"></pre>
<script>
document.getElementById("page").onload = function () {{
  const view = this.contentWindow, page = view.document;
  const shown = [...page.querySelectorAll("figure svg")].map(x => x.getBoundingClientRect().width);
  const outside = [...page.querySelectorAll("body *")].filter(x =>
    !x.closest(".scroll, pre, svg") && x.getBoundingClientRect().right > {width} + 0.5);
  document.getElementById("figures").textContent = JSON.stringify({{
    width: page.documentElement.scrollWidth,
    height: page.documentElement.scrollHeight,
    background: view.getComputedStyle(page.body).backgroundColor,
    text: view.getComputedStyle(page.body).color,
    pictures: shown,
    images: [...page.querySelectorAll("img")].map(x => x.naturalWidth),
    outside: outside.map(x => x.tagName + "." + x.className),
    requests: view.performance.getEntriesByType("resource").map(x => x.name),
  }});
}};
</script>"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_the_page(tmp_path: Path, scheme: str) -> None:
    outer = tmp_path / "measure.html"
    text = MEASURE.format(width=PHONE, page=escape(page_of_all(), quote=True))
    outer.write_text(text, encoding="utf-8")
    # 0 is Blink's name for dark, 1 that for light.
    setting = f"--blink-settings=preferredColorScheme={0 if scheme == 'dark' else 1}"
    dom = chromium(tmp_path, setting, "--dump-dom", outer.as_uri())
    found = re.search(r'<pre id="figures">(.*?)</pre>', dom, re.S)
    assert found is not None
    figures = json.loads(unescape(found[1]))
    assert figures["width"] <= PHONE
    assert figures["outside"] == []
    assert figures["height"] > 2 * PHONE
    assert len(figures["pictures"]) == len(Page(page_of_all()).all("figure"))
    # Not so narrow that nothing could be read.
    assert min(figures["pictures"]) > 0.75 * PHONE
    assert all(width > 0 for width in figures["images"])
    assert [name for name in figures["requests"] if not name.startswith("data:")] == []
    channels = [sum(map(int, re.findall(r"\d+", figures[k])[:3])) for k in ("background", "text")]
    assert (channels[0] < channels[1]) == (scheme == "dark")


def test_a_screenshot_of_the_page(tmp_path: Path) -> None:
    path, picture = tmp_path / "page.html", tmp_path / "page.png"
    path.write_text(page_of("task"), encoding="utf-8")
    size = f"--window-size={PHONE},2400"
    chromium(tmp_path, size, f"--screenshot={picture}", path.as_uri())
    from matplotlib.image import imread

    pixels = imread(picture)[..., :3]
    assert pixels.shape[:2] == (2400, PHONE)
    # Blue marks and the orange best, as the page's colours are.
    for colour in ((0, 0x72, 0xB2), (0xD5, 0x5E, 0)):
        near = np.abs(pixels * 255 - colour).max(axis=-1) < 8
        assert near.sum() > 100
