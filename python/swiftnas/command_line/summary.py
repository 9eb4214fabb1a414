"""The summary of a run: facts for scripts, lines for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import swiftnas

if TYPE_CHECKING:
    from swiftnas.command_line.columns import Columns
    from swiftnas.command_line.target import Target
    from swiftnas.model import Model
    from swiftnas.results import SearchResult
    from swiftnas.task import Task
    from swiftnas.trial import Trial


def summary_of(
    data: Path,
    target: Target,
    columns: Columns,
    task: Task,
    result: SearchResult,
    best: Trial,
    model: Model,
) -> dict[str, Any]:
    """The facts of a run, for scripts; what is maximised has its own sign."""
    values = result.objective_values(best)
    return {
        "swiftnas": swiftnas.__version__,
        "data": str(data),
        "target": list(target.names),
        "task": target.task,
        "because": target.reason,
        "loss": target.loss,
        "classes": None if task.classes is None else task.classes.tolist(),
        "training_rows": task.rows,
        "validation_rows": len(task.X_val),
        "rows_without_target": int((~target.rows).sum()),
        "columns": columns.names,
        "left_out": columns.left_out,
        "inputs": columns.encoded,
        "strategy": type(result.strategy).__name__,
        "objectives": list(result.objectives),
        "trials": len(result.trials),
        "stop_reason": result.stop_reason,
        "epochs": result.epochs,
        "seed": result.seed,
        "search_seconds": result.wall_seconds,
        "best": {
            "trial": best.number,
            "architecture": best.architecture,
            "value": values[0],
            "values": list(values),
        },
        "model": {
            "epochs": len(model.training_losses),
            "status": model.status,
            "parameters": model.parameters,
            "flops": model.flops,
            "validation_loss": model.validation_loss,
            "seconds": model.wall_seconds,
        },
    }


def page_title(target: list[str], data: str) -> str:
    """What the report page of a run is called."""
    return f"Architecture search: {', '.join(target)} of {Path(data).name}"


def summary_facts(summary: dict[str, Any]) -> dict[str, Any]:
    """The summary of a run in a few lines, for people."""
    best, model = summary["best"], summary["model"]
    return {
        "target": f"{', '.join(summary['target'])} ({summary['task']}, {summary['loss']})",
        "rows": f"{summary['training_rows']} training, {summary['validation_rows']} validation",
        "inputs": f"{len(summary['inputs'])} from {len(summary['columns'])} columns",
        "search": f"{summary['trials']} trials of {summary['strategy']}, seed {summary['seed']}, "
        f"ended by {summary['stop_reason']}",
        "epochs": f"{summary['epochs']} in each trial, {model['epochs']} in the last training",
        "best trial": f"{best['trial']}",
        **{f"  {name}": value for name, value in best["architecture"].items()},
        "parameters": f"{model['parameters']:,}",
        "validation loss": model["validation_loss"],
        **{f"validation {name}": value for name, value in summary["validation"].items()},
        "seconds": f"{summary['seconds']:.1f}",
    }
