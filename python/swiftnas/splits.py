"""Which rows to train on and which to validate on: index arrays, the data stay where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from swiftnas._arguments import seed_or_fresh, whole_number

if TYPE_CHECKING:
    import numpy.typing as npt

    Rows: TypeAlias = npt.NDArray[np.intp]
    #: Rows to train on and rows to validate on.
    Split: TypeAlias = tuple[Rows, Rows]


def training_count(rows: int, validation: float, noun: str = "rows") -> int:
    """How many of `rows` are left to train on; at least one on either side."""
    if isinstance(validation, float | np.floating):
        if not 0 < validation < 1:
            raise ValueError(f"validation must be in (0, 1), got {validation}")
        # Shares such as 0.9 are not exact: 10 · (1 − 0.9) is a little less than 1.
        size = int((1 - float(validation)) * rows + 1e-9)
    else:
        size = rows - whole_number(validation, "validation", minimum=1)
    if not 0 < size < rows:
        raise ValueError(
            f"validation must leave {noun} on both sides, got {validation} of {rows} {noun}"
        )
    return size


def permutation(rows: int, seed: int | None) -> Rows:
    """A random order of the rows, the same for ever for the same seed."""
    # NumPy promises that this generator's permutations never change.
    bits = np.random.MT19937(seed_or_fresh(seed))
    return np.random.RandomState(bits).permutation(rows)


def hold_out(
    rows: int,
    validation: float,
    seed: int | None,
    *,
    strata: npt.NDArray[Any] | None = None,
    groups: npt.NDArray[Any] | None = None,
) -> Split:
    """A random split; `validation` is a share or number of rows, or of groups if given.

    Parameters
    ----------
    strata : ndarray, optional
        A class per row: every class has its share of the rows to validate on, as far as whole
        numbers go, and keeps a row to train on.
    groups : ndarray, optional
        A group per row; no group has rows on both sides.
    """
    if groups is not None:
        names, places = np.unique(groups, return_inverse=True)
        size = training_count(len(names), validation, "groups")
        in_training = np.zeros(len(names), bool)
        in_training[permutation(len(names), seed)[:size]] = True
        chosen = in_training[places]
        return np.flatnonzero(chosen), np.flatnonzero(~chosen)
    size = training_count(rows, validation)
    order = permutation(rows, seed)
    if strata is None:
        return order[:size], order[size:]
    _, places, counts = np.unique(strata, return_inverse=True, return_counts=True)
    held_out = _shares(counts, rows - size)
    ranks = _ranks(places[order])
    chosen = ranks >= (counts - held_out)[places[order]]
    return order[~chosen], order[chosen]


def k_fold(
    rows: int,
    n_splits: int,
    seed: int | None,
    *,
    shuffle: bool,
    strata: npt.NDArray[Any] | None = None,
    groups: npt.NDArray[Any] | None = None,
) -> list[Split]:
    """Splits that validate on each row once; the options are those of `hold_out`."""
    n_splits = whole_number(n_splits, "n_splits", minimum=2)
    units, places = rows, np.arange(rows)
    if groups is not None:
        names, places = np.unique(groups, return_inverse=True)
        units = len(names)
    if n_splits > units:
        noun = "rows" if groups is None else "groups"
        raise ValueError(f"n_splits must be at most the number of {noun} ({units}), got {n_splits}")
    fold = np.empty(units, np.intp)
    order = permutation(units, seed) if shuffle else np.arange(units)
    if strata is not None:
        _, classes = np.unique(strata[order], return_inverse=True)
        # Row number r of all rows sorted by class goes to fold r modulo k: each class is dealt out
        # evenly, and so are the rows.
        order = order[np.argsort(classes, kind="stable")]
        fold[order] = np.arange(units) % n_splits
    else:
        # Blocks of nearly equal size, the larger ones first.
        fold[order] = np.sort(np.arange(units) % n_splits)
    own = fold[places]
    return [(np.flatnonzero(own != k), np.flatnonzero(own == k)) for k in range(n_splits)]


def time_ordered(rows: int, n_splits: int) -> list[Split]:
    """Splits of rows in the order of time: each trains on all rows before those it validates on."""
    n_splits = whole_number(n_splits, "n_splits", minimum=1)
    size = rows // (n_splits + 1)
    if size == 0:
        raise ValueError(f"n_splits must be below the number of rows ({rows}), got {n_splits}")
    starts = (rows - size * (n_splits - k) for k in range(n_splits))
    return [(np.arange(start), np.arange(start, start + size)) for start in starts]


def _shares(counts: npt.NDArray[np.intp], total: int) -> npt.NDArray[np.intp]:
    """`total` divided in proportion to `counts`, less than each count, by largest remainders."""
    most = counts - 1
    if total > most.sum():
        raise ValueError(
            f"validation must leave a row of each class to train on, "
            f"got {total} of {counts.sum()} rows"
        )
    quotas = counts * (total / counts.sum())
    shares: npt.NDArray[np.intp] = np.minimum(quotas.astype(np.intp), most)
    while (rest := total - int(shares.sum())) > 0:
        lacking = np.where(shares < most, shares - quotas, np.inf)
        first = np.argsort(lacking, kind="stable")[: min(rest, int((shares < most).sum()))]
        shares[first] += 1
    return shares


def _ranks(places: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """How many earlier entries each entry equals."""
    order = np.argsort(places, kind="stable")
    ordered = places[order]
    starts = np.searchsorted(ordered, ordered)
    ranks = np.empty(len(places), np.intp)
    ranks[order] = np.arange(len(places)) - starts
    return ranks
