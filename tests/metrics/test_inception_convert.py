"""The conversion, of graphs that TensorFlow itself runs."""

import io
import sys
import tarfile

import keras
import numpy as np
import pytest

from kerasgan.metrics.inception import convert as module
from kerasgan.metrics.inception.convert import (
    convert_inception,
    folded,
    read_graph,
)
from kerasgan.sampling.inference import compile_inference

tf = pytest.importorskip(
    "tensorflow",
    reason="the graphs are of TensorFlow",
    exc_type=ImportError,
)

STRIDES = {"conv": 2}
VALID = ("conv", "mixed_pool")


class Graph:
    """A small graph with the operations and names of the official one."""

    def __init__(self, scaled=True, through_identity=False):
        self.random = np.random.default_rng(0)
        self.scaled = scaled
        self.through_identity = through_identity
        self.definition = tf.compat.v1.GraphDef()
        # The operation has been removed from graphs of version 9 and later.
        self.definition.versions.producer = 8
        self.add("images", "Placeholder", dtype=tf.float32)
        x = self.convolution("images", "conv", 3, 4, (3, 3))
        one = self.convolution(x, "mixed/tower/conv_1", 4, 2, (1, 3))
        self.pool(x, "mixed/tower_2/pool", "AvgPool", 1)
        two = self.convolution(
            "mixed/tower_2/pool", "mixed/tower_2/conv", 4, 3, (1, 1)
        )
        self.constant("mixed/join/concat_dim", np.int32(3))
        self.add("mixed/join", "Concat", "mixed/join/concat_dim", one, two, N=2)
        self.pool("mixed/join", "mixed/pool", "MaxPool", 2)
        self.constant("axes", np.array([1, 2], np.int32))
        self.add("pool_3", "Mean", "mixed/pool", "axes", Tidx=tf.int32)
        self.constant("softmax/weights", self.random.normal(size=(5, 7)))
        self.add("softmax/logits/MatMul", "MatMul", "pool_3", "softmax/weights")

    def add(self, name, operation, *inputs, **attributes):
        node = self.definition.node.add(name=name, op=operation, input=inputs)
        if operation not in ("Const", "Placeholder"):
            node.attr["T"].type = tf.float32.as_datatype_enum
        for key, value in attributes.items():
            if isinstance(value, tf.DType):
                node.attr[key].type = value.as_datatype_enum
            elif isinstance(value, bool):
                node.attr[key].b = value
            elif isinstance(value, int):
                node.attr[key].i = value
            elif isinstance(value, float):
                node.attr[key].f = value
            elif isinstance(value, str):
                node.attr[key].s = value.encode()
            elif isinstance(value, list):
                node.attr[key].list.i.extend(value)
            else:
                node.attr[key].tensor.CopyFrom(tf.make_tensor_proto(value))
        return node

    def constant(self, name, value):
        if value.dtype == np.float64:
            value = value.astype("float32")
        dtype = tf.as_dtype(value.dtype)
        self.add(name, "Const", dtype=dtype, value=value)

    def convolution(self, x, name, inside, out, size):
        kernel = f"{name}/conv2d_params"
        self.constant(kernel, self.random.normal(size=(*size, inside, out)))
        if self.through_identity:
            self.add(f"{kernel}/read", "Identity", kernel)
            kernel = f"{kernel}/read"
        stride = STRIDES.get(name, 1)
        self.add(
            f"{name}/Conv2D",
            "Conv2D",
            x,
            kernel,
            strides=[1, stride, stride, 1],
            padding="VALID" if name in VALID else "SAME",
        )
        parts = [
            f"{name}/batchnorm/{part}"
            for part in ("moving_mean", "moving_variance", "beta", "gamma")
        ]
        for part in parts:
            self.constant(part, self.random.uniform(0.2, 2, out))
        self.add(
            f"{name}/batchnorm",
            "BatchNormWithGlobalNormalization",
            f"{name}/Conv2D",
            *parts,
            variance_epsilon=0.25,
            scale_after_normalization=self.scaled,
        )
        checked = f"{name}/CheckNumerics"
        self.add(checked, "CheckNumerics", f"{name}/batchnorm", message="no")
        self.add(f"{name}/control_dependency", "Identity", checked)
        self.add(name, "Relu", f"{name}/control_dependency")
        return name

    def pool(self, x, name, operation, stride):
        self.add(
            name,
            operation,
            x,
            ksize=[1, 3, 3, 1],
            strides=[1, stride, stride, 1],
            padding="SAME" if stride == 1 else "VALID",
        )

    def node(self, name):
        (found,) = (n for n in self.definition.node if n.name == name)
        return found

    def nodes(self):
        return {node.name: node for node in self.definition.node}

    def __call__(self, images):
        with tf.Graph().as_default() as graph:
            output = tf.import_graph_def(
                self.definition, return_elements=["softmax/logits/MatMul:0"]
            )
            with tf.compat.v1.Session(graph=graph) as session:
                feed = {"import/images:0": images}
                return session.run(output, feed)[0]


def small_model():
    """The same network in Keras."""
    layers = keras.layers
    images = keras.Input((19, 17, 3))
    x = layers.Conv2D(4, 3, 2, "valid", activation="relu", name="conv")(images)
    one = layers.Conv2D(
        2, (1, 3), 1, "same", activation="relu", name="mixed_tower_conv_1"
    )(x)
    two = layers.AveragePooling2D(3, 1, "same", name="mixed_tower_2_pool")(x)
    two = layers.Conv2D(
        3, 1, 1, "same", activation="relu", name="mixed_tower_2_conv"
    )(two)
    x = layers.Concatenate(name="mixed_join")([one, two])
    x = layers.MaxPooling2D(3, 2, "valid", name="mixed_pool")(x)
    x = layers.GlobalAveragePooling2D(name="pool_3")(x)
    x = layers.Dense(7, use_bias=False, name="logits")(x)
    return keras.Model(images, x)


def forward(call, images):
    return call(images)


@pytest.mark.parametrize(
    "options", [{}, {"scaled": False}, {"through_identity": True}]
)
def test_the_model_computes_what_the_graph_does(options):
    graph, model = Graph(**options), small_model()
    arrays = folded(graph.nodes(), model)
    assert all(array.dtype == np.float32 for array in arrays.values())
    for layer in model.layers:
        for variable in layer.weights:
            name = f"{layer.name}/{variable.name}"
            variable.assign(arrays.pop(name))
    assert not arrays
    images = np.random.default_rng(1).normal(size=(2, 19, 17, 3))
    images = images.astype("float32")
    expected = graph(images)
    found = compile_inference(model, forward)(images)
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5)


def spoil_pool(graph):
    graph.node("mixed/tower_2/pool").op = "MaxPool"


def spoil_stride(graph):
    graph.node("conv/Conv2D").attr["strides"].list.i[1] = 1


def spoil_padding(graph):
    graph.node("mixed/tower/conv_1/Conv2D").attr["padding"].s = b"VALID"


def spoil_window(graph):
    graph.node("mixed/pool").attr["ksize"].list.i[1] = 2


def spoil_normalization(graph):
    graph.node("conv/batchnorm").op = "Identity"


def spoil_input(graph):
    graph.node("conv/batchnorm").input[0] = "images"


def spoil_constant(graph):
    graph.node("conv/batchnorm/beta").op = "Placeholder"


def spoil_name(graph):
    graph.node("softmax/weights").name = "weights"


def spoil_shape(graph):
    value = graph.node("mixed/tower/conv_1/conv2d_params").attr["value"]
    value.tensor.CopyFrom(tf.make_tensor_proto(np.ones((3, 1, 4, 2), "f")))


def spoil_numbers(graph):
    value = graph.node("conv/batchnorm/moving_variance").attr["value"]
    value.tensor.CopyFrom(tf.make_tensor_proto(np.full(4, np.nan, "f")))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (spoil_pool, "mixed/tower_2/pool has the operation AvgPool"),
        (spoil_stride, r"conv/Conv2D has strides \(2, 2\)"),
        (spoil_padding, "mixed/tower/conv_1/Conv2D .* 'same' padding"),
        (spoil_window, r"mixed/pool has windows of \(3, 3\)"),
        (spoil_normalization, "conv/batchnorm has the operation BatchNorm"),
        (spoil_input, "conv/batchnorm has the input conv/Conv2D"),
        (spoil_constant, "conv/batchnorm/beta has a constant"),
        (spoil_name, "softmax/weights has a constant"),
        (spoil_shape, r"\(1, 3, 4, 2\) as mixed_tower_conv_1/kernel"),
        (spoil_numbers, "finite numbers"),
    ],
)
def test_another_network_is_refused(spoil, words):
    graph = Graph()
    spoil(graph)
    with pytest.raises(ValueError, match=words):
        folded(graph.nodes(), small_model())


@pytest.fixture
def small(monkeypatch):
    """The conversion of the small graph, of which `small_model` is the form."""
    monkeypatch.setattr(module, "inception", lambda features: small_model())
    return Graph()


def archive(path, name, data):
    with tarfile.open(path, "w:gz") as file:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        file.addfile(member, io.BytesIO(data))


@pytest.mark.parametrize("kind", ["pb", "tgz"])
def test_files(kind, small, tmp_path):
    data = small.definition.SerializeToString()
    source = tmp_path / f"graph.{kind}"
    if kind == "pb":
        source.write_bytes(data)
    else:
        archive(source, "classify_image_graph_def.pb", data)
    output = tmp_path / "new" / "weights.npz"
    assert convert_inception(source, output) == output
    expected = folded(small.nodes(), small_model())
    with np.load(output) as found:
        assert set(found) == set(expected)
        for name, array in expected.items():
            np.testing.assert_array_equal(found[name], array)


def test_the_download_goes_to_where_it_is_looked_for(
    small, tmp_path, monkeypatch
):
    source = tmp_path / "inception.tgz"
    data = small.definition.SerializeToString()
    archive(source, "classify_image_graph_def.pb", data)
    asked = []

    def get_file(name, origin):
        asked.append(origin)
        return str(source)

    monkeypatch.setattr(module.utils, "get_file", get_file)
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    output = convert_inception()
    assert output == (
        tmp_path / "cache" / "inception" / "inception-2015-12-05.npz"
    )
    assert output.is_file()
    (url,) = asked
    assert url.startswith("https://")
    assert url.endswith("models/image/imagenet/inception-2015-12-05.tgz")


@pytest.mark.parametrize("kind", ["text", "another archive", "cut archive"])
def test_another_file(kind, tmp_path):
    source = tmp_path / "graph"
    if kind == "text":
        source.write_text("<html>404</html>")
    elif kind == "another archive":
        archive(source, "README.md", b"hello")
    else:
        name = "classify_image_graph_def.pb"
        archive(source, name, np.random.default_rng(0).bytes(9999))
        source.write_bytes(source.read_bytes()[:5000])
    with pytest.raises(ValueError, match="Expected classify_image_graph_def"):
        read_graph(source)


def test_without_tensorflow(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(ImportError, match="environment without it"):
        convert_inception(tmp_path / "graph.pb", tmp_path / "weights.npz")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        convert_inception(tmp_path / "gone.pb", tmp_path / "weights.npz")
