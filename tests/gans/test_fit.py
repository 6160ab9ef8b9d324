"""The ways to run `fit`."""

import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, NumpyGAN, fed, images, linear_gan, table

from kerasgan.gans import NonSaturatingGAN


class Batches(keras.utils.PyDataset):
    def __init__(self, real):
        super().__init__()
        self.real = real

    def __len__(self):
        return len(self.real) // BATCH

    def __getitem__(self, index):
        return self.real[index * BATCH : (index + 1) * BATCH]


def tensorflow_dataset(real):
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices(real).batch(BATCH)
    # Of unknown rank.
    return data.map(lambda x: tf.numpy_function(lambda y: y, [x], x.dtype))


@pytest.mark.parametrize("kind", ["array", "tf.data", "PyDataset", "generator"])
def test_every_kind_of_data(kind, request):
    real, steps = images(3 * BATCH), 3
    if kind == "tf.data":
        request.getfixturevalue("on_tensorflow")
    data = {
        "array": lambda: real,
        "tf.data": lambda: tensorflow_dataset(real),
        "PyDataset": lambda: Batches(real),
        "generator": lambda: (batch for batch in np.split(real, steps)),
    }[kind]()
    gan = fed(linear_gan(), table(steps))
    peer = NumpyGAN(gan)
    for step in range(steps):
        share = real[step * BATCH : (step + 1) * BATCH]
        peer.discriminator_step(share, gan.table[step, 0])
        peer.generator_step(gan.table[step, 1])
    options = {"batch_size": BATCH} if kind == "array" else {}
    gan.fit(data, shuffle=False, verbose=0, **options)
    np.testing.assert_allclose(
        gan.generator.get_weights()[0], peer.a, rtol=1e-4, atol=1e-5
    )


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


@pytest.mark.integration
@pytest.mark.parametrize("jit_compile", [True, False])
def test_compiled_by_xla_or_not(float32_weights, jit_compile):
    if not jit_compile and keras.backend.backend() == "jax":
        pytest.skip("JAX compiles with XLA, always")
    gan = trained(jit_compile=jit_compile)
    assert gan.jit_compile is jit_compile
    for a, b in zip(weights(gan), float32_weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_xla_is_left_out_on_a_cpu_of_tensorflow(on_tensorflow):
    import tensorflow as tf

    gan = linear_gan()
    has_gpu = bool(tf.config.list_physical_devices("GPU"))
    assert gan.jit_compile is has_gpu


def test_several_steps_in_one_execution(float32_weights):
    gan = trained(steps_per_execution=2)
    for a, b in zip(weights(gan), float32_weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


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


def test_float16_skips_a_step_that_overflows():
    """The scale halves, the weights stay, and training goes on."""
    networks = gan_models.stateful_networks("mixed_float16")
    gan = NonSaturatingGAN(*networks)
    gan.compile(
        *(
            keras.optimizers.LossScaleOptimizer(
                keras.optimizers.SGD(0.1), initial_scale=2.0**100
            )
            for _ in range(2)
        )
    )
    before = [v.numpy().copy() for v in gan.trainable_variables]
    gan.fit(images(BATCH), batch_size=BATCH, verbose=0)
    for optimizer in (gan.optimizer.generator, gan.optimizer.discriminator):
        assert float(optimizer.dynamic_scale) == 2.0**99
    for old, variable in zip(before, gan.trainable_variables):
        np.testing.assert_array_equal(variable.numpy(), old)


def test_everything_at_once():
    """Batch normalization, dropout, Adam and RMSprop in half precision."""
    networks = gan_models.tiny_networks(
        "mixed_bfloat16",
        normalization="batch",
        dropout=0.3,
        upsampling="nearest",
    )
    for seed, network in enumerate(networks):
        gan_models.set_numpy_weights(network, seed)
    gan = NonSaturatingGAN(*networks, discriminator_steps=2)
    gan.compile(
        keras.optimizers.Adam(1e-3, beta_1=0.0),
        keras.optimizers.RMSprop(1e-3),
        steps_per_execution=2,
    )
    before = weights(gan)
    history = gan.fit(
        images(16, (8, 8, 3)), batch_size=8, epochs=3, verbose=0
    ).history
    assert np.isfinite(list(history.values())).all()
    for old, new in zip(before, weights(gan)):
        assert np.isfinite(new).all()
        assert np.abs(new - old).max() > 1e-5
    assert int(gan.steps) == 6


@pytest.mark.integration
def test_an_evaluation_in_between_changes_nothing_of_the_training():
    """Its latents are drawn apart from those of training."""
    states = []
    for data in (None, gan_models.images(8, (8, 8, 3), seed=5)):
        networks = gan_models.tiny_networks(normalization="batch", dropout=0.2)
        for seed, network in enumerate(networks):
            gan_models.set_numpy_weights(network, seed)
        keras.utils.set_random_seed(0)
        for layer in networks[1].layers:
            if isinstance(layer, keras.layers.Dropout):
                layer.seed_generator.state.assign([7, 0])
        gan = NonSaturatingGAN(*networks)
        gan.compile("sgd", "sgd")
        validation = None if data is None else (data,)
        gan.fit(
            gan_models.images(8, (8, 8, 3)),
            batch_size=4,
            epochs=2,
            shuffle=False,
            validation_data=validation,
            verbose=0,
        )
        states.append(list(gan_models.state(gan).values()))
    for without, with_one in zip(*states, strict=True):
        np.testing.assert_array_equal(without, with_one)


def test_weight_regularizers_count_in_the_turn_of_their_network():
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
        gan.compile(keras.optimizers.SGD(1e-3), keras.optimizers.SGD(1e-3))
        gan.fit(gan_models.images(8), batch_size=8, verbose=0)
        after[rate] = [network.get_weights()[0] for network in networks]
    # The derivative of 0.5 w^2 is w. The generator sees a discriminator that
    # has moved a little further.
    for old, plain, shrunk in zip(before, after[0.0], after[0.5]):
        np.testing.assert_allclose(shrunk, plain - 1e-3 * old, atol=2e-6)
