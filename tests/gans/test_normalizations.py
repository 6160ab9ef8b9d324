"""What a step of a GAN means to the normalizations of its networks."""

import json
import subprocess
import sys
import textwrap

import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, FedGAN, fed, images, table
from written_gan import check_written

from kerasgan import layers
from kerasgan.gans import NonSaturatingGAN


def test_u_moves_once_in_a_step_and_all_updates_see_it():
    check_written(NonSaturatingGAN, ("none", "spectral"), discriminator_steps=2)


def batch_normalized_networks():
    generator, _ = gan_models.linear_networks()
    x = keras.Input((2, 2, 1))
    y = keras.layers.Flatten()(x)
    y = keras.layers.BatchNormalization(momentum=0.5, name="bn")(y)
    y = keras.layers.Dropout(0.5)(y)
    return generator, keras.Model(x, keras.layers.Dense(1)(y))


def test_the_update_of_the_generator_leaves_no_trace_in_the_discriminator():
    """Its statistics are those of its own real and its own fake batch."""
    gan = fed(FedGAN(*batch_normalized_networks()), table(1))
    gan.compile(keras.optimizers.SGD(0.0), keras.optimizers.SGD(0.0))
    (seed,) = (
        layer.seed_generator
        for layer in gan.discriminator.layers
        if isinstance(layer, keras.layers.Dropout)
    )
    before = seed.state.numpy().copy()
    real = images(BATCH)
    gan.fit(real, batch_size=BATCH, shuffle=False, verbose=0)
    fake = gan.table[0, 0] @ gan.generator.get_weights()[0]
    expected = 0.25 * real.reshape(BATCH, -1).mean(0) + 0.5 * fake.mean(0)
    layer = gan.discriminator.get_layer("bn")
    np.testing.assert_allclose(layer.moving_mean, expected, atol=1e-5)
    # But its dropout draws: for real, fake and the generator's update.
    np.testing.assert_array_equal(seed.state.numpy() - before, [0, 3])


@pytest.mark.filterwarnings("ignore:the .* has no trainable weights")
@pytest.mark.parametrize(
    "frozen, when", [("generator", "before"), ("discriminator", "after")]
)
def test_a_frozen_network_stays_as_it_is(frozen, when):
    """Weights, statistics and singular vectors."""
    gan = NonSaturatingGAN(
        *gan_models.tiny_networks(
            normalization="spectral", generator_normalization="spectral"
        ),
        ema_decay=None,
    )
    parts = {"generator": gan.generator, "discriminator": gan.discriminator}
    if when == "before":
        parts[frozen].trainable = False
    gan.compile("adam", "adam")
    parts[frozen].trainable = False
    before = {name: model.get_weights() for name, model in parts.items()}
    gan.fit(images(8, (8, 8, 3)), batch_size=4, verbose=0)
    for name, model in parts.items():
        for value, weight in zip(before[name], model.weights, strict=True):
            # A vector of one entry cannot turn.
            if name == frozen or weight.path.endswith("head/u"):
                np.testing.assert_array_equal(weight.numpy(), value)
            else:
                assert (weight.numpy() != value).any(), weight.path


@pytest.mark.integration
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_spectral_norms_of_both_networks_and_of_the_average(policy, tmp_path):
    gan = NonSaturatingGAN(
        *gan_models.tiny_networks(
            policy,
            normalization="spectral",
            generator_normalization="spectral",
        ),
        ema_decay=0.9,
    )
    gan.compile(*(keras.optimizers.SGD(1e-3) for _ in range(2)))
    gan.fit(images(8, (8, 8, 3)), batch_size=4, epochs=30, verbose=0)
    found = norms(gan)
    assert len(found) == 6
    np.testing.assert_allclose(list(found.values()), 1, atol=0.02)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert norms(loaded) == found


def norms(gan):
    models = [gan.generator, gan.discriminator, gan.ema_generator]
    found = {}
    for model in models:
        for layer in layers.reparametrizations(model):
            kernel = np.asarray(layer.compute_kernel())
            matrix = np.moveaxis(kernel, layer.output_axis, 0)
            matrix = matrix.reshape(len(matrix), -1)
            found[f"{model.name} {layer.path} {len(found)}"] = float(
                np.linalg.svd(matrix)[1][0]
            )
    return found


def test_the_average_of_what_is_not_a_float_is_a_copy():
    """Whether data have initialized a weight normalization."""
    z = keras.Input((gan_models.LATENTS,))
    x = layers.WeightNormalization(keras.layers.Dense(4), name="wn")(z)
    generator = keras.Model(z, keras.layers.Reshape((2, 2, 1))(x))
    _, discriminator = gan_models.linear_networks()
    gan = NonSaturatingGAN(generator, discriminator)
    gan.compile("sgd", "sgd")
    assert not generator.get_layer("wn").initialized.numpy()
    gan.fit(images(32), batch_size=8, verbose=0)
    for model in (generator, gan.ema_generator):
        assert model.get_layer("wn").initialized.numpy()


@pytest.mark.integration
def test_two_replicas_equal_one_device(on_tensorflow):
    """MirroredStrategy on two logical devices, in a process of its own."""
    code = textwrap.dedent("""
        import json
        import numpy as np
        import tensorflow as tf
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(
            cpu, [tf.config.LogicalDeviceConfiguration()] * 2
        )
        import keras
        from kerasgan import gans, layers
        from kerasgan.architectures import dcgan

        x = np.random.default_rng(0).uniform(-1, 1, (16, 8, 8, 3))
        x = x.astype("float32")

        def networks(name):
            keras.utils.set_random_seed(0)
            if name == "weight-wrapped":
                g, _ = dcgan((8, 8, 3), 3, 2, "none")
                wrap = layers.WeightNormalization
                d = keras.Sequential([
                    keras.Input((8, 8, 3)),
                    wrap(keras.layers.Conv2D(4, 3), data_init=False),
                    keras.layers.LeakyReLU(),
                    keras.layers.Flatten(),
                    wrap(keras.layers.Dense(1), data_init=False),
                ])
                return g, d
            return dcgan(
                (8, 8, 3), 3, 2, name, generator_normalization=name
            )

        def trained(name, strategy):
            with strategy.scope():
                gan = gans.NonSaturatingGAN(*networks(name), ema_decay=None)
                gan.compile(*(keras.optimizers.SGD(0.05) for _ in range(2)))
            before = gan.discriminator.get_weights()[0]
            data = tf.data.Dataset.from_tensor_slices(x).batch(8)
            options = tf.data.Options()
            policy = tf.data.experimental.AutoShardPolicy.DATA
            options.experimental_distribute.auto_shard_policy = policy
            gan.fit(data.with_options(options), epochs=3, verbose=0)
            weights = gan.generator.weights + gan.discriminator.weights
            moved = np.abs(before - gan.discriminator.get_weights()[0]).max()
            return [w.numpy() for w in weights], float(moved)

        mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
        for name in ("layer", "spectral", "weight-wrapped"):
            one, moved = trained(name, tf.distribute.get_strategy())
            two, _ = trained(name, mirrored)
            worst = max(float(np.abs(a - b).max()) for a, b in zip(one, two))
            print(json.dumps([name, worst, moved]))
    """)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()[-3:]]
    assert [name for name, *_ in lines] == [
        "layer",
        "spectral",
        "weight-wrapped",
    ]
    for name, difference, moved in lines:
        assert difference < 1e-5 < 1e-4 < moved, name
