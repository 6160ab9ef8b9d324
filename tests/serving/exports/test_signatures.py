import numpy as np
import pytest
from needs_tensorflow import tf

import kerasgan
from kerasgan import sampling
from kerasgan.serving.exports import saved_model


def test_signatures(path, served):
    assert path.name == "1" and path.parent.name == "faces"
    image = (tf.TensorShape([None, 8, 12, 3]), tf.uint8)
    scalar = tf.TensorShape([])
    drawn = {
        "count": (scalar, tf.int32),
        "seed": (scalar, tf.int64),
        "truncation": (scalar, tf.float32),
    }
    expected = {
        "serving_default": (
            {"latents": (tf.TensorShape([None, 5]), tf.float32)},
            {"images": (tf.TensorShape([None, 8, 12, 3]), tf.float32)},
        ),
        "sample": (drawn, {"images": image}),
        "sample_png": (
            drawn,
            {"png_bytes": (tf.TensorShape([None]), tf.string)},
        ),
        "interpolate": (
            {
                "seeds": (tf.TensorShape([2]), tf.int64),
                "steps": (scalar, tf.int32),
            },
            {"images": image},
        ),
    }
    assert set(served.signatures) == set(expected)
    for name, (inputs, outputs) in expected.items():
        signature = served.signatures[name]
        assert signature.structured_input_signature[0] == ()
        for specs, wanted in (
            (signature.structured_input_signature[1], inputs),
            (signature.structured_outputs, outputs),
        ):
            found = {k: (spec.shape, spec.dtype) for k, spec in specs.items()}
            assert {k: str(v) for k, v in found.items()} == {
                k: str(v) for k, v in wanted.items()
            }


def test_gradients_flow_through_the_default_signature(generator, served):
    z = tf.constant(sampling.latents(2, 5))
    gradients = []
    for network in (
        lambda z: served.signatures["serving_default"](latents=z)["images"],
        lambda z: generator(z, training=False),
    ):
        with tf.GradientTape() as tape:
            tape.watch(z)
            loss = tf.reduce_sum(network(z) ** 2)
        gradients.append(tape.gradient(loss, z))
    np.testing.assert_allclose(*gradients, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("seed", [0, -3, 2**40 + 5])
@pytest.mark.parametrize("truncation", [0.0, 0.75, float("nan")])
def test_samples_are_those_of_the_library(
    generator, served, seed, truncation, assert_same_images
):
    expected = kerasgan.sample(
        generator, 9, seed, truncation if truncation > 0 else None
    )
    assert_same_images(served.sample(9, seed, truncation), expected)
    assert expected.std() > 5


def test_long_draws_begin_with_short_ones(
    generator, served, assert_same_images
):
    # More than two chunks, the last of them not full.
    count = 2 * saved_model.CHUNK + 6
    long = served.sample(count, 2)
    assert_same_images(long, kerasgan.sample(generator, count, 2))
    for shorter in (1, 5, saved_model.CHUNK, saved_model.CHUNK + 1):
        assert_same_images(served.sample(shorter, 2), long[:shorter])


def test_png_files_hold_the_same_images(served):
    count = saved_model.CHUNK + 2
    files = served.sample(count, 7, 1.0, "sample_png")
    expected = served.sample(count, 7, 1.0)
    assert files.shape == (count,)
    for file, image in zip(files, expected, strict=True):
        assert file.startswith(b"\x89PNG")
        np.testing.assert_array_equal(tf.io.decode_png(file), image)


def test_interpolation_is_that_of_the_library(
    generator, served, assert_same_images
):
    for seeds, steps in (((4, -9), 2), ((4, -9), 7), ((1, 1), 70)):
        expected = kerasgan.interpolate(generator, seeds, steps)
        assert_same_images(served.interpolate(seeds, steps), expected)


@pytest.mark.parametrize("count", [0, -1, saved_model.MAX_COUNT + 1, 2**31 - 1])
def test_counts_out_of_range_are_refused(served, count):
    for signature in ("sample", "sample_png"):
        with pytest.raises(
            tf.errors.InvalidArgumentError, match="count must be from 1 to 4096"
        ):
            served.sample(count, signature=signature)
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="steps must be from 2 to 4096"
    ):
        served.interpolate((0, 1), 1 if count == 0 else count)
