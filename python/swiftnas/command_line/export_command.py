"""``swiftnas export``: the model of a run for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from swiftnas.command_line.console import print_facts, print_json
from swiftnas.command_line.errors import CommandError, mistakes_in
from swiftnas.command_line.run_folder import Run
from swiftnas.command_line.tables import check_parent, whole_file

#: What a file is called if nobody says.
_NAMES = {"onnx": "model.onnx", "torch": "model.pt"}


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    to: Annotated[Literal["onnx", "torch"], typer.Option(help="What to write.")],
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File to write; model.onnx or model.pt by default."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Write the model of a run for ONNX or PyTorch.

    onnx: one file, for ONNX Runtime and others. torch: the state_dict of `Model.to_torch`, which
    torch.load reads with weights_only=True. Either takes the encoded columns, float32 of shape
    (rows, inputs): the order of the inputs is printed, and stands in the run's columns.json.
    """
    found = Run(run)
    path = Path(_NAMES[to]) if out is None else out
    check_parent(path)
    columns = found.columns()
    model: Any = found.model()
    if to == "onnx":
        with mistakes_in(), whole_file(path) as temporary:
            model.to_onnx(temporary)
    else:
        try:
            import torch
        except ImportError:
            raise CommandError(
                "this needs PyTorch; install it with: pip install 'swiftnas[torch]'"
            ) from None
        with whole_file(path) as temporary:
            torch.save(model.to_torch().state_dict(), temporary)
    facts = {"out": str(path), "format": to, "inputs": columns.encoded}
    if as_json:
        print_json(facts)
    else:
        numbered = (f"{place}: {name}" for place, name in enumerate(columns.encoded))
        print_facts(f"Model of {run}", {"file": path, "inputs": "\n".join(numbered)})
