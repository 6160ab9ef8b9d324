"""Directions against NumPy, and latents that a user gives."""

import logging

import keras
import numpy as np
import pytest

import kerasgan
from kerasgan import sampling
from kerasgan.architectures import dcgan


@pytest.fixture(scope="module")
def generator():
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            keras.Input((5,)),
            keras.layers.Dense(48, name="first"),
            keras.layers.BatchNormalization(gamma_initializer="random_uniform"),
            keras.layers.Activation("tanh"),
            keras.layers.Reshape((4, 4, 3)),
        ]
    )


def folded(generator):
    gamma = np.asarray(generator.layers[1].gamma, np.float64)
    kernel = np.asarray(generator.layers[0].kernel, np.float64)
    return (kernel * gamma / np.sqrt(1 + 1e-3)).T


def same_up_to_sign(found, expected):
    cosines = np.abs(np.sum(found * expected, axis=1))
    np.testing.assert_allclose(cosines, 1, atol=1e-4)
    assert (found[np.arange(len(found)), np.abs(found).argmax(1)] > 0).all()


def test_sefa_is_the_singular_vectors_of_the_folded_kernel(generator):
    found = kerasgan.directions(generator, count=5)
    same_up_to_sign(found, np.linalg.svd(folded(generator))[2])
    np.testing.assert_allclose(found @ found.T, np.eye(5), atol=1e-5)


def test_pca_is_that_of_numpy(generator):
    found = kerasgan.directions(generator, "pca", 3)
    z = sampling.latents(2048, 5).astype(np.float64)
    y = np.tanh(z @ folded(generator).T)
    y -= y.mean(0)
    axes = np.linalg.svd(y, full_matrices=False)[2][:3]
    expected = np.linalg.lstsq(z - z.mean(0), y @ axes.T, rcond=None)[0].T
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    same_up_to_sign(found, expected)


@pytest.mark.parametrize("normalization", ["weight", "spectral", "batch"])
def test_conditional_generators_have_directions(normalization):
    generator, _ = dcgan(
        (8, 8, 3), 4, 2, normalization=normalization, num_classes=3
    )
    kernel = np.asarray(generator.get_layer("stem").kernel, np.float64)
    if normalization == "weight":
        kernel /= np.linalg.norm(kernel, axis=0) + 1e-8
    # Rows behind those of the latents are of the class.
    found = kerasgan.directions(generator, count=3)
    same_up_to_sign(found, np.linalg.svd(kernel[:4].T)[2][:3])
    found = kerasgan.directions(generator, "pca", 3)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)


def test_no_warning_of_retracing(generator, caplog):
    """Each call compiles a function that TensorFlow takes for the same one."""
    logging.getLogger("tensorflow").addHandler(caplog.handler)
    for _ in range(6):
        kerasgan.directions(generator, "pca", 1)
    assert caplog.text == ""


def test_bad_directions(generator):
    with pytest.raises(ValueError, match="Received: method='ica'"):
        kerasgan.directions(generator, "ica")
    with pytest.raises(ValueError, match="Received: count=6"):
        kerasgan.directions(generator, count=6)
    without = keras.Sequential(
        [keras.Input((12,)), keras.layers.Reshape((2, 2, 3))]
    )
    with pytest.raises(ValueError, match="begins with a dense layer"):
        kerasgan.directions(without)


def test_given_latents_draw_the_images_of_the_seed(generator, tmp_path):
    z = sampling.latents(70, 5, seed=3)
    sampling.save_latents(tmp_path / "z.npz", z, np.arange(70))
    z, labels = sampling.read_latents(tmp_path / "z.npz", 5)
    assert labels.tolist() == list(range(70))
    images = kerasgan.sample(generator, 70, seed=3)
    np.testing.assert_array_equal(kerasgan.sample(generator, latents=z), images)
    ends = [sampling.latents(1, 5, seed)[0] for seed in (0, 1)]
    np.testing.assert_array_equal(
        kerasgan.interpolate(generator, latents=np.stack(ends)),
        kerasgan.interpolate(generator),
    )
    moved = sampling.traverse(generator, z, np.eye(5)[0], (-2, 0))
    np.testing.assert_array_equal(moved[:, 1], images)
    assert not np.array_equal(moved[:, 0], images)


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((2, 4)),
        np.zeros(5),
        np.zeros((0, 5)),
        np.zeros((2, 5), int),
        np.full((2, 5), np.nan),
        np.full((2, 5), 1e300),
        np.full((2, 5), None),
    ],
)
def test_bad_latents(array, tmp_path):
    np.save(tmp_path / "z.npy", array, allow_pickle=True)
    with pytest.raises(ValueError, match="Received: "):
        sampling.read_latents(tmp_path / "z.npy", 5)
