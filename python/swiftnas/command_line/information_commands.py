"""``swiftnas spaces`` and ``swiftnas config``: what there is."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from swiftnas.command_line.console import print_facts, print_json, print_table
from swiftnas.command_line.errors import CommandError, one_of
from swiftnas.command_line.options import ready_made_spaces, space_of


def spaces(
    name: Annotated[
        str | None, typer.Argument(help="A space, to see its parameters; all by default.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON; of one space what --space takes.")
    ] = False,
) -> None:
    """List the ready-made search spaces, or the parameters of one."""
    from swiftnas.report.tables import domain

    known = ready_made_spaces()
    if name is not None:
        if name.replace("-", "_") not in known:
            raise CommandError(one_of(name, known, "the space"))
        space = space_of(name)
        if as_json:
            return print_json(space.to_dict())
        table = Table("parameter", "kind", "choices", "only where")
        for parameter, choice in space.items():
            table.add_row(*(Text(text) for text in (parameter, *domain(choice))))
        return print_table(table)
    found: list[dict[str, Any]] = []
    for each, function in known.items():
        space = function()
        summary = (inspect.getdoc(function) or "").partition("\n")[0]
        found.append(
            {"name": each, "parameters": len(space), "size": space.size, "summary": summary}
        )
    if as_json:
        return print_json(found)
    table = Table("space", "parameters", "architectures", "")
    for item in found:
        size = "a range of reals" if item["size"] is None else f"{item['size']:,}"
        table.add_row(item["name"], str(item["parameters"]), size, Text(item["summary"]))
    return print_table(table)


def config(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print version, compiler, instruction set and threads, for reports of bugs."""
    from swiftnas.config import show_config

    facts = show_config(mode="dicts")
    if as_json:
        print_json(facts)
    else:
        print_facts("swiftnas", facts)
