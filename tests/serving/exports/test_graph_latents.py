import numpy as np
import pytest
from needs_tensorflow import tf

from kerasgan import sampling
from kerasgan.serving.exports import graph_latents as graph


@tf.function(
    input_signature=[
        tf.TensorSpec([], tf.int32),
        tf.TensorSpec([], tf.int64),
        tf.TensorSpec([], tf.float32),
        tf.TensorSpec([], tf.int32),
    ]
)
def draw(count, seed, truncation, start):
    return graph.latents(count, 6, seed, truncation, start)


@tf.function(reduce_retracing=True)
def slerp(a, b, steps):
    return graph.slerp(a, b, steps)


@pytest.mark.parametrize(
    "key, counter, expected",
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 2, (0x1CB996FC, 0xBB002BE7)),
        (
            (0x13198A2E, 0x03707344),
            (0x243F6A88, 0x85A308D3),
            (0xC4923A9C, 0x483DF7A0),
        ),
    ],
)
def test_threefry_known_answers(key, counter, expected):
    key, counter = (
        [tf.constant(word, tf.uint32) for word in words]
        for words in (key, counter)
    )
    assert tuple(map(int, graph.threefry(key, counter))) == expected


def test_the_labels_are_those_of_the_library():
    for seed in (0, -1, 2**40 + 5):
        for start, classes in ((0, 3), (70, 2**31 - 1)):
            found = graph.labels(9, classes, tf.constant(seed, tf.int64), start)
            expected = sampling.labels(9, classes, seed, start)
            np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "seed", [0, 1, -1, 2**31, 2**32, -(2**40) - 7, 2**63 - 1, -(2**63)]
)
def test_the_latents_are_those_of_the_library(seed):
    z = draw(50, seed, 0.0, 0)
    assert z.dtype == tf.float32
    np.testing.assert_allclose(z, sampling.latents(50, 6, seed), atol=1e-6)
    # And a part of a longer draw.
    np.testing.assert_array_equal(draw(20, seed, 0.0, 30), z[30:])
    without = graph.latents(5, 6, tf.constant(seed, tf.int64))
    np.testing.assert_array_equal(without, z[:5])


@pytest.mark.parametrize("truncation", [0.01, 0.5, 2.0, 7.0, 30.0])
def test_truncation(truncation):
    z = draw(200, 3, truncation, 0)
    truncation = float(np.float32(truncation))
    expected = sampling.latents(200, 6, 3, truncation)
    np.testing.assert_allclose(z, expected, atol=1e-6)
    assert np.abs(z).max() <= truncation


@pytest.mark.parametrize("truncation", [0.0, -1.0, np.inf, -np.inf, np.nan])
def test_what_is_no_truncation(truncation):
    expected = draw(5, 3, 0.0, 0)
    np.testing.assert_array_equal(draw(5, 3, truncation, 0), expected)
    np.testing.assert_allclose(expected, sampling.latents(5, 6, 3), atol=1e-6)


@pytest.mark.parametrize("steps", [2, 3, 9])
@pytest.mark.parametrize("factor", [None, 1, 3, -1, -2, -1.0000001, 0])
def test_slerp(factor, steps):
    a, b = sampling.latents(2, 6, 1)
    if factor is not None:
        b = np.float32(factor) * a
    for ends in ((a, b), (b, a)):
        path = slerp(*ends, tf.constant(steps))
        expected = sampling.slerp(*ends, steps)
        np.testing.assert_allclose(path, expected, atol=1e-6)
        np.testing.assert_array_equal(path[0], ends[0])
        np.testing.assert_array_equal(path[-1], ends[1])


def test_slerp_of_zeros():
    path = slerp([0.0] * 6, [0.0] * 6, 3)
    np.testing.assert_array_equal(path, np.zeros((3, 6)))
