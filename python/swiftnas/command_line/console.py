"""What the commands print: results on stdout, everything else on stderr."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from swiftnas._json import json_data, json_text
from swiftnas.report.tables import shown


def messages(*, quiet: bool = False) -> Console:
    """Where progress and notes go."""
    return Console(stderr=True, quiet=quiet, soft_wrap=True)


def print_json(data: Any) -> None:
    """Print one JSON value on stdout, and nothing else."""
    sys.stdout.write(json_text(json_data(data), None, indent=2) + "\n")


def print_facts(title: str, facts: Mapping[str, Any]) -> None:
    """Print names and values as a table on stdout."""
    table = Table("", "", title=title, title_justify="left", show_header=False)
    for name, value in facts.items():
        table.add_row(Text(name, style="bold"), Text(shown(value)))
    print_table(table)


def print_table(table: Table) -> None:
    """Print a table on stdout; files and pipes get it as wide as it is."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, 200))
    console.print(table)
