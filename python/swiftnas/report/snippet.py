"""The lines of Python that repeat a search and the training of its best architecture."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from swiftnas.parameters import Categorical, Parameter, inferred
from swiftnas.report.tables import best_trial

if TYPE_CHECKING:
    from swiftnas.results import SearchResult
    from swiftnas.search_space import SearchSpace

#: The line that stands for what a result does not hold.
TASK_LINE = "task = ...  # the same data; a result does not hold them"
OBJECTIVE_LINE = "objective = ...  # the same function; a result does not hold it"


def snippet(result: SearchResult) -> str:
    """A program; it lacks the data, or the objective, and says so."""
    by_task = result.epochs is not None
    space = space_code(result.space)
    lines = ["import swiftnas as nas", ""]
    if re.search(r"\bnp\.", space):
        lines.insert(0, "import numpy as np")
    lines += [TASK_LINE if by_task else OBJECTIVE_LINE, space]
    if not _parses(space):
        lines.append("# Some choices are objects, shown as they print.")
    arguments = ["space", "task" if by_task else "objective=objective"]
    arguments.append(f"strategy=nas.{result.strategy!r}")
    arguments.append(f"trials={len(result.trials)}")
    if by_task:
        arguments += [f"epochs={result.epochs}", f"rng={result.rng!r}"]
        partial = [trial for trial in result.trials if trial.fidelity < 1 and trial.epochs]
        if partial and all(trial.epochs == result.epochs for trial in partial):
            arguments.append("fidelity='rows'")
    arguments.append(f"seed={result.seed}")
    if result.objectives != (("validation_loss",) if by_task else ("value",)):
        arguments.append(f"objectives={list(result.objectives)!r}")
    lines += [
        f"# The search had {what} too, which a result does not hold." for what in _missing(result)
    ]
    lines += ["result = nas.search(", *(f"    {argument}," for argument in arguments), ")"]
    best = best_trial(result)
    if best is not None and by_task:
        name = "result.best" if len(result.objectives) == 1 else "result.pareto_front[0]"
        lines += [
            f"best = {name}",
            "model = nas.train(",
            f"    best.architecture, task, epochs=best.epochs, seed=best.seed, rng={result.rng!r}",
            ")",
        ]
    return "\n".join(lines) + "\n"


def space_code(space: SearchSpace) -> str:
    """The space as Python."""
    lines = ["space = nas.SearchSpace({"]
    lines += [f"    {name!r}: {_code(parameter)}," for name, parameter in space.items()]
    if not space.forbidden:
        return "\n".join([*lines, "})"])
    lines.append("}, forbidden=[")
    for clause in space.forbidden:
        items = ", ".join(f"{name!r}: {_values(values)}" for name, values in clause.items())
        lines.append(f"    {{{items}}},")
    return "\n".join([*lines, "])"])


def _code(parameter: Parameter) -> str:
    if isinstance(parameter, Categorical) and inferred(parameter.choices) == parameter:
        return repr(list(parameter.choices))
    return _qualified(repr(parameter))


def _values(values: Parameter) -> str:
    if type(values) is Categorical:
        return repr(list(values.choices))
    return _qualified(repr(values))


def _qualified(code: str) -> str:
    """The names of parameters as a program that has imported `nas` writes them."""
    return re.sub(r"(?<!['\w.])(Categorical|Ordinal|Integer|Float)\(", r"nas.\1(", code)


def _parses(code: str) -> bool:
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


def _missing(result: SearchResult) -> list[str]:
    """What the trials show to have been set, but that a result does not keep."""
    found = {
        "constraints": any(trial.violation > 0 for trial in result.trials),
        "a stopping rule": any(trial.status == "stopped" for trial in result.trials),
    }
    return [name for name, is_there in found.items() if is_there]
