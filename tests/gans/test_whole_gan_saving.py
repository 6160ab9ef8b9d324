"""Files of whole GANs: what is loaded continues exactly."""

import json
import subprocess
import sys

import gan_models
import keras
import numpy as np
import pytest
from gan_models import LATENTS, NumpyGAN, assert_same_state, fed, images, table

from kerasgan import gans, layers
from kerasgan.gans.optimizer import GANOptimizer
from kerasgan.optimizers import Delay, WarmUp

SHAPE = (4, 4, 1)
BATCH = 4
REAL = images(4 * BATCH, SHAPE)


def networks(policy="float32"):
    """With statistics, dropout, and a spectral normalization."""
    keras_layers = keras.layers
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        z, x = keras.Input((LATENTS,)), keras.Input(SHAPE)
        y = keras_layers.Dense(16, use_bias=False)(z)
        y = keras_layers.BatchNormalization()(y)
        y = keras_layers.Reshape(SHAPE)(y)
        y = keras_layers.Activation("tanh", dtype="float32")(y)
        conv = keras_layers.Conv2D(2, 3, strides=2)
        d = layers.SpectralNormalization(conv)(x)
        d = keras_layers.Dropout(0.3)(keras_layers.LeakyReLU()(d))
        d = keras_layers.Flatten()(d)
        # Some losses know differences of logits alone.
        d = keras_layers.Dense(1, use_bias=False, dtype="float32")(d)
    finally:
        keras.config.set_dtype_policy(before)
    return keras.Model(z, y), keras.Model(x, d)


def adaptive(*policy):
    return gans.AdaptiveAugment(policy, ramp=16, interval=2, target=-0.9)


# The class and its arguments, the optimizers, and the dtype policy. Between
# them they have every penalty, every augmentation and every kind of update.
CASES = {
    "minimax": (
        gans.MinimaxGAN,
        lambda: {"augmentation": gans.DiffAugment(), "ema_decay": None},
        lambda: (keras.optimizers.Adam(1e-2), keras.optimizers.SGD(1e-2, 0.9)),
        "float32",
    ),
    "non_saturating": (
        gans.NonSaturatingGAN,
        lambda: {
            "augmentation": adaptive("color", "translation", "cutout"),
            "penalties": [gans.R1(2.0, interval=2), gans.Orthonormal(0.1)],
            "label_smoothing": 0.1,
        },
        lambda: (
            keras.optimizers.Adam(
                keras.optimizers.schedules.CosineDecay(1e-2, 5), clipnorm=0.1
            ),
            keras.optimizers.RMSprop(1e-2, use_ema=True, ema_momentum=0.5),
        ),
        "float32",
    ),
    "least_squares": (
        gans.LeastSquaresGAN,
        lambda: {
            "penalties": [gans.GradientPenalty(1.0)],
            "update": "simultaneous",
        },
        lambda: ("adam", keras.optimizers.AdamW(1e-2)),
        "float32",
    ),
    "wasserstein": (
        gans.WassersteinGAN,
        lambda: {"discriminator_steps": 2, "clip": 0.05},
        lambda: (
            keras.optimizers.RMSprop(1e-2),
            keras.optimizers.Adam(1e-2, gradient_accumulation_steps=3),
        ),
        "float32",
    ),
    "wasserstein_gp": (
        gans.WassersteinGPGAN,
        lambda: {"augmentation": gans.DiffAugment(["translation"])},
        lambda: ("adam", "adam"),
        "float32",
    ),
    "hinge": (
        gans.HingeGAN,
        lambda: {
            "augmentation": adaptive("cutout"),
            "gradient_accumulation": 2,
        },
        lambda: ("adam", "rmsprop"),
        "mixed_bfloat16",
    ),
    "relativistic": (
        gans.RelativisticGAN,
        lambda: {
            "penalties": [gans.DRAGAN()],
            "augmentation": adaptive("color"),
        },
        lambda: (
            keras.optimizers.Adam(1e-2),
            keras.optimizers.LossScaleOptimizer(
                keras.optimizers.Adam(1e-2, use_ema=True),
                initial_scale=2.0**8,
                dynamic_growth_steps=2,
            ),
        ),
        "mixed_float16",
    ),
    "relativistic_pairing": (
        gans.RelativisticPairingGAN,
        lambda: {
            "penalties": [gans.R1(), gans.R2(interval=2)],
            "augmentation": gans.DiffAugment(["color"]),
        },
        lambda: ("adam", "adam"),
        "float32",
    ),
}


def make(name, seed=0):
    base, options, optimizers, policy = CASES[name]
    keras.utils.set_random_seed(seed)
    gan = base(*networks(policy), seed=seed, **options())
    gan.compile(*optimizers())
    return gan


def train(gan, start, stop):
    gan.fit(
        REAL[BATCH * start : BATCH * stop],
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    )
    return gan


def test_every_class_is_among_the_cases():
    assert {name: case[0] for name, case in CASES.items()} == gans.LOSSES


@pytest.mark.integration
@pytest.mark.parametrize(
    "name",
    [
        # Two of them have all that there is to save.
        pytest.param(
            name,
            marks=[]
            if name in ("hinge", "non_saturating")
            else pytest.mark.one_backend,
        )
        for name in CASES
    ],
)
def test_a_resumed_training_is_exact_to_the_bit(name, tmp_path):
    gan = make(name)
    start = gan_models.state(gan)
    train(gan, 0, 2)
    check_that_it_moved(start, gan_models.state(gan))
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert type(loaded) is CASES[name][0]
    assert_same_state(loaded, gan)
    if name in ("non_saturating", "relativistic"):
        gan.save_weights(tmp_path / "gan.weights.h5")
        other = make(name, seed=1)
        other.load_weights(tmp_path / "gan.weights.h5")
        assert_same_state(other, gan)
    assert_same_state(train(loaded, 2, 4), train(gan, 2, 4))


def check_that_it_moved(before, after):
    """Else the equality of what is loaded would prove nothing."""
    still = [
        name
        for name, value in before.items()
        if np.array_equal(value, after[name])
        # A rate is what it is, an accumulator is empty after it was used.
        and not any(
            part in name
            for part in ("learning_rate", "accumulator", "scale", "turns")
        )
    ]
    # The counts of an adaptive augmentation start again.
    still = [name for name in still if not name.endswith(("images", "signs"))]
    assert not still


# Options of Keras's optimizers, against the same in numpy.


class Rule:
    """Gradient descent with Keras's options."""

    def __init__(self, rates, clip=np.inf, every=1, momentum=0.0):
        self.rates, self.clip, self.every = rates, clip, every
        self.momentum, self.average, self.sum = momentum, None, 0
        self.turn = 0

    def __call__(self, w, gradient):
        rate = self.rates[self.turn]
        self.turn += 1
        self.sum = self.sum + gradient
        if self.turn % self.every == 0:
            mean, self.sum = self.sum / self.every, 0
            length = np.linalg.norm(mean)
            w = w - rate * mean * min(1, self.clip / length)
        if self.average is None:
            self.average = w
        else:
            self.average = (
                self.momentum * self.average + (1 - self.momentum) * w
            )
        return w


def half_after_two(rate):
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [1], [rate, rate / 2]
    )


OPTIONS = {
    "clipnorm, a schedule and an average": (
        lambda rate: keras.optimizers.SGD(
            half_after_two(rate), clipnorm=0.2, use_ema=True, ema_momentum=0.7
        ),
        lambda rate: Rule(
            [rate, rate, rate / 2, rate / 2], clip=0.2, momentum=0.7
        ),
    ),
    "accumulation": (
        lambda rate: keras.optimizers.SGD(rate, gradient_accumulation_steps=3),
        lambda rate: Rule([rate] * 4, every=3),
    ),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_options_of_the_optimizers(option):
    """Four steps of `fit`; at its end weights are those of Keras's average."""
    make_optimizer, make_rule = OPTIONS[option]
    gan = fed(
        gan_models.FedGAN(*gan_models.linear_networks(), ema_decay=None),
        table(4),
    )
    gan.compile(make_optimizer(0.5), make_optimizer(0.3))
    peer = NumpyGAN(gan, rates=(1, 1))
    rules = make_rule(0.5), make_rule(0.3)
    real = images(4 * gan_models.BATCH)
    for batch, z in zip(np.split(real, 4), gan.table):
        w = peer.w
        peer.discriminator_step(batch, z[0])
        peer.w = rules[1](w, w - peer.w)
        a = peer.a
        peer.generator_step(z[1])
        peer.a = rules[0](a, a - peer.a)
    gan.fit(real, batch_size=gan_models.BATCH, shuffle=False, verbose=0)
    ends = peer.a, peer.w
    if "average" in option:
        ends = [rule.average for rule in rules]
    for network, end in zip((gan.generator, gan.discriminator), ends):
        np.testing.assert_allclose(
            network.get_weights()[0], end, rtol=1e-4, atol=1e-5
        )


@pytest.mark.filterwarnings("ignore:the .* has no trainable weights")
def test_an_average_of_nothing_is_not_taken():
    """A network that was frozen since, and one that no step has moved."""
    gan = gans.NonSaturatingGAN(*gan_models.linear_networks())
    gan.compile(*(keras.optimizers.SGD(0.5, use_ema=True) for _ in range(2)))
    gan.discriminator.trainable = False
    before = gan.discriminator.get_weights()[0]
    gan.fit(images(8), batch_size=8, verbose=0)
    np.testing.assert_array_equal(gan.discriminator.get_weights()[0], before)
    gan = gans.NonSaturatingGAN(*gan_models.linear_networks())
    gan.compile(*(keras.optimizers.SGD(0.5, use_ema=True) for _ in range(2)))
    before = gan_models.state(gan)
    with pytest.raises(ZeroDivisionError):
        gan.fit(
            images(8),
            batch_size=8,
            verbose=0,
            callbacks=[
                keras.callbacks.LambdaCallback(
                    on_epoch_begin=lambda epoch, logs: 1 / 0
                )
            ],
        )
    for name, value in gan_models.state(gan).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_the_optimizer_of_both_by_itself():
    gan = make("relativistic")
    config = json.loads(json.dumps(keras.optimizers.serialize(gan.optimizer)))
    other = keras.optimizers.deserialize(config)
    assert type(other) is GANOptimizer
    assert other.get_config() == gan.optimizer.get_config()
    other.build_both(
        gan.generator.trainable_variables,
        gan.discriminator.trainable_variables,
    )
    values = [v.numpy() + np.float32(1) for v in gan.optimizer.variables]
    other.set_weights(values)
    for variable, value in zip(other.variables, values, strict=True):
        np.testing.assert_array_equal(variable.numpy(), value)
    with pytest.raises(ValueError):
        other.set_weights(values[1:])


# The rest of what a Keras model can do.


def test_it_tells_of_itself():
    gan = gans.NonSaturatingGAN(*gan_models.linear_networks(), name="mine")
    gan.compile("sgd", "sgd")
    lines = []
    gan.summary(print_fn=lambda text, **_: lines.append(text))
    assert 'Model: "mine"' in "".join(lines)
    assert "Trainable params: 16 " in "".join(lines)
    # Twice the generator's 12, the discriminator's 4, and the steps.
    assert gan.count_params() == 29
    assert repr(gan) == "<NonSaturatingGAN name=mine, built=True>"


@pytest.mark.parametrize("name", ["non_saturating", "wasserstein"])
def test_configuration_through_json(name):
    gan = make(name)
    config = json.loads(json.dumps(gan.get_config()))
    other = type(gan).from_config(config)
    # Where a tuple was there is a list.
    assert json.dumps(other.get_config()) == json.dumps(config)
    whole = keras.models.model_from_json(gan.to_json())
    assert whole.compiled and type(whole) is type(gan)
    for part in ("generator", "discriminator"):
        a, b = (getattr(model.optimizer, part) for model in (gan, whole))
        assert a.get_config() == b.get_config()


def test_clones_share_nothing():
    gan = make("wasserstein")
    clone = keras.models.clone_model(gan)
    assert type(clone) is gans.WassersteinGAN
    assert clone.clip == 0.05 and clone.discriminator_steps == 2
    mine, its = (
        {id(v) for v in [*model.variables, *model.optimizer.variables]}
        for model in (gan, clone)
    )
    assert not mine & its
    clone.set_weights(gan.get_weights())
    z = np.ones((2, LATENTS), "float32")
    np.testing.assert_array_equal(clone(z), gan(z))


def test_a_gan_that_is_not_compiled(tmp_path):
    gan = gans.HingeGAN(*gan_models.linear_networks())
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert not loaded.compiled
    z = np.ones((1, LATENTS), "float32")
    np.testing.assert_array_equal(loaded(z), gan(z))
    with pytest.raises(ValueError, match=r"You must call `compile\(\)`"):
        loaded.fit(images(4), verbose=0)
    compiled = make("minimax")
    compiled.save(tmp_path / "gan.keras")
    one = keras.models.load_model(tmp_path / "gan.keras", compile=False)
    assert not one.compiled


@pytest.mark.filterwarnings("ignore:Skipping variable loading")
def test_other_files(tmp_path):
    gan = make("minimax")
    for name in ("gan.h5", "gan.hdf5"):
        path = tmp_path / name
        with pytest.raises(ValueError, match="`.keras` file") as caught:
            gan.save(path)
        assert str(caught.value).endswith(f"Received: filepath={path}")
        assert not path.exists()
    # Its random generators are not those of the file.
    gan.save_weights(tmp_path / "gan.weights.h5")
    other = gans.MinimaxGAN(*networks(), ema_decay=None)
    other.compile("adam", "adam")
    with pytest.raises(ValueError, match="the states of 2 random generators"):
        other.load_weights(tmp_path / "gan.weights.h5")


def test_export(tmp_path, on_tensorflow):
    import tensorflow as tf

    gan = make("wasserstein")
    gan.export(tmp_path / "exported", verbose=False)
    served = tf.saved_model.load(tmp_path / "exported")
    z = np.random.default_rng(0).normal(size=(3, LATENTS)).astype("float32")
    np.testing.assert_allclose(
        served.serve(z), gan.predict(z, verbose=0), atol=1e-6
    )


@pytest.mark.integration
def test_a_fresh_process_loads_it(tmp_path):
    """Where nothing but `kerasgan.gans` was imported."""
    rate = WarmUp(Delay(keras.optimizers.schedules.CosineDecay(1e-2, 9), 3), 5)
    gan = gans.HingeGAN(
        *gan_models.tiny_networks(
            generator_normalization="weight",
            discriminator_normalization="spectral",
        ),
        penalties=[gans.R1(interval=2)],
        augmentation=gans.AdaptiveAugment(),
    )
    gan.compile(keras.optimizers.Adam(rate), "rmsprop")
    path = tmp_path / "gan.keras"
    gan.save(path)
    code = (
        "import sys, keras, kerasgan.gans; "
        "gan = keras.models.load_model(sys.argv[1]); "
        "print(type(gan).__name__, float(gan.optimizer.learning_rate))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    name, value = done.stdout.split()
    assert name == "HingeGAN"
    assert float(value) == pytest.approx(1e-2 / 5)
