"""A folded generator as a TensorFlow SavedModel (TensorFlow backend only)."""

from pathlib import Path

import keras
import tensorflow as tf

from kerasgan.serving import batching, warm_up
from kerasgan.serving.latents import latents, slerp
from kerasgan.serving.versions import EXTRA

# Pictures that go through the network at once: what bounds the memory.
CHUNK = 64
# Of one request: it is answered in one message, which has to fit in memory.
MAX_COUNT = 4096


def write(generator, path, name, weights="float32", batched=False):
    """Write a generator as a SavedModel with the signatures of serving.

    Args:
        generator: a folded generator, float32 latents `[N, z]` -> float32
            images `[N, H, W, C]`, on Keras's TensorFlow backend.
        path: the folder to make.
        name: the model's name in its warm-up requests.
        weights: the dtype of the stored weights. They are cast to float32
            before they are used.
        batched: whether to write `serving_default` alone, for the batching of
            TensorFlow Serving, and its parameters.
    """
    module = tf.Module(name="generator")
    # Held here and nowhere else, each variable is stored once.
    module.values = {v.path: _stored(v, weights) for v in generator.variables}
    signatures = _signatures(generator, module.values)
    if batched:
        signatures = {"serving_default": signatures["serving_default"]}
    tf.saved_model.save(module, str(path), signatures)
    extra = Path(path, EXTRA)
    extra.mkdir(exist_ok=True)
    warm_up.write(extra, name, generator.input_shape[1], batched)
    if batched:
        Path(path, batching.FILE).write_text(batching.parameters())


def _stored(variable, weights):
    if weights == "float32" or not variable.dtype.startswith("float"):
        return variable.value
    return tf.Variable(tf.cast(variable.value, weights), name=variable.name)


def _network(generator, stored):
    """Returns the generator as a function that computes with what is stored."""
    halves = [v for v in generator.variables if stored[v.path] is not v.value]

    def network(latents):
        values = [(v, tf.cast(stored[v.path], v.dtype)) for v in halves]
        with keras.StatelessScope(state_mapping=values):
            return generator(latents, training=False)

    return network


def _signatures(generator, stored):
    network = _network(generator, stored)
    size = generator.input_shape[1]
    shape = list(generator.output_shape)
    count = tf.TensorSpec([], tf.int32, "count")
    seed = tf.TensorSpec([], tf.int64, "seed")
    truncation = tf.TensorSpec([], tf.float32, "truncation")

    def function(*specs):
        return tf.function(input_signature=specs, autograph=False)

    # One copy of the network for all signatures.
    @function(tf.TensorSpec([None, size], tf.float32, "latents"))
    def forward(latents):
        return tf.ensure_shape(network(latents), shape)

    def pixels(z):
        images = tf.round((forward(z) + 1.0) * 127.5)
        return tf.cast(tf.clip_by_value(images, 0.0, 255.0), tf.uint8)

    def draw(count, seed, truncation, finish, spec):
        def chunk(start, rows):
            return finish(pixels(latents(rows, size, seed, truncation, start)))

        with tf.control_dependencies([_check("count", count, 1)]):
            return _in_chunks(tf.identity(count), chunk, spec)

    pictures = tf.TensorSpec(shape, tf.uint8)

    @function(tf.TensorSpec([None, size], tf.float32, "latents"))
    def serving_default(latents):
        return {"images": forward(latents)}

    @function(count, seed, truncation)
    def sample(count, seed, truncation):
        return {"images": draw(count, seed, truncation, tf.identity, pictures)}

    @function(count, seed, truncation)
    def sample_png(count, seed, truncation):
        files = tf.TensorSpec([None], tf.string)
        return {"png_bytes": draw(count, seed, truncation, _png, files)}

    @function(
        tf.TensorSpec([2], tf.int64, "seeds"),
        tf.TensorSpec([], tf.int32, "steps"),
    )
    def interpolate(seeds, steps):
        with tf.control_dependencies([_check("steps", steps, 2)]):
            ends = [latents(1, size, seeds[end])[0] for end in (0, 1)]
            path = slerp(*ends, tf.identity(steps))

        def chunk(start, rows):
            return pixels(path[start : start + rows])

        return {"images": _in_chunks(tf.shape(path)[0], chunk, pictures)}

    return {
        "serving_default": serving_default,
        "sample": sample,
        "sample_png": sample_png,
        "interpolate": interpolate,
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
