"""A folded generator as an ONNX graph, without TensorFlow or JAX."""

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from kerasgan._version import __version__
from kerasgan.serving.exports.file_formats import LEAST_HALVES
from kerasgan.serving.exports.folding import fold_shifts
from kerasgan.serving.exports.graph import Graph
from kerasgan.serving.exports.onnx_call import Call, Unsupported
from kerasgan.serving.exports.onnx_layers import LAYERS
from kerasgan.utils.private_names import origin

# Old enough for every runtime of the last years; IR 8 came with opset 17.
_OPSET, _IR = 17, 8


def write(generator, path, metadata, weights="float32"):
    """Write a generator as an ONNX file.

    Inside, maps are channels-first, as ONNX has them; the images are not.

    Args:
        generator: a folded generator, as for `kerasgan.serving.export_file`.
        path: the file.
        metadata: the metadata properties; what is no text becomes JSON.
        weights: the dtype in which kernels are stored.

    Raises:
        ValueError: it has a layer that is not in `LAYERS`.
    """
    graph = _Graph(Graph(generator), half=weights == "float16")
    inputs = []
    for tensor, name in zip(generator.inputs, ("latents", "labels")):
        inputs.append(_value(name, tensor))
        graph.tensors[origin(tensor)[0].name] = name
    (images,) = generator.outputs
    graph.convert(origin(images)[0].name)
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            metadata["name"],
            inputs,
            [_value("images", images)],
            graph.initializers,
        ),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR,
        producer_name="kerasgan",
        producer_version=__version__,
    )
    helper.set_model_props(
        model,
        {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in metadata.items()
        },
    )
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def _value(name, tensor):
    kind = TensorProto.INT32 if name == "labels" else TensorProto.FLOAT
    shape = ["batch", *tensor.shape[1:]]
    return helper.make_tensor_value_info(name, kind, shape)


class _Graph:
    """The nodes of an ONNX graph.

    Attributes:
        nodes, initializers: what it consists of.
        tensors: layer -> the name of its output.
    """

    def __init__(self, graph, half):
        self.nodes, self.initializers, self.tensors = [], [], {}
        self._graph, self._half = graph, half
        self._shifted = fold_shifts(graph)

    def convert(self, output):
        """Add the nodes of all layers, the images of the layer `output` last."""
        for name in self._graph.names():
            if name not in self.tensors:
                self.tensors[name] = self._layer(name)
        images = [self.tensors[output]]
        self.add("Transpose", images, "images", perm=[0, 2, 3, 1])

    def _layer(self, name):
        layer = self._graph.layers[name]
        try:
            if type(layer) not in LAYERS:
                raise Unsupported
            if len(self._graph.nodes(name)) != 1 or self._graph.trains(name):
                raise Unsupported(", called several times or for training")
            return LAYERS[type(layer)](
                Call(self, self._graph, name, name in self._shifted)
            )
        except Unsupported as error:
            raise ValueError(
                f"The layer {name!r} ({type(layer).__name__}{error}) is not "
                "supported in ONNX: use --format savedmodel "
                "(`kerasgan.serving.export`)"
            ) from None

    def add(self, operator, inputs, output, **attributes):
        self.nodes.append(
            helper.make_node(
                operator, inputs, [output], name=output, **attributes
            )
        )

    def constant(self, name, array, stored=False):
        """Add a constant; of a kernel, `stored`, half may be enough."""
        of_file = name
        if array.dtype.kind == "f":
            # Folding computes in float64.
            array = array.astype(np.float32)
        if stored and self._half and array.size >= LEAST_HALVES:
            array, of_file = array.astype(np.float16), f"{name}:float16"
            self.add("Cast", [of_file], name, to=TensorProto.FLOAT)
        self.initializers.append(
            numpy_helper.from_array(np.ascontiguousarray(array), of_file)
        )
        return name
