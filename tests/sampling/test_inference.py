"""Calls of the network: of which rows, how often compiled, which kernels."""

import concurrent.futures

import keras
import numpy as np
import pytest
from keras import ops

import kerasgan
from kerasgan import layers, sampling
from kerasgan.sampling import inference


class Rounding(keras.layers.Layer):
    """Images that differ with the rows of a call and the place among them.

    So do those of kernels that round differently.
    """

    def __init__(self):
        super().__init__()
        self.calls = 0

    def call(self, inputs):
        self.calls += 1
        rows = ops.shape(inputs)[0]
        place = ops.cast(ops.arange(rows), "float32")[:, None]
        scale = ops.cast(rows, "float32")
        return ops.sin(inputs * 7.0 + place / 9.0 + scale / 5.0)


def rounding_generator():
    layer = Rounding()
    generator = keras.Sequential(
        [keras.Input((12,)), layer, keras.layers.Reshape((2, 2, 3))]
    )
    layer.calls = 0
    return generator, layer


@pytest.mark.parametrize("batch_size, most", [(64, 4), (6, 3), (1, 1)])
def test_longer_draws_begin_with_shorter_ones(batch_size, most):
    generator, layer = rounding_generator()

    def sample(count):
        return kerasgan.sample(generator, count, 2, batch_size=batch_size)

    longest = sample(130)
    assert len({image.tobytes() for image in longest}) == 130
    for count in (1, 2, 3, 5, 8, 9, 16, 17, 33, 63, 64, 65, 128, 129):
        np.testing.assert_array_equal(longest[:count], sample(count))
    # Also from a place within a call of the network on.
    for start in (1, 7, 64, 70):
        batches = list(
            sampling.stream(
                generator, 60, 2, batch_size=batch_size, start=start
            )
        )
        np.testing.assert_array_equal(
            np.concatenate(batches), longest[start : start + 60]
        )
        assert max(map(len, batches)) <= batch_size
    np.testing.assert_array_equal(
        kerasgan.interpolate(generator, (4, 2), 9, batch_size)[-1], longest[0]
    )
    backend = keras.backend.backend()
    assert layer.calls == {"tensorflow": 1, "jax": most}[backend]


def test_kernels_are_computed_when_weights_change():
    keras.utils.set_random_seed(0)
    inner = keras.layers.Dense(6)
    generator = keras.Sequential(
        [
            keras.Input((5,)),
            layers.SpectralNormalization(inner),
            layers.WeightNormalizedDense(12, scale=True, use_bias=True),
            keras.layers.Reshape((2, 2, 3)),
        ]
    )
    spectral, dense, _ = generator.layers
    draw, z = sampling.compiled(generator), sampling.latents(3, 5)
    before = None

    def check(same):
        nonlocal before
        expected = ops.convert_to_numpy(generator(z, training=False))
        np.testing.assert_allclose(draw(z), expected, rtol=1e-5, atol=1e-6)
        kernels = inference._networks[generator].kernels()
        assert (kernels is before) == same
        before = kernels

    check(same=False)
    check(same=True)
    dense.beta.assign(dense.beta + 1.0)
    inner.kernel.assign(inner.kernel * np.arange(1.0, 7.0))
    check(same=False)
    dense.gamma.assign_add(np.ones(12))
    check(same=False)
    spectral.u.assign(np.eye(6)[0])
    check(same=False)
    generator.compile("adam", "mse", jit_compile=False)
    generator.fit(z, np.zeros((3, 2, 2, 3)), verbose=0)
    check(same=False)
    if keras.backend.backend() == "tensorflow":
        # In the memory where it is, if nobody else holds it.
        dense.kernel.value[1:2, :3].assign([[4.0, 5.0, 6.0]])
        check(same=False)


def test_threads_that_draw_first_at_the_same_time_get_the_same_images():
    generator = keras.Sequential(
        [
            keras.Input((5,)),
            layers.WeightNormalizedDense(12, scale=True),
            keras.layers.Reshape((2, 2, 3)),
        ]
    )
    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        draws = [
            threads.submit(kerasgan.sample, generator, 20) for _ in range(8)
        ]
    first, *others = [draw.result().tobytes() for draw in draws]
    assert set(others) == {first}
    # The compiled function is the one that follows the weights.
    weights = generator.layers[0]
    weights.gamma.assign(weights.gamma * 2.0)
    expected = sampling.to_uint8(
        ops.convert_to_numpy(generator(sampling.latents(20, 5)))
    )
    difference = kerasgan.sample(generator, 20).astype(int) - expected
    assert np.abs(difference).max() <= 1


def test_images_can_be_written_to():
    generator, _ = rounding_generator()
    assert kerasgan.sample(generator, 1).flags.writeable
    for images in sampling.stream(generator, 130):
        assert images.flags.writeable


def test_black_images_are_said():
    generator, _ = rounding_generator()
    broken = keras.Sequential(
        [keras.Input((12,)), keras.layers.Rescaling(np.nan), *generator.layers]
    )
    with pytest.warns(UserWarning, match="black: are the generator's weights"):
        assert not kerasgan.sample(broken, 2).any()
