"""A page about one search or several: one HTML file that needs nothing else.

Pictures, styles and all stand in the file itself, so it can be mailed, kept, and read without a
network, on a phone as on a large screen, in light and dark.

Needs matplotlib and Jinja2: ``pip install 'swiftnas[report]'``; with scikit-learn the page shows
the importance of parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from swiftnas.whole_file import write_whole

if TYPE_CHECKING:
    import os

    from swiftnas.differentiable import DARTSResult
    from swiftnas.results import SearchResult

#: What the page is called if nobody says.
_TITLE = "Architecture search"


def write_report(
    path: str | os.PathLike[str],
    results: SearchResult | DARTSResult | Mapping[str, SearchResult | DARTSResult],
    *,
    title: str | None = None,
) -> None:
    """Write the page about one result, or about several with their headings.

    Parameters
    ----------
    path : str or path
        The file is either complete or not there; an old one is replaced in one step.
    results : SearchResult, DARTSResult, or dict of str to these
    title : str, optional

    Examples
    --------
    >>> import os, tempfile
    >>> import swiftnas as nas
    >>> from swiftnas.report import write_report
    >>> result = nas.search({"x": [1, 2]}, objective=lambda a: a["x"], trials=2, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(os.path.join(folder, "report.html"), {"First": result, "Again": result})
    ...     os.listdir(folder)
    ['report.html']
    """
    text = report_html(results, title=title)
    write_whole(path, text.encode())


def report_html(
    results: SearchResult | DARTSResult | Mapping[str, SearchResult | DARTSResult],
    *,
    title: str | None = None,
) -> str:
    """The page as text; see `write_report`."""
    from swiftnas.differentiable import DARTSResult
    from swiftnas.results import SearchResult

    runs = results if isinstance(results, Mapping) else {"": results}
    if not runs:
        raise ValueError("results must hold at least one result, got none")
    for result in runs.values():
        if not isinstance(result, SearchResult | DARTSResult):
            raise TypeError(
                f"results must be a SearchResult, a DARTSResult or a dict of these, "
                f"got {type(result).__name__}"
            )
    try:
        import jinja2
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"reports need {error.name}; install it with: pip install 'swiftnas[report]'"
        ) from None
    from swiftnas.config import show_config
    from swiftnas.report.run import run_of

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("swiftnas", "report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html.jinja").render(
        title=_TITLE if title is None else title,
        runs=[run_of(result, name, number) for number, (name, result) in enumerate(runs.items())],
        versions=show_config(mode="dicts"),
    )
