"""A folded generator as a LiteRT file (TensorFlow backend only)."""

import contextlib
import io
import json
import re
import tempfile

import keras
import tensorflow as tf

from kerasgan.sampling.class_labels import mixing_model
from kerasgan.serving.exports.file_formats import LEAST_HALVES
from kerasgan.serving.exports.graph import Graph, as_numpy
from kerasgan.utils.classes import classes_of
from kerasgan.utils.private_names import (
    with_litert_halves,
    with_litert_metadata,
)

# The metadata buffer with what a file says of itself.
BUFFER = "kerasgan"


def write(generator, path, metadata, weights="float32"):
    """Write a generator as a LiteRT file with the signature `serving_default`.

    Args:
        generator: a folded generator, as for `kerasgan.serving.export_file`.
        path: the file.
        metadata: what it says of itself, as JSON.
        weights: the dtype in which the weights are stored.
    """
    module, generator = tf.Module(name="generator"), _with_resizes(generator)
    with tempfile.TemporaryDirectory() as folder:
        # TensorFlow logs what it writes and names itself on stdout.
        with contextlib.redirect_stdout(io.StringIO()):
            tf.saved_model.save(module, folder, _signature(generator))
            converter = tf.lite.TFLiteConverter.from_saved_model(
                folder, signature_keys=["serving_default"]
            )
            content = _converted(converter)
    if weights == "float16":
        # The converter would round all, small ones, too.
        content = with_litert_halves(content, LEAST_HALVES)
    text = json.dumps(metadata, ensure_ascii=False)
    content = with_litert_metadata(content, BUFFER, text.encode())
    with open(path, "wb") as file:
        file.write(content)


def _converted(converter):
    try:
        return converter.convert()
    # Of a class that is not public, with a page of what the compiler did.
    except Exception as error:
        unsupported = re.findall(r"(?:Select|Custom) ops: (.*)", str(error))
        what = (
            f"operations ({', '.join(unsupported)})"
            if unsupported
            else "layers"
        )
        raise ValueError(
            f"The network has {what} that are not supported in LiteRT: use "
            "--format savedmodel (`kerasgan.serving.export`)"
        ) from error


class _Resize(keras.layers.Layer):
    """A nearest-neighbour resize as one operation of TensorFlow.

    Keras repeats rows and columns, of which the converter loses the shapes: it
    rejects the third of a network.
    """

    def __init__(self, height, width, **kwargs):
        super().__init__(**kwargs)
        self.shape = height, width

    def call(self, x):
        return tf.image.resize(x, self.shape, "nearest")

    def compute_output_shape(self, shape):
        return (shape[0], *self.shape, shape[3])

    def get_config(self):
        height, width = self.shape
        return {**super().get_config(), "height": height, "width": width}


def _with_resizes(generator):
    graph = Graph(generator)
    for name in graph.names():
        layer = graph.layers[name]
        if (
            type(layer) is keras.layers.UpSampling2D
            and layer.interpolation == "nearest"
            and layer.data_format == "channels_last"
            and graph.input(name)
        ):
            _, shape = graph.input(name)
            height, width = layer.compute_output_shape(shape)[1:3]
            graph.replace(name, _Resize(height, width, name=name))
    return graph.build()


def _signature(generator):
    classes = classes_of(generator)
    specs = [
        tf.TensorSpec([None, generator.inputs[0].shape[1]], name="latents")
    ]
    if classes is not None:
        specs.append(tf.TensorSpec([None], tf.int32, "labels"))
        generator = mixing_model(generator)
        rows = tf.eye(classes.count)

    # The converter would not freeze Keras's variables.
    values = [(v, tf.constant(as_numpy(v))) for v in generator.variables]

    @tf.function(input_signature=specs, autograph=False)
    def images(latents, labels=None):
        inputs = latents
        if labels is not None:
            # A row that is not there is an error, and a one-hot of zeros none.
            inputs = [latents, tf.gather(rows, labels)]
        with keras.StatelessScope(state_mapping=values):
            return {"images": generator(inputs, training=False)}

    return {"serving_default": images}
