"""The classes of `LOSSES`: their steps compared with the same ones written out."""

import pathlib
import re
import textwrap

import gan_models
import keras
import numpy as np
import pytest
from annotations import unannotated
from docstring_rules import lacks, lacks_of_name
from docstrings import Docstring, members
from gan_models import LATENTS, images
from written_gan import check_written

from kerasgan import gans
from kerasgan.gans import losses, losses_table
from kerasgan.gans.losses_wasserstein import WassersteinGAN, WassersteinGPGAN
from kerasgan.gans.penalties import table as penalties_table

OPTIONS = {
    "non_saturating": {"label_smoothing": 0.2},
    "wasserstein": {"clip": 0.1},
}


@pytest.mark.parametrize("name", gans.LOSSES)
def test_steps(name):
    """Of the class's own losses, of which test_losses.py has the formulas."""
    check_written(gans.LOSSES[name], ("none", "none"), **OPTIONS.get(name, {}))


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


def test_every_class_is_public():
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


def check_public(new):
    """Asks of a class what test_docstrings.py and test_types.py ask for."""
    assert unannotated(new) == {}
    assert lacks_of_name(new) == []
    for name in members(new):
        assert lacks(Docstring.of_member(new, name)) == [], name


def test_a_new_loss_as_contributing_shows_it(monkeypatch, tmp_path):
    code, row = blocks_of("A new loss")
    names = dict(vars(losses))
    exec(code, names)
    new = names["PearsonGAN"]
    check_public(new)
    # There is room for it: tests/test_rooms.py has the limit.
    module = pathlib.Path(losses.__file__).read_text("utf-8")
    assert len((module + code).splitlines()) < 350
    monkeypatch.setattr(losses, "PearsonGAN", new, raising=False)
    rows = eval(f"{{{row}}}", {"LossRow": losses_table.LossRow})
    assert rows["pearson"].load() is new
    check_written(new, ("none", "none"))
    gan = new(*gan_models.linear_networks())
    real, fake = np.array([1.0, 3.0]), np.array([0.0, 4.0])
    # Targets 1 and -1 for the discriminator, and 0 for the generator.
    assert float(gan.discriminator_loss(real, fake)) == (0 + 4 + 1 + 25) / 4
    assert float(gan.generator_loss(fake)) == 16 / 4
    gan.compile("adam", "adam")
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert type(loaded) is new
    z = np.ones((1, LATENTS), "float32")
    np.testing.assert_array_equal(loaded(z), gan(z))


def test_a_new_penalty_as_contributing_shows_it():
    code, row = blocks_of("A new penalty")
    # Only what is defined in kerasgan is checked.
    names = {"__name__": "kerasgan.gans.penalties.logit_drift"}
    exec(code, names)
    new = names["LogitDrift"]
    check_public(new)
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
