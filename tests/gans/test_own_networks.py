"""Networks that users write: what works, and what is refused or warned of."""

import warnings

import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, LATENTS, NumpyGAN, images, table
from keras import layers, ops

from kerasgan import gans, sample
from kerasgan.layers import SpectralNormalization
from kerasgan.utils import networks

SHAPE = (8, 8, 3)
REAL = images(BATCH, SHAPE)


def generator(activation="tanh", end=lambda x: x, size=LATENTS, **options):
    z = keras.Input((size,))
    x = layers.Reshape(SHAPE)(layers.Dense(192, activation=activation)(z))
    return keras.Model(z, end(x), **options)


def discriminator(end=lambda x: x, shape=SHAPE, activation=None):
    x = keras.Input(shape)
    y = layers.LeakyReLU()(layers.Conv2D(4, 3, strides=2)(x))
    y = layers.GlobalAveragePooling2D()(y)
    return keras.Model(x, end(layers.Dense(1, activation=activation)(y)))


def compiled(*arguments, **options):
    gan = gans.NonSaturatingGAN(*arguments, **options)
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    return gan


@keras.saving.register_keras_serializable("tests")
class OwnGenerator(keras.Model):
    """As many are written: no keyword arguments, no `training`."""

    def __init__(self, width):
        super().__init__()
        self.width = width
        self.dense = layers.Dense(64 * width)
        self.map = layers.Reshape((8, 8, width))
        self.images = layers.Conv2D(3, 3, padding="same", activation="tanh")

    def call(self, latents):
        return self.images(self.map(self.dense(latents)))

    def get_config(self):
        return {**super().get_config(), "width": self.width}


@keras.saving.register_keras_serializable("tests")
class OwnDiscriminator(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.convolution = layers.Conv2D(4, 3, activation="leaky_relu")
        self.dropout = layers.Dropout(0.3)
        self.pool = layers.GlobalAveragePooling2D()
        self.logits = layers.Dense(1)

    def call(self, x, training=False):
        x = self.dropout(self.convolution(x), training=training)
        return self.logits(self.pool(x))


class Unregistered(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=shape[-1:], initializer="ones")

    def call(self, x):
        return self.scale * x


class WithoutConfig(keras.Model):
    """What Keras guesses of its arguments is that they are the default."""

    def __init__(self, inner=None):
        super().__init__()
        self.inner = inner

    def call(self, x):
        return self.inner(x)


class WithoutInit(keras.Model):
    def build(self, shape):
        self.inner = layers.Dense(2)
        self.inner.build(shape)

    def call(self, x):
        return self.inner(x)


def called(model, *shape):
    model(np.zeros((2, *shape), "float32"))
    return model


def test_subclassed_networks(tmp_path):
    gan = compiled(called(OwnGenerator(2), LATENTS), OwnDiscriminator())
    assert (gan.latent_dim, gan.image_shape) == (LATENTS, (None, *SHAPE))
    before = [w.numpy() for w in gan.weights]
    gan.fit(REAL, batch_size=BATCH, verbose=0)
    for weight, old in zip(gan.weights, before):
        assert (weight.numpy() != old).any(), weight.path
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    gan_models.assert_same_state(loaded, gan)
    drawn = sample(gan.ema_generator, 2)
    np.testing.assert_array_equal(sample(loaded.ema_generator, 2), drawn)
    gan.save_weights(tmp_path / "gan.weights.h5")
    gan.ema_generator.set_weights(
        [0 * w for w in gan.ema_generator.get_weights()]
    )
    gan.load_weights(tmp_path / "gan.weights.h5")
    np.testing.assert_array_equal(sample(gan.ema_generator, 2), drawn)


def test_a_class_without_a_configuration(tmp_path):
    inner = called(WithoutConfig(generator()), LATENTS)
    with pytest.raises(ValueError, match="ema_decay=None .*get_config()"):
        gans.HingeGAN(inner, discriminator())
    gan = gans.HingeGAN(inner, WithoutConfig(discriminator()), ema_decay=None)
    with pytest.raises(ValueError, match="`save_weights` works without"):
        gan.save(tmp_path / "gan.keras")
    gan.save_weights(tmp_path / "gan.weights.h5")
    # One that takes no arguments needs none.
    built = called(WithoutInit(), LATENTS)
    twin = networks.copy(built)
    z = np.ones((1, LATENTS), "float32")
    np.testing.assert_array_equal(twin(z), np.asarray(built(z)))


def halved(x):
    return x / 2


def test_copies_share_no_weight_and_need_no_file():
    shared = Unregistered()
    inner = keras.Sequential(
        [
            layers.Lambda(lambda x, by: ops.tanh(by * x), arguments={"by": 2}),
            layers.BatchNormalization(),
            Unregistered(),
        ]
    )
    z = keras.Input((LATENTS,))
    x = layers.Dense(LATENTS, activation=lambda x: ops.relu(x) + 1)(z)
    x = layers.Lambda(halved)(layers.Add()([shared(x), shared(inner(x))]))
    wrapped = layers.Dense(LATENTS, activation=lambda x: ops.relu(x) + 1)
    x = SpectralNormalization(wrapped)(x)
    network = keras.Model(z, x)
    rng = np.random.default_rng(0)
    network.set_weights([rng.uniform(1, 2, w.shape) for w in network.weights])
    twin = networks.copy(network)
    z = rng.normal(size=(3, LATENTS)).astype("float32")
    expected = np.asarray(network(z))
    np.testing.assert_array_equal(twin(z), expected)
    assert len(twin.weights) == len(network.weights) == 11
    twin.set_weights([0 * w for w in twin.get_weights()])
    np.testing.assert_array_equal(network(z), expected)


def test_a_discriminator_of_any_size():
    gan = compiled(
        generator(),
        discriminator(shape=(None, None, 3)),
        penalties=[gans.R1()],
        augmentation=gans.DiffAugment(),
    )
    gan.fit(REAL, batch_size=BATCH, verbose=0)
    with pytest.raises(ValueError, match=r"shape \(None, 8, 8, 3\)"):
        gan.fit(images(2, (16, 16, 3)), verbose=0)


def two_inputs():
    z, labels = keras.Input((LATENTS,)), keras.Input((1,))
    x = layers.Dense(192)(layers.Concatenate()([z, labels]))
    return keras.Model([z, labels], layers.Reshape(SHAPE)(x))


def networks_that_share():
    shared = layers.Conv2D(3, 3, padding="same", name="shared")
    return generator(end=shared), keras.Sequential(
        [keras.Input(SHAPE), shared, layers.Flatten(), layers.Dense(1)]
    )


def same_twice():
    network = keras.Sequential([keras.Input((1,)), layers.Dense(1)])
    return network, network


def deep_latents():
    z = keras.Input((1, 1, 4))
    return keras.Model(z, layers.Conv2DTranspose(3, 8)(z))


REFUSED = {
    "not built": (
        lambda: (OwnGenerator(2), discriminator()),
        "must be built.* call it once",
    ),
    "a class": (lambda: (OwnGenerator, discriminator()), "a keras.Model"),
    "two inputs": (
        lambda: (two_inputs(), discriminator()),
        "generator must have one input.* labels",
    ),
    "two images": (
        lambda: (generator(end=lambda x: [x, x]), discriminator()),
        "generator must have one output",
    ),
    "two outputs": (
        lambda: (generator(), discriminator(lambda y: [y, y])),
        "discriminator must have one output",
    ),
    "a dictionary": (
        lambda: (generator(), discriminator(lambda y: {"logits": y})),
        "discriminator must have one output",
    ),
    "two logits": (
        lambda: (generator(), discriminator(layers.Dense(2))),
        r"one logit an image.*output_shape=\(None, 2\)",
    ),
    "deep latents": (
        lambda: (deep_latents(), discriminator()),
        r"latents of shape \(None, latent_dim\)",
    ),
    "other images": (
        lambda: (generator(), gan_models.linear_networks()[1]),
        "must take what the generator makes",
    ),
    "shared": (networks_that_share, "share.*shared=.'shared/kernel'"),
    "the same": (same_twice, "must not share trainable weights"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_networks(case):
    make, message = REFUSED[case]
    with pytest.raises(ValueError, match=message) as caught:
        gans.NonSaturatingGAN(*make())
    assert "\n" not in str(caught.value)


def patches():
    x = keras.Input(SHAPE)
    return keras.Model(x, layers.Conv2D(1, 7, name="patches")(x))


@pytest.mark.parametrize("end", ["patches", "flat"])
def test_logits_of_other_shapes(end):
    """A logit a patch, and [N]: the loss is the mean over all."""
    judge = patches()
    if end == "flat":
        judge = discriminator(lambda y: layers.Reshape(())(y))
    gan = compiled(generator(), judge, penalties=[gans.R1()])
    logs = gan.evaluate(REAL, batch_size=BATCH, verbose=0, return_dict=True)
    logits = np.asarray(judge(REAL))
    assert logits.shape == ((BATCH, 2, 2, 1) if end == "patches" else (BATCH,))
    assert logs["real_logits"] == pytest.approx(logits.mean(), rel=1e-4)
    augmentation = gans.AdaptiveAugment(interval=1, ramp=100, target=0.9)
    augmentation.update(-np.ones_like(logits))
    # As many images, however many patches they have.
    assert float(augmentation.strength) == 0
    augmentation.update(np.ones_like(logits))
    assert float(augmentation.strength) == pytest.approx(BATCH / 100)


def own_discriminator(activation):
    network = OwnDiscriminator()
    network.logits.activation = keras.activations.get(activation)
    return network


def messages(*arguments, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        gans.NonSaturatingGAN(*arguments, ema_decay=None, **options)
    return [str(w.message) for w in caught if w.category is UserWarning]


WARNED = {
    "sigmoid images": (
        lambda: (generator("sigmoid"), discriminator()),
        "images lie in .0, 1.*sigmoid.*Rescaling\\(2, offset=-1\\)",
    ),
    "any images": (
        lambda: (generator("relu"), discriminator()),
        "images lie in .0, inf.*relu.*a tanh",
    ),
    "probabilities": (
        lambda: (generator(), discriminator(activation="sigmoid")),
        "logits lie in .0, 1.*sigmoid.*remove",
    ),
    "probabilities of a layer": (
        lambda: (
            generator(),
            discriminator(lambda y: layers.Activation("sigmoid")(y)),
        ),
        "logits lie in .0, 1.*sigmoid.*remove",
    ),
    "probabilities of a class of one's own": (
        lambda: (generator(), own_discriminator("sigmoid")),
        "logits lie in .0, 1.*sigmoid.*remove",
    ),
    "batch normalization": (
        lambda: (
            generator(),
            discriminator(
                lambda y: layers.Dense(1)(layers.BatchNormalization()(y))
            ),
            gans.R1(),
        ),
        "R1 takes.*batch normalization.*LayerNormalization",
    ),
    "Keras's spectral normalization": (
        lambda: (
            generator(),
            discriminator(
                lambda y: layers.SpectralNormalization(layers.Dense(1))(y)
            ),
        ),
        "overwrites its kernel.*kerasgan.layers.SpectralNormalization",
    ),
}
FITTING = {
    "a class of one's own": lambda: (generator(), own_discriminator("linear")),
    "tanh": lambda: (generator(), discriminator()),
    "rescaled": lambda: (
        generator("sigmoid", layers.Rescaling(2, offset=-1)),
        discriminator(),
    ),
    "twice a sigmoid less one": lambda: (
        generator("sigmoid", lambda x: 2 * x - 1),
        discriminator(),
    ),
    "one less twice a sigmoid": lambda: (
        generator("sigmoid", lambda x: 1 - x * 2),
        discriminator(),
    ),
    "clipped": lambda: (
        generator(None, lambda x: ops.clip(x, -1, 1)),
        discriminator(),
    ),
    "unknown": lambda: (
        generator(None, layers.LayerNormalization()),
        discriminator(activation=lambda x: x),
    ),
    "frozen batch normalization": lambda: (
        generator(),
        discriminator(
            lambda y: layers.Dense(1)(
                layers.BatchNormalization(trainable=False)(y)
            )
        ),
        gans.R1(),
    ),
}


@pytest.mark.parametrize("case", WARNED)
def test_one_warning(case):
    make, expected = WARNED[case]
    maker, judge, *penalties = make()
    with pytest.warns(UserWarning, match=expected):
        (message,) = messages(maker, judge, penalties=penalties)
        warnings.warn(message, stacklevel=1)


@pytest.mark.parametrize("case", FITTING)
def test_no_false_alarm(case):
    maker, judge, *penalties = FITTING[case]()
    assert messages(maker, judge, penalties=penalties) == []


def test_trainable_is_followed():
    gan = compiled(*gan_models.linear_networks())

    def moved():
        before = gan.discriminator.get_weights()[0]
        gan.fit(images(BATCH), verbose=0)
        return (before != gan.discriminator.get_weights()[0]).all()

    assert moved()
    gan.discriminator.trainable = False
    with pytest.warns(UserWarning, match="discriminator has no trainable"):
        assert not moved()
    gan.discriminator.trainable = True
    assert moved()


def test_partly_frozen_networks():
    judge = discriminator()
    judge.layers[1].trainable = False
    gan = compiled(generator(), judge)
    kernels = [layer.kernel for layer in (judge.layers[1], judge.layers[-1])]
    before = [kernel.numpy() for kernel in kernels]
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        gan.train_on_batch(REAL)
    changed = [
        (kernel.numpy() != old).any() for kernel, old in zip(kernels, before)
    ]
    assert changed == [False, True]
    judge.layers[1].trainable = True
    with pytest.raises(ValueError, match="since compile..: call it again"):
        gan.train_on_batch(REAL)


class AddsLoss(layers.Layer):
    def call(self, x):
        self.add_loss(0.3 * ops.sum(ops.square(x)))
        return x


@pytest.mark.parametrize(
    "options",
    [{}, {"update": "simultaneous"}, {"gradient_accumulation": 2}],
    ids=["alternating", "simultaneous", "accumulated"],
)
def test_added_losses_count(options):
    """An activity regularizer, and the sum that a layer adds."""
    parts = options.get("gradient_accumulation", 1)
    turns = 1 if options.get("update") else 2
    maker, judge = gan_models.linear_networks()
    maker.layers[1].activity_regularizer = keras.regularizers.L2(0.2)
    weights = judge.get_weights()
    judge = keras.Model(judge.input, AddsLoss()(judge.output))
    judge.set_weights(weights)
    gan = gan_models.FedGAN(maker, judge, ema_decay=None, **options)
    # With the rows of either update's parts one after the other.
    latents = table(1, turns * parts, BATCH // parts)
    gan = gan_models.fed(gan, latents)
    gan.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.3))
    z = latents[0].reshape(turns, BATCH, LATENTS)
    real, peer = images(BATCH), NumpyGAN(gan)
    x, fake, old = real.reshape(BATCH, -1), z[0] @ peer.a, peer.w
    loss, *_ = peer.discriminator_step(real, z[0])
    both = x.T @ (x @ old) + fake.T @ (fake @ old)
    new = peer.w - 0.3 * (2 * 0.3 / parts) * both
    peer.w = old if options.get("update") else new
    z, a = z[-1], peer.a
    peer.generator_step(z)
    a = peer.a - 0.5 * (2 * 0.2 / BATCH) * z.T @ (z @ a)
    logs = gan.train_on_batch(real, return_dict=True)
    close = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(judge.get_weights()[0], new, **close)
    np.testing.assert_allclose(maker.get_weights()[0], a, **close)
    # What is added is no part of the logged loss.
    assert logs["discriminator_loss"] == pytest.approx(loss, rel=1e-4)
