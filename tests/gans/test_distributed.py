"""Two virtual devices: MirroredStrategy of TensorFlow, DataParallel of JAX."""

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest

CODE = textwrap.dedent("""
    import json
    import numpy as np
    import tensorflow as tf
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(
        cpu, [tf.config.LogicalDeviceConfiguration()] * 2
    )
    import keras
    from kerasgan import gans
    from kerasgan.layers import OneHot

    # One object: a second one in a process may wait for the first for ever.
    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    shape, size, batch = (8, 8, 3), 192, 8
    # The last batch is half a one, and counts as such in the logs.
    x = np.random.default_rng(0).uniform(-1, 1, (4 * batch + 4, *shape))
    labels = np.arange(len(x)) % 3
    found = {}

    def conditional_networks(activation):
        layers, rng = keras.layers, np.random.default_rng(1)

        def embedded(units):
            one_hot = OneHot(3, name="classes")(c)
            return layers.Dense(units, use_bias=False)(one_hot)

        z, c = keras.Input((3,)), keras.Input((), dtype="int32")
        y = layers.Add()([layers.Dense(size)(z), embedded(size)])
        generator = keras.Model([z, c], layers.Reshape(shape)(y))
        image, c = keras.Input(shape), keras.Input((), dtype="int32")
        y = layers.Flatten()(image)
        y = layers.Add()([layers.Dense(4)(y), embedded(4)])
        y = layers.Dense(1)(layers.Activation(activation)(y))
        discriminator = keras.Model([image, c], y)
        for network in (generator, discriminator):
            for weight in network.weights:
                weight.assign(0.2 * rng.normal(size=weight.shape))
        return generator, discriminator

    def networks(activation):
        layers, rng = keras.layers, np.random.default_rng(1)
        z = keras.Input((3,))
        y = layers.Dense(5, activation=activation)(z)
        generator = keras.Model(
            z, layers.Reshape(shape)(layers.Dense(size)(y))
        )
        image = keras.Input(shape)
        y = layers.Dense(4, activation=activation)(layers.Flatten()(image))
        discriminator = keras.Model(image, layers.Dense(1)(y))
        for network in (generator, discriminator):
            for weight in network.weights:
                weight.assign(0.2 * rng.normal(size=weight.shape))
        return generator, discriminator

    def trained(
        base, strategy, activation="tanh", rows=None, networks=networks,
        dropout=False, **options
    ):
        keras.utils.set_random_seed(0)
        with strategy.scope():
            options["augmentation"] = options.get("augmentation", lambda: None)()
            generator, discriminator = networks(activation)
            if dropout:
                noisy = keras.layers.Dropout(0.5)(discriminator.input)
                discriminator = keras.Model(
                    discriminator.input, discriminator(noisy)
                )
            gan = base(generator, discriminator, **options)
            gan.compile(*(keras.optimizers.SGD(0.02) for _ in range(2)))
        before = gan.discriminator.get_weights()[0]
        data = tf.data.Dataset.from_tensor_slices(
            (x[:rows].astype("float32"), labels[:rows])
        )
        options = tf.data.Options()
        policy = tf.data.experimental.AutoShardPolicy.DATA
        options.experimental_distribute.auto_shard_policy = policy
        data = data.batch(batch).with_options(options)
        logs = gan.fit(data, epochs=2, verbose=0).history
        after = gan.discriminator.get_weights()[0]
        moved = float(np.abs(before - after).max())
        return gan, gan.get_weights(), logs, moved

    def compare(name, base, **options):
        _, one, a, moved = trained(base, tf.distribute.get_strategy(), **options)
        gan, two, b, _ = trained(base, mirrored, **options)
        pairs = [*zip(one, two), *((a[key], b[key]) for key in a)]
        worst = max(float(np.abs(np.subtract(*pair)).max()) for pair in pairs)
        found[name] = [worst, moved]
        return gan

    compare("gradient norms", gans.WassersteinGPGAN, penalties=[
        gans.GradientPenalty(1.0), gans.DRAGAN(1.0, interval=2),
    ])
    compare("R1", gans.HingeGAN, update="simultaneous",
        penalties=[gans.R1(0.5, interval=3), gans.Orthonormal(1e-2)],
    )
    compare("classes", gans.HingeGAN, networks=conditional_networks,
        penalties=[gans.R1(0.5), gans.R2(0.5)],
    )
    compare("means", gans.RelativisticGAN,
        augmentation=lambda: gans.DiffAugment(("color",)),
        penalties=[gans.PathLength(1.0, interval=2, relative=True)],
        dropout=True,
    )
    gan = compare("parts", gans.NonSaturatingGAN,
        augmentation=lambda: gans.AdaptiveAugment(
            ("cutout",), target=-0.99, ramp=256, interval=2
        ),
        rows=4 * batch, discriminator_steps=2,
    )
    found["steps"] = int(gan.steps)
    found["strength"] = float(gan.augmentation.strength)
    batches = tf.data.Dataset.from_tensor_slices(x.astype("float32")).batch(8)
    for name, data in {"array": x[:3], "last": batches.unbatch().batch(9),
        "parts": x[:6],
    }.items():
        try:
            gan.fit(data, verbose=0)
        except ValueError as error:
            found[f"uneven {name}"] = str(error)
    print(json.dumps(found))
""")


@pytest.fixture(scope="module")
def found():
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.integration
def test_two_replicas_equal_one_device(on_tensorflow, request):
    found = request.getfixturevalue("found")
    for name in ("gradient norms", "R1", "classes", "means", "parts"):
        difference, moved = found[name]
        # Of all that changes: weights, averages, seeds, strengths, counts.
        assert difference < 1e-5 < 1e-3 < moved, name
    # 8 steps of two updates on 4 images: 8 moves by 8 / 256 each.
    assert found["steps"] == 8
    np.testing.assert_allclose(found["strength"], 0.25, atol=1e-6)
    for name, size in (("array", 3), ("last", 9), ("parts", 6)):
        text = found[f"uneven {name}"]
        assert "a multiple of 4 (2 devices x 2 parts)" in text
        assert text.endswith(f"a batch of {size} images")


ON_JAX = textwrap.dedent("""
    import json
    import keras
    import numpy as np
    from kerasgan import architectures, gans

    x = np.random.default_rng(0).uniform(-1, 1, (24, 8, 8, 3))
    labels = np.arange(24) % 3

    def trained(distribution):
        keras.distribution.set_distribution(distribution)
        keras.utils.set_random_seed(1)
        networks = architectures.dcgan(
            (8, 8, 3), 4, 2, normalization="batch", num_classes=3
        )
        gan = gans.HingeGAN(*networks, ema_decay=None)
        gan.compile(*(keras.optimizers.SGD(0.1) for _ in range(2)))
        before = gan.get_weights()
        gan.fit(x, labels, batch_size=8, shuffle=False, verbose=0)
        value = gan.trainable_variables[0].value
        return len(value.sharding.device_set), before, gan.get_weights()

    def greatest(a, b):
        return max(float(np.abs(p - q).max()) for p, q in zip(a, b))

    one, before, expected = trained(None)
    two, _, weights = trained(keras.distribution.DataParallel())
    moved = greatest(expected, before)
    print(json.dumps([one, two, greatest(expected, weights), moved]))
""")


@pytest.mark.integration
@pytest.mark.one_backend
def test_a_conditional_gan_on_two_devices_of_jax(without_tensorflow):
    devices = "--xla_force_host_platform_device_count=2"
    environment = {
        **without_tensorflow,
        "JAX_PLATFORMS": "cpu",
        "XLA_FLAGS": f"{without_tensorflow['XLA_FLAGS']} {devices}",
    }
    done = subprocess.run(
        [sys.executable, "-c", ON_JAX],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    one, two, difference, moved = json.loads(done.stdout.splitlines()[-1])
    assert (one, two) == (1, 2)
    assert difference < 1e-5 < 1e-3 < moved
