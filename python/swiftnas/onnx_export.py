"""Models as ONNX graphs, built from their own description. Loaded only when it is asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import swiftnas
from swiftnas._json import json_data
from swiftnas.architecture import hidden_layers, plain_architecture
from swiftnas.whole_file import write_whole

try:
    import onnx
    from onnx import helper, numpy_helper
except ImportError as error:
    raise ImportError(
        "to_onnx needs onnx; install it with: pip install 'swiftnas[onnx]'"
    ) from error

if TYPE_CHECKING:
    import numpy.typing as npt

    from swiftnas.model import Model

#: The version of ONNX's operators: of March 2022, so that nearly every run-time has it.
OPSET = 17

#: The version of the file's layout that came with it.
_IR_VERSION = 8

#: The most bytes of a protocol buffer message.
_LARGEST = 2**31 - 1

#: The slope of PyTorch's `nn.LeakyReLU`.
_LEAKY_SLOPE = 0.01


def proto(model: Model, path: str | os.PathLike[str] | None) -> onnx.ModelProto:
    """See `Model.to_onnx`."""
    if 4 * model.parameters > _LARGEST - 2**20:
        raise ValueError(f"to_onnx takes weights of up to 2 GiB, got {4 * model.parameters} bytes")
    graph = _Graph()
    outputs = _predictions(graph, model, _network(graph, model))
    made = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "swiftnas",
            [_declared("X", np.dtype(np.float32), model.input_width)],
            outputs,
            initializer=graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=_IR_VERSION,
        producer_name="swiftnas",
        producer_version=swiftnas.__version__,
    )
    facts = {
        "architecture": plain_architecture(model.architecture),
        "loss": model.loss,
        "validation_loss": model.validation_loss,
        "seed": model.seed,
        "epochs": model.epochs,
    }
    texts = {
        name: value if isinstance(value, str) else json.dumps(json_data(value))
        for name, value in facts.items()
    }
    helper.set_model_props(made, texts)
    if path is not None:
        write_whole(path, made.SerializeToString())
    return made


class _Graph:
    """Nodes and constants as they are added; each node's output is known by its name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: npt.NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(value, name))
        return name

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        output = output or f"{operator}_{len(self.nodes)}"
        node = helper.make_node(operator, list(inputs), [output], name=output, **attributes)
        self.nodes.append(node)
        return output

    def scalar(self, value: float) -> str:
        return self.constant(f"constant_{len(self.constants)}", np.array(value, np.float32))


def _network(graph: _Graph, model: Model) -> str:
    """The outputs of the network, `(batch, output_width)`; standardisation of inputs before it."""
    weights: Mapping[str, str] = {
        name: graph.constant(name, array) for name, array in model.weights.items()
    }
    values = "X"
    scaling = model.standardization
    if scaling is not None:
        mean = graph.constant("input_mean", scaling.input_mean)
        scale = graph.constant("input_scale", scaling.input_scale)
        values = graph.add("Div", graph.add("Sub", values, mean), scale)
    module = 0
    for layer in hidden_layers(model.architecture):
        linear = f"{module}.linear" if layer.skip else f"{module}"
        branch = _linear(graph, values, weights, linear)
        branch = _activation(graph, layer.activation, branch)
        if layer.skip:
            projection = weights.get(f"{module}.projection.weight")
            if projection is not None:
                values = graph.add("Gemm", values, projection, transB=1)
            branch = graph.add("Add", branch, values)
        values = branch
        module += 1 if layer.skip else 3
    return _linear(graph, values, weights, f"{module}")


def _linear(graph: _Graph, values: str, weights: Mapping[str, str], name: str) -> str:
    return graph.add("Gemm", values, weights[f"{name}.weight"], weights[f"{name}.bias"], transB=1)


def _activation(graph: _Graph, name: str, values: str) -> str:
    """An activation as PyTorch has it under that name."""
    if name == "Identity":
        return values
    if name == "GELU":
        # The operator Gelu is younger than the opset: x · (1 + erf(x / √2)) / 2.
        erf = graph.add("Erf", graph.add("Mul", values, graph.scalar(0.5**0.5)))
        half = graph.add("Mul", values, graph.scalar(0.5))
        return graph.add("Mul", half, graph.add("Add", erf, graph.scalar(1)))
    if name == "SiLU":
        return graph.add("Mul", values, graph.add("Sigmoid", values))
    if name == "LeakyReLU":
        return graph.add("LeakyRelu", values, alpha=_LEAKY_SLOPE)
    return graph.add({"ReLU": "Relu", "ELU": "Elu"}.get(name, name), values)


def _predictions(graph: _Graph, model: Model, values: str) -> list[onnx.ValueInfoProto]:
    """What comes behind the network, and its outputs as they are declared."""
    float32 = np.dtype(np.float32)
    if model.classes is not None:
        labels = model.classes
        if labels.dtype == np.longdouble:
            labels = labels.astype(np.float64)
        if model.output_width == 1:
            # Of the two classes' logits the first is 0.
            values = graph.add("Concat", graph.add("Sub", values, values), values, axis=1)
        graph.add("Softmax", values, axis=1, output="probabilities")
        place = graph.add("ArgMax", values, axis=1, keepdims=0)
        graph.add("Gather", graph.constant("classes", labels), place, output="label")
        return [
            _declared("label", labels.dtype),
            _declared("probabilities", float32, len(labels)),
        ]
    scaling = model.standardization
    if scaling is not None and scaling.target_mean is not None and scaling.target_scale is not None:
        scale = graph.constant("target_scale", scaling.target_scale)
        values = graph.add("Mul", values, scale)
        values = graph.add("Add", values, graph.constant("target_mean", scaling.target_mean))
    if model.flat_targets:
        axes = graph.constant("axes", np.array([1], np.int64))
        graph.add("Squeeze", values, axes, output="predictions")
        return [_declared("predictions", float32)]
    graph.add("Identity", values, output="predictions")
    return [_declared("predictions", float32, model.output_width)]


def _declared(name: str, dtype: np.dtype[Any], *columns: int) -> onnx.ValueInfoProto:
    """An input or output with any number of rows."""
    kind = onnx.TensorProto.STRING if dtype.kind == "U" else helper.np_dtype_to_tensor_dtype(dtype)
    return helper.make_tensor_value_info(name, kind, ["batch", *columns])
