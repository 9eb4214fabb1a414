"""The stored searches as Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from quality import statistics
from quality.store import Record, Store
from quality.text import estimate, figure, p_value, table

from native import fidelity, target
from native.competitors import REFERENCE

_Array = npt.NDArray[np.float64]

#: Records by data set and seed.
_Runs = dict[tuple[str, int], Record]


def fidelities(store: Store, names: Sequence[str]) -> str:
    """Epochs to the reference's result, and losses at a quarter of its epochs."""
    runs = {name: _runs(store, name) for name in names}
    reference = runs[REFERENCE]
    sets = list(dict.fromkeys(one for one, _ in reference))
    others = [name for name in names if name != REFERENCE and runs[name]]
    finals = {key: record["steps"][-1][1] for key, record in reference.items()}
    medians = {
        one: float(np.median([loss for (other, _), loss in finals.items() if other == one]))
        for one in sets
    }
    typical = {key: medians[key[0]] for key in finals}
    percent = round(100 * fidelity.SHARE)
    return "\n\n".join(
        [
            f"Share of {REFERENCE}'s epochs ({fidelity.BUDGET:,}) until a fully trained candidate "
            f"is as good as its median result, median over seeds, and how many seeds got there:",
            _shares(runs, typical, others, sets),
            "The same until it is as good as its result with the same seed:",
            _shares(runs, finals, others, sets),
            f"Least loss after {percent} % of the epochs, divided by {REFERENCE}'s after all of "
            "them, of the same seed: geometric mean and p-value of a two-sided Wilcoxon test; "
            "below 1 is better.",
            _qualities(runs, finals, others, sets),
        ]
    )


def _shares(
    runs: Mapping[str, _Runs],
    goals: Mapping[tuple[str, int], float],
    names: Sequence[str],
    sets: Sequence[str],
) -> str:
    rows = []
    for name in names:
        shares = {key: epochs_to(runs[name][key], goals[key]) for key in runs[name] if key in goals}
        cells = [_share([share for (one, _), share in shares.items() if one == s]) for s in sets]
        rows.append([name, *cells, _share(list(shares.values()))])
    return table(["", *sets, "all"], rows)


def epochs_to(record: Record, goal: float) -> float:
    """The share of the reference's epochs until a loss; infinite if it was not reached."""
    reached = (epochs for epochs, loss in record["steps"] if loss <= goal)
    return next(reached, math.inf) / fidelity.BUDGET


def _share(shares: Sequence[float]) -> str:
    if not shares:
        return "–"
    # The lower one of the two in the middle: between a number and infinity there is none.
    middle = float(np.quantile(shares, 0.5, method="lower"))
    text = f"{100 * middle:.0f} %" if math.isfinite(middle) else "> 100 %"
    return f"{text} ({sum(map(math.isfinite, shares))} of {len(shares)})"


def _qualities(
    runs: Mapping[str, _Runs],
    finals: Mapping[tuple[str, int], float],
    names: Sequence[str],
    sets: Sequence[str],
) -> str:
    rows = []
    for name in names:
        ratios = {
            key: loss_after(record, fidelity.SHARE) / finals[key]
            for key, record in runs[name].items()
            if key in finals
        }
        cells = [_ratio([r for (one, _), r in ratios.items() if one == s]) for s in sets]
        rows.append([name, *cells, _ratio(list(ratios.values()))])
    return table(["", *sets, "all"], rows)


def loss_after(record: Record, share: float) -> float:
    """The least loss within a share of the reference's epochs; infinite if there is none."""
    reached = [loss for epochs, loss in record["steps"] if epochs <= share * fidelity.BUDGET]
    return reached[-1] if reached else math.inf


def _ratio(ratios: Sequence[float]) -> str:
    if not ratios:
        return "–"
    if not all(map(math.isfinite, ratios)):
        return f"no result in {sum(map(math.isinf, ratios))}"
    logarithms = np.log(ratios)
    return f"{figure(float(np.exp(logarithms.mean())))}, {p_value(wilcoxon(logarithms))}"


def wilcoxon(differences: _Array) -> float:
    """The two-sided p-value of Wilcoxon's signed-rank test that differences are around 0."""
    from scipy import stats

    if not np.any(differences):
        return 1.0
    return float(stats.wilcoxon(differences).pvalue)


def targets(store: Store, names: Sequence[str]) -> str:
    """Times and trainings to the published search's result, by data set."""
    runs = {name: found for name in names if (found := _runs(store, name))}
    sets = list(dict.fromkeys(one for found in runs.values() for one, _ in found))
    sections = []
    for one in sets:
        chosen = {
            name: [record for (other, _), record in found.items() if other == one]
            for name, found in runs.items()
        }
        sections += [f"#### {one}", _times(chosen)]
    everything = {name: list(found.values()) for name, found in runs.items()}
    return "\n\n".join([*sections, "#### All of them", _times(everything)])


def _times(runs: Mapping[str, Sequence[Record]]) -> str:
    rows = []
    for name, records in runs.items():
        if records:
            rows.append(
                [
                    name,
                    f"{sum(record['reached'] for record in records)} of {len(records)}",
                    estimate(statistics.median(_time_ratios(records, 1))),
                    estimate(statistics.median(_time_ratios(records, 0))),
                    figure(float(np.median([record["trainings"] for record in records]))),
                    figure(float(np.median([record["epochs"] for record in records]))),
                ]
            )
    columns = ["", "reached", "processor time ratio", "wall time ratio", "trainings", "epochs"]
    return table(columns, rows)


def _time_ratios(records: Sequence[Record], clock: int) -> _Array:
    """The published search's time over ours: by the wall's clock (0) or the processor's (1)."""
    return np.array([r["published_seconds"][clock] / r["seconds"][clock] for r in records])


def _runs(store: Store, name: str) -> _Runs:
    return {(record["table"], record["seed"]): record for record in store.records(name)}


def render(results: Any) -> str:
    """Everything that was stored."""
    from native.competitors import COMPETITORS

    sections = []
    fidelity_store = Store(results / "fidelity")
    if fidelity_store.records(REFERENCE):
        sections += ["### Several fidelities", fidelities(fidelity_store, list(COMPETITORS))]
    target_store = Store(results / "target")
    if any(target_store.records(name) for name in target.COMPETITORS):
        sections += [
            "### Time to the published evolution's result",
            f"The published evolution trains {target.BUDGET // target.EPOCHS} candidates for "
            f"{target.EPOCHS} epochs. Medians over seeds, with 95 % intervals.",
            targets(target_store, list(target.COMPETITORS)),
        ]
    return "\n\n".join(sections) + "\n"
