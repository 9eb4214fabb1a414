"""The lines of Python that repeat a search and the training of its best architecture."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from swiftnas.objectives import MAXIMISED, NAMES
from swiftnas.parameters import Categorical, Parameter, inferred
from swiftnas.report.tables import best_trial

if TYPE_CHECKING:
    from swiftnas.results import SearchResult
    from swiftnas.search_space import SearchSpace

#: Lines that stand for what a result does not hold.
TASK_LINE = "task = ...  # the same data; a result does not hold them"
OBJECTIVE_LINE = "objective = ...  # the same function; a result does not hold it"
MISSING_LINE = "# Add initial=, warm_start= and constraints= if there were any; a result has none."


def snippet(result: SearchResult) -> str:
    """A program; it lacks the data, and whatever else a result does not hold, and says so."""
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
        if result.fidelity != "epochs":
            arguments.append(f"fidelity={result.fidelity!r}")
        if result.stopping is not None:
            arguments.append(f"stopping=nas.stopping.{result.stopping!r}")
    arguments.append(f"seed={result.seed}")
    if result.objectives != (("validation_loss",) if by_task else ("value",)):
        arguments.append(f"objectives=[\n{_objectives(result)}    ]")
    if any(trial.violation > 0 for trial in result.trials):
        lines.append("# The search had constraints too, which a result does not hold.")
    lines.append(MISSING_LINE)
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


def _objectives(result: SearchResult) -> str:
    """The objectives, a line for each; of functions and the like a result has the names only."""
    lines = []
    for name in result.objectives:
        is_own = name not in NAMES if result.epochs is not None else name.startswith("soft(")
        if is_own:
            lines.append(
                f"...,  # {name!r}: not a name but an object, which a result does not hold"
            )
        elif name in result.maximized and name not in MAXIMISED:
            lines.append(f"nas.objectives.Objective({name!r}, maximize=True),")
        else:
            lines.append(f"{name!r},")
    return "".join(f"        {line}\n" for line in lines)
