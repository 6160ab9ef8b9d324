"""What keras.layers.SpectralNormalization does wrong, and ours does not.

Every test holds our layer to the right behaviour and then asserts a defect of
Keras's layer under the same conditions. A later Keras may mend one: its test is
then skipped with a message that says so, and both the test and what the
documents claim are to be deleted.
"""

import keras
import numpy as np
import pytest
import reference
from keras import ops

from kerasgan.layers import SpectralNormalization

MEASURED = "3.15.1"
Theirs = keras.layers.SpectralNormalization
Ours = SpectralNormalization
X = reference.float32(8, 5)


def assert_defect(there, what):
    """Keras has this defect, or is not the one that had it."""
    if not there and keras.version() != MEASURED:
        pytest.skip(f"mended since Keras {MEASURED}: {what}")
    assert there, what


def wrapped(kind, layer, input_shape, **options):
    """The layer with a raw weight whose singular values are far from 1."""
    layer = kind(layer, **options)
    layer.build(input_shape)
    layer.kernel.assign(2 * reference.float32(*layer.kernel.shape, seed=5))
    return layer


def dense(kind, dtype=None, **options):
    layer = keras.layers.Dense(4, use_bias=False, dtype=dtype)
    return wrapped(kind, layer, X.shape, dtype=dtype, **options)


def in_inference(layer):
    """The kernel that a `dense` works with."""
    return np.asarray(layer(np.eye(5, dtype="float32"), training=False))


def largest(kernel, axis=-1):
    """The largest singular value of a kernel as a matrix [out, rest]."""
    matrix = np.moveaxis(kernel, axis, 0).reshape(kernel.shape[axis], -1)
    return np.linalg.svd(matrix, compute_uv=False)[0]


def change(layer):
    """By what a training call changes the stored raw weight."""
    before = layer.kernel.numpy().copy()
    layer(X, training=True)
    return np.abs(layer.kernel.numpy() - before).max()


def test_a_training_call_overwrites_the_kernel():
    assert change(dense(Ours)) == 0
    assert_defect(
        change(dense(Theirs)) > 0.1,
        "a training call overwrites the raw weight",
    )


def test_a_training_call_overwrites_a_frozen_kernel():
    """As that of a discriminator in its generator's turn."""
    ours, theirs = dense(Ours), dense(Theirs)
    ours.trainable = theirs.trainable = False
    u = ours.u.numpy().copy()
    assert change(ours) == 0
    np.testing.assert_array_equal(ours.u.numpy(), u)
    assert_defect(
        change(theirs) > 0.1,
        "a training call overwrites the raw weight of a frozen layer",
    )


def test_no_gradient_flows_through_sigma_on_tensorflow(on_tensorflow):
    import tensorflow as tf

    probe = reference.float32(8, 4, seed=1)

    def gradient(layer):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(layer(X, training=True) * probe)
        return tape.gradient(loss, layer.kernel.value).numpy()

    # u and v have converged: they are the singular vectors.
    ours = dense(Ours, power_iterations=50)
    raw = ours.kernel.numpy()
    (expected,) = reference.differences(
        lambda w: np.sum(X @ (w / largest(w)) * probe),
        [raw.astype("float64")],
    )
    found = gradient(ours)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    assert abs(np.sum(found * raw)) < 1e-4
    # That of a plain layer: neither the right direction nor divided by sigma.
    found = gradient(dense(Theirs, power_iterations=50))
    plain = X.T @ probe
    assert abs(np.sum(plain * raw)) > 1
    assert_defect(
        np.allclose(found, plain, rtol=1e-5, atol=1e-5),
        "no gradient flows through sigma on TensorFlow",
    )


def after_fit(kind):
    """The raw weight and the kernel in inference."""
    layer = dense(kind, power_iterations=20)
    model = keras.Sequential([keras.Input(X.shape[1:]), layer])
    model.compile(keras.optimizers.SGD(0.5), "mse")
    model.fit(X, 5 * X[:, :4], batch_size=8, epochs=4, verbose=0)
    return layer.kernel.numpy(), in_inference(layer)


def test_fit_on_jax_leaves_an_unnormalized_kernel():
    """In a training step a layer cannot assign to a trained weight."""
    if not reference.is_jax():
        pytest.skip("needs the JAX backend")
    raw, kernel = after_fit(Ours)
    assert largest(raw) > 5
    np.testing.assert_allclose(largest(kernel), 1, rtol=1e-3)
    raw, kernel = after_fit(Theirs)
    assert_defect(
        largest(raw) > 5 and np.array_equal(kernel, raw),
        "on JAX the normalized kernel is lost, and inference uses the raw one",
    )


def test_fit_on_tensorflow_leaves_the_last_step_unnormalized(on_tensorflow):
    """Its kernel is normalized before the optimizer's step, not after it."""
    _, kernel = after_fit(Ours)
    np.testing.assert_allclose(largest(kernel), 1, rtol=1e-3)
    raw, kernel = after_fit(Theirs)
    assert_defect(
        np.array_equal(kernel, raw) and abs(largest(kernel) - 1) > 0.5,
        "inference after fit has the last step's unnormalized kernel",
    )


def test_inference_before_training_is_not_normalized():
    """As after loading the weights of a plain network."""

    def ratio(layer):
        small = in_inference(layer)
        layer.kernel.assign(8 * layer.kernel)
        return np.linalg.norm(in_inference(layer)) / np.linalg.norm(small)

    np.testing.assert_allclose(ratio(dense(Ours)), 1, rtol=1e-5)
    assert_defect(
        abs(ratio(dense(Theirs)) - 8) < 1e-4,
        "inference before the first training call does not normalize",
    )


def test_u_has_no_unit_length_at_build():
    np.testing.assert_allclose(
        np.linalg.norm(dense(Ours).u.numpy()), 1, rtol=1e-6
    )
    assert_defect(
        np.linalg.norm(dense(Theirs).vector_u.numpy()) < 0.5,
        "u has a length of about 0.02 a root of units at build",
    )


@pytest.mark.parametrize(
    "layer, size",
    [
        (keras.layers.Conv1DTranspose, (4,)),
        (keras.layers.Conv2DTranspose, (3, 3)),
        (keras.layers.Conv3DTranspose, (2, 2, 2)),
    ],
)
def test_transposed_kernels_are_read_along_the_wrong_axis(layer, size):
    """[..., out, in], of which it takes the last axis for the output's."""
    shape = (2, *size, 5)
    # [taps, out, in], whose largest singular values are about 13^(1/2) and 3,
    # and the others at most two thirds of these.
    kernel = 0.1 * reference.float32(3 ** len(size), 3, 5)
    kernel[0, 0, 0], kernel[1, 0, 1] = 3, 2

    def trained(kind):
        made = wrapped(kind, layer(3, 3), shape, power_iterations=5)
        made.kernel.assign(kernel.reshape(made.kernel.shape))
        for _ in range(4):
            made(reference.float32(*shape), training=True)
        return made

    ours = trained(Ours)
    assert ours.u.shape == (3,)
    right = ours.remove().kernel.numpy()
    np.testing.assert_allclose(largest(right, axis=-2), 1, rtol=1e-4)
    theirs = trained(Theirs).kernel.numpy()
    assert_defect(
        abs(largest(theirs, axis=-1) - 1) < 1e-3
        and abs(largest(theirs, axis=-2) - 1) > 0.05,
        "transposed kernels are normalized along their input axis",
    )


def embedding(kind, **options):
    return wrapped(kind, keras.layers.Embedding(7, 4, **options), (2, 3))


INDICES = np.array([[0, 1, 2], [4, 5, 6]])


def test_an_embedding_has_integer_outputs():
    # A random u far from the right one leaves values above 1, which are cast to 1.
    keras.utils.set_random_seed(0)
    ours = embedding(Ours)(INDICES, training=True)
    assert keras.backend.standardize_dtype(ours.dtype) == "float32"
    assert np.abs(ours).max() > 0.1
    theirs = embedding(Theirs)(INDICES, training=True)
    dtype = keras.backend.standardize_dtype(theirs.dtype)
    assert_defect(
        "int" in dtype and not np.any(theirs),
        "an embedding's outputs are cast to its inputs' integers",
    )


def test_an_embedding_takes_one_length_only():
    longer = np.zeros((2, 5), "int32")
    assert embedding(Ours)(longer).shape == (2, 5, 4)
    try:
        embedding(Theirs)(longer)
        message = ""
    except ValueError as error:
        message = str(error)
    assert_defect(
        "expected axis -1 of input shape to have value 3" in message,
        "an embedding takes only sequences of the length that it was built with",
    )


def test_the_mask_of_an_embedding_is_lost():
    def mask(kind):
        inputs = keras.Input((3,), dtype="int32")
        outputs = embedding(kind, mask_zero=True)(inputs)
        return getattr(outputs, "_keras_mask", None)

    assert mask(Ours) is not None
    assert_defect(mask(Theirs) is None, "the mask of an embedding is lost")


@pytest.mark.filterwarnings("ignore:.*overflow encountered in cast")
@pytest.mark.parametrize("half", ["bfloat16", "float16"])
def test_mixed_precision_rounds_the_raw_weight(half):
    """So that a step below half a digit of it is forgotten."""

    def stored(kind):
        layer = dense(kind, dtype=f"mixed_{half}")
        before = layer.kernel.numpy()
        layer(X, training=True)
        assert layer.kernel.dtype == "float32"
        return before, layer.kernel.numpy()

    def rounded(kernel):
        half_kernel = ops.cast(ops.cast(kernel, half), "float32")
        return np.array_equal(ops.convert_to_numpy(half_kernel), kernel)

    before, ours = stored(Ours)
    np.testing.assert_array_equal(ours, before)
    assert not rounded(ours)
    _, theirs = stored(Theirs)
    assert_defect(
        rounded(theirs),
        "under mixed precision the raw weight is rounded to half precision",
    )
