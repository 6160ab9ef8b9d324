"""The classes of `LOSSES`: their steps beside the same ones in numpy."""

import pathlib
import re
import textwrap

import gan_models
import keras
import numpy as np
import pytest
from gan_models import BATCH, LATENTS, FedGAN, fed, images, softplus, table

from kerasgan import gans
from kerasgan.gans import losses, losses_table
from kerasgan.gans.losses import (
    HingeGAN,
    LeastSquaresGAN,
    MinimaxGAN,
    NonSaturatingGAN,
    RelativisticGAN,
    RelativisticPairingGAN,
)
from kerasgan.gans.losses_wasserstein import WassersteinGAN, WassersteinGPGAN
from kerasgan.gans.penalties import table as penalties_table

RATES = 0.3, 0.2
CLIP = 0.6


def cross_entropy(real, fake):
    return softplus(-real).mean() + softplus(fake).mean()


def smoothed(real, fake):
    return 0.2 * softplus(real).mean() + (
        0.8 * softplus(-real).mean() + softplus(fake).mean()
    )


def squares(real, fake):
    return ((real - 1) ** 2).mean() / 2 + (fake**2).mean() / 2


def critic(real, fake):
    return fake.mean() - real.mean()


def hinge(real, fake):
    return np.maximum(0, 1 - real).mean() + np.maximum(0, 1 + fake).mean()


def pairs(real, fake):
    return softplus(fake - real).mean()


def relative(real, fake):
    return cross_entropy(real - fake.mean(), fake - real.mean())


# The class and its arguments, the discriminator's loss of real and generated
# logits, and the generator's, in float64.
CASES = {
    "minimax": (
        (MinimaxGAN, {}),
        cross_entropy,
        lambda real, fake: -softplus(fake).mean(),
    ),
    "non_saturating": (
        (NonSaturatingGAN, {}),
        cross_entropy,
        lambda real, fake: softplus(-fake).mean(),
    ),
    "smoothed": (
        (NonSaturatingGAN, {"label_smoothing": 0.2}),
        smoothed,
        lambda real, fake: softplus(-fake).mean(),
    ),
    "least_squares": (
        (LeastSquaresGAN, {}),
        squares,
        lambda real, fake: ((fake - 1) ** 2).mean() / 2,
    ),
    "wasserstein": (
        (WassersteinGAN, {"clip": CLIP}),
        critic,
        lambda real, fake: -fake.mean(),
    ),
    "wasserstein_gp": (
        (WassersteinGPGAN, {}),
        critic,
        lambda real, fake: -fake.mean(),
    ),
    "hinge": ((HingeGAN, {}), hinge, lambda real, fake: -fake.mean()),
    "relativistic": (
        (RelativisticGAN, {}),
        relative,
        lambda real, fake: relative(fake, real),
    ),
    "relativistic_pairing": (
        (RelativisticPairingGAN, {}),
        pairs,
        lambda real, fake: pairs(fake, real),
    ),
}
every_case = pytest.mark.parametrize("name", CASES)


def slope(function, x, step=1e-5):
    """The gradient, by differences."""
    gradient = np.zeros_like(x)
    for at in np.ndindex(x.shape):
        nudge = np.zeros_like(x)
        nudge[at] = step
        gradient[at] = function(x + nudge) - function(x - nudge)
    return gradient / (2 * step)


class NumpyGAN:
    """G(z) = z A and D(x) = x w in float64."""

    def __init__(self, gan, on_discriminator, on_generator):
        self.a = gan.generator.get_weights()[0].astype("float64")
        self.w = gan.discriminator.get_weights()[0].astype("float64")
        self.on_discriminator = on_discriminator
        self.on_generator = on_generator
        self.clip = getattr(gan, "clip", np.inf)
        # The slope of a linear critic is w, at every image.
        self.penalty = 10 if isinstance(gan, WassersteinGPGAN) else 0

    def discriminator_turn(self, real, z):
        fake = z @ self.a

        def loss(w):
            return self.on_discriminator(real @ w, fake @ w)

        def penalized(w):
            return loss(w) + self.penalty * (np.linalg.norm(w) - 1) ** 2

        value = loss(self.w)
        w = self.w - RATES[1] * slope(penalized, self.w)
        self.w = np.clip(w, -self.clip, self.clip)
        return value

    def generator_turn(self, real, z):
        def loss(a):
            return self.on_generator(real @ self.w, z @ a @ self.w)

        value = loss(self.a)
        self.a = self.a - RATES[0] * slope(loss, self.a)
        return value


def fed_class(base):
    """The class with latents from a table."""
    members = {"table": None, "turn": 0, "_latents": FedGAN._latents}
    return type(f"Fed{base.__name__}", (base,), members)


def check_steps(base, options, *written_out, turns=2):
    """Two steps of `fit` beside numpy's."""
    gan = fed(
        fed_class(base)(
            *gan_models.linear_networks(), discriminator_steps=turns, **options
        ),
        table(2, turns + 1),
    )
    gan.compile(*(keras.optimizers.SGD(rate) for rate in RATES))
    real = images(2 * turns * BATCH)
    peer, values = NumpyGAN(gan, *written_out), []
    for x, z in zip(real.reshape(2, turns, BATCH, -1), gan.table):
        on_discriminator = [
            peer.discriminator_turn(x[i], z[i]) for i in range(turns)
        ]
        values.append(
            [np.mean(on_discriminator), peer.generator_turn(x[-1], z[-1])]
        )
    history = gan.fit(
        real, batch_size=turns * BATCH, shuffle=False, verbose=0
    ).history
    close = {"rtol": 1e-4, "atol": 1e-5}
    np.testing.assert_allclose(
        gan.discriminator.get_weights()[0], peer.w, **close
    )
    np.testing.assert_allclose(gan.generator.get_weights()[0], peer.a, **close)
    np.testing.assert_allclose(
        [history[f"{part}_loss"][0] for part in ("discriminator", "generator")],
        np.mean(values, axis=0),
        **close,
    )


@every_case
def test_steps(name):
    (base, options), *written_out = CASES[name]
    check_steps(base, options, *written_out)


@every_case
def test_round_trips(name, tmp_path):
    (base, options), *_ = CASES[name]
    gan = base(*gan_models.linear_networks(), **options)
    gan.compile("adam", "rmsprop")
    gan.fit(images(BATCH), batch_size=BATCH, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    gan_models.assert_same_state(loaded, gan)
    for other in (base.from_config(gan.get_config()), loaded):
        assert type(other) is base
        for argument, value in options.items():
            assert getattr(other, argument) == value
        assert [p.get_config() for p in other.penalties] == [
            p.get_config() for p in gan.penalties
        ]


def trained(base, **options):
    """A GAN after two steps, with statistics in its discriminator."""
    keras.utils.set_random_seed(0)
    generator, _ = gan_models.linear_networks()
    discriminator = keras.Sequential(
        [
            keras.Input(generator.output_shape[1:]),
            keras.layers.Flatten(),
            keras.layers.Dense(3),
            keras.layers.BatchNormalization(),
            keras.layers.LeakyReLU(),
            keras.layers.Dense(1),
        ]
    )
    gan = base(generator, discriminator, discriminator_steps=2, **options)
    gan.compile(keras.optimizers.Adam(0.1), keras.optimizers.Adam(0.1))
    gan.fit(images(32), batch_size=16, verbose=0)
    return gan


def largest(variables):
    return max(np.abs(v.numpy()).max() for v in variables)


def test_clipping_bounds_hold_after_fit():
    gan = trained(WassersteinGAN, clip=0.03)
    assert largest(gan.discriminator.trainable_variables) == np.float32(0.03)
    for variable in gan.discriminator.trainable_variables:
        if "kernel" in variable.path or "gamma" in variable.path:
            assert largest([variable]) == np.float32(0.03), variable.path
    # Only what is trained, and nothing of the generator.
    assert largest(gan.discriminator.non_trainable_variables) > 0.1
    assert largest(gan.generator.trainable_variables) > 0.1


def test_other_losses_clip_nothing():
    gan = trained(WassersteinGPGAN, penalties=())
    assert largest(gan.discriminator.trainable_variables) > 0.1


def test_the_gradient_penalty_is_a_default():
    networks = gan_models.linear_networks()
    (penalty,) = WassersteinGPGAN(*networks).penalties
    assert type(penalty) is gans.GradientPenalty and penalty.weight == 10
    others = (gans.R1(1.0), gans.GradientPenalty(5.0))
    gan = WassersteinGPGAN(*networks, penalties=others)
    assert tuple(gan.penalties) == others
    # The generator's do not take its place, and it comes back once.
    gan = WassersteinGPGAN(*networks, penalties=[gans.PathLength()])
    for one in (gan, WassersteinGPGAN.from_config(gan.get_config())):
        assert [type(p) for p in one.penalties] == [
            gans.PathLength,
            gans.GradientPenalty,
        ]
    gan = WassersteinGPGAN(*networks, penalties=())
    assert tuple(WassersteinGPGAN.from_config(gan.get_config()).penalties) == ()


def test_every_class_is_in_the_table():
    assert {
        name: base
        for name, ((base, _), *_) in CASES.items()
        if name != "smoothed"
    } == gans.LOSSES
    for base in gans.LOSSES.values():
        assert getattr(gans, base.__name__) is base
        assert base.__name__ in gans.__all__


def blocks_of(section):
    """The blocks of Python in a section of CONTRIBUTING.md."""
    page = pathlib.Path(__file__).parents[2] / "CONTRIBUTING.md"
    text = page.read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    return [
        textwrap.dedent(block)
        for block in re.findall(r"```python\n(.*?)```", text, re.S)
    ]


def test_a_new_loss_as_contributing_shows_it(monkeypatch, tmp_path):
    code, row = blocks_of("A new loss")
    names = dict(vars(losses))
    exec(code, names)
    new = names["PearsonGAN"]
    monkeypatch.setattr(losses, "PearsonGAN", new, raising=False)
    rows = eval(f"{{{row}}}", {"LossRow": losses_table.LossRow})
    assert rows["pearson"].load() is new
    check_steps(
        new,
        {},
        lambda real, fake: squares(real, fake + 1),
        lambda real, fake: (fake**2).mean() / 2,
    )
    gan = new(*gan_models.linear_networks())
    gan.compile("adam", "adam")
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert type(loaded) is new
    z = np.ones((1, LATENTS), "float32")
    np.testing.assert_array_equal(loaded(z), gan(z))


def test_a_new_penalty_as_contributing_shows_it():
    code, row = blocks_of("A new penalty")
    names = {}
    exec(code, names)
    new = names["LogitDrift"]
    known = {
        "PenaltyRow": penalties_table.PenaltyRow,
        "_weighted": penalties_table._weighted,
    }
    (row,) = eval(f"{{{row}}}", known).values()
    assert (row.name, row.arguments["weight"].default) == (
        "LogitDrift",
        new().weight,
    )
    real = np.array([[[[2.0]]], [[[4.0]]]], "float32")
    value = new().compute(None, lambda x: x[:, 0, 0], real, None, None)
    assert float(value) == 10.0
