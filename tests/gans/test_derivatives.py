"""Second derivatives in a GAN's penalties, right or refused."""

import gan_models
import keras
import numpy as np
import pytest
from gan_models import images, set_numpy_weights
from keras import layers, ops

from kerasgan import gans
from kerasgan.architectures import dcgan
from kerasgan.gans import autodiff
from kerasgan.layers import BilinearUpSampling2D

SHAPE = (6, 6, 2)
LATENT = np.random.default_rng(4).normal(size=(4, 3)).astype("float32")


def generator():
    z = keras.Input((3,))
    x = layers.Dense(72, activation="tanh")(z)
    return keras.Model(z, layers.Reshape(SHAPE)(x))


def discriminator(*between):
    return keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.Conv2D(3, 3, activation="tanh", name="first"),
            *between,
            layers.Conv2D(2, 2, activation="tanh", name="last"),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )


def critic_penalty(between, penalty):
    """A penalty of a discriminator, in a GAN, as a function of its weights."""
    critic = set_numpy_weights(discriminator(*between))
    gan = gans.HingeGAN(
        generator(), critic, penalties=[penalty], ema_decay=None
    )
    real, fake = images(4, SHAPE, 5), images(4, SHAPE, 6)
    alpha = np.linspace(0.1, 0.9, 4, dtype="float32").reshape(4, 1, 1, 1)
    drawn = {"penalty": None, "penalties": [ops.convert_to_tensor(alpha)]}
    return critic, lambda: gan._penalty(
        ops.convert_to_tensor(real), ops.convert_to_tensor(fake), drawn
    )


def path_penalty(network):
    """The path length penalty of a generator, as a function of its weights."""
    set_numpy_weights(network, 2)
    critic = keras.Sequential(
        [
            keras.Input(network.output_shape[1:]),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    gan = gans.HingeGAN(
        network, critic, penalties=[gans.PathLength()], ema_decay=None
    )
    noise = 0.2 * images(4, network.output_shape[1:], 3)
    return network, lambda: gan._penalty_of_generator(
        ops.convert_to_tensor(LATENT), None, [ops.convert_to_tensor(noise)]
    )


def check(network, penalty, gradients):
    """The gradient by all weights against differences along a direction."""
    variables = network.trainable_variables

    def function(*weights):
        with keras.StatelessScope(
            [
                *zip(network.non_trainable_variables, carried),
                *zip(variables, weights),
            ]
        ):
            return penalty()

    carried = [v.value for v in network.non_trainable_variables]
    weights = [v.numpy() for v in variables]
    found = gradients(function, *weights)
    rng = np.random.default_rng(1)
    way = [rng.normal(size=w.shape).astype("float32") for w in weights]

    def at(h):
        moved = [w + np.float32(h) * v for w, v in zip(weights, way)]
        return float(function(*map(ops.convert_to_tensor, moved)))

    h = 2e-3
    expected = 8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))
    expected /= 12 * h
    slope = sum(np.sum(g * v) for g, v in zip(found, way))
    assert abs(slope) > 1e-3
    np.testing.assert_allclose(slope, expected, rtol=0.02)
    return found


class InstanceNormalization(layers.Layer):
    """As TensorFlow's tutorials have it."""

    def call(self, x):
        import tensorflow as tf

        mean, variance = tf.nn.moments(x, [1, 2], keepdims=True)
        return (x - mean) * tf.math.rsqrt(variance + 1e-5)


RESIZES = {
    "bilinear": lambda: layers.UpSampling2D(2, interpolation="bilinear"),
    "bicubic": lambda: layers.UpSampling2D(2, interpolation="bicubic"),
    "lanczos": lambda: layers.Resizing(3, 5, interpolation="lanczos3"),
    "nearest": lambda: layers.Resizing(3, 5, interpolation="nearest"),
    "antialias": lambda: layers.Resizing(3, 3, antialias=True),
    "batch": lambda: layers.BatchNormalization(),
    "layer": lambda: layers.LayerNormalization(),
    "group": lambda: layers.GroupNormalization(3),
    "moments": InstanceNormalization,
}


@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@pytest.mark.parametrize("name", RESIZES)
def test_what_tensorflow_lacks_is_right(name, gradients, request):
    if name == "moments":
        request.getfixturevalue("on_tensorflow")
    penalty = gans.GradientPenalty() if name == "batch" else gans.R1()
    check(*critic_penalty([RESIZES[name]()], penalty), gradients)


@pytest.mark.parametrize("earlier", [False, True])
def test_path_lengths_of_bilinear_upsampling(earlier, gradients, tmp_path):
    network, _ = dcgan(
        (8, 8, 1), 3, 2, normalization="weight", upsampling="bilinear"
    )

    def other(layer):
        # Differences see the jumps of a Jacobian at kinks, derivatives do not.
        if "PReLU" in type(layer).__name__:
            return layers.Activation("tanh", name=layer.name)
        if earlier and type(layer).__name__ == "BilinearUpSampling2D":
            return layer.plain()
        return type(layer).from_config(layer.get_config())

    network = keras.models.clone_model(network, clone_function=other)
    if earlier:
        # A file of a version that had Keras's layer.
        network.save(tmp_path / "earlier.keras")
        network = keras.models.load_model(tmp_path / "earlier.keras")
    resize = layers.UpSampling2D if earlier else BilinearUpSampling2D
    assert any(isinstance(layer, resize) for layer in network.layers)
    found = check(*path_penalty(network), gradients)
    for variable, gradient in zip(network.trainable_variables, found):
        assert np.abs(gradient).max() > 1e-6, variable.path


class Unknown(layers.Layer):
    def call(self, x):
        import tensorflow as tf

        return tf.nn.local_response_normalization(x)


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.inside = discriminator()
        self.unknown = Unknown(name="mine")

    @property
    def input_shape(self):
        return (None, *SHAPE)

    def call(self, x, training=False):
        return self.inside(self.unknown(x), training=training)


def subclassed():
    model = Subclassed()
    model.build((None, *SHAPE))
    return model


class Plain(gans.Penalty):
    differentiates_inputs = False

    def compute(self, discriminator, critic, real, fake, drawn):
        return ops.mean(critic(real))


def test_transformations_have_no_right_derivative(on_tensorflow):
    critic = discriminator(layers.RandomRotation(0.2, name="turn"))
    with pytest.raises(
        ValueError, match="no right derivative of .* layer turn"
    ):
        gans.HingeGAN(generator(), critic, penalties=[gans.R1()])
    with pytest.warns(UserWarning, match="'turn' .RandomRotation.*or inexact"):
        gans.HingeGAN(generator(), critic)


@pytest.mark.filterwarnings("ignore:.build... was called on layer")
@pytest.mark.parametrize(
    "make, named",
    [
        (lambda: discriminator(Unknown(name="mine")), r"mine \(Unknown\)"),
        (subclassed, r"mine \(Unknown\)"),
    ],
)
def test_what_stays_unknown_is_refused(make, named, on_tensorflow):
    critic = make()
    with pytest.raises(ValueError, match=f"R1 .*LRNGrad in the layer {named}"):
        gans.HingeGAN(generator(), critic, penalties=[gans.R1()])
    # Not where nothing is differentiated twice.
    for penalties in ([], [Plain(1.0)], [gans.PathLength()]):
        gans.HingeGAN(generator(), critic, penalties=penalties)


def test_what_works_is_not_refused(on_tensorflow):
    """Beside the images, behind the last weight, or held constant."""

    class Beside(layers.Layer):
        def call(self, x):
            x = x + ops.stop_gradient(Unknown()(x))
            return x + Unknown()(ops.ones_like(x))

    critic = discriminator(Beside())
    gans.HingeGAN(generator(), critic, penalties=[gans.R1()])


@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
def test_known_networks_are_not_traced(on_tensorflow, monkeypatch):
    def traced(*arguments):
        raise AssertionError("traced")

    monkeypatch.setattr(autodiff, "without_second_derivative", traced)
    penalties = [gans.R1(), gans.PathLength()]
    for options in (
        {"normalization": "spectral", "dropout": 0.1},
        {"normalization": "weight", "upsampling": "bilinear"},
        {"normalization": "layer", "upsampling": "nearest"},
        {"normalization": "spectral", "num_classes": 3},
    ):
        networks = gan_models.tiny_networks(**options)
        gans.HingeGAN(*networks, penalties=penalties)
    with pytest.raises(AssertionError, match="traced"):
        gans.HingeGAN(
            generator(), discriminator(Unknown()), penalties=penalties
        )
