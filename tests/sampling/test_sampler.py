import gc
import weakref

import keras
import numpy as np
import pytest
from scipy import stats

import kerasgan
from kerasgan import sampling


def tiny_generator(channels=3, seed=0):
    keras.utils.set_random_seed(seed)
    return keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(2 * 2 * 4, activation="relu"),
            keras.layers.BatchNormalization(),
            keras.layers.Reshape((2, 2, 4)),
            keras.layers.Conv2DTranspose(
                channels, 4, 2, "same", activation="tanh"
            ),
        ]
    )


# The known-answer vectors of Random123 (tests/kat_vectors, threefry2x32, 20
# rounds).
@pytest.mark.parametrize(
    "key, counter, expected",
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        (
            (0xFFFFFFFF, 0xFFFFFFFF),
            (0xFFFFFFFF, 0xFFFFFFFF),
            (0x1CB996FC, 0xBB002BE7),
        ),
        (
            (0x13198A2E, 0x03707344),
            (0x243F6A88, 0x85A308D3),
            (0xC4923A9C, 0x483DF7A0),
        ),
    ],
)
def test_threefry_known_answers(key, counter, expected):
    words = sampling.threefry(key, tuple(np.uint32(c) for c in counter))
    assert tuple(int(word) for word in words) == expected


def test_threefry_equals_jax():
    random = pytest.importorskip("jax.extend.random")
    rng = np.random.default_rng(0)
    counter = rng.integers(0, 2**32, (2, 50), dtype=np.uint32)
    key = np.array([123456789, 4000000000], np.uint32)
    expected = np.asarray(random.threefry_2x32(key, counter.ravel()))
    words = sampling.threefry([int(k) for k in key], counter)
    np.testing.assert_array_equal(np.concatenate(words), expected)


def test_latents_follow_the_stated_formula():
    # Row 3, column 2 by hand: the seed's low word is the first word of the key.
    seed = -5
    word, _ = sampling.threefry(
        (2**32 - 5, 2**32 - 1), (np.uint32(3), np.uint32(2))
    )
    u = (int(word) + 0.5) / 2**32
    z = sampling.latents(4, 3, seed=seed)
    assert z.dtype == np.float32 and z.shape == (4, 3)
    assert z[3, 2] == np.float32(stats.norm.ppf(u))
    t = sampling.latents(4, 3, seed=seed, truncation=0.7)
    low, high = stats.norm.cdf([-0.7, 0.7])
    assert t[3, 2] == np.float32(stats.norm.ppf(low + u * (high - low)))


def test_latents_depend_on_seed_and_place_alone():
    whole = sampling.latents(10, 6, seed=2**40 + 1)
    np.testing.assert_array_equal(
        whole[4:], sampling.latents(6, 6, seed=2**40 + 1, start=4)
    )
    np.testing.assert_array_equal(
        whole[:, :4], sampling.latents(10, 4, seed=2**40 + 1)
    )
    # Both halves of the seed, and its sign, matter.
    draws = [
        sampling.latents(1, 4, seed=seed).tobytes()
        for seed in (0, 1, -1, 2**32, 2**63 - 1, -(2**63))
    ]
    assert len(set(draws)) == len(draws)


def test_latents_are_normal():
    z = sampling.latents(2000, 100, seed=7).astype(np.float64)
    assert abs(z.mean()) < 4 / np.sqrt(z.size)
    assert abs(z.std() - 1) < 4 / np.sqrt(2 * z.size)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-3
    # Neither neighbours in a row nor those in a column go together.
    assert abs((z[:, 1:] * z[:, :-1]).mean()) < 0.01
    assert abs((z[1:] * z[:-1]).mean()) < 0.01


@pytest.mark.parametrize("truncation", [0.01, 0.5, 2, 7.0, 30.0])
def test_truncated_latents(truncation):
    z = sampling.latents(500, 100, seed=1, truncation=truncation)
    assert np.abs(z).max() <= truncation
    cut = stats.truncnorm(-truncation, truncation)
    assert stats.kstest(z.ravel().astype(np.float64), cut.cdf).pvalue > 1e-3


@pytest.mark.parametrize(
    "name, value",
    [
        ("count", 0),
        ("count", -1),
        ("count", 2.5),
        ("count", True),
        ("latent_dim", 0),
        ("latent_dim", None),
        ("seed", 2**63),
        ("seed", -(2**63) - 1),
        ("seed", 0.5),
        ("seed", "0"),
        ("start", -1),
        ("start", 2**32),
        ("truncation", 0),
        ("truncation", -1.0),
        ("truncation", float("nan")),
        ("truncation", "much"),
    ],
)
def test_bad_arguments_of_latents(name, value):
    arguments = {"count": 2, "latent_dim": 3, name: value}
    with pytest.raises(ValueError, match=f"{name}.*Received: {name}="):
        sampling.latents(**arguments)


def test_to_uint8():
    images = np.array([-3.0, -1.0, -0.997, 0.0, 0.5, 1.0, 1.5], np.float32)
    expected = [0, 0, 0, 128, 191, 255, 255]
    assert sampling.to_uint8(images).tolist() == expected
    # Every value comes back.
    values = np.arange(256, dtype=np.uint8)
    back = sampling.to_uint8(values.astype(np.float32) / 127.5 - 1)
    np.testing.assert_array_equal(back, values)


def test_slerp_turns_by_equal_angles():
    a, b = np.array([2.0, 0.0, 0.0]), np.array([0.0, 4.0, 0.0])
    path = sampling.slerp(a, b, 4)
    angles = np.radians([0, 30, 60, 90])
    lengths = np.array([2, 8 / 3, 10 / 3, 4])
    expected = np.stack([np.cos(angles), np.sin(angles), 0 * angles], 1)
    np.testing.assert_allclose(path, expected * lengths[:, None], atol=1e-6)


@pytest.mark.parametrize("factor", [1.0, 3.0, -1.0, -2.0, -1.0000001, 0.0])
def test_slerp_of_vectors_on_one_line(factor):
    a = np.array([1.0, -2.0, 0.5, 0.0], np.float32)
    b = np.float32(factor) * a
    path = sampling.slerp(a, b, 5)
    np.testing.assert_array_equal(path[[0, -1]], [a, b])
    length = np.linalg.norm(a)
    expected = length * np.linspace(1, abs(factor), 5)
    np.testing.assert_allclose(
        np.linalg.norm(path, axis=1), expected, atol=1e-6
    )
    # No step is much longer than the others.
    moves = np.linalg.norm(np.diff(path, axis=0), axis=1)
    assert moves.max() <= 2 * moves.mean() + 1e-6


def test_slerp_keeps_latents_at_their_length():
    a, b = sampling.latents(2, 128, seed=3)
    lengths = np.linalg.norm(sampling.slerp(a, b, 9), axis=1)
    ends = sorted([np.linalg.norm(a), np.linalg.norm(b)])
    assert ends[0] - 1e-4 <= lengths.min() and lengths.max() <= ends[1] + 1e-4


def test_bad_arguments_of_slerp():
    with pytest.raises(ValueError, match="Received: steps=1"):
        sampling.slerp(np.ones(3), np.ones(3), 1)
    with pytest.raises(ValueError, match="Received: shapes="):
        sampling.slerp(np.ones(3), np.ones(4), 3)


@pytest.mark.parametrize("channels", [1, 3])
def test_sample_equals_the_model(channels):
    generator = tiny_generator(channels)
    images = kerasgan.sample(generator, 7, seed=5, truncation=1.5, batch_size=3)
    z = sampling.latents(7, 5, seed=5, truncation=1.5)
    expected = keras.ops.convert_to_numpy(generator(z, training=False))
    assert images.dtype == np.uint8 and images.shape == (7, 4, 4, channels)
    assert np.abs(images - (expected + 1) * 127.5).max() < 0.51
    assert images.std() > 1


def test_a_longer_draw_begins_with_a_shorter_one():
    generator = tiny_generator()
    long = kerasgan.sample(generator, 70, seed=2)
    np.testing.assert_array_equal(long[:6], kerasgan.sample(generator, 6, 2))
    assert not np.array_equal(long[:6], kerasgan.sample(generator, 6, 3))


def test_sample_sees_new_weights():
    generator = tiny_generator()
    before = kerasgan.sample(generator, 4)
    other = tiny_generator(seed=1)
    generator.set_weights(other.get_weights())
    after = kerasgan.sample(generator, 4)
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(after, kerasgan.sample(other, 4))


def test_sample_changes_no_variable():
    generator = tiny_generator()
    before = [np.copy(weight) for weight in generator.get_weights()]
    kerasgan.sample(generator, 4)
    for old, new in zip(before, generator.get_weights()):
        np.testing.assert_array_equal(old, new)


def test_the_generator_is_traced_once_and_can_be_collected():
    calls = []

    class Counter(keras.layers.Layer):
        def call(self, inputs):
            calls.append(1)
            return inputs

    generator = keras.Sequential(
        [
            keras.Input((5,)),
            Counter(),
            keras.layers.Dense(12),
            keras.layers.Reshape((2, 2, 3)),
        ]
    )
    calls.clear()
    for count in (1, 5, 64, 100):
        kerasgan.sample(generator, count)
    assert len(calls) == 1
    reference = weakref.ref(generator)
    keras.backend.clear_session()
    del generator
    gc.collect()
    assert reference() is None


def test_compiled_holds_its_generator():
    draw = sampling.compiled(tiny_generator(), batch_size=2)
    gc.collect()
    z = sampling.latents(3, 5)
    expected = keras.ops.convert_to_numpy(tiny_generator()(z, training=False))
    images = draw(z)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, expected, atol=1e-6)


def test_interpolate_ends_at_the_first_images():
    generator = tiny_generator()
    images = kerasgan.interpolate(generator, seeds=(4, -9), steps=5)
    assert images.shape == (5, 4, 4, 3) and images.dtype == np.uint8
    for index, seed in ((0, 4), (-1, -9)):
        np.testing.assert_array_equal(
            images[index], kerasgan.sample(generator, 1, seed)[0]
        )
    assert len({image.tobytes() for image in images}) == 5


def test_bad_arguments_of_drawing():
    generator = tiny_generator()
    with pytest.raises(ValueError, match="Received: count=0"):
        kerasgan.sample(generator, 0)
    with pytest.raises(ValueError, match="Received: batch_size=0"):
        kerasgan.sample(generator, 1, batch_size=0)
    with pytest.raises(ValueError, match="Received: steps=1"):
        kerasgan.interpolate(generator, steps=1)
    with pytest.raises(ValueError, match=r"Received: seeds=\(1, 2, 3\)"):
        kerasgan.interpolate(generator, seeds=(1, 2, 3))
    with pytest.raises(ValueError, match=r"Received: shape=\(2, 4\)"):
        sampling.compiled(generator)(np.zeros((2, 4)))
    image = keras.Input((4, 4, 3))
    classifier = keras.Model(image, keras.layers.Flatten()(image))
    with pytest.raises(ValueError, match=r"input_shape=\(None, 4, 4, 3\)"):
        kerasgan.sample(classifier, 1)
