"""Sampling from conditional generators."""

import gc
import weakref

import keras
import numpy as np
import pytest
from small_networks import tiny_conditional

import kerasgan
from kerasgan import sampling

NAMES = ["ant", "bee", "cat"]


@pytest.fixture(scope="module")
def generator():
    return tiny_conditional(NAMES)


def expected(generator, z, labels):
    inputs = [z, np.asarray(labels, np.int32)]
    images = keras.ops.convert_to_numpy(generator(inputs, training=False))
    return (images + 1) * 127.5


def test_labels_follow_the_stated_formula():
    seed, count = -5, 9
    drawn = sampling.labels(count, 10, seed=seed)
    assert drawn.dtype == np.int32 and drawn.shape == (count,)
    for i in range(count):
        _, word = sampling.threefry(
            (2**32 - 5, 2**32 - 1), (np.uint32(i), np.uint32(0))
        )
        assert drawn[i] == int(word) * 10 // 2**32
    np.testing.assert_array_equal(
        sampling.labels(5, 10, seed=seed, start=4), drawn[4:]
    )
    counts = np.bincount(sampling.labels(7000, 7), minlength=7)
    assert ((counts - 1000) ** 2 / 1000).sum() < 30
    with pytest.raises(ValueError, match="Received: num_classes=0"):
        sampling.labels(1, 0)


def test_classes_are_drawn_from_the_seed(generator):
    images = kerasgan.sample(generator, 7, seed=5, batch_size=3)
    labels = sampling.labels(7, 3, seed=5)
    assert len(set(labels)) == 3
    z = sampling.latents(7, 4, seed=5)
    assert np.abs(images - expected(generator, z, labels)).max() < 0.51
    np.testing.assert_array_equal(
        images, kerasgan.sample(generator, 7, seed=5, label=labels)
    )
    parts = [*sampling.stream(generator, 3, seed=5, start=4)]
    np.testing.assert_array_equal(images[4:], np.concatenate(parts))


def test_one_class_is_a_block_of_all(generator):
    every = kerasgan.sample(generator, 5, 1, label="all", batch_size=4)
    assert every.shape == (15, 4, 4, 3)
    for index, name in enumerate(NAMES):
        block = every[5 * index : 5 * index + 5]
        for label in (index, str(index), name, np.int64(index), [name] * 5):
            np.testing.assert_array_equal(
                block, kerasgan.sample(generator, 5, 1, label=label)
            )
    assert not np.array_equal(every[:5], every[5:10])


def test_interpolation_mixes_classes(generator):
    path = kerasgan.interpolate(generator, (4, 9), 5, labels=("cat", 0))
    for at, seed, label in ((0, 4, "cat"), (-1, 9, "ant")):
        np.testing.assert_array_equal(
            path[at], kerasgan.sample(generator, 1, seed, label=label)[0]
        )
    # Half of each class, by hand: the matrix is linear, what follows is not.
    ends = [sampling.latents(1, 4, seed)[0] for seed in (4, 9)]
    middle = sampling.slerp(*ends, 5)[2]
    rows = generator.get_layer("embedding").kernel.numpy()
    dense = generator.get_layer("images")
    hidden = np.tanh(middle + (rows[2] + rows[0]) / 2)
    image = np.tanh(hidden @ dense.kernel.numpy() + dense.bias.numpy())
    image = (image.reshape(4, 4, 3) + 1) * 127.5
    assert np.abs(path[2] - image).max() < 0.51
    drawn = [int(sampling.labels(1, 3, seed)[0]) for seed in (4, 9)]
    for labels, ends in (
        (None, drawn),
        ("bee", ("bee", "bee")),
        (1, (1, 1)),
    ):
        np.testing.assert_array_equal(
            kerasgan.interpolate(generator, (4, 9), 5, labels=labels),
            kerasgan.interpolate(generator, (4, 9), 5, labels=ends),
        )


@pytest.mark.parametrize(
    "options, message",
    [
        ({"label": "dog"}, "ant, bee, cat.*Received: label='dog'"),
        ({"label": 3}, "from 0 to 2. Received: label=3"),
        ({"label": [0, 1]}, "as many as images, 4. Received: 2 labels"),
        ({"label": [0, 1, 2, 3]}, "Received: label=3"),
        ({"label": 0.5}, "Received: label=0.5"),
    ],
)
def test_bad_labels(generator, options, message):
    with pytest.raises(ValueError, match=message):
        kerasgan.sample(generator, 4, **options)


def test_bad_labels_of_other_functions(generator):
    with pytest.raises(ValueError, match="one class, or those of both ends"):
        kerasgan.interpolate(generator, labels=(0, 1, 2))
    with pytest.raises(ValueError, match="one class, or those of both ends"):
        kerasgan.interpolate(generator, labels="all")
    z = sampling.latents(2, 4)
    inputs = generator.inputs[::-1]
    swapped = keras.Model(inputs, generator(inputs[::-1]))
    with pytest.raises(ValueError, match="a second one of labels"):
        kerasgan.sample(swapped, 1)
    with pytest.raises(ValueError, match="Received: labels=None"):
        sampling.compiled(generator)(z)
    with pytest.raises(ValueError, match=r"Received: labels=\(2, 2\)"):
        sampling.compiled(generator)(z, np.zeros((2, 2)))
    plain = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    for call in (
        lambda: kerasgan.sample(plain, 1, label="cat"),
        lambda: kerasgan.interpolate(plain, labels="cat"),
    ):
        with pytest.raises(
            ValueError, match="not class-conditional.*label='cat'"
        ):
            call()


def test_a_generator_that_does_not_know_its_classes():
    latents = keras.Input((4,), name="latents")
    labels = keras.Input((), dtype="int32", name="labels")
    hidden = keras.layers.Embedding(3, 4)(labels) + latents
    images = keras.layers.Reshape((4, 4, 3))(keras.layers.Dense(48)(hidden))
    own = keras.Model([latents, labels], images)
    chosen = kerasgan.sample(own, 2, label=[2, 0])
    z = sampling.latents(2, 4)
    clipped = np.clip(expected(own, z, [2, 0]), 0, 255)
    assert np.abs(chosen - clipped).max() < 0.51
    kerasgan.interpolate(own, labels=2)
    for label in (None, "all", "cat"):
        with pytest.raises(ValueError, match="OneHot.*Received: label="):
            kerasgan.sample(own, 2, label=label)
    with pytest.raises(ValueError, match="OneHot"):
        kerasgan.interpolate(own, labels=(0, 1))


def test_a_mixing_generator_stays_as_it_is_and_can_be_collected():
    generator = tiny_conditional(NAMES)
    before = generator.get_config()
    kerasgan.interpolate(generator, labels=("ant", "bee"))
    assert generator.get_config() == before
    reference = weakref.ref(generator)
    keras.backend.clear_session()
    del generator
    gc.collect()
    assert reference() is None
