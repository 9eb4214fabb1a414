"""Pictures as SVG inside the page: no files of their own, and colours that follow the page's."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from swiftnas.plot.axes import BEST, FAILED, FAINT, MAIN, STOPPED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

#: Stands for the colour of the page's text, which matplotlib does not know.
_TEXT = "#010203"

#: Stands for what is behind a picture, in the outlines of text.
_BEHIND = "#fefdfc"

#: Inches of a picture; small, so that its text is not at a phone's width.
SIZE = (4.2, 3.1)

#: Dots per inch of what is too much to be drawn as shapes.
_DPI = 200

#: What becomes of matplotlib's colours.
_COLOURS = {
    _TEXT: "currentColor",
    _BEHIND: "var(--card)",
    MAIN: "var(--main)",
    BEST: "var(--best)",
    STOPPED: "var(--stopped)",
    FAILED: "var(--failed)",
    FAINT: "var(--faint)",
}

_SETTINGS: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.facecolor": _BEHIND,
    # Outlines, so that a page looks the same whatever fonts there are.
    "svg.fonttype": "path",
    # The same picture has the same bytes.
    "svg.hashsalt": "swiftnas",
    **{
        f"{item}color": _TEXT
        for item in ("text.", "axes.label", "axes.title", "axes.edge", "xtick.", "ytick.")
    },
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture on the page: its SVG, heading, and what it shows in words."""

    svg: str
    heading: str
    alt: str
    is_wide: bool


def picture(
    draw: Callable[[Axes], object],
    heading: str,
    alt: str,
    prefix: str,
    size: tuple[float, float] = SIZE,
) -> Picture:
    """What `draw` draws; `prefix` keeps the names inside apart from those of other pictures."""
    import matplotlib
    from matplotlib.figure import Figure

    # In a style of its own: what the user has set for plots would not suit the page.
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        figure = Figure(figsize=size, layout="constrained")
        axes = figure.subplots()
        draw(axes)
        # The page has the heading already.
        axes.set_title("")
        axes.set_title("", loc="left")
        text = io.StringIO()
        metadata = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(text, format="svg", dpi=_DPI, transparent=True, metadata=metadata)
    return Picture(_inline(text.getvalue(), alt, prefix), heading, alt, size[0] > SIZE[0] + 1)


def _inline(svg: str, alt: str, prefix: str) -> str:
    """A file of SVG as a part of a page."""
    opening = re.search(r'<svg[^>]*viewBox="([^"]*)"[^>]*>', svg)
    assert opening is not None
    body = svg[opening.end() :]
    body = re.sub(r"<!--.*?-->|<style.*?</style>", "", body, flags=re.S)
    body = re.sub(r'\bid="', f'id="{prefix}', body)
    body = re.sub(r'(href="|url\()#', rf"\1#{prefix}", body)
    for colour, name in _COLOURS.items():
        body = body.replace(colour, name)
    body = re.sub(r"\n\s*", "\n", body)
    # Without a size of its own, as the page decides on that.
    label = escape(alt, quote=True)
    return f'<svg role="img" aria-label="{label}" viewBox="{opening[1]}">{body}'
