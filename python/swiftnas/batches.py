"""The order that mini-batches take the rows in, for loops elsewhere that do the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from swiftnas import _native
from swiftnas._arguments import whole_number

if TYPE_CHECKING:
    import numpy.typing as npt


def batch_order(rows: int, seed: int, epoch: int) -> npt.NDArray[np.int64]:
    """The order in which a training with mini-batches takes its rows in an epoch.

    Batch number i of an architecture with a ``batch_size`` has the entries from
    ``i * batch_size`` on; the last batch has what is left. The order depends on the three arguments
    only, whatever the training's `rng`: with ``rng="torch"`` nothing is drawn from PyTorch's
    generator for it, and each batch draws its dropout masks in the order of its rows here, layer
    by layer. Full batches, and a ``batch_size`` of as many rows as there are or more, keep the rows
    as they are.

    Parameters
    ----------
    rows : int
        Rows that are trained on.
    seed : int
        The training's.
    epoch : int
        Counted from 0.

    Returns
    -------
    ndarray of int64 of shape (rows,)
        Every place from 0 to ``rows - 1`` once.

    Examples
    --------
    >>> import swiftnas as nas
    >>> sorted(nas.batch_order(5, seed=0, epoch=0).tolist())
    [0, 1, 2, 3, 4]
    """
    order = _native.batch_order(
        whole_number(rows, "rows", minimum=1),
        whole_number(seed, "seed", minimum=0),
        whole_number(epoch, "epoch", minimum=0),
    )
    return np.frombuffer(order, np.uint32).astype(np.int64)
