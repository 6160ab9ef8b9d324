import itertools

import gan_models
import keras
import numpy as np
import pytest
from gan_models import images, set_numpy_weights
from keras import ops

from kerasgan import layers
from kerasgan.gans import penalties

SHAPE = (3, 2, 2, 1)
REAL, FAKE = images(3, SHAPE[1:], 0), images(3, SHAPE[1:], 1)
ALPHA = np.array([0.0, 0.25, 1.0], "float32").reshape(3, 1, 1, 1)
NOISE = np.random.default_rng(2).uniform(size=SHAPE).astype("float32")

# Each with what it draws for REAL and FAKE.
PENALTIES = {
    "GradientPenalty": (penalties.GradientPenalty(), ALPHA),
    "R1": (penalties.R1(), None),
    "R2": (penalties.R2(), None),
    "DRAGAN": (penalties.DRAGAN(), (ALPHA, NOISE)),
    "Orthonormal": (penalties.Orthonormal(), None),
}
every_penalty = pytest.mark.parametrize("name", PENALTIES)


def tensors(structure):
    return keras.tree.map_structure(
        lambda x: None if x is None else ops.convert_to_tensor(x), structure
    )


def compute(name, critic, discriminator=None, real=REAL, fake=FAKE):
    """The penalty with the numbers above."""
    penalty, drawn = PENALTIES[name]
    real, fake, drawn = tensors((real, fake, drawn))
    return penalty.compute(discriminator, critic, real, fake, drawn)


@pytest.mark.parametrize("length", [1.0, 0.2, 3.0, 0.0])
def test_linear_critics(length, gradients):
    """(|w| - 1)^2, 0 for |w| = 1, and a finite gradient at |w| = 0."""
    direction = np.array([[0.6], [0.0], [-0.8], [0.0]], "float32")

    def penalty(w, name="GradientPenalty"):
        return compute(name, lambda x: ops.reshape(x, (-1, 4)) @ w)

    w = ops.convert_to_tensor(length * direction)
    for name in ("GradientPenalty", "DRAGAN"):
        np.testing.assert_allclose(
            penalty(w, name), (length - 1) ** 2, rtol=1e-5, atol=1e-12
        )
    np.testing.assert_allclose(penalty(w, "R1"), length**2 / 2, rtol=1e-5)
    (slope,) = gradients(penalty, np.asarray(w))
    expected = 2 * (length - 1) * direction if length else 0 * direction
    np.testing.assert_allclose(slope, expected, rtol=1e-5, atol=1e-6)


def test_a_flat_critic_does_not_spoil_the_gradients_of_others(gradients):
    """One image's zero norm does not spoil the others' gradient."""

    def penalty(w):
        # The slopes are 0, w and 2 w.
        steps = ops.reshape(ops.arange(3.0), (3, 1))
        return compute("GradientPenalty", lambda x: x[:, 0, 0] * steps * w)

    (slope,) = gradients(penalty, np.array([1.5], "float32"))
    np.testing.assert_allclose(slope, [(2 * 0.5 + 2 * 2 * 2.0) / 3], rtol=1e-5)


# Random numbers.


def test_what_is_drawn():
    seed = keras.random.SeedGenerator(0)
    real = np.zeros((400, 3, 2, 1), "float32")
    alpha = penalties.GradientPenalty().draw(real, real, seed)
    again, noise = penalties.DRAGAN().draw(real, real, seed)
    assert alpha.shape == again.shape == (400, 1, 1, 1)
    assert noise.shape == real.shape
    for drawn in (alpha, again, noise):
        drawn = np.asarray(drawn)
        assert len(np.unique(drawn)) > 0.99 * drawn.size
        assert drawn.min() >= 0 and drawn.max() <= 1
        assert abs(drawn.mean() - 0.5) < 0.06
        assert abs(drawn.var() - 1 / 12) < 0.02
    assert (np.asarray(alpha) != np.asarray(again)).all()
    assert penalties.R1().draw(real, real, seed) is None
    assert penalties.Orthonormal().draw(real, real, seed) is None


# Orthonormal.


def distance(kernel, axis):
    """||W W^T - I||_F^2 in float64."""
    w = np.moveaxis(kernel.numpy().astype("float64"), axis, 0)
    w = w.reshape(len(w), -1)
    return np.sum((w @ w.T - np.eye(len(w))) ** 2)


def orthonormal(*stack):
    """The penalty of a model of some layers, which have odd shapes."""
    model = keras.Sequential([keras.Input((5, 6, 2)), *stack])
    set_numpy_weights(model)
    return model, float(compute("Orthonormal", None, model))


LAYERS = {
    "Conv2D": (lambda: keras.layers.Conv2D(3, (2, 3)), -1),
    "Conv2DTranspose": (
        lambda: keras.layers.Conv2DTranspose(3, (2, 3), (1, 2)),
        -2,
    ),
    "Dense": (lambda: keras.layers.Dense(4), -1),
    "SpectralNormalization": (
        lambda: layers.SpectralNormalization(
            keras.layers.Conv2DTranspose(3, (2, 3))
        ),
        -2,
    ),
    "WeightNormalization": (
        lambda: layers.WeightNormalization(keras.layers.Conv2D(3, (2, 3))),
        -1,
    ),
    "Keras's SpectralNormalization": (
        lambda: keras.layers.SpectralNormalization(
            keras.layers.Conv2D(3, (2, 3))
        ),
        -1,
    ),
    "WeightNormalizedDense": (lambda: layers.WeightNormalizedDense(4), -1),
    "WeightNormalizedConv2D": (
        lambda: layers.WeightNormalizedConv2D(3, (2, 3), scale=True),
        -1,
    ),
    "WeightNormalizedConv2DTranspose": (
        lambda: layers.WeightNormalizedConv2DTranspose(3, (2, 3), 2),
        -2,
    ),
}


@pytest.mark.parametrize("kind", LAYERS)
def test_orthonormal_of_each_layer(kind):
    """The raw kernel, once, along the right axis."""
    make, axis = LAYERS[kind]
    layer = make()
    _, value = orthonormal(layer)
    inner = getattr(layer, "layer", layer)
    expected = distance(inner.kernel, axis)
    assert expected > 0.1
    if len(inner.kernel.shape) == 4:
        other = distance(inner.kernel, -3 - axis)
        assert abs(other - expected) > 0.01 * expected
    np.testing.assert_allclose(value, expected, rtol=1e-5)


def test_orthonormal_sums_over_all_kernels_at_any_depth():
    inner = keras.Sequential([keras.layers.Dense(3), keras.layers.PReLU()])
    conv = keras.layers.Conv2D(3, 2)
    _model, value = orthonormal(
        conv,
        keras.layers.LayerNormalization(),
        # Has no kernel that counts.
        keras.layers.DepthwiseConv2D(2),
        inner,
        layers.TPReLU(),
    )
    expected = distance(conv.kernel, -1) + distance(inner.layers[0].kernel, -1)
    np.testing.assert_allclose(value, expected, rtol=1e-5)


@pytest.mark.parametrize("out, rest", [(3, 5), (4, 4), (5, 3)])
def test_orthonormal_filters(out, rest):
    """0, or out - rest where there are more filters than numbers in one."""
    model = keras.Sequential([keras.Input((rest,)), keras.layers.Dense(out)])
    sizes = max(out, rest), min(out, rest)
    basis, _ = np.linalg.qr(np.random.default_rng(0).normal(size=sizes))
    model.set_weights([basis if out <= rest else basis.T, np.ones(out)])
    np.testing.assert_allclose(
        compute("Orthonormal", None, model), max(out - rest, 0), atol=1e-5
    )


def test_orthonormal_needs_a_kernel():
    with pytest.raises(ValueError, match="Received: discriminator="):
        orthonormal(keras.layers.Flatten())


# In a step.


def network(policy="float32"):
    _, discriminator = gan_models.tiny_networks(
        policy, normalization="weight", features=2
    )
    return set_numpy_weights(discriminator, 3)


def on_network(name, discriminator):
    """The penalty and its gradients as a function of the weights."""
    shape = (4, 8, 8, 3)
    real, fake = images(4, shape[1:], 5), images(4, shape[1:], 6)
    alpha = np.linspace(0, 1, 4, dtype="float32").reshape(4, 1, 1, 1)
    noise = np.abs(images(4, shape[1:], 7))
    drawn = {"GradientPenalty": alpha, "DRAGAN": (alpha, noise)}.get(name)
    variables, penalty = discriminator.trainable_variables, PENALTIES[name][0]

    def function(*weights):
        with keras.StatelessScope(list(zip(variables, weights))):
            return penalty.compute(
                discriminator,
                lambda x: 20.0 * discriminator(x, training=True),
                *tensors((real, fake, drawn)),
            )

    return function, discriminator.get_weights()


def value_and_gradients(function, weights, compiled=None):
    """Of a scalar function; on TensorFlow eagerly unless it is compiled."""
    if keras.backend.backend() == "jax":
        import jax

        function = jax.value_and_grad(function, tuple(range(len(weights))))
        return jax.jit(function)(*weights)
    import tensorflow as tf

    def both(*weights):
        with tf.GradientTape() as tape:
            tape.watch(weights)
            value = function(*weights)
        return value, tape.gradient(
            value, weights, unconnected_gradients="zero"
        )

    if compiled is not None:
        both = tf.function(both, jit_compile=compiled == "xla")
    return both(*(tf.constant(w) for w in weights))


@pytest.mark.integration
@every_penalty
@pytest.mark.parametrize("compiled", ["graph", "xla"])
def test_in_a_branch_of_a_compiled_step(name, compiled):
    if compiled == "graph" and keras.backend.backend() == "jax":
        pytest.skip("JAX compiles with XLA, always")
    penalty, weights = on_network(name, network())
    value, gradients = value_and_gradients(penalty, weights)
    assert float(value) > 0.01

    def lazy(turn, *weights):
        return ops.cond(
            ops.equal(turn % 4.0, 0.0),
            lambda: 3.0 * penalty(*weights),
            lambda: ops.zeros(()),
        )

    for turn, factor in ((4.0, 3.0), (5.0, 0.0)):
        found, (_, *slopes) = value_and_gradients(
            lazy, [np.float32(turn), *weights], compiled
        )
        np.testing.assert_allclose(found, factor * value, rtol=1e-4)
        for a, b in zip(slopes, gradients, strict=True):
            np.testing.assert_allclose(a, factor * b, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "name, policy, tolerance",
    [
        (name, *policy)
        for name, policy in zip(
            PENALTIES,
            itertools.cycle([("mixed_bfloat16", 0.1), ("mixed_float16", 0.02)]),
        )
    ],
)
def test_half_precision_is_near_float32(name, policy, tolerance):
    penalty, weights = on_network(name, network())
    value, gradients = value_and_gradients(penalty, weights, "graph")
    penalty, weights = on_network(name, network(policy))
    # As loss scaling does.
    half, slopes = value_and_gradients(
        lambda *weights: 2.0**10 * penalty(*weights), weights, "graph"
    )
    assert half.dtype == value.dtype
    np.testing.assert_allclose(half / 2.0**10, value, rtol=tolerance)
    true = np.concatenate([np.ravel(g) for g in gradients])
    found = np.concatenate([np.ravel(g) for g in slopes]) / 2.0**10
    assert np.linalg.norm(found - true) < tolerance * np.linalg.norm(true)


def test_slopes_beyond_the_range_of_float16():
    """The sum of squares, 120,000, is above 65,504."""

    def critic(x):
        x = ops.cast(x, "float16")
        return ops.cast(ops.sum(100 * x, axis=(1, 2, 3)), "float32")[:, None]

    shape = (3, 2, 2, 3)
    real = np.zeros(shape, "float16")
    np.testing.assert_allclose(
        compute("R1", critic, real=real), 60_000, rtol=1e-5
    )
    norm = 120_000**0.5
    drawn = ops.convert_to_tensor(ALPHA)
    value = penalties.GradientPenalty().compute(None, critic, real, real, drawn)
    np.testing.assert_allclose(value, (norm - 1) ** 2, rtol=1e-5)


# Arguments.


@every_penalty
def test_configuration_round_trip(name):
    penalty = type(PENALTIES[name][0])(weight=3, interval=4)
    config = keras.saving.serialize_keras_object(penalty)
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is type(penalty)
    assert (again.weight, again.interval) == (3.0, 4)
