"""The stored fits as Markdown."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from quality.store import Record, Store
from quality.text import p_value, table

from tabular.data import CLASSIFICATION, PUBLISHED, REGRESSIONS
from tabular.fits import CLASSIFIER, OURS, PEER

_Array = npt.NDArray[np.float64]


def render(store: Store) -> str:
    """Test errors, wins and times of what both have done."""
    sections = []
    ours, peer = _by_split(store, OURS), _by_split(store, PEER)
    rows = []
    for one in REGRESSIONS:
        keys = sorted(key for key in ours if key in peer and key[0] == one)
        if keys:
            rows.append([one, *_row(one, [ours[k] for k in keys], [peer[k] for k in keys])])
    if rows:
        columns = ["", "splits", OURS, PEER, "MC dropout", "won", "Wilcoxon", "seconds", "trials"]
        budgets = {f"{record['budget']:g}" for record in ours.values()}
        sections += [f"Budget in seconds: {', '.join(sorted(budgets))}.", table(columns, rows)]
    digits = _column(store.records(CLASSIFIER), "score")
    if len(digits):
        seconds = _column(store.records(CLASSIFIER), "wall_seconds")
        budgets = {f"{record['budget']:g}s" for record in store.records(CLASSIFIER)}
        sections.append(
            f"`{CLASSIFIER}` with {', '.join(sorted(budgets))} on {CLASSIFICATION}, "
            f"{len(digits)} splits: test accuracy {digits.mean():.4f} "
            f"(the least {digits.min():.4f}) in {seconds.mean():.1f} s."
        )
    return "\n\n".join(sections) + "\n"


def _by_split(store: Store, name: str) -> dict[tuple[str, int], Record]:
    return {(record["table"], record["seed"]): record for record in store.records(name)}


def _row(name: str, ours: list[Record], peer: list[Record]) -> list[str]:
    first, second = _column(ours, "score"), _column(peer, "score")
    seconds = [_column(records, "wall_seconds").mean() for records in (ours, peer)]
    trials = [np.median(_column(records, "trials")) for records in (ours, peer)]
    return [
        str(len(ours)),
        _mean(first),
        _mean(second),
        str(PUBLISHED.get(name, "–")),
        f"{int((first < second).sum())} of {len(ours)}",
        _wilcoxon(first - second),
        " / ".join(f"{value:.1f}" for value in seconds),
        " / ".join(f"{value:.0f}" for value in trials),
    ]


def _column(records: list[Record], key: str) -> _Array:
    return np.array([record[key] for record in records], np.float64)


def _mean(values: _Array) -> str:
    """The mean and its standard error."""
    if len(values) < 2:
        return f"{values.mean():.3f}"
    return f"{values.mean():.3f} ± {values.std(ddof=1) / np.sqrt(len(values)):.3f}"


def _wilcoxon(differences: _Array) -> str:
    """Two-sided and paired by split."""
    from scipy import stats

    if len(differences) < 5 or not np.any(differences):
        return "–"
    return p_value(float(stats.wilcoxon(differences).pvalue))
