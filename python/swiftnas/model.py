"""Trained networks: `train` makes one, `Model` predicts with it and hands it on."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from swiftnas import _arrays, _native
from swiftnas._arguments import generator, seed_or_fresh, whole_number
from swiftnas.architecture import plain_architecture, weight_shapes
from swiftnas.initial_weights import weight_arrays
from swiftnas.labels import most_likely, probabilities
from swiftnas.search_space import Architecture
from swiftnas.standardization import Standardization
from swiftnas.task import Loss, Task, checked_task

if TYPE_CHECKING:
    import os

    import numpy.typing as npt
    import onnx
    import torch

    from swiftnas._arrays import Matrix


@dataclass(frozen=True, kw_only=True, slots=True, eq=False, repr=False)
class Model:
    """A trained network, made by `train` or `load`; it does not change.

    Attributes
    ----------
    architecture : dict
    input_width, output_width : int
        Features per row, and outputs of the network: targets, or logits of classes.
    flat_targets : bool
        Whether the targets were 1-D, as predictions then are.
    epochs : int
        Epochs that were asked for; with patience fewer may have been done.
    seed : int
    rng : str
        What the initial weights and dropout masks came from, see `train`.
    status : str
        ``"ok"``, ``"diverged"`` if a loss became NaN or infinite, or ``"stopped"`` if patience
        ended the training.
    training_losses : tuple of float
        The loss of each epoch, taken before its step, with dropout on; with mini-batches the mean
        of the losses before each step. With sample weights, weighted by them.
    validation_loss : float
        The mean loss on the validation data; infinite if diverged. If the task standardised the
        targets, the loss is that of the standardised ones.
    parameters : int
        Trainable numbers.
    flops : int
        Floating-point operations of one row's forward pass.
    wall_seconds : float
        Time that the training took.
    validation_losses : tuple of (int, float)
        Epochs and losses of all validations, if `train` was asked for several.
    loss : str
        See `Task`.
    classes : ndarray or None
        The labels that `predict` gives, sorted; None for regression.
    validation_accuracy : float or None
        In classification the share of validation rows whose class is predicted right.
    standardization : Standardization or None
        What happens to inputs before the network and to its outputs behind it.
    """

    architecture: Architecture
    input_width: int
    output_width: int
    flat_targets: bool
    epochs: int
    seed: int
    rng: str
    status: str
    training_losses: tuple[float, ...]
    validation_loss: float
    parameters: int
    flops: int
    wall_seconds: float
    validation_losses: tuple[tuple[int, float], ...] = ()
    loss: Loss = "mse"
    classes: npt.NDArray[Any] | None = None
    validation_accuracy: float | None = None
    standardization: Standardization | None = None
    _network: _native.Model

    def __repr__(self) -> str:
        accuracy = self.validation_accuracy
        text = "" if accuracy is None else f", validation_accuracy={accuracy:.6g}"
        return f"Model({self.architecture}, validation_loss={self.validation_loss:.6g}{text})"

    def _repr_html_(self) -> str:
        from swiftnas.report.tables import model_html

        return model_html(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return restored, (self.facts(), list(self.weights.values()))

    def facts(self) -> dict[str, Any]:
        """All attributes by name, the weights not among them."""
        names = (item.name for item in fields(self) if item.name != "_network")
        return {name: getattr(self, name) for name in names}

    @property
    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Copies of the weights by name, with PyTorch's names and layout.

        Names are those of the `state_dict` of `to_torch`, as in ``0.weight``; in a layer with a
        skip connection ``0.linear.weight`` and ``0.projection.weight``. Matrices are
        ``(out, in)``, biases ``(out,)``.
        """
        arrays = {}
        for index, (name, shape) in enumerate(self._network.parameters()):
            arrays[name] = np.empty(shape, np.float32)
            self._network.read(index, arrays[name])
        return arrays

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Predict the targets or the class of each row, with dropout off.

        Parameters
        ----------
        X : array_like of shape (rows, features)
            See `Task`.

        Returns
        -------
        ndarray
            float32 of shape ``(rows,)`` if the targets of the training were 1-D, else
            ``(rows, targets)``. In classification labels, of shape ``(rows,)``: that of the
            largest output, the first of equal ones.
        """
        outputs = self._outputs(X)
        if self.classes is not None:
            labels: npt.NDArray[Any] = self.classes[most_likely(outputs)]
            return labels
        if self.standardization is not None:
            outputs = self.standardization.predictions(outputs)
        return outputs[:, 0] if self.flat_targets else outputs

    def predict_proba(self, X: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """The probability of each class for each row, of shape ``(rows, classes)``.

        Columns are in the order of `classes`.
        """
        logits = self._logits(X, "predict_proba").reshape(-1, self.output_width)
        return probabilities(logits).astype(np.float32)

    def decision_function(self, X: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """The logits that classes are predicted by, of shape ``(rows, classes)``.

        With the loss ``"binary_cross_entropy"`` of shape ``(rows,)``: that of the second class
        against the first.
        """
        return self._logits(X, "decision_function")

    def _logits(self, X: npt.ArrayLike, method: str) -> npt.NDArray[np.float32]:
        """See `decision_function`; `method` is what was called."""
        if self.classes is None:
            raise ValueError(
                f"{method} needs a model of classification, got one with loss={self.loss!r}"
            )
        outputs = self._outputs(X)
        return outputs[:, 0] if self.output_width == 1 else outputs

    def _outputs(self, X: npt.ArrayLike) -> Matrix:
        """What the network makes of inputs, of shape (rows, output_width)."""
        inputs = _arrays.features(X, "X")
        if inputs.shape[1] != self.input_width:
            raise ValueError(
                f"X must have as many features as in training ({self.input_width}), "
                f"got {inputs.shape[1]}"
            )
        if self.standardization is not None:
            _arrays.require_finite(inputs, "X")
            inputs = self.standardization.inputs(inputs)
        outputs = np.empty((len(inputs), self.output_width), np.float32)
        self._network.predict(inputs, outputs)
        return outputs

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the model to a file, which `load` reads.

        The file is in the safetensors format, with all else in JSON, and contains no code: see
        ``docs/model-file.md``. Its tensors have the names of the `state_dict` of `to_torch`. It
        appears under its name only when it is complete; an old file is replaced in one step.
        """
        from swiftnas import model_file

        model_file.write(self, path)

    def to_torch(self) -> torch.nn.Sequential:
        """The same network as a PyTorch module, in evaluation mode (extra ``torch``).

        It takes float32 inputs of shape ``(rows, features)``, as `predict` does. In regression it
        gives predictions of shape ``(rows, targets)``, one column for 1-D targets too; in
        classification the logits of `decision_function`, of shape ``(rows, classes)``, or
        ``(rows, 1)`` with the loss ``"binary_cross_entropy"``.

        A layer with a skip connection is a `swiftnas.pytorch.ResidualLayer` in it. With
        standardisation it is a `swiftnas.pytorch.StandardizedNetwork`, which does it inside.
        Call ``.train()`` on it to train further with dropout on.
        """
        from swiftnas import pytorch

        return pytorch.module_of(self)

    def to_onnx(self, path: str | os.PathLike[str] | None = None) -> onnx.ModelProto:
        """The same model as an ONNX graph of opset 17, also written to `path` if given.

        The graph needs no torch, neither to be made nor to be run. Its input ``X`` is float32 of
        shape ``(batch, features)`` with any number of rows; standardisation is inside.

        - Regression: ``predictions``, what `predict` gives, in its shape.
        - Classification: ``label`` of shape ``(batch,)``, the labels that `predict` gives, as
          strings, integers or booleans; and ``probabilities`` of shape ``(batch, classes)``.

        Architecture, loss, epochs, seed and validation loss are in its ``metadata_props``. Needs
        onnx (extra ``onnx``); a run-time such as onnxruntime runs it.

        Returns
        -------
        onnx.ModelProto
            The file, if any, has the same; it is either complete or not there.
        """
        from swiftnas.onnx_export import proto

        return proto(self, path)


def train(
    architecture: Mapping[str, Any],
    task: Task,
    epochs: int = 200,
    seed: int | None = None,
    rng: str = "default",
    initial_weights: Mapping[str, npt.ArrayLike] | Sequence[npt.ArrayLike] | None = None,
    workers: int = 1,
    validate_every: int | None = None,
    patience: int | None = None,
) -> Model:
    """Train one architecture on the training rows of a task.

    Every step takes all rows, or ``architecture["batch_size"]`` of them: see `batch_order`.

    The same arguments give the same model, bit for bit. Ctrl-C ends the training within half a
    second with `KeyboardInterrupt`.

    Parameters
    ----------
    architecture : dict
        See `architecture_keys`.
    task : Task
    epochs : int, default 200
        Passes over the rows.
    seed : int, optional
        None draws a fresh one, found in the model.
    rng : {"default", "torch"}
        What initial weights and dropout masks come from: the engine's own generator, or the one
        that ``torch.manual_seed(seed)`` starts, drawn from in PyTorch's order.
    initial_weights : mapping or sequence of array_like, optional
        Weights to start from instead of drawn ones: a dictionary with PyTorch's names such as
        ``Model.weights`` or ``module.state_dict()``, or arrays in that order. Dropout masks stay
        the same.
    workers : int, default 1
        Threads that train together, where the network and the data give them enough to do. The
        model is the same, bit for bit, for any number.
    validate_every : int, optional
        Epochs from one validation to the next, for `Model.validation_losses`; None validates at the
        end only, or after each epoch if there is patience.
    patience : int, optional
        Validations without a new least loss after which the training stops. The model is then the
        one of the best validation, whether it came to that or not.

    Returns
    -------
    Model
        If the training diverged, a `RuntimeWarning` says so.

    Examples
    --------
    >>> import numpy as np
    >>> import swiftnas as nas
    >>> X = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> task = nas.Task.split(X, X[:, 0] ** 2)
    >>> architecture = {"num_hidden_layers": 1, "hidden_layer_size": 16, "learning_rate": 0.01}
    >>> model = nas.train(architecture, task, epochs=100, seed=0)
    >>> model.validation_loss < model.training_losses[0]
    True
    >>> model.predict(X).shape
    (100,)
    >>> list(model.weights)
    ['0.weight', '0.bias', '3.weight', '3.bias']
    >>> model = nas.train(architecture, task, epochs=10**6, seed=0, validate_every=10, patience=3)
    >>> model.status
    'stopped'
    >>> model.validation_loss == min(loss for epoch, loss in model.validation_losses)
    True
    """
    native_architecture = plain_architecture(architecture)
    checked_task(task)
    epochs = whole_number(epochs, "epochs", minimum=1)
    seed = seed_or_fresh(seed)
    native_rng = generator(rng)
    workers = whole_number(workers, "workers", minimum=1)
    if validate_every is not None:
        validate_every = whole_number(validate_every, "validate_every", minimum=1)
    if patience is not None:
        patience = whole_number(patience, "patience", minimum=1)
    initial = None
    if initial_weights is not None:
        # The engine's word on the architecture comes before what is made of it here.
        _native.describe(native_architecture, task.input_width, task.output_width, task.rows)
        shapes = weight_shapes(native_architecture, task.input_width, task.output_width)
        initial = weight_arrays(initial_weights, shapes)
    training = _native.Training(
        native_architecture,
        task._native,
        epochs,
        seed,
        native_rng,
        initial,
        1.0,
        validate_every,
        patience,
        True,
    )
    outcome = training.advance(epochs, (), None, None, workers)
    if outcome["status"] == "diverged":
        warnings.warn(
            f"the training diverged in epoch {len(outcome['training_losses'])}",
            RuntimeWarning,
            stacklevel=2,
        )
    return trained_model(training, outcome, architecture, task, epochs=epochs, seed=seed, rng=rng)


def trained_model(
    training: _native.Training,
    outcome: Mapping[str, Any],
    architecture: Mapping[str, Any],
    task: Task,
    *,
    epochs: int,
    seed: int,
    rng: str = "default",
) -> Model:
    """The model of a training in the engine, as its last outcome describes it."""
    return Model(
        architecture=dict(architecture),
        input_width=task.input_width,
        output_width=task.output_width,
        flat_targets=task.flat_targets,
        epochs=epochs,
        seed=seed,
        rng=rng,
        status=outcome["status"],
        training_losses=tuple(outcome["training_losses"]),
        validation_loss=outcome["validation_loss"],
        parameters=outcome["parameters"],
        flops=outcome["flops"],
        wall_seconds=outcome["wall_seconds"],
        validation_losses=tuple(outcome["validation_losses"]),
        loss=task.loss,
        classes=task.classes,
        validation_accuracy=outcome["validation_accuracy"],
        standardization=task.standardization,
        _network=training.model(),
    )


def load(path: str | os.PathLike[str]) -> Model:
    """Read a model that `Model.save` wrote.

    Raises
    ------
    OSError
        If there is no such file, or it may not be read.
    ValueError
        If the file is truncated, damaged, something else, or from a newer version.

    Examples
    --------
    >>> import os, tempfile
    >>> import swiftnas as nas
    >>> task = nas.Task([[0.0], [1.0]], [0.0, 1.0], [[0.5]], [0.5])
    >>> model = nas.train({"num_hidden_layers": 1, "hidden_layer_size": 4}, task, epochs=3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "model.safetensors")
    ...     model.save(path)
    ...     again = nas.load(path)
    >>> bool(again.predict([[0.5]]) == model.predict([[0.5]]))
    True
    """
    from swiftnas import model_file

    return model_file.read(path)


def restored(facts: Mapping[str, Any], weights: Sequence[np.ndarray]) -> Model:
    """A model from `Model.facts` and its weights in order."""
    native = _native.Model(
        plain_architecture(facts["architecture"]),
        facts["input_width"],
        facts["output_width"],
        [np.ascontiguousarray(array, np.float32) for array in weights],
    )
    return Model(**facts, _network=native)
