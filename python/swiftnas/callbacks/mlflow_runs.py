"""A search as runs of MLflow."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import swiftnas
from swiftnas.callback import Callback
from swiftnas.callbacks.figures import Figures, choices, curves

if TYPE_CHECKING:
    from swiftnas.results import SearchResult
    from swiftnas.trial import Trial

#: Metrics, and parameters, that MLflow takes at once.
_METRICS, _PARAMETERS = 1000, 100

#: Characters of a parameter's value; newer servers take more.
_LONGEST = 500


class MLflow(Callback):
    """Keeps a search as a run of MLflow, and its trials as nested runs (extra ``mlflow``).

    The run has the search's settings as parameters, and metrics such as ``value``, ``best`` and
    ``parameters`` with a step per trial; at the end the best architecture as ``best.…`` and the
    whole result as ``result.json``. A trial's run has its choices as parameters and its learning
    curves as metrics with a step per epoch. An active run of ``mlflow.start_run`` is neither used
    nor changed. Values that are not finite are left out; what is maximised has its own sign.

    Parameters
    ----------
    experiment : str, default "swiftnas"
        Made if it is not there.
    tracking_uri : str, optional
        A server or database, as ``"sqlite:///mlflow.db"``; by default what MLflow's own settings
        say. The extra has what a server needs; databases need SQLAlchemy, or all of mlflow.
    run_name : str, optional
        By default the name of the strategy.
    trial_runs : bool, default True
        Whether trials have runs of their own.

    Attributes
    ----------
    run_id : str or None
        The run of the last search.

    Examples
    --------
    >>> import swiftnas as nas
    >>> log = nas.callbacks.MLflow(tracking_uri="http://localhost:5000")  # doctest: +SKIP
    >>> result = nas.search(space, task, callback=log)  # doctest: +SKIP
    """

    def __init__(
        self,
        experiment: str = "swiftnas",
        *,
        tracking_uri: str | None = None,
        run_name: str | None = None,
        trial_runs: bool = True,
    ) -> None:
        _mlflow()
        self.experiment = experiment
        self.tracking_uri = tracking_uri
        self.run_name = run_name
        self.trial_runs = trial_runs
        self.run_id: str | None = None
        self._client: Any = None
        self._experiment_id = ""
        self._figures: Figures | None = None

    def started(self, result: SearchResult) -> None:
        """Make the run."""
        # If that fails, what ends is not the run before.
        self.run_id = None
        self._client = _mlflow().MlflowClient(tracking_uri=self.tracking_uri)
        self._figures = Figures(result)
        known = self._client.get_experiment_by_name(self.experiment)
        self._experiment_id = (
            self._client.create_experiment(self.experiment)
            if known is None
            else known.experiment_id
        )
        name = self.run_name or type(result.strategy).__name__
        tags = {"swiftnas.version": swiftnas.__version__}
        self.run_id = self._run(name, tags, _now())
        facts = ("strategy", "seed", "epochs", "rng", "fidelity", "stopping", "loss")
        settings = {name: getattr(result, name) for name in facts}
        settings |= {f"space.{name}": parameter for name, parameter in result.space.items()}
        settings["objectives"] = ", ".join(result.objectives)
        _log(
            self._client,
            self.run_id,
            {k: v for k, v in settings.items() if v is not None},
            {},
            _now(),
        )

    def __call__(self, trial: Trial) -> None:
        """Log a trial."""
        assert self.run_id is not None
        assert self._figures is not None
        figures, now = self._figures.of(trial), _now()
        points = {name: [(trial.number, value)] for name, value in figures.items()}
        _log(self._client, self.run_id, {}, points, now)
        if self.trial_runs:
            self._log_run(trial, figures, now)

    def ended(self, result: SearchResult | None) -> None:
        """Add what came out, and end the run."""
        client, run_id = self._client, self.run_id
        self._client = None
        if client is None or run_id is None:
            return
        status = "FAILED"
        try:
            if result is not None:
                self._log_result(client, run_id, result)
                status = "FINISHED"
        finally:
            client.set_terminated(run_id, status)

    def _log_result(self, client: Any, run_id: str, result: SearchResult) -> None:
        client.set_tag(run_id, "stop_reason", result.stop_reason)
        best = result.top(1) if len(result.objectives) == 1 else []
        for trial in best:
            settings = {f"best.{name}": value for name, value in choices(trial).items()}
            _log(client, run_id, settings | {"best.number": trial.number}, {}, _now())
        client.log_text(run_id, result.to_json(), "result.json")

    def _log_run(self, trial: Trial, figures: Mapping[str, float], now: int) -> None:
        tags = {"mlflow.parentRunId": str(self.run_id), "status": trial.status}
        if trial.error is not None:
            tags["error"] = trial.error[:_LONGEST]
        start = now - round(1000 * trial.wall_seconds)
        run_id = self._run(f"trial {trial.number}", tags, start)
        points = {name: [(trial.number, value)] for name, value in figures.items()}
        points.pop("best", None)
        points |= {f"curves/{name}": curve for name, curve in curves(trial).items()}
        _log(self._client, run_id, choices(trial) | {"seed": trial.seed}, points, now)
        status = "FAILED" if trial.status == "failed" else "FINISHED"
        self._client.set_terminated(run_id, status, end_time=now)

    def _run(self, name: str, tags: Mapping[str, str], start: int) -> str:
        run = self._client.create_run(
            self._experiment_id, start_time=start, tags=dict(tags), run_name=name
        )
        return str(run.info.run_id)


def _log(
    client: Any,
    run_id: str,
    settings: Mapping[str, Any],
    points: Mapping[str, Sequence[tuple[int, float]]],
    now: int,
) -> None:
    """Log parameters, and metrics as steps and values, in as many calls as MLflow wants."""
    from mlflow.entities import Metric, Param

    parameters = [Param(_key(name), str(value)[:_LONGEST]) for name, value in settings.items()]
    metrics = [
        Metric(_key(name), value, now, step)
        for name, curve in points.items()
        for step, value in curve
    ]
    for first in range(0, len(parameters), _PARAMETERS):
        client.log_batch(run_id, params=parameters[first : first + _PARAMETERS])
    for first in range(0, len(metrics), _METRICS):
        client.log_batch(run_id, metrics=metrics[first : first + _METRICS])


def _key(name: str) -> str:
    """A name with the characters that MLflow's keys may have."""
    return re.sub(r"[^\w\-. /]", "_", name)


def _now() -> int:
    """Milliseconds, as MLflow counts them."""
    return time.time_ns() // 1_000_000


def _mlflow() -> Any:
    try:
        import mlflow
    except ImportError:
        raise ImportError(
            "MLflow needs mlflow; install it with: pip install 'swiftnas[mlflow]'"
        ) from None
    return mlflow
