"""``swiftnas search``: from a table to a folder with a trained model and all that led to it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

import swiftnas
from swiftnas.command_line import options
from swiftnas.command_line.columns import Columns, learn
from swiftnas.command_line.console import messages, print_facts, print_json
from swiftnas.command_line.errors import CommandError, mistakes_in
from swiftnas.command_line.interruption import Interruption
from swiftnas.command_line.run_folder import check_run, write_run
from swiftnas.command_line.summary import page_title, summary_facts, summary_of
from swiftnas.objectives import MAXIMISED, NAMES

if TYPE_CHECKING:
    import pandas

    from swiftnas.command_line.target import Target
    from swiftnas.search_space import SearchSpace
    from swiftnas.task import Task

#: Rows of a training step, where the space does not say.
_BATCH = 128


def search(
    data: Annotated[Path, typer.Argument(help="Table: .csv, .tsv, .parquet or .npz.")],
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Column to predict; several times for several. In npz an array, y by default.",
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Folder of the run, new or empty.")
    ] = Path("run"),
    strategy: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="How to search: tpe, regularized-evolution, random-search and so on.",
        ),
    ] = "tpe",
    budget: Annotated[
        str,
        typer.Option(
            metavar="BUDGET",
            help="Trials, as 200, or time for search and last training, as 60s or 5min.",
        ),
    ] = "50",
    space: Annotated[
        str,
        typer.Option(metavar="NAME", help="A space that `swiftnas spaces` lists, or a JSON file."),
    ] = "mlp",
    task: Annotated[
        Literal["regression", "classification"] | None,
        typer.Option(help="What the target is; by default seen from its values."),
    ] = None,
    loss: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="mse, mae, huber, cross_entropy or binary_cross_entropy."
        ),
    ] = None,
    epochs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="Passes over the rows in each trial; 50, or as many as the time allows.",
        ),
    ] = None,
    final_epochs: Annotated[
        int,
        typer.Option(metavar="N", help="The same in the last training, at most; it stops early."),
    ] = 500,
    validation: Annotated[
        str, typer.Option(metavar="SHARE", help="Share or number of the rows to validate on.")
    ] = "0.2",
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help=f"What to improve; several times for a Pareto front: {', '.join(NAMES)}.",
        ),
    ] = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LIMIT", help="A limit, as 'parameters<=10000'; several times for more."
        ),
    ] = None,
    categorical: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A column of numbers that are names, as postcodes."),
    ] = None,
    ignore: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A column to leave out.")
    ] = None,
    inputs: Annotated[
        str, typer.Option(metavar="NAME", help="The array of inputs in an npz file.")
    ] = "X",
    batch_size: Annotated[
        int | None,
        typer.Option(
            metavar="N", help=f"Rows of a training step; {_BATCH}, if the space does not say."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed, the same bits.")] = 0,
    workers: Annotated[
        int, typer.Option(metavar="N", help="Trainings at once; they do not change what is found.")
    ] = 1,
    force: Annotated[bool, typer.Option("--force", help="Replace the run in --out.")] = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="No report page; `swiftnas report` writes it later.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no notes.")] = False,
) -> None:
    """Search an architecture for a table, train it, and write a folder.

    Numbers that are missing become the median of the training rows, texts become columns of zeros
    and ones. Inputs, and targets of regression, are standardised inside the model. A share of the
    rows validates; the model is the one of its best validation.

    Ctrl-C ends the search and keeps the best so far (exit code 130); a second one gives up.
    """
    from swiftnas._arguments import whole_number
    from swiftnas.budget import Budget, trials_and_seconds

    begin = time.perf_counter()
    console = messages(quiet=quiet)
    with mistakes_in():
        trials, seconds = trials_and_seconds(budget)
        for name, number in (("epochs", epochs), ("final_epochs", final_epochs)):
            if number is not None:
                whole_number(number, name, minimum=1, maximum=2**63 - 1)
        whole_number(workers, "workers", minimum=1)
        whole_number(seed, "seed", minimum=0, maximum=2**63 - 1)
    searched = _space(space, batch_size)
    limits = options.constraints_of(constraint or [])
    objectives = options.objectives_of(objective or [])
    chosen = options.strategy_of(strategy)
    share = options.share_of(validation)
    check_run(out, force=force)

    with Interruption() as interruption:
        with interruption.may_end():
            table, found, columns, made = _prepared(
                data, target or [], inputs, task, loss, share, seed, categorical or [], ignore or []
            )
            from swiftnas.command_line.live_progress import LiveProgress
            from swiftnas.command_line.search_run import SearchRun, scores
        run = SearchRun(
            space=searched,
            task=made,
            strategy=chosen,
            trials=trials,
            # What reading has left, but never nothing.
            seconds=seconds and max(0.1 * seconds, seconds - (time.perf_counter() - begin)),
            final_epochs=final_epochs,
            seed=seed,
            workers=workers,
            objectives=objectives,
            constraints=limits,
            interruption=interruption,
        )
        run.check()
        if epochs is not None:
            run.epochs = epochs
        else:
            with interruption.may_end():
                run.plan_epochs()
        for note in _notes(table, found, columns):
            console.print(note, highlight=False, markup=False)
        names = objectives or ["validation_loss"]
        spent = Budget.checked(
            trials=trials,
            seconds=run.search_seconds,
            target=None,
            total_epochs=None,
            sign=-1.0 if names[0] in MAXIMISED else 1.0,
        )
        with LiveProgress(spent, console, names[0]) as progress:
            result = run.result(progress)
        best = result.top(1)[0]
        if not interruption.presses:
            console.print(f"training the architecture of trial {best.number}", highlight=False)
        model = run.model(best, lambda text: console.print(text, highlight=False))
        summary = summary_of(data, found, columns, made, result, best, model) | {
            "validation": scores(model, made),
            "seconds": time.perf_counter() - begin,
            "out": str(out),
        }
        if not no_report:
            console.print("drawing the report page")
        write_run(
            out,
            model=model,
            columns=columns,
            result=result,
            summary=summary,
            title=None if no_report else page_title(list(found.names), str(data)),
            force=force,
        )
    if as_json:
        print_json(summary)
    else:
        print_facts(f"Run {out}", summary_facts(summary))
    if interruption.presses:
        raise CommandError(f"interrupted: the best of {len(result.trials)} trials is in {out}", 130)


def _space(given: str, batch_size: int | None) -> SearchSpace:
    """The space, with a batch size."""
    from swiftnas._arguments import whole_number

    space = options.space_of(given)
    if "batch_size" in space:
        if batch_size is not None:
            raise CommandError("--batch-size must be left to a space that has it, got both")
        return space
    with mistakes_in():
        size = whole_number(
            _BATCH if batch_size is None else batch_size,
            "batch_size",
            minimum=1,
            maximum=2**63 - 1,
        )
        return swiftnas.SearchSpace({**space, "batch_size": [size]}, space.forbidden)


def _prepared(
    data: Path,
    target: list[str],
    inputs: str,
    task: str | None,
    loss: str | None,
    share: float,
    seed: int,
    categorical: list[str],
    ignored: list[str],
) -> tuple[pandas.DataFrame, Target, Columns, Task]:
    """The table, its target, what was learnt from the training rows, and the task."""
    from swiftnas import splits
    from swiftnas.command_line.tables import read_training
    from swiftnas.command_line.target import target_of
    from swiftnas.task import Task

    table, targets = read_training(data, target, inputs)
    found = target_of(targets, task, loss)
    rows = table[found.rows]
    with mistakes_in():
        strata = found.values if found.is_classification else None
        train, rest = splits.hold_out(len(rows), share, seed, strata=strata)
    columns = learn(rows, train, categorical, ignored)
    X, y = columns.encode(rows), found.values
    with mistakes_in():
        made = Task(X[train], y[train], X[rest], y[rest], loss=found.loss, standardize=True)  # type: ignore[arg-type]
    return table, found, columns, made


def _notes(table: pandas.DataFrame, target: Target, columns: Columns) -> list[str]:
    """What was decided about the table, for people to check."""
    notes = [f"{target.task} of {', '.join(target.names)}, as {target.reason}"]
    if lost := int((~target.rows).sum()):
        notes.append(f"left out {lost} of {len(table)} rows, which have no target")
    notes += [f"left out column {name!r}: {why}" for name, why in columns.left_out.items()]
    return notes
