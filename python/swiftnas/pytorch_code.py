"""The program that builds an architecture in PyTorch and trains it, as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import swiftnas
from swiftnas.architecture import hidden_layers, settings
from swiftnas.labels import classifies
from swiftnas.pytorch_code_templates import (
    BATCH_ORDER,
    DATA,
    INITIAL,
    MAIN,
    MEAN_LOSS,
    NETWORK,
    OPENING,
    PREPARED,
    STANDARDIZED,
    STEP,
    TRAIN,
    WEIGHTED_LOSS,
)
from swiftnas.trial import Trial

if TYPE_CHECKING:
    from swiftnas.results import SearchResult

#: Each activation as a call; the identity is none.
_ACTIVATIONS = {
    "ReLU": "F.relu({})",
    "LeakyReLU": "F.leaky_relu({})",
    "Tanh": "torch.tanh({})",
    "Sigmoid": "torch.sigmoid({})",
    "ELU": "F.elu({})",
    "GELU": "F.gelu({})",
    "SiLU": "F.silu({})",
    "Identity": "{}",
}

#: The loss of each row and target.
_LOSSES = {
    "mse": 'F.mse_loss(outputs, targets, reduction="none")',
    "mae": 'F.l1_loss(outputs, targets, reduction="none")',
    "huber": 'F.huber_loss(outputs, targets, reduction="none")',
    "cross_entropy": 'F.cross_entropy(outputs, targets, reduction="none")[:, None]',
    "binary_cross_entropy": (
        'F.binary_cross_entropy_with_logits(outputs, targets, reduction="none")'
    ),
}

#: Initial weights other than PyTorch's own; biases are then 0.
_INITIALIZERS = {
    "XavierUniform": "nn.init.xavier_uniform_(layer.weight)",
    "XavierNormal": "nn.init.xavier_normal_(layer.weight)",
    "KaimingUniform": 'nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")',
    "KaimingNormal": 'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")',
}


def script(result: SearchResult, trial: Trial) -> str:
    """See `SearchResult.to_pytorch_code`."""
    if result.loss is None:
        raise ValueError("to_pytorch_code needs a search with a task, this one had an objective")
    if not isinstance(trial, Trial):
        raise TypeError(f"trial must be a Trial of the result, got {type(trial).__name__}")
    if not trial.epochs:
        raise ValueError(f"trial {trial.number} was not trained, it is {trial.status}")
    values = settings(trial.architecture)
    batches = values["batch_size"] is not None
    blocks = [
        _opening(result, trial, values["batch_size"]),
        DATA.substitute(_data_words(result)),
        _network(trial.architecture),
        _mean_loss(result.loss, result.weighted),
    ]
    if result.standardized:
        blocks.append(STANDARDIZED)
    blocks.append(_prepared(result))
    if batches:
        blocks.append(BATCH_ORDER)
    blocks += [_train(result, trial, values), MAIN]
    return "\n\n\n".join(block.strip("\n") for block in blocks) + "\n"


def _is_cut(result: SearchResult, trial: Trial) -> bool:
    """Whether the trial was trained on the first rows only."""
    return result.fidelity == "rows" and trial.fidelity < 1


def _opening(result: SearchResult, trial: Trial, batch_size: int | None) -> str:
    if result.rng == "torch":
        draws = (
            "The search began with the same weights and drew the same dropout masks (they come\n"
            "from torch.manual_seed), so the loss is the same but for rounding."
        )
    else:
        draws = (
            "The search drew initial weights and dropout masks from a generator of its own, so\n"
            "the loss differs as it does between seeds; after a search with rng='torch' it is\n"
            "the same."
        )
    units = ""
    if result.standardized and not classifies(result.loss):
        units = " (of standardised targets)"
    found = f"its loss{units} was {trial.value:.6g}"
    if len(result.objectives) > 1 or result.objectives[0] != "validation_loss":
        pairs = zip(result.objectives, result.objective_values(trial), strict=True)
        found = "it had " + ", ".join(f"{name} {value:.6g}" for name, value in pairs)
        # Names of the user's own objectives must not end the docstring.
        found = found.replace("\\", "/").replace('"', "'")
    constants = [f"SEED = {trial.seed}", f"EPOCHS = {trial.epochs}"]
    if batch_size is not None:
        constants.append(f"BATCH_SIZE = {batch_size}")
    return OPENING.substitute(
        version=swiftnas.__version__,
        number=trial.number,
        found=found,
        draws=draws,
        imports="import math\n" if _is_cut(result, trial) else "",
        constants="\n".join(constants),
    )


def _data_words(result: SearchResult) -> dict[str, str]:
    assert result.loss is not None
    weights = ""
    targets = "y of shape (rows,) or (rows, targets)"
    if classifies(result.loss):
        targets = "y of one label per row"
    if result.weighted:
        weights = ", sample_weight=..."
        targets += ",\n    sample_weight of shape (rows,) for the training rows"
    return {"targets": targets, "weights": weights}


def _network(architecture: Mapping[str, Any]) -> str:
    """The network's class; layers are made, and so drawn, in the order of `swiftnas.pytorch`."""
    made, called = [], []
    width: int | str = "inputs"
    for number, layer in enumerate(hidden_layers(architecture), 1):
        made.append(f"self.linear_{number} = nn.Linear({width}, {layer.width})")
        value = _ACTIVATIONS[layer.activation].format(f"self.linear_{number}(x)")
        if layer.dropout:
            value = f"F.dropout({value}, {layer.dropout!r}, self.training)"
        if layer.skip and width == layer.width:
            value += " + x"
        elif layer.skip:
            # Where the data have that many features, the network has no projection.
            made.append(f"self.projection_{number} = nn.Linear({width}, {layer.width}, bias=False)")
            if width == "inputs":
                made[-1] = (
                    f"self.projection_{number} = (\n"
                    f"            nn.Identity() if inputs == {layer.width}"
                    f" else nn.Linear(inputs, {layer.width}, bias=False)\n        )"
                )
            value += f" + self.projection_{number}(x)"
        called.append(f"x = {value}")
        width = layer.width
    made.append(f"self.output = nn.Linear({width}, outputs)")
    called.append("return self.output(x)")
    return NETWORK.substitute(made="\n        ".join(made), called="\n        ".join(called))


def _mean_loss(loss: str, weighted: bool) -> str:
    if not weighted:
        return MEAN_LOSS.substitute(losses=_LOSSES[loss])
    return WEIGHTED_LOSS.substitute(losses=_LOSSES[loss])


def _prepared(result: SearchResult) -> str:
    """From arrays to what the network takes and gives."""
    assert result.loss is not None
    lines = [f'{name} = np.asarray(data["{name}"], np.float32)' for name in ("X_train", "X_val")]
    names = "X_train, X_val"
    if classifies(result.loss):
        lines += [
            'labels, y_train = np.unique(data["y_train"], return_inverse=True)',
            'y_val = np.searchsorted(labels, data["y_val"])',
        ]
    else:
        lines += [
            f'{name} = np.asarray(data["{name}"], np.float32).reshape(len(data["{name}"]), -1)'
            for name in ("y_train", "y_val")
        ]
    if result.standardized:
        lines.append(f"{names} = standardized({names})")
        if not classifies(result.loss):
            lines.append("y_train, y_val = standardized(y_train, y_val)")
    if result.loss == "binary_cross_entropy":
        lines.append("y_train, y_val = (np.float32(y)[:, None] for y in (y_train, y_val))")
    outputs = "len(labels)" if result.loss == "cross_entropy" else "y_train.shape[1]"
    arrays = "X_train, y_train, X_val, y_val"
    if result.weighted:
        lines += [
            'weights = np.asarray(data["sample_weight"], np.float32).reshape(-1, 1)',
            "weights /= weights.mean(dtype=np.float64)",
        ]
        arrays += ", weights"
    lines.append(f"return {outputs}, *map(torch.from_numpy, ({arrays}))")
    return PREPARED.substitute(lines="\n    ".join(lines))


def _train(result: SearchResult, trial: Trial, values: Mapping[str, Any]) -> str:
    weights = ", weights" if result.weighted else ""
    cut = ""
    if _is_cut(result, trial):
        names = "X_train, y_train" + weights
        cut = (
            "    # The trial saw the first rows only.\n"
            f"    rows = max(1, math.ceil({trial.fidelity!r} * len(X_train) - 1e-9))\n"
            f"    {names} = (tensor[:rows] for tensor in ({names}))\n"
        )
    initial = ""
    if values["initializer"] != "Default":
        initial = INITIAL.substitute(call=_INITIALIZERS[values["initializer"]])
    options = [f"lr={values['learning_rate']!r}"]
    if values["weight_decay"] is not None:
        options.append(f"weight_decay={values['weight_decay']!r}")
    if values["momentum"] is not None and values["optimizer"] in ("SGD", "RMSprop"):
        options.append(f"momentum={values['momentum']!r}")
    batched = values["batch_size"] is not None
    rows = "[rows]" if batched else ""
    steps = STEP.substitute(rows=rows, weights=weights + rows if weights else "")
    if batched:
        steps = "for rows in batches(len(X_train), epoch):\n" + steps
        steps = steps.replace("\n", "\n    ")
    return TRAIN.substitute(
        cut=cut,
        weights=weights,
        initial=initial,
        optimizer=f"torch.optim.{values['optimizer']}(network.parameters(), {', '.join(options)})",
        steps=steps.replace("\n", "\n        "),
    )
