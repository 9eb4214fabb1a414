"""``swiftnas export``: the model of a run for other programs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from swiftnas.command_line.console import print_facts, print_json
from swiftnas.command_line.errors import CommandError, mistakes_in
from swiftnas.command_line.run_folder import ONNX, TORCH, Run
from swiftnas.command_line.tables import check_parent, whole_output

if TYPE_CHECKING:
    from swiftnas.model import Model


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    to: Annotated[Literal["onnx", "torch"], typer.Option(help="What to write.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=f"{ONNX} or {TORCH} in the folder by default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write the model of a run for ONNX or PyTorch.

    onnx: a graph of opset 17, with class labels and probabilities. torch: a program that
    `torch.export.load` reads without us; in classification it gives logits. With a FILE that ends
    in .py it is readable code instead, which trains the architecture anew.

    All of them take the encoded columns, float32 of shape (rows, inputs). The order of the inputs
    is printed; it also stands in the run's columns.json with the medians and texts.
    """
    found = Run(run)
    path = run / (ONNX if to == "onnx" else TORCH) if out is None else out
    check_parent(path)
    columns, model = found.columns(), found.model()
    with whole_output(path) as temporary, mistakes_in():
        if to == "onnx":
            model.to_onnx(temporary)
        elif path.suffix == ".py":
            result = found.result()
            if not (best := result.top(1)):
                raise CommandError(f"{run} must hold a trial that succeeded, got none")
            temporary.write_text(result.to_pytorch_code(best[0]), encoding="utf-8")
        else:
            _write_torch(model, temporary)
    if as_json:
        print_json({"out": str(path), "format": to, "inputs": columns.encoded})
    else:
        numbered = (f"{place}: {name}" for place, name in enumerate(columns.encoded))
        print_facts(f"Model of {run}", {"file": str(path), "inputs": "\n".join(numbered)})


def _write_torch(model: Model, path: Path) -> None:
    """Write the exported program, for any number of rows."""
    try:
        import torch
    except ImportError:
        raise CommandError(
            "this needs PyTorch; install it with: pip install 'swiftnas[torch]'"
        ) from None
    # An example of one row would be taken for a network of one row.
    example = torch.zeros(3, model.input_width)
    rows = {0: torch.export.Dim("rows")}
    program = torch.export.export(model.to_torch(), (example,), dynamic_shapes=(rows,))
    # PyTorch's own writer ends the process if the disk is full.
    content = io.BytesIO()
    torch.export.save(program, content)
    path.write_bytes(content.getbuffer())
