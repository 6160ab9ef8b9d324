"""The official Inception graph of 2015-12-05 -> an `.npz` of weights."""

import tarfile
from pathlib import Path

import numpy as np
from keras import layers, utils

from kerasgan.metrics.inception.network import inception
from kerasgan.metrics.inception.weights import default_weights
from kerasgan.utils.files import atomic_write
from kerasgan.utils.typing import PathLike

# The bucket behind http://download.tensorflow.org, with encryption: nobody has
# published a checksum of the archive.
URL = (
    "https://storage.googleapis.com/download.tensorflow.org/models/image/"
    "imagenet/inception-2015-12-05.tgz"
)
GRAPH = "classify_image_graph_def.pb"
_NORMALIZATION = "BatchNormWithGlobalNormalization"


def convert_inception(
    source: PathLike | None = None, output: PathLike | None = None
) -> Path:
    """Convert the official Inception graph, once.

    Batch normalization is folded into kernels and biases, in float64. The graph
    is checked to be the network that `inception` builds: each layer's shape,
    stride and padding, and which pool is a max pool.

    Needs TensorFlow, on whatever backend.

    Args:
        source: path of `classify_image_graph_def.pb`, or of the archive
            inception-2015-12-05.tgz with it; `None` to download the archive
            (about 90 MB) with `keras.utils.get_file`.
        output: path of the `.npz`; by default where `inception_features` looks
            for it, in kerasgan's cache.

    Returns:
        `pathlib.Path` of the file: `<layer>/kernel` float32
        `[height, width, in, out]`, `<layer>/bias` float32 `[out]`, and
        `logits/kernel` `[2048, 1008]`; 92 MB.

    Raises:
        FileNotFoundError: there is no such file.
        ImportError: there is no TensorFlow.
        ValueError: the file is no such graph.
    """
    try:
        import tensorflow  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "The conversion reads a graph of TensorFlow, with TensorFlow; the "
            "file that it makes needs none. Received: an environment without it"
        ) from error
    if source is None:
        source = utils.get_file("inception-2015-12-05.tgz", URL)
    output = default_weights() if output is None else Path(output).expanduser()
    nodes = read_graph(Path(source).expanduser())
    model = inception("logits")
    arrays = folded(nodes, model)
    output.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(output) as file:
        np.savez(file, **arrays)
    return output


def read_graph(path):
    """Reads the nodes of a GraphDef.

    Args:
        path: a `.pb`, or an archive with `classify_image_graph_def.pb`.

    Returns:
        dict from a node's name to the `NodeDef`.

    Raises:
        FileNotFoundError, ValueError: there is no such file, or no graph in it.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.framework.graph_pb2 import GraphDef

    data = path.read_bytes()
    try:
        if tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                data = archive.extractfile(GRAPH).read()
        graph = GraphDef.FromString(data)
    except (DecodeError, KeyError, tarfile.TarError, EOFError) as error:
        raise ValueError(
            f"Expected {GRAPH}, or the archive inception-2015-12-05.tgz with "
            f"it. Received: source={str(path)!r}"
        ) from error
    return {node.name: node for node in graph.node}


def folded(nodes, model):
    """Reads the weights of a model from the graph of the same network.

    Args:
        nodes: what `read_graph` returns.
        model: a Functional model of Conv2D, pooling and Dense layers without a
            bias, named as the graph's nodes with `_` for `/`; a Dense layer is
            the product with the constant `softmax/weights`.

    Returns:
        dict of float32 arrays `<layer>/kernel` and `<layer>/bias`.

    Raises:
        ValueError: the graph and the model differ, or the graph has a value
            that is not finite.
    """
    # In the graph a name like mixed_1/tower_1/conv says more than one here.
    names = {name.replace("/", "_"): name for name in nodes}
    weights = {}
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D):
            scope = names.get(layer.name, layer.name)
            kernel, bias = _convolution(nodes, scope, layer)
            weights[f"{layer.name}/kernel"] = kernel
            weights[f"{layer.name}/bias"] = bias
        elif isinstance(layer, layers.Dense):
            kernel = _constant(nodes, "softmax/weights")
            weights[f"{layer.name}/kernel"] = kernel
        elif isinstance(layer, (layers.MaxPooling2D, layers.AveragePooling2D)):
            _check_pool(nodes, names.get(layer.name, layer.name), layer)
    for name, array in weights.items():
        layer, _, weight = name.partition("/")
        shape = tuple(getattr(model.get_layer(layer), weight).shape)
        if array.shape != shape or not np.isfinite(array).all():
            raise ValueError(
                f"Expected finite numbers of shape {shape} as {name}. "
                f"Received: shape={array.shape}"
            )
    return {name: array.astype(np.float32) for name, array in weights.items()}


def _convolution(nodes, scope, layer):
    """Returns kernel and bias, float64, with batch normalization folded in."""
    convolution = _node(nodes, f"{scope}/Conv2D", "Conv2D")
    _check_window(convolution, layer)
    normalization = _node(nodes, f"{scope}/batchnorm", _NORMALIZATION)
    if _source(nodes, normalization.input[0]) is not convolution:
        raise _unlike(normalization.name, f"the input {convolution.name}")
    kernel = _constant(nodes, convolution.input[1])
    mean, variance, beta, gamma = (
        _constant(nodes, name) for name in normalization.input[1:5]
    )
    epsilon = normalization.attr["variance_epsilon"].f
    scale = 1.0 / np.sqrt(variance + epsilon)
    if normalization.attr["scale_after_normalization"].b:
        scale = scale * gamma
    return kernel * scale, beta - mean * scale


def _check_pool(nodes, name, layer):
    is_max = isinstance(layer, layers.MaxPooling2D)
    node = _node(nodes, name, "MaxPool" if is_max else "AvgPool")
    if list(node.attr["ksize"].list.i) != [1, *layer.pool_size, 1]:
        raise _unlike(name, f"windows of {layer.pool_size}")
    _check_window(node, layer)


def _check_window(node, layer):
    strides = list(node.attr["strides"].list.i)
    padding = node.attr["padding"].s.decode().lower()
    if strides != [1, *layer.strides, 1] or padding != layer.padding:
        raise _unlike(
            node.name, f"strides {layer.strides} and {layer.padding!r} padding"
        )


def _node(nodes, name, operation):
    node = nodes.get(name)
    if node is None or node.op != operation:
        raise _unlike(name, f"the operation {operation}")
    return node


def _unlike(name, expected):
    return ValueError(
        "Expected the graph of the Inception network of 2015-12-05, in which "
        f"{name} has {expected}. Received: a graph in which it has not"
    )


def _source(nodes, name):
    """Returns the node behind `name`, past those that only hand a tensor on."""
    node = nodes.get(name.partition(":")[0])
    while node is not None and node.op in ("Identity", "CheckNumerics"):
        node = nodes.get(node.input[0].partition(":")[0])
    return node


def _constant(nodes, name):
    from tensorflow import make_ndarray

    node = _source(nodes, name)
    if node is None or node.op != "Const":
        raise _unlike(name, "a constant")
    return make_ndarray(node.attr["value"].tensor).astype(np.float64)
