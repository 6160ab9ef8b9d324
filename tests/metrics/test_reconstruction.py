import importlib.util
import os
import pathlib
import subprocess
import sys

import keras
import numpy as np
import pytest

from kerasgan import sampling
from kerasgan.metrics import reconstruction_error

ROOT = pathlib.Path(__file__).parents[2]


def set_random_weights(model, seed=0, scale=0.3):
    """Weights from numpy: the same on each backend."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        value = scale * rng.standard_normal(weight.shape)
        if "variance" in weight.path:
            value = 1.0 + value**2
        weight.assign(value.astype(np.float32))
    return model


def tiny_generator(seed=0, dtype="float32"):
    """Dense, batch normalization and a transposed convolution to 4x4x3."""
    layers = keras.layers
    latents = keras.Input((5,))
    x = layers.Dense(2 * 2 * 4, dtype=dtype)(latents)
    x = layers.BatchNormalization(dtype=dtype)(x)
    x = layers.Reshape((2, 2, 4), dtype=dtype)(x)
    x = layers.LeakyReLU(dtype=dtype)(x)
    x = layers.Conv2DTranspose(3, 4, 2, "same", dtype=dtype)(x)
    x = layers.Activation("tanh", dtype="float32")(x)
    return set_random_weights(keras.Model(latents, x), seed)


def random_images(count, seed=0):
    rng = np.random.default_rng(seed)
    return rng.uniform(-1, 1, (count, 4, 4, 3)).astype(np.float32)


def numbers():
    """Everything that must come out the same on each backend."""
    generator, images = tiny_generator(), random_images(3)
    result = reconstruction_error(generator, images, steps=20)
    restarted = reconstruction_error(generator, images, steps=20, restarts=3)
    return {
        "restarted": restarted.per_image,
        "per_image": result.per_image,
        "latents": result.latents,
        "reconstructions": result.reconstructions,
    }


def test_an_affine_generator_by_hand():
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(6, 12)) / 3
    offset = rng.normal(size=12) / 3
    generator = keras.Sequential(
        [
            keras.Input((6,)),
            keras.layers.Dense(12),
            keras.layers.Reshape((2, 2, 3)),
        ]
    )
    generator.set_weights([matrix, offset])
    images = rng.uniform(-1, 1, (4, 2, 2, 3))

    # The four lines of the paper in float64, on the scale [0, 1].
    targets = (images.reshape(4, 12) + 1) / 2
    z, v = np.zeros((4, 6)), np.zeros((4, 6))
    for _ in range(50):
        difference = ((z @ matrix + offset) + 1) / 2 - targets
        g = (2 / 12) * difference @ (matrix.T / 2) / 32
        v = 0.9 * v + 0.1 * g**2
        z = z - 0.01 * g / (np.sqrt(v) + 1e-6)
    left = (z @ matrix + offset + 1) / 2 - targets
    expected = (left**2).mean(1)

    result = reconstruction_error(generator, images)
    np.testing.assert_allclose(result.latents, z, atol=1e-5)
    np.testing.assert_allclose(result.per_image, expected, atol=1e-5)
    assert result.mean == pytest.approx(expected.mean(), abs=1e-5)
    assert result.per_image.dtype == result.latents.dtype == np.float32
    drawn = sampling.to_uint8((z @ matrix + offset).reshape(4, 2, 2, 3))
    assert np.abs(result.reconstructions.astype(int) - drawn).max() <= 1
    assert result.reconstructions.dtype == np.uint8


def test_without_a_step_it_is_the_error_at_zero():
    generator, images = tiny_generator(), random_images(2)
    result = reconstruction_error(generator, images, steps=0)
    drawn = keras.ops.convert_to_numpy(
        generator(np.zeros((1, 5), np.float32), training=False)
    )
    expected = (((drawn - images) / 2) ** 2).mean((1, 2, 3))
    np.testing.assert_allclose(result.per_image, expected, rtol=1e-5)
    assert not result.latents.any()


@pytest.mark.parametrize("restarts", [1, 3])
def test_results_do_not_depend_on_the_batch_size(restarts):
    generator, images = tiny_generator(), random_images(8)
    options = {"steps": 15, "restarts": restarts, "seed": 2}
    whole = reconstruction_error(generator, images, batch_size=8, **options)
    assert np.ptp(whole.per_image) > 1e-3
    for batch_size in (3, 100):
        other = reconstruction_error(
            generator, images, batch_size=batch_size, **options
        )
        np.testing.assert_allclose(other.per_image, whole.per_image, atol=1e-6)
        np.testing.assert_allclose(other.latents, whole.latents, atol=1e-5)
        assert len(other.reconstructions) == 8
    # Nor on the images that follow.
    first = reconstruction_error(generator, images[:1], **options)
    np.testing.assert_allclose(first.latents, whole.latents[:1], atol=1e-5)


def test_restarts_keep_the_best_of_separate_descents():
    generator, images = tiny_generator(), random_images(6)
    drawn = sampling.latents(6, 2 * 5, seed=7)
    # Its 0 is that latent of the generator which its bias says.
    move = keras.layers.Dense(5)
    moved = keras.Sequential([keras.Input((5,)), move, generator])
    every = np.zeros((3, 6))
    latents, found_images = np.zeros((3, 6, 5)), np.zeros((3, 6, 4, 4, 3), int)
    for r in range(3):
        for i in range(6):
            start = np.zeros(5) if r == 0 else drawn[i, 5 * r - 5 : 5 * r]
            move.set_weights([np.eye(5), start])
            one = reconstruction_error(moved, images[i : i + 1], steps=10)
            every[r, i] = one.mean
            latents[r, i] = one.latents[0] + start
            found_images[r, i] = one.reconstructions[0]
    best = every.argmin(0)
    # Each start is some image's best one, or this would show little.
    assert set(best) == {0, 1, 2}
    at = np.arange(6)

    found = reconstruction_error(
        generator, images, steps=10, restarts=3, seed=7, batch_size=4
    )
    np.testing.assert_allclose(found.per_image, every[best, at], atol=1e-6)
    np.testing.assert_allclose(found.latents, latents[best, at], atol=1e-5)
    difference = found.reconstructions - found_images[best, at]
    assert np.abs(difference).max() <= 1
    assert found.mean == pytest.approx(found.per_image.mean(), rel=1e-6)


def test_a_generator_without_a_gradient_at_zero():
    layers = keras.layers
    latents = keras.Input((5,))
    x = layers.Dense(8, "relu", bias_initializer=lambda s, dtype: -np.ones(s))(
        latents
    )
    x = layers.Reshape((4, 4, 3))(layers.Dense(48, "tanh")(x))
    generator, images = keras.Model(latents, x), random_images(3)
    with pytest.warns(UserWarning, match="3 of 3 errors .* restarts=4"):
        stuck = reconstruction_error(generator, images, steps=5)
    np.testing.assert_array_equal(stuck.latents, 0)
    # Without a step no descent was asked for: no warning.
    reconstruction_error(generator, images, steps=0)


def test_uint8_and_float_images_agree():
    generator = tiny_generator()
    images = sampling.to_uint8(random_images(3))
    floats = images.astype(np.float32) / 127.5 - 1
    a = reconstruction_error(generator, images, steps=5)
    b = reconstruction_error(generator, floats, steps=5)
    np.testing.assert_allclose(a.per_image, b.per_image, atol=1e-6)


def test_no_variable_changes():
    generator = tiny_generator()
    before = [np.copy(weight) for weight in generator.get_weights()]
    reconstruction_error(generator, random_images(2), steps=3)
    for old, new in zip(before, generator.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_new_weights_are_seen():
    generator, other = tiny_generator(), tiny_generator(1)
    images = random_images(2)
    first = reconstruction_error(generator, images, steps=5)
    generator.set_weights(other.get_weights())
    second = reconstruction_error(generator, images, steps=5)
    expected = reconstruction_error(other, images, steps=5)
    np.testing.assert_array_equal(second.per_image, expected.per_image)
    assert not np.allclose(first.per_image, second.per_image)


def test_half_precision_is_measured_in_float32():
    images = random_images(3)
    half = tiny_generator(dtype="mixed_bfloat16")
    expected = reconstruction_error(tiny_generator(), images, steps=10)
    result = reconstruction_error(half, images, steps=10)
    np.testing.assert_allclose(result.per_image, expected.per_image, rtol=1e-6)
    # The copy follows the weights, and the original stays as it was.
    set_random_weights(half, 1)
    expected = reconstruction_error(tiny_generator(1), images, steps=10)
    result = reconstruction_error(half, images, steps=10)
    np.testing.assert_allclose(result.per_image, expected.per_image, rtol=1e-6)
    assert half.layers[1].compute_dtype == "bfloat16"


def test_a_global_policy_of_half_precision():
    images, before = random_images(3), keras.config.dtype_policy()
    expected = reconstruction_error(tiny_generator(), images, steps=10)
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        result = reconstruction_error(
            tiny_generator(dtype=None), images, steps=10
        )
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(before)
    np.testing.assert_allclose(result.per_image, expected.per_image, rtol=1e-6)


def test_half_precision_inside_a_nested_model():
    inner = tiny_generator(dtype="mixed_bfloat16")
    latents = keras.Input((5,))
    nested = keras.Model(latents, inner(latents))
    images = random_images(2)
    np.testing.assert_allclose(
        reconstruction_error(nested, images, steps=5).per_image,
        reconstruction_error(tiny_generator(), images, steps=5).per_image,
        rtol=1e-6,
    )


def test_progress():
    calls = []
    reconstruction_error(
        tiny_generator(),
        random_images(5),
        steps=1,
        batch_size=2,
        progress=lambda done, total: calls.append((done, total)),
    )
    assert calls == [(2, 5), (4, 5), (5, 5)]


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"images": np.zeros((2, 4, 5, 3))}, r"images.shape=\(2, 4, 5, 3\)"),
        ({"images": np.zeros((2, 4, 4, 1))}, r"images.shape=\(2, 4, 4, 1\)"),
        ({"images": np.zeros((4, 4, 3))}, r"images.shape=\(4, 4, 3\)"),
        ({"images": np.zeros((0, 4, 4, 3))}, r"images.shape=\(0, 4, 4, 3\)"),
        ({"images": np.zeros((1, 4, 4, 3), int)}, "images.dtype=int64"),
        ({"images": np.full((1, 4, 4, 3), 9.0)}, "images from 9.0 to 9.0"),
        ({"images": np.full((1, 4, 4, 3), np.nan)}, "images from nan to nan"),
        ({"steps": -1}, "steps=-1"),
        ({"steps": 1.5}, "steps=1.5"),
        ({"batch_size": 0}, "batch_size=0"),
        ({"learning_rate": 0.0}, "learning_rate=0.0"),
        ({"restarts": 0}, "restarts=0"),
        ({"restarts": 2.0}, "restarts=2.0"),
        ({"restarts": 2, "seed": 1 << 63}, "seed=9223372036854775808"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=f"Received: {message}"):
        reconstruction_error(
            tiny_generator(), **{"images": random_images(1), **arguments}
        )


@pytest.mark.integration
def test_the_other_backend_gives_the_same_numbers(tmp_path):
    other = {"tensorflow": "jax", "jax": "tensorflow"}[keras.backend.backend()]
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    script = (
        "import numpy, test_reconstruction as test\n"
        "numpy.savez('numbers.npz', **test.numbers())"
    )
    path = os.pathsep.join([str(ROOT), str(pathlib.Path(__file__).parent)])
    subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "KERAS_BACKEND": other, "PYTHONPATH": path},
    )
    here = numbers()
    with np.load(tmp_path / "numbers.npz") as there:
        np.testing.assert_allclose(
            there["per_image"], here["per_image"], atol=1e-6
        )
        np.testing.assert_allclose(
            there["restarted"], here["restarted"], atol=1e-6
        )
        np.testing.assert_allclose(there["latents"], here["latents"], atol=1e-5)
        difference = there["reconstructions"].astype(int)
        difference -= here["reconstructions"]
        assert np.abs(difference).max() <= 1
