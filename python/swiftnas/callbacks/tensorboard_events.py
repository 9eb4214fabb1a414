"""A search as TensorBoard's event files."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swiftnas.callback import Callback
from swiftnas.callbacks.figures import Figures, choices, curves

if TYPE_CHECKING:
    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial


class TensorBoard(Callback):
    """Writes a search for TensorBoard (extra ``tensorboard``, which is tensorboardX).

    The scalars ``value``, ``best``, ``parameters`` and so on have a step per trial. Each trial has
    a run of its own below them, ``trial_00012``, with its learning curves (a step per epoch) and
    its choices, which TensorBoard's page of hyperparameters compares. The command ``tensorboard
    --logdir LOG_DIR`` shows it, also while the search goes on. Values that are not finite are left
    out; what is maximised has its own sign.

    Parameters
    ----------
    log_dir : str or path
        A folder for this search; made if it is not there.
    trial_runs : bool, default True
        Whether trials have runs of their own.

    Examples
    --------
    >>> import os, tempfile
    >>> import swiftnas as nas
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     log = nas.callbacks.TensorBoard(folder)
    ...     result = nas.search({"x": [1, 2]}, objective=lambda a: a["x"], trials=2, callback=log)
    ...     runs = sorted(name for name in os.listdir(folder) if name.startswith("trial"))
    >>> runs
    ['trial_00000', 'trial_00001']
    """

    def __init__(self, log_dir: str | os.PathLike[str], *, trial_runs: bool = True) -> None:
        _tensorboardX()
        self.log_dir = os.fspath(log_dir)
        self.trial_runs = trial_runs
        self._writer: Any = None
        self._figures: Figures | None = None

    def started(self, result: SearchResult) -> None:
        """Open the folder."""
        self._writer = _tensorboardX().SummaryWriter(self.log_dir)
        self._figures = Figures(result)
        text = f"{result.strategy!r}, seed {result.seed}\n\n    {result.space!r}"
        self._writer.add_text("search", text)
        self._writer.flush()

    def __call__(self, trial: Trial) -> None:
        """Write a trial."""
        assert self._figures is not None
        figures = self._figures.of(trial)
        for name, value in figures.items():
            self._writer.add_scalar(name, value, trial.number)
        self._writer.flush()
        if self.trial_runs:
            self._write_run(trial, figures)

    def ended(self, result: SearchResult | None) -> None:
        """Close the folder."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _write_run(self, trial: Trial, figures: dict[str, float]) -> None:
        from tensorboardX.summary import hparams

        figures = {name: value for name, value in figures.items() if name != "best"}
        folder = Path(self.log_dir) / f"trial_{trial.number:05d}"
        with _tensorboardX().SummaryWriter(str(folder)) as writer:
            settings = choices(trial) | {"status": trial.status, "seed": str(trial.seed)}
            for summary in hparams(settings, figures):
                writer.file_writer.add_summary(summary)
            for name, value in figures.items():
                writer.add_scalar(name, value, trial.number)
            for name, curve in curves(trial).items():
                for epoch, loss in curve:
                    writer.add_scalar(f"curves/{name}", loss, epoch)


def _tensorboardX() -> Any:
    try:
        import tensorboardX
    except ImportError:
        raise ImportError(
            "TensorBoard needs tensorboardX; install it with: pip install 'swiftnas[tensorboard]'"
        ) from None
    return tensorboardX
