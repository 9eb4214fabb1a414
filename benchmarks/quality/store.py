"""Results of runs, one file of JSON lines per competitor, so that what was run is not run again."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

#: One run: competitor, table, seed and budget, and what was measured.
Record = dict[str, Any]


class Store:
    """The results of one experiment in a directory.

    Processes that run different competitors do not meet: each competitor has a file of its own.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def path(self, competitor: str) -> Path:
        """The file of a competitor."""
        name = re.sub(r"[^a-z0-9]+", "-", competitor.lower())
        return self.directory / f"{name}.jsonl"

    def append(self, competitor: str, record: Record) -> None:
        """Add a run."""
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.path(competitor).open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")

    def forget(self, competitors: Iterable[str]) -> None:
        """Remove all runs of some competitors."""
        for competitor in competitors:
            self.path(competitor).unlink(missing_ok=True)

    def records(self, competitor: str) -> list[Record]:
        """The run of the greatest budget for each table and seed, by table and seed."""
        path = self.path(competitor)
        latest: dict[tuple[str, int], Record] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                # Cut off when a run was interrupted.
                continue
            key = (record["table"], record["seed"])
            if key not in latest or record["budget"] >= latest[key]["budget"]:
                latest[key] = record
        return [latest[key] for key in sorted(latest)]

    def has(self, competitor: str, budget: int) -> set[tuple[str, int]]:
        """The tables and seeds that were run with at least this budget."""
        return {
            (record["table"], record["seed"])
            for record in self.records(competitor)
            if record["budget"] >= budget
        }
