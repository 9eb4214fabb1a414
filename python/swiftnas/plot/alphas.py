"""How α went in a differentiable search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from swiftnas.plot.axes import BEST, FAINT, SIZE, axes, whole_ticks

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.axes import Axes

    from swiftnas.differentiable import DARTSResult

#: Inches per candidate.
_ROW = 0.22


def draw_alphas(result: DARTSResult, ax: Axes | None) -> Axes:
    """See `swiftnas.plot.DARTSPlots.alphas`."""
    names = [name for cell in result.candidates for name in cell]
    ax = axes(ax, (SIZE[0], alphas_height(result)))
    ax.set_title("Weights of the candidates, softmax(α)")
    ax.set_xlabel("epoch")
    ax.set_ylabel("candidate, by cell")
    if not result.alphas or not names:
        reason = "the supernet diverged in its first epoch" if names else "there are no cells"
        ax.text(0.5, 0.5, f"no α: {reason}", ha="center", transform=ax.transAxes)
        ax.set_xticks([])
        ax.set_yticks([])
        return ax
    weights = np.array(
        [np.concatenate([softmax(cell) for cell in alphas]) for alphas in result.alphas]
    ).T
    epochs = weights.shape[1]
    image = ax.imshow(
        weights,
        aspect="auto",
        interpolation="nearest",
        cmap="cividis",
        vmin=0,
        vmax=1,
        extent=(0.5, epochs + 0.5, len(names) - 0.5, -0.5),
    )
    ax.figure.colorbar(image, ax=ax, label="weight", fraction=0.05, pad=0.02)
    ax.set_yticks(range(len(names)), names)
    whole_ticks(ax)
    taken = result.epoch + 1
    ax.axvline(taken, color=BEST, linewidth=1.2)
    first = 0
    for number, cell in enumerate(result.candidates, 1):
        chosen = cell.index(result.chosen[number - 1])
        ax.plot(taken, first + chosen, "o", color=BEST, markersize=5, clip_on=False)
        if first:
            ax.axhline(first - 0.5, color="white", linewidth=2.5)
        ax.annotate(
            f"cell {number}",
            (1, first - 0.5),
            xycoords=("axes fraction", "data"),
            xytext=(-4, -3),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize="x-small",
            color="white",
        )
        first += len(cell)
    ax.tick_params(color=FAINT)
    ax.spines[:].set_visible(False)
    return ax


def alphas_height(result: DARTSResult) -> float:
    """Inches that a row per candidate takes."""
    return max(2.6, 1.2 + _ROW * sum(map(len, result.candidates)))


def softmax(alpha: tuple[float, ...]) -> npt.NDArray[np.float64]:
    """The weights of the candidates of one cell; 0 for an α that is not a number."""
    values = np.array(alpha, np.float64)
    if not np.isfinite(values).any():
        return np.zeros(len(values))
    powers = np.exp(values - values[np.isfinite(values)].max())
    powers = np.where(np.isfinite(powers), powers, 0)
    return np.asarray(powers / powers.sum(), np.float64)
