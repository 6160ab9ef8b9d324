"""A folded generator as a TensorFlow SavedModel (TensorFlow backend only)."""

import math
from pathlib import Path

import keras
import tensorflow as tf

from kerasgan import sampling
from kerasgan.sampling.class_labels import mixing_model
from kerasgan.serving.exports import class_weights, file_formats
from kerasgan.serving.exports.graph_latents import latents, slerp
from kerasgan.serving.tf_serving import batching_parameters, warm_up_requests
from kerasgan.serving.tf_serving.versions import EXTRA
from kerasgan.utils.classes import classes_of

# Images that go through the network at once: what bounds the memory.
CHUNK = 64
# Of one request: it is answered in one message, which has to fit in memory.
MAX_COUNT = 4096


def write(generator, path, name, weights="float32", batched=False):
    """Write a generator as a SavedModel with the signatures of serving.

    Args:
        generator: a folded generator, float32 latents `[N, z]`, or latents and
            labels, -> float32 images `[N, H, W, C]`, on Keras's TensorFlow
            backend.
        path: the folder to make.
        name: the model's name in its warm-up requests.
        weights: the dtype of the stored weights. They are cast to float32
            before they are used.
        batched: whether to write `serving_default` alone, for the batching of
            TensorFlow Serving, and its parameters.
    """
    size, classes = sampling.latent_size(generator), classes_of(generator)
    if classes is not None:
        generator = mixing_model(generator)
    module = tf.Module(name="generator")
    # Held here and nowhere else, each variable is stored once.
    module.values = {v.path: _stored(v, weights) for v in generator.variables}
    images = _Images(_network(generator, module.values), generator, classes)
    signatures = _signatures(images, size, classes)
    if batched:
        signatures = {"serving_default": signatures["serving_default"]}
    tf.saved_model.save(module, str(path), signatures)
    extra = Path(path, EXTRA)
    extra.mkdir(exist_ok=True)
    warm_up_requests.write(extra, name, size, batched, classes is not None)
    if batched:
        Path(path, batching_parameters.FILE).write_text(
            batching_parameters.parameters()
        )


def _stored(variable, weights):
    small = math.prod(variable.shape) < file_formats.LEAST_HALVES
    if weights == "float32" or small or not variable.dtype.startswith("float"):
        return variable.value
    return tf.Variable(tf.cast(variable.value, weights), name=variable.name)


def _network(generator, stored):
    """Returns the generator as a function that computes with what is stored."""
    halves = [v for v in generator.variables if stored[v.path] is not v.value]

    def network(inputs):
        values = [(v, tf.cast(stored[v.path], v.dtype)) for v in halves]
        with keras.StatelessScope(state_mapping=values):
            return generator(inputs, training=False)

    return network


def _function(*specs):
    return tf.function(input_signature=specs, autograph=False)


class _Images:
    """The images of a network, of latents and perhaps class weights.

    Args:
        network: a function of the inputs of `generator`.
        generator: a `keras.Model` of these shapes.
        classes: `Classes`, or None.

    Attributes:
        forward: the network, of which all signatures share one copy.
        pixels: the specification of images in uint8.
    """

    def __init__(self, network, generator, classes):
        shape = list(generator.output_shape)
        self.pixels = tf.TensorSpec(shape, tf.uint8)
        latents, *weights = [
            tf.TensorSpec([None, tensor.shape[-1]], tf.float32, name)
            for tensor, name in zip(generator.inputs, ("latents", "weights"))
        ]

        @_function(latents, *weights)
        def forward(latents, weights=None):
            inputs = latents if weights is None else [latents, weights]
            return tf.ensure_shape(network(inputs), shape)

        self.forward, self._classes = forward, classes
        self._size = latents.shape[1]

    def to_uint8(self, *inputs):
        images = tf.round((self.forward(*inputs) + 1.0) * 127.5)
        return tf.cast(tf.clip_by_value(images, 0.0, 255.0), tf.uint8)

    def draw(self, count, seed, truncation, label, finish, spec):
        """Returns the images of a draw, of which `finish` makes `spec`."""
        size, classes = self._size, self._classes

        def chunk(start, rows):
            z = latents(rows, size, seed, truncation, start)
            weights = class_weights.of_draw(classes, label, rows, seed, start)
            return finish(self.to_uint8(z, *weights))

        checks = class_weights.checks(classes, "label", label)
        with tf.control_dependencies([_check("count", count, 1), *checks]):
            return _in_chunks(tf.identity(count), chunk, spec)


def _signatures(images, size, classes):
    count = tf.TensorSpec([], tf.int32, "count")
    seed = tf.TensorSpec([], tf.int64, "seed")
    truncation = tf.TensorSpec([], tf.float32, "truncation")
    label = class_weights.specs(classes, "label")

    @_function(
        tf.TensorSpec([None, size], tf.float32, "latents"),
        *class_weights.specs(classes, "labels", None),
    )
    def serving_default(latents, labels=None):
        weights = class_weights.of_rows(classes, labels, latents)
        return {"images": images.forward(latents, *weights)}

    @_function(count, seed, truncation, *label)
    def sample(count, seed, truncation, label=None):
        drawn = count, seed, truncation, label
        return {"images": images.draw(*drawn, tf.identity, images.pixels)}

    @_function(count, seed, truncation, *label)
    def sample_png(count, seed, truncation, label=None):
        drawn = count, seed, truncation, label
        files = tf.TensorSpec([None], tf.string)
        return {"png_bytes": images.draw(*drawn, _png, files)}

    @_function(
        tf.TensorSpec([2], tf.int64, "seeds"),
        tf.TensorSpec([], tf.int32, "steps"),
        *class_weights.specs(classes, "labels", 2),
    )
    def interpolate(seeds, steps, labels=None):
        checks = class_weights.checks(classes, "labels", labels)
        with tf.control_dependencies([_check("steps", steps, 2), *checks]):
            ends = [latents(1, size, seeds[end])[0] for end in (0, 1)]
            path = slerp(*ends, tf.identity(steps))
            weights = class_weights.of_path(classes, labels, seeds, steps)

        def chunk(start, rows):
            paths = (path, *weights)
            return images.to_uint8(*(x[start : start + rows] for x in paths))

        return {"images": _in_chunks(tf.shape(path)[0], chunk, images.pixels)}

    return {
        "serving_default": serving_default,
        "sample": sample,
        "sample_png": sample_png,
        "interpolate": interpolate,
        **class_weights.names(classes),
    }


def _check(name, value, low):
    return tf.debugging.Assert(
        (value >= low) & (value <= MAX_COUNT),
        [f"{name} must be from {low} to {MAX_COUNT}. Received {name}:", value],
    )


def _png(images):
    return tf.map_fn(
        tf.io.encode_png,
        images,
        fn_output_signature=tf.TensorSpec([], tf.string),
    )


def _in_chunks(count, chunk, spec):
    """Returns the rows 0 to `count` of what `chunk(start, rows)` makes, in order."""
    chunks = (count + CHUNK - 1) // CHUNK
    rows = tf.TensorArray(
        spec.dtype, chunks, infer_shape=False, element_shape=spec.shape
    )

    def body(index, rows):
        start = index * CHUNK
        part = chunk(start, tf.minimum(CHUNK, count - start))
        return index + 1, rows.write(index, part)

    _, rows = tf.while_loop(
        lambda index, _: index < chunks,
        body,
        (0, rows),
        # More would hold the activations of several chunks.
        parallel_iterations=1,
    )
    return tf.ensure_shape(rows.concat(), spec.shape)
