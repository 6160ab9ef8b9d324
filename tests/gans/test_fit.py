"""The ways to run `fit`."""

import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, fed, images, linear_gan, table

from kerasgan.gans import NonSaturatingGAN


def trained(network_options=None, policy="float32", steps=4, **options):
    """A tiny GAN after some steps from numpy weights and fed latents."""
    networks = gan_models.tiny_networks(policy, **(network_options or {}))
    for seed, network in enumerate(networks):
        gan_models.set_numpy_weights(network, seed)
    gan = fed(gan_models.FedGAN(*networks), table(steps))
    gan.compile(keras.optimizers.SGD(2.0), keras.optimizers.SGD(2.0), **options)
    history = gan.fit(
        images(steps * BATCH, (8, 8, 3)),
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    )
    assert np.isfinite(list(history.history.values())).all()
    assert int(gan.steps) == steps
    return gan


def weights(gan):
    """Those of the average follow from the generator's."""
    return gan.generator.get_weights() + gan.discriminator.get_weights()


@pytest.fixture(scope="module")
def float32_weights():
    return weights(trained())


def test_global_settings_change_no_step(float32_weights):
    keras.config.set_image_data_format("channels_first")
    keras.config.set_epsilon(0.1)
    try:
        found = weights(trained())
        # Keras rounds arrays to it; the logs are means of thousands of steps.
        keras.config.set_floatx("float16")
        gan = linear_gan()
    finally:
        keras.config.set_image_data_format("channels_last")
        keras.config.set_floatx("float32")
        keras.config.set_epsilon(1e-7)
    for one, expected in zip(found, float32_weights, strict=True):
        np.testing.assert_allclose(one, expected, atol=1e-6)
    assert {v.dtype for v in gan.metrics_variables} == {"float32"}


def test_xla_is_left_out_on_a_cpu_of_tensorflow(on_tensorflow):
    import tensorflow as tf

    gan = linear_gan()
    has_gpu = bool(tf.config.list_physical_devices("GPU"))
    assert gan.jit_compile is has_gpu


@pytest.mark.parametrize(
    "policy, tolerance", [("mixed_bfloat16", 0.3), ("mixed_float16", 0.05)]
)
def test_mixed_precision_goes_the_way_of_float32(
    float32_weights, policy, tolerance
):
    start = [
        w
        for seed, network in enumerate(gan_models.tiny_networks())
        for w in gan_models.set_numpy_weights(network, seed).get_weights()
    ]
    gan = trained(policy=policy)
    moves, true = (
        np.concatenate(
            [(a - b).ravel() for a, b in zip(end, start, strict=True)]
        )
        for end in (weights(gan), float32_weights)
    )
    assert np.linalg.norm(true) > 0.1
    error = np.linalg.norm(moves - true) / np.linalg.norm(true)
    assert error < tolerance
    assert {w.dtype for w in gan.trainable_weights} == {"float32"}
    scaled = isinstance(
        gan.optimizer.generator, keras.optimizers.LossScaleOptimizer
    )
    assert scaled is (policy == "mixed_float16")


@pytest.mark.parametrize("part", ["generator", "discriminator"])
def test_float16_skips_the_update_that_overflows(part):
    """Its scale halves, and the other network is updated."""
    scales = {"generator": 2.0**8, "discriminator": 2.0**8, part: 2.0**100}
    gan = NonSaturatingGAN(*gan_models.stateful_networks("mixed_float16"))
    gan.compile(
        *(
            keras.optimizers.LossScaleOptimizer(
                keras.optimizers.SGD(0.1), initial_scale=scale
            )
            for scale in scales.values()
        )
    )
    before = {
        name: [v.numpy().copy() for v in getattr(gan, name).trainable_variables]
        for name in scales
    }
    gan.fit(images(BATCH), batch_size=BATCH, verbose=0)
    for name, weights in before.items():
        scale = float(getattr(gan.optimizer, name).dynamic_scale)
        assert scale == (2.0**99 if name == part else 2.0**8)
        moved = [
            (v.numpy() != old).any()
            for v, old in zip(getattr(gan, name).trainable_variables, weights)
        ]
        assert any(moved) == (name != part)


def test_weight_regularizers_count_in_the_update_of_their_network():
    """A step of gradient descent on the penalty shrinks the weight."""
    networks = gan_models.linear_networks()
    before = [network.get_weights()[0] for network in networks]
    after = {}
    for rate in (0.0, 0.5):
        networks = gan_models.linear_networks()
        for network in networks:
            (weight,) = network.trainable_variables
            weight.regularizer = keras.regularizers.L2(rate)
        gan = gan_models.fed(
            gan_models.FedGAN(*networks, ema_decay=None), gan_models.table(1)
        )
        gan.compile(
            *(keras.optimizers.SGD(1e-3) for _ in range(2)),
            run_eagerly=gan_models.EAGERLY,
        )
        gan.fit(gan_models.images(8), batch_size=8, verbose=0)
        after[rate] = [network.get_weights()[0] for network in networks]
    # The derivative of 0.5 w^2 is w. The generator sees a discriminator that
    # has moved a little further.
    for old, plain, shrunk in zip(before, after[0.0], after[0.5]):
        np.testing.assert_allclose(shrunk, plain - 1e-3 * old, atol=2e-6)


def test_jax_loops_over_the_steps_of_one_call(float32_weights, monkeypatch):
    jax = pytest.importorskip("jax")
    if keras.backend.backend() != "jax":
        pytest.skip("needs the JAX backend")
    scan, lengths = jax.lax.scan, []

    def recorded(function, state, batches):
        lengths.append(len(jax.tree.leaves(batches)[0]))
        return scan(function, state, batches)

    monkeypatch.setattr(jax.lax, "scan", recorded)
    found = weights(trained(steps_per_execution=3))
    # Each is compiled once.
    assert lengths == [3, 1]
    for one, expected in zip(found, float32_weights, strict=True):
        np.testing.assert_allclose(one, expected, atol=1e-6)
