import keras
import pytest

from kerasgan.optimizers import PRESETS, Delay, Preset, WarmUp, preset


def around(schedule):
    """Through the configuration of an optimizer, as Keras saves it."""
    optimizer = keras.optimizers.SGD(schedule)
    config = keras.optimizers.serialize(optimizer)
    return keras.optimizers.deserialize(config)._learning_rate


@pytest.mark.parametrize(
    "schedule, expected",
    [
        (WarmUp(0.8, 4), [0.2, 0.4, 0.6, 0.8, 0.8]),
        (
            Delay(keras.optimizers.schedules.PolynomialDecay(0.8, 2, 0.0), 2),
            [0.8, 0.8, 0.8, 0.4, 0.0],
        ),
        (
            WarmUp(keras.optimizers.schedules.PolynomialDecay(0.8, 4, 0.0), 2),
            [0.4, 0.6, 0.4, 0.2, 0.0],
        ),
    ],
)
def test_values_also_after_saving(schedule, expected):
    for one in (schedule, around(schedule)):
        assert [float(one(step)) for step in range(5)] == pytest.approx(
            expected
        )


@pytest.mark.parametrize("steps", [0, 1.5, None])
def test_bad_steps(steps):
    with pytest.raises(ValueError, match=f"Received: steps={steps}"):
        WarmUp(0.1, steps)
    if steps != 0:
        with pytest.raises(ValueError, match=f"Received: steps={steps}"):
            Delay(WarmUp(0.1, 1), steps)


@pytest.mark.parametrize("name", PRESETS)
def test_presets(name):
    made = preset(name)
    assert isinstance(made, Preset)
    assert made.discriminator_steps == PRESETS[name]["discriminator_steps"]
    assert made.generator_optimizer is not made.discriminator_optimizer
    for network in ("generator_optimizer", "discriminator_optimizer"):
        said = dict(PRESETS[name][network])
        optimizer = getattr(made, network)
        assert type(optimizer).__name__.lower() == said.pop("name")
        rate = said.pop("learning_rate")
        if said.pop("warmup_steps", 0):
            rate /= 20
        assert float(optimizer.learning_rate) == pytest.approx(rate)
        config = optimizer.get_config()
        assert {key: config[key] for key in said} == said


def test_the_settings_of_the_sn_gan_paper():
    """Table 1 of arXiv 1802.05957."""
    table = {
        "a": (1e-4, 0.5, 0.9, 5),
        "b": (1e-4, 0.5, 0.999, 1),
        "c": (2e-4, 0.5, 0.999, 1),
        "d": (1e-3, 0.5, 0.9, 5),
        "e": (1e-3, 0.5, 0.999, 5),
        "f": (1e-3, 0.9, 0.999, 5),
    }
    for letter, expected in table.items():
        made = preset(f"sngan-{letter}")
        optimizer = made.discriminator_optimizer
        assert (
            round(float(optimizer.learning_rate), 7),
            optimizer.beta_1,
            optimizer.beta_2,
            made.discriminator_steps,
        ) == expected


def test_an_unknown_preset():
    with pytest.raises(ValueError, match="one of sngan-a.*name='sngan-g'"):
        preset("sngan-g")
