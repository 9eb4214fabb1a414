"""The stored results as Markdown."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quality import statistics
from quality.fronts import POPULATION
from quality.runs import BUDGETS
from quality.store import Store
from quality.tables import TABLES, TWO_OBJECTIVE_TABLES, UNITS
from quality.text import estimate, figure, p_value, table

_Array = npt.NDArray[np.float64]

#: Values by table and competitor.
Runs = dict[str, dict[str, _Array]]

#: Whom everyone is compared with: by tests, and by ratios.
RANDOM = "RandomSearch"
REFERENCE = "Optuna TPE"

INTRODUCTION = """\
# Search quality

How good the searches are for a given number of evaluations, on public tables where every
architecture was trained beforehand, beside Optuna and pymoo. Written by `python
benchmarks/search_quality.py --render` from results of `make bench-search-full`; `make
bench-search` takes a sample in a few minutes.

## How it is measured

- Tables: FCNet protein and naval (62,208 networks with their training settings, validation MSE, 4
  seeds), NAS-Bench-201 on CIFAR-10 (15,625 cells, validation error in percent, 2 or 3 seeds),
  HPOBench MLP car, credit_g and segment (30,000 settings, validation error rate, 5 seeds).
- An evaluation gives the validation loss of one training, of a random seed. The incumbent is the
  best that was observed, the last one of several; its regret is its mean over all seeds minus the
  least mean of the table.
- Every evaluation counts, also when an architecture comes up again. Strategies of swiftnas that
  do not want a fresh value then get the one they had, as in `swiftnas.search`; Optuna gets
  another random seed's.
- Multi-fidelity strategies train with a share of the table's seeds; each seed that is read counts
  as an evaluation, those read before are free. Their incumbent is the best of those with most
  seeds.
- Everybody has one setting for all tables: the defaults. Ordered choices are `Ordinal` in
  swiftnas and integers in Optuna (*categorical*: not even that). Optuna's TPE is multivariate by
  default from 5.0 on; *independent* is `multivariate=False`. Optuna's Gaussian process takes
  seconds per evaluation, so it has fewer seeds and a smaller budget.
- Intervals are 95 %, percentile bootstrap over runs. Tests are two-sided Mann-Whitney tests, not
  corrected for their number. Runs of different competitors are independent.
"""


def render(directory: Path) -> str:
    """Everything that was stored."""
    regret = _records(Store(directory / "regret"))
    sections = [INTRODUCTION + _about()]
    if regret:
        sections += [_summary(regret), _tests(regret), *_regrets(regret)]
    fronts = _records(Store(directory / "fronts"))
    if fronts:
        sections.append(_fronts(fronts))
    overhead = directory / "overhead.json"
    if overhead.exists():
        sections.append(_overhead(json.loads(overhead.read_text(encoding="utf-8"))))
    return "\n\n".join(section.strip() for section in sections if section) + "\n"


#: Records of one experiment by budget.
_Stored = dict[int, Runs]


def _records(store: Store) -> _Stored:
    """For each budget the values of the runs that reached it."""
    stored: _Stored = {}
    for path in sorted(store.directory.glob("*.jsonl")):
        name = path.with_suffix("").name
        for record in store.records(name):
            for budget in BUDGETS:
                value = statistics.value_at(record["steps"], budget)
                if budget <= record["budget"] and not np.isnan(value):
                    runs = stored.setdefault(budget, {}).setdefault(record["table"], {})
                    runs[record["competitor"]] = np.append(
                        runs.get(record["competitor"], []), value
                    )
    return dict(sorted(stored.items()))


def _about() -> str:
    names = {"swiftnas": "swiftnas", "optuna": "Optuna", "pymoo": "pymoo", "numpy": "NumPy"}
    parts = []
    for package, name in names.items():
        try:
            parts.append(f"{name} {version(package)}")
        except PackageNotFoundError:
            continue
    return f"- {', '.join(parts)}, Python {platform.python_version()}.\n"


def _summary(stored: _Stored) -> str:
    """Average ranks, and ratios to the reference."""
    ranks = {budget: statistics.average_ranks(runs) for budget, runs in stored.items()}
    ratios = {
        budget: statistics.ratios(runs, REFERENCE)
        for budget, runs in stored.items()
        if budget in (100, 200)
    }
    order = _order(ranks)
    columns = ["", *(f"rank at {budget}" for budget in ranks)]
    columns += [f"ratio to {REFERENCE} at {budget}" for budget in ratios]
    rows = [
        [
            name,
            *(f"{ranks[b][name]:.2f}" if name in ranks[b] else "–" for b in ranks),
            *(estimate(ratios[b].get(name)) for b in ratios),
        ]
        for name in order
    ]
    return (
        "## Summary\n\n"
        "The expected rank among one run of each competitor, averaged over the tables (1 is\n"
        "best; those that miss a table or the budget are left out), and the ratio of mean\n"
        f"regret to that of {REFERENCE}, averaged over the tables where that is not 0.\n\n"
    ) + table(columns, rows)


def _order(ranks: Mapping[int, Mapping[str, float]]) -> list[str]:
    """Competitors by their rank at the greatest budget that they have, best first."""
    names = list(dict.fromkeys(name for by_name in ranks.values() for name in by_name))
    return sorted(names, key=lambda n: next(r[n] for r in reversed(list(ranks.values())) if n in r))


def _tests(stored: _Stored) -> str:
    """Every competitor against random search."""
    parts = []
    for budget in (200, 500):
        runs = stored.get(budget, {})
        tables = [t for t in TABLES if RANDOM in runs.get(t, {})]
        names = list(dict.fromkeys(name for t in tables for name in runs[t] if name != RANDOM))
        if not names:
            continue
        rows = [
            [name, *(_against_random(runs[t].get(name), runs[t][RANDOM]) for t in tables)]
            for name in names
        ]
        parts.append(f"After {budget} evaluations:\n\n" + table(["", *tables], rows))
    if not parts:
        return ""
    return (
        "## Against random search\n\n"
        f"The probability that a run ends with less regret than a run of {RANDOM} (ties are\n"
        "halves), and the p-value of the Mann-Whitney test.\n\n"
    ) + "\n\n".join(parts)


def _against_random(values: _Array | None, random: _Array) -> str:
    if values is None:
        return "–"
    chance = statistics.superiority(values, random)
    return f"{chance:.2f} ({p_value(statistics.mann_whitney(values, random))})"


def _regrets(stored: _Stored) -> list[str]:
    """Mean and median regret for each table."""
    sections = []
    for name in TABLES:
        budgets = {budget: runs[name] for budget, runs in stored.items() if name in runs}
        if not budgets:
            continue
        sections.append(
            f"## {name}: regret ({UNITS[name]})\n\n"
            + "Mean:\n\n"
            + _by_budget(budgets, statistics.mean)
            + "\n\nMedian:\n\n"
            + _by_budget(budgets, statistics.median)
        )
    return sections


def _by_budget(
    budgets: Mapping[int, Mapping[str, _Array]],
    statistic: Callable[[_Array], statistics.Estimate],
    descending: bool = False,
) -> str:
    """One row per competitor, best at its greatest budget first; one column per budget."""
    names = list(dict.fromkeys(name for runs in budgets.values() for name in runs))
    estimates = {n: {b: statistic(r[n]) for b, r in budgets.items() if n in r} for n in names}
    sign = -1 if descending else 1
    middle = 200 if 200 in budgets else max(budgets)
    names.sort(key=lambda n: sign * estimates[n].get(middle, list(estimates[n].values())[-1]).value)
    rows = [
        [
            f"{name} ({max(len(runs[name]) for runs in budgets.values() if name in runs)})",
            *(estimate(estimates[name].get(budget)) for budget in budgets),
        ]
        for name in names
    ]
    return table(["(runs)", *map(str, budgets)], rows)


def _fronts(stored: _Stored) -> str:
    """Relative hypervolumes."""
    sections = [
        "## Two objectives\n\n"
        "Parameters and validation MSE of FCNet, both as log10. The front is what no other\n"
        "observation dominates; the mean of its hypervolume, taken by means over all seeds, is\n"
        "relative to that of the whole table's front. The reference point is the largest size\n"
        "and log10 MSE 0. pymoo has its operators for integers, as its guide has them.\n"
        f"Populations of {POPULATION}."
    ]
    for name in TWO_OBJECTIVE_TABLES:
        budgets = {
            budget: runs[name]
            for budget, runs in stored.items()
            if name in runs and budget in (50, 100, 200, 500)
        }
        if budgets:
            sections.append(f"{name}:\n\n" + _by_budget(budgets, statistics.mean, descending=True))
    return "\n\n".join(sections)


def _overhead(measured: Mapping[str, Mapping[str, float]]) -> str:
    rows = [
        [name, f"{timing['rounds']:,}", figure(timing["seconds"]), figure(1e6 * per_round)]
        for per_round, name, timing in sorted(
            (timing["seconds"] / timing["rounds"], name, timing)
            for name, timing in measured.items()
        )
    ]
    return (
        "## Overhead\n\n"
        "Rounds of ask and tell on FCNet's space, one at a time, one thread, without the\n"
        "look-ups.\n\n"
    ) + table(["", "rounds", "seconds", "µs per round"], rows)
