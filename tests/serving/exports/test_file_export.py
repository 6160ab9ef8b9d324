"""ONNX and LiteRT files, against Keras."""

import json
import sys

import keras
import numpy as np
import pytest

from kerasgan import __version__, serving
from kerasgan.architectures import (
    ACTIVATIONS,
    NORMALIZATIONS,
    UPSAMPLINGS,
    dcgan,
    resnet,
    sngan,
)

onnx = pytest.importorskip("onnx", reason="needs kerasgan[onnx]")
onnxruntime = pytest.importorskip("onnxruntime", reason="needs kerasgan[onnx]")

LATENTS = np.random.default_rng(0).normal(size=(3, 5)).astype("float32")
LABELS = np.array([0, 2, 1], np.int32)


def expected(generator):
    conditional = len(generator.inputs) == 2
    inputs = [LATENTS, LABELS] if conditional else LATENTS
    images = generator(inputs, training=False)
    return keras.ops.convert_to_numpy(images)


def computed(path, generator, labels=LABELS):
    """What the file makes of the same inputs."""
    feeds = {"latents": LATENTS, "labels": labels}
    names = list(feeds)[: len(generator.inputs)]
    feeds = {name: feeds[name] for name in names}
    if path.suffix == ".onnx":
        session = onnxruntime.InferenceSession(str(path))
        return session.run(["images"], feeds)[0]
    interpreter = pytest.importorskip("ai_edge_litert.interpreter")
    model = interpreter.Interpreter(str(path))
    return model.get_signature_runner("serving_default")(**feeds)["images"]


def grey_levels(images):
    return np.round((images + 1) * 127.5)


ARCHITECTURES = {
    # 12 is cropped.
    "dcgan": lambda *a, **k: dcgan((12, 16, 3), 5, 2, *a, **k),
    "resnet": lambda *a, **k: resnet((12, 16, 1), 5, (2, 3), (1, 2), *a, **k),
    "cnn": lambda n, **k: sngan((8, 8, 3), 5, "cnn", 2, n, **k),
    "sngan": lambda n, **k: sngan((32, 32, 3), 5, "resnet", 1, n, **k),
}
CASES = [
    *(
        (a, n, "nearest", None, 3)
        for a in ARCHITECTURES
        for n in NORMALIZATIONS
    ),
    *((a, "weight", u, None, None) for a in ARCHITECTURES for u in UPSAMPLINGS),
    *(("dcgan", "batch", "transposed", act, None) for act in ACTIVATIONS),
]


@pytest.mark.parametrize(
    "architecture, normalization, upsampling, activation, num_classes", CASES
)
def test_onnx_equals_keras(
    architecture,
    normalization,
    upsampling,
    activation,
    num_classes,
    trained,
    tmp_path,
):
    generator = trained(
        ARCHITECTURES[architecture](
            normalization,
            upsampling=upsampling,
            activation=activation,
            num_classes=num_classes,
        )[0]
    )
    # The writer runs onnx.checker with full_check.
    path = serving.export_file(generator, tmp_path / "x.onnx")
    wanted = expected(generator)
    np.testing.assert_allclose(computed(path, generator), wanted, atol=1e-4)
    assert wanted.std() > 0.02


@pytest.fixture(scope="module", params=[".onnx", ".tflite"])
def suffix(request):
    if request.param == ".tflite":
        pytest.importorskip("tensorflow")
        pytest.importorskip("ai_edge_litert", reason="needs kerasgan[litert]")
    return request.param


@pytest.mark.parametrize("conditional", [False, True])
@pytest.mark.parametrize("weights", ["float32", "float16"])
def test_both_formats(conditional, weights, suffix, trained, tmp_path):
    classes = {"num_classes": 3, "class_names": ["a", "b", "Ö"]}
    norm = "batch" if conditional else "weight"
    options = classes if conditional else {}
    generator = trained(dcgan((8, 12, 3), 5, 96, norm, **options)[0])
    path = serving.export_file(
        generator,
        tmp_path / f"x{suffix}",
        weights=weights,
        name="faces",
        licence="CC0",
    )
    found, wanted = computed(path, generator), expected(generator)
    assert found.dtype == np.float32
    if weights == "float32":
        np.testing.assert_allclose(found, wanted, atol=1e-4)
    else:
        apart = np.abs(grey_levels(found) - grey_levels(wanted))
        assert np.abs(found - wanted).max() > 0 and apart.max() <= 1
        # Small kernels are not rounded.
        assert min(halves(path)) >= 8192
    assert metadata(path) == {
        "name": "faces",
        "licence": "CC0",
        "latent_size": 5,
        "latent_distribution": "standard normal",
        "image_range": "[-1, 1]",
        "kerasgan_version": __version__,
        **({"class_names": classes["class_names"]} if conditional else {}),
    }
    if conditional:
        for wrong in (-1, 3):
            with pytest.raises(Exception, match=r"(?i)ind|gather|invoke"):
                computed(path, generator, np.array([0, wrong, 1], np.int32))
    with pytest.raises(FileExistsError, match="overwrites nothing"):
        serving.export_file(generator, path)


def halves(path):
    """How many elements the constants of float16 have."""
    if path.suffix == ".onnx":
        found = onnx.load(path).graph.initializer
        return [np.prod(x.dims) for x in found if x.data_type == 10]
    graph = litert(path).Subgraphs(0)
    found = map(graph.Tensors, range(graph.TensorsLength()))
    return [np.prod(x.ShapeAsNumpy()) for x in found if x.Type() == 1]


def litert(path):
    from ai_edge_litert import schema_py_generated as schema

    return schema.Model.GetRootAs(path.read_bytes())


def metadata(path):
    if path.suffix == ".onnx":
        model = onnx.load(path)
        shapes = {
            value.name: [d.dim_param or d.dim_value for d in shape.dim]
            for value in (*model.graph.input, *model.graph.output)
            for shape in [value.type.tensor_type.shape]
        }
        assert shapes["latents"] == ["batch", 5]
        assert shapes["images"] == ["batch", 8, 12, 3]
        found = {entry.key: entry.value for entry in model.metadata_props}
        found["latent_size"] = int(found["latent_size"])
        if "class_names" in found:
            found["class_names"] = json.loads(found["class_names"])
        return found
    model = litert(path)
    for entry in map(model.Metadata, range(model.MetadataLength())):
        if entry.Name() == b"kerasgan":
            return json.loads(
                bytes(model.Buffers(entry.Buffer()).DataAsNumpy())
            )
    return None


@pytest.mark.one_backend
def test_a_litert_file_of_many_resizes(trained, tmp_path):
    pytest.importorskip("ai_edge_litert", reason="needs kerasgan[litert]")
    generator = trained(ARCHITECTURES["sngan"]("spectral", num_classes=3)[0])
    path = serving.export_file(generator, tmp_path / "x.tflite")
    wanted = expected(generator)
    np.testing.assert_allclose(computed(path, generator), wanted, atol=1e-4)


@pytest.mark.one_backend
def test_what_litert_does_not_have_is_one_line(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="needs kerasgan[litert]")
    inputs = keras.Input((5,))
    x = keras.layers.Reshape((4, 4, 3))(keras.layers.Dense(48)(inputs))
    x = keras.layers.UpSampling2D(interpolation="bicubic")(x)
    with pytest.raises(ValueError) as caught:
        serving.export_file(keras.Model(inputs, x), tmp_path / "x.tflite")
    text = str(caught.value)
    assert "operations (ResizeBicubic)" in text and "\n" not in text
    assert list(tmp_path.iterdir()) == []


def test_the_graph_is_small(trained, tmp_path):
    """What a TPReLU subtracts and a Rescaling are in the kernels before."""
    generator = trained(dcgan((64, 64, 3), 5, 2)[0])
    path = serving.export_file(generator, tmp_path / "x.onnx")
    operators = [node.op_type for node in onnx.load(path).graph.node]
    assert len(operators) == 18 and operators.count("PRelu") == 4
    assert not {"Sub", "Mul"} & set(operators)


@pytest.mark.parametrize(
    "layer",
    [
        lambda: keras.layers.Softmax(name="odd"),
        lambda: keras.layers.ReLU(max_value=6.0, name="odd"),
        lambda: keras.layers.Activation("mish", name="odd"),
        lambda: keras.layers.UpSampling2D(
            1, interpolation="bicubic", name="odd"
        ),
    ],
)
def test_an_unknown_layer_is_named(layer, tmp_path):
    inputs = keras.Input((5,))
    x = keras.layers.Dense(48)(inputs)
    x = layer()(keras.layers.Reshape((4, 4, 3))(x))
    generator = keras.Model(inputs, x)
    with pytest.raises(ValueError, match=r"'odd' .*--format savedmodel"):
        serving.export_file(generator, tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []


def test_wrong_arguments_are_rejected(generator, tmp_path, monkeypatch):
    for path, options in (
        ("x.pb", {}),
        ("x.onnx", {"format": "litert"}),
        ("x.onnx", {"format": "coreml"}),
        ("x.onnx", {"weights": "bfloat16"}),
    ):
        with pytest.raises(ValueError, match="Received:"):
            serving.export_file(generator, tmp_path / path, **options)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ValueError, match="pip install 'onnx"):
        serving.export_file(generator, tmp_path / "x.onnx")
    assert list(tmp_path.iterdir()) == []
