"""The commands, and how they are run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

import swiftnas
from swiftnas.command_line.export_command import export
from swiftnas.command_line.information_commands import config, spaces
from swiftnas.command_line.predict_command import predict
from swiftnas.command_line.report_command import report
from swiftnas.command_line.search_command import search

app = typer.Typer(
    name="swiftnas",
    no_args_is_help=True,
    # Lines of docstrings are joined again, and square brackets are nothing but brackets.
    rich_markup_mode="markdown",
    # Errors are one line; see `swiftnas.command_line.main`.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"swiftnas {swiftnas.__version__}")
        raise typer.Exit


@app.callback()
def _command(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
    traceback: Annotated[
        bool,
        typer.Option("--traceback", help="Show where errors come from; SWIFTNAS_TRACEBACK=1 too."),
    ] = False,
) -> None:
    """Neural architecture search over tables: search, predict, report, export."""


for _function in (search, predict, report, export, spaces, config):
    app.command()(_function)


def run(arguments: Sequence[str]) -> int:
    """Run the command; gives its exit code, or raises what went wrong."""
    code = app(args=list(arguments), prog_name="swiftnas", standalone_mode=False)
    return code if isinstance(code, int) else 0
