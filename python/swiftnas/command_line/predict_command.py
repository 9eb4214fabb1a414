"""``swiftnas predict``: what the model of a run says about new rows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from swiftnas.command_line.console import print_json
from swiftnas.command_line.errors import CommandError, mistakes_in
from swiftnas.command_line.run_folder import Run


def predict(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    data: Annotated[Path, typer.Argument(help="Table with the columns of the training.")],
    out: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="File to write, .csv, .tsv or .parquet; - is CSV on stdout."
        ),
    ] = "-",
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="A column for each class too.")
    ] = False,
    inputs: Annotated[
        str, typer.Option(metavar="NAME", help="The array of inputs in an npz file.")
    ] = "X",
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print JSON: the predictions, or where they were written."),
    ] = False,
) -> None:
    """Predict the target of every row, in the order of the table.

    Columns are found by their names, others are ignored. The file is either complete or not there.
    """
    import pandas

    from swiftnas.command_line.tables import check_output, kind_of, read_inputs, write_frame

    found = Run(run)
    check_output(out)
    summary, columns, model = found.summary(), found.columns(), found.model()
    if model.input_width != len(columns.encoded):
        raise CommandError(
            f"{run} must hold a model and columns of one run, "
            f"got {model.input_width} inputs of the one and {len(columns.encoded)} of the other"
        )
    outputs = 1 if model.flat_targets or model.classes is not None else model.output_width
    if outputs != len(summary["target"]):
        raise CommandError(
            f"{run} must hold a model and summary of one run, "
            f"got {outputs} targets of the one and {len(summary['target'])} of the other"
        )
    if probabilities and model.classes is None:
        raise CommandError(f"--probabilities needs classification, {run} is {summary['task']}")
    if columns.texts and kind_of(data) == "npz" and kind_of(Path(summary["data"])) != "npz":
        raise CommandError(
            f"{data} must be a table with named columns, as {run} has columns of texts: "
            + ", ".join(columns.texts)
        )
    X = columns.encode(read_inputs(data, columns.names, inputs))
    with mistakes_in(str(data)):
        predicted = model.predict(X).reshape(len(X), -1)
        frame = pandas.DataFrame(predicted, columns=summary["target"])
        if probabilities and model.classes is not None:
            names = [f"probability_{label}" for label in model.classes.tolist()]
            frame[names] = model.predict_proba(X)
    if not as_json or out != "-":
        write_frame(frame, out)
    if as_json:
        rows = {"predictions": frame.to_dict("records")} if out == "-" else {"out": out}
        print_json({"rows": len(frame), "target": summary["target"]} | rows)
