"""``swiftnas report``: the summary of a run, and its page written again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swiftnas.command_line.console import print_facts, print_json
from swiftnas.command_line.errors import CommandError, because
from swiftnas.command_line.run_folder import REPORT, Run
from swiftnas.command_line.summary import page_title, summary_facts


def report(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"Page to write; {REPORT} in the folder by default."),
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Print what a run found, and write its page anew from the trials."""
    from swiftnas.command_line.tables import check_parent

    found = Run(run)
    path = run / REPORT if out is None else out
    check_parent(path)
    summary, result = found.summary(), found.result()
    try:
        facts = summary_facts(summary)
        title = page_title(summary["target"], summary["data"])
    except (KeyError, TypeError, ValueError) as error:
        raise CommandError(f"{run} must hold an intact summary: {error}") from error
    try:
        result.report(path, title=title)
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {because(error)}") from error
    if as_json:
        print_json(summary | {"report": str(path)})
    else:
        print_facts(f"Run {run}", facts | {"page": str(path)})
    if open_page:
        typer.launch(path.resolve().as_uri())
