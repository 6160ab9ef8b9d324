"""Conditional GANs: labels belong to the images of their rows."""

import gan_models
import keras
import numpy as np
import pytest
from gan_models import (
    BATCH,
    LATENTS,
    PIXELS,
    FedGAN,
    Rows,
    dataset,
    fed,
    generated,
    images,
    table,
)
from keras import layers

from kerasgan import gans, sample
from kerasgan.data import Batches, PreparedImages
from kerasgan.layers import OneHot, SpectralNormalization

# None of the other sizes.
CLASSES = 5
STEPS = 2
REAL = images(STEPS * BATCH)
LABELS = np.random.default_rng(5).integers(0, CLASSES, STEPS * BATCH)
RATES = 0.3, 0.2


def linear_networks(classes=CLASSES):
    """G(z, c) = z A + B[c], D(x, c) = x w + x . V[c], with numpy weights."""
    rng = np.random.default_rng(1)

    def embedded(label, size):
        one_hot = OneHot(classes, name="classes")(label)
        return layers.Dense(size, use_bias=False)(one_hot)

    z, c = keras.Input((LATENTS,)), keras.Input((), dtype="int32")
    x = layers.Dense(PIXELS, use_bias=False)(z)
    x = layers.Add()([x, embedded(c, PIXELS)])
    generator = keras.Model([z, c], layers.Reshape((2, 2, 1))(x))
    x, c = keras.Input((2, 2, 1)), keras.Input((), dtype="int32")
    flat = layers.Flatten()(x)
    y = layers.Dense(1, use_bias=False)(flat)
    y = layers.Add()([y, layers.Dot(1)([flat, embedded(c, PIXELS)])])
    discriminator = keras.Model([x, c], y)
    for network in (generator, discriminator):
        for weight in network.weights:
            weight.assign(rng.normal(size=weight.shape))
    return generator, discriminator


def named_networks(names):
    networks = linear_networks()
    for network in networks:
        network.get_layer("classes").class_names = [*names]
    return networks


def by_size(network):
    """The weights of the rows: of the images or latents, and of the classes."""
    first, second = network.trainable_variables
    return (second, first) if first.shape[0] == CLASSES else (first, second)


def compiled(base=FedGAN, **options):
    gan = base(*linear_networks(), **options)
    gan.compile(*(keras.optimizers.SGD(rate) for rate in RATES))
    return gan


class NumpyGAN:
    """The linear conditional GAN with a non-saturating loss, in float64."""

    def __init__(self, gan):
        values = [by_size(n) for n in (gan.generator, gan.discriminator)]
        (self.a, self.b), (self.w, self.v) = (
            [v.numpy().astype("float64") for v in pair] for pair in values
        )

    def images(self, z, c):
        return z @ self.a + self.b[c]

    def logits(self, x, c):
        return x @ self.w[:, 0] + (x * self.v[c]).sum(1)

    def discriminator_turn(self, real, c, z):
        by_w, by_v = 0 * self.w, 0 * self.v
        for x, sign in (
            (real.reshape(len(real), -1), -1),
            (self.images(z, c), 1),
        ):
            slope = sign * gan_models.sigmoid(sign * self.logits(x, c)) / len(x)
            by_w += (slope @ x)[:, None]
            np.add.at(by_v, c, slope[:, None] * x)
        self.w, self.v = self.w - RATES[1] * by_w, self.v - RATES[1] * by_v

    def generator_turn(self, c, z):
        logits = self.logits(self.images(z, c), c)
        slope = -gan_models.sigmoid(-logits) / len(z)
        by_image = slope[:, None] * (self.w[:, 0] + self.v[c])
        by_b = 0 * self.b
        np.add.at(by_b, c, by_image)
        self.a = self.a - RATES[0] * z.T @ by_image
        self.b = self.b - RATES[0] * by_b


@pytest.mark.parametrize("parts", [1, 2])
def test_steps_are_those_of_numpy(parts):
    """Two discriminator updates of half a batch each, also in parts."""
    share = BATCH // 2
    gan = compiled(
        ema_decay=None, discriminator_steps=2, gradient_accumulation=parts
    )
    latents = table(STEPS, 3, share)
    peer = NumpyGAN(gan)
    fed(gan, latents.reshape(STEPS, 3 * parts, share // parts, LATENTS))
    for step in range(STEPS):
        for turn in range(2):
            start = step * BATCH + turn * share
            rows = slice(start, start + share)
            peer.discriminator_turn(
                REAL[rows], LABELS[rows], latents[step, turn]
            )
        peer.generator_turn(LABELS[rows], latents[step, 2])
    # [N, 1], as Keras's own data sets have them.
    gan.fit(
        *(REAL, LABELS[:, None].astype("uint8")),
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    )
    found = [*by_size(gan.generator), *by_size(gan.discriminator)]
    for value, expected in zip(found, (peer.a, peer.b, peer.w, peer.v)):
        np.testing.assert_allclose(value.numpy(), expected, 1e-4, 1e-5)


@pytest.fixture(scope="module")
def trained():
    return compiled(gans.NonSaturatingGAN)


def fit(gan, data):
    x, y = data if isinstance(data, tuple) else (data, None)
    batch = {"batch_size": BATCH} if isinstance(data, tuple) else {}
    return gan.fit(x, y, shuffle=False, verbose=0, **batch)


BEYOND = np.where(np.arange(len(LABELS)) == BATCH + 3, CLASSES, LABELS)


@pytest.mark.parametrize(
    "source", [lambda *arrays: arrays, generated, Rows, dataset]
)
def test_labels_of_every_kind_of_data(trained, source):
    before = gan_models.state(trained)
    for labels, reason in (
        (np.eye(CLASSES)[LABELS], "not one-hot: np.argmax"),
        (LABELS.astype("float32"), r"labels.astype\(.int32.\)"),
        (np.where(LABELS == 0, CLASSES, LABELS), "0 to 4.* to 5$"),
        (LABELS - 1, "labels from -1 to"),
    ):
        with pytest.raises(ValueError, match=reason) as caught:
            fit(trained, source(REAL, labels))
        assert "\n" not in str(caught.value)
    for name, value in gan_models.state(trained).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)
    # In a later batch.
    with pytest.raises(ValueError, match="0 to 4.* to 5$"):
        fit(trained, source(REAL, BEYOND))
    assert np.isfinite(
        fit(trained, source(REAL, LABELS)).history["real_logits"]
    ).all()


def test_images_alone(trained):
    for data in (REAL, ((REAL[:BATCH],) for _ in range(2))):
        for call in (trained.fit, trained.evaluate):
            with pytest.raises(ValueError, match="label of each image"):
                call(data, verbose=0)


def test_streams_have_the_classes_of_the_networks(trained):
    pixels = np.uint8(127.5 * REAL.clip(-1, 1) + 127.5)

    def stream(names):
        labels = None if names is None else np.int32(LABELS % len(names))
        prepared = PreparedImages(
            *(pixels, [], [], "", None), labels=labels, classes=names
        )
        return Batches(prepared, BATCH).epochs()

    own = gans.HingeGAN(*own_networks(embedding))
    own.compile("sgd", "sgd")
    with pytest.raises(
        ValueError, match="no more classes than the networks, 5"
    ):
        own.fit(stream([*"abcdef"]), verbose=0)
    for names, reason in ((None, "images alone"), ([*"abcdef"], "a, b, c")):
        with pytest.raises(ValueError, match=reason):
            trained.fit(stream(names), verbose=0)
    trained.fit(stream([*"ab"]), verbose=0)
    gan = gans.HingeGAN(*named_networks("abcde"))
    gan.compile("sgd", "sgd")
    gan.fit(stream([*"abcde"]), verbose=0)
    with pytest.raises(ValueError, match="Received: b, a, c, d, e"):
        gan.fit(stream([*"bacde"]), verbose=0)


def test_single_batches_and_predictions(trained):
    latents, wrong = table(1, 1)[0, 0], np.full(BATCH, CLASSES)
    for call in (
        lambda: trained.train_on_batch(REAL[:BATCH], wrong),
        lambda: trained.test_on_batch(REAL[:BATCH], wrong),
        lambda: trained.predict([latents, wrong], verbose=0),
        lambda: trained.predict([latents, wrong - CLASSES - 1], verbose=0),
    ):
        with pytest.raises(ValueError, match="must be from 0 to 4"):
            call()
    for call in (trained, trained.predict):
        with pytest.raises(ValueError, match="latents alone"):
            call(latents)
    with pytest.raises(ValueError, match="labels are the second argument"):
        trained.fit((REAL, LABELS))


def own_networks(layer, labels=((), "int32"), first="x"):
    """As users write them, without OneHot."""
    z, x = keras.Input((LATENTS,)), keras.Input((2, 2, 1))
    c = [keras.Input(labels[0], dtype=labels[1]) for _ in range(2)]
    embedded = [layers.Flatten()(layer()(label)) for label in c]
    y = layers.Dense(PIXELS)(layers.Concatenate()([z, embedded[0]]))
    inputs = [[z, c[0]], [x, c[1]]]
    if first == "labels":
        inputs[1].reverse()
    generator = keras.Model(inputs[0], layers.Reshape((2, 2, 1))(y))
    y = layers.Concatenate()([layers.Flatten()(x), embedded[1]])
    return generator, keras.Model(inputs[1], layers.Dense(1)(y))


def embedding():
    return layers.Embedding(CLASSES, 2)


@pytest.mark.parametrize(
    "layer",
    [
        embedding,
        lambda: SpectralNormalization(embedding()),
        lambda: layers.CategoryEncoding(CLASSES, output_mode="one_hot"),
    ],
)
def test_own_networks(layer):
    """Layers that take the labels themselves say how many they know."""
    gan = gans.HingeGAN(*own_networks(layer))
    gan.compile("sgd", "sgd")
    for data in ((REAL, BEYOND), Rows(REAL, BEYOND)):
        with pytest.raises(ValueError, match="from 0 to 4.* to 5$"):
            fit(gan, data)
    with pytest.raises(ValueError, match="from 0 to 4. Received: label=5"):
        sample(gan.generator, 2, label=5)
    with pytest.raises(ValueError, match="how many classes it has"):
        sample(gan.generator, 2)
    assert sample(gan.generator, 2, label=4).shape == (2, 2, 2, 1)


@pytest.mark.parametrize(
    "networks, reason",
    [
        (
            lambda: own_networks(embedding, first="labels"),
            r"discriminator must .* or the list \[images, labels\]",
        ),
        (
            lambda: own_networks(embedding, ((1,), "int32")),
            r"generator must .* or the list \[latents, labels\]",
        ),
        (
            lambda: own_networks(embedding, ((), "float32")),
            "labels of the generator must be integers.*float32",
        ),
        (
            lambda: (linear_networks()[0], gan_models.linear_networks()[1]),
            "labels .* second input, or neither",
        ),
        (
            lambda: (gan_models.linear_networks()[0], linear_networks()[1]),
            "labels .* second input, or neither",
        ),
        (
            lambda: (linear_networks()[0], linear_networks(6)[1]),
            "5 classes of the generator, 6 of",
        ),
        (
            lambda: (named_networks("abcde")[0], named_networks("baced")[1]),
            "a, b, c, d, e of the generator, b, a, c, e, d of",
        ),
    ],
)
def test_networks_that_do_not_go_together(networks, reason):
    with pytest.raises(ValueError, match=reason):
        gans.HingeGAN(*networks())


def adaptive():
    return gans.AdaptiveAugment(target=-0.9, ramp=4 * BATCH, interval=1)


@pytest.mark.parametrize(
    "way, policy, base, options",
    [
        (
            *("file", "float32", gans.RelativisticPairingGAN),
            {"penalties": lambda: [gans.R1(), gans.R2(), gans.PathLength()]},
        ),
        (
            *("weights", "mixed_float16", gans.HingeGAN),
            {
                "augmentation": gans.DiffAugment,
                "penalties": lambda: [gans.GradientPenalty()],
            },
        ),
        (
            *("backup", "float32", gans.WassersteinGAN),
            {
                "augmentation": adaptive,
                "gradient_accumulation": lambda: 2,
                "clip": lambda: 0.5,
                "penalties": lambda: [gans.DRAGAN(), gans.Orthonormal()],
            },
        ),
    ],
)
def test_resume_is_exact(way, policy, base, options, tmp_path):
    def new():
        keras.config.set_dtype_policy(policy)
        try:
            made = {name: make() for name, make in options.items()}
            return compiled(base, **made)
        finally:
            keras.config.set_dtype_policy("float32")

    def train(gan, epochs, *callbacks):
        data = {"shuffle": False, "batch_size": BATCH, "verbose": 0}
        gan.fit(REAL, LABELS, epochs=epochs, callbacks=[*callbacks], **data)

    def backup():
        return keras.callbacks.BackupAndRestore(tmp_path / "backup")

    def strike(epoch, logs=None):
        if epoch == 1:
            raise InterruptedError

    whole, first, second = new(), new(), new()
    train(whole, 2)
    if way == "backup":
        with pytest.raises(InterruptedError):
            strikes = keras.callbacks.LambdaCallback(on_epoch_begin=strike)
            train(first, 2, backup(), strikes)
        train(second, 2, backup())
    else:
        train(first, 1)
        if way == "file":
            first.save(tmp_path / "gan.keras")
            second = keras.models.load_model(tmp_path / "gan.keras")
        else:
            first.save_weights(tmp_path / "gan.weights.h5")
            second.load_weights(tmp_path / "gan.weights.h5")
        train(second, 1)
    gan_models.assert_same_state(second, whole)
    latents = table(1, 1)[0, 0]
    labels = LABELS[:BATCH]
    np.testing.assert_allclose(
        second.predict([latents, labels], verbose=0),
        whole([latents, labels]),
        1e-5,
        1e-6 if policy == "float32" else 1e-2,
    )
    others = whole.predict([latents, (labels + 1) % CLASSES], verbose=0)
    assert np.abs(others - whole([latents, labels])).max() > 0.1


def test_penalties_have_the_labels_of_the_batch():
    """The gradient of D(x, c) by x is w + V[c], wherever x is."""
    penalties = [
        *(gans.GradientPenalty(1.0), gans.DRAGAN(0.5)),
        *(gans.R1(0.3), gans.R2(0.2)),
    ]
    gan = compiled(penalties=penalties, ema_decay=None)
    peer = NumpyGAN(gan)
    fed(gan, table(1))
    log = gan.fit(
        *(REAL[:BATCH], LABELS[:BATCH]),
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    ).history["penalty"][0]
    norms = np.linalg.norm(peer.w[:, 0] + peer.v[LABELS[:BATCH]], axis=1)
    expected = 1.5 * (norms - 1) ** 2 + 0.5 * norms**2 / 2
    np.testing.assert_allclose(log, expected.mean(), 1e-5)
