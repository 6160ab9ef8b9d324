"""What recipes say of losses, penalties, augmentation and optimizers."""

import keras
import numpy as np
import pytest

from kerasgan import gans
from kerasgan.gans import losses_table
from kerasgan.gans.penalties.table import PENALTIES
from kerasgan.optimizers import PRESETS
from kerasgan.recipes.settings.optimizers import OPTIMIZERS
from kerasgan.zoo import Recipe, build_gan, build_optimizer

Adam = OPTIMIZERS["adam"]


def gan_of(recipe, *pairs):
    gan = build_gan(recipe.override_all([("features", 1), *pairs]))
    # Few steps take less time than a graph of them.
    gan.run_eagerly = True
    return gan


@pytest.mark.parametrize("loss", losses_table.LOSSES)
def test_every_loss(recipe, loss):
    gan = gan_of(recipe, ("loss", loss))
    assert type(gan) is gans.LOSSES[loss]
    penalties = [type(penalty) for penalty in gan.penalties]
    # None were named: those of the loss.
    expected = [gans.GradientPenalty] if loss == "wasserstein_gp" else []
    assert penalties == expected


def test_penalties_and_augmentation_reach_the_gan(recipe):
    gan = gan_of(
        recipe,
        ("loss", "hinge"),
        ("penalties", "[{name: r1, weight: 2, interval: 16}, orthonormal]"),
        ("augmentation", "{name: diff_augment, policy: [color]}"),
        ("gradient_accumulation", 4),
        ("discriminator_steps", 2),
    )
    r1, orthonormal = gan.penalties
    assert isinstance(r1, gans.R1)
    assert (r1.weight, r1.interval) == (2.0, 16)
    assert isinstance(orthonormal, gans.Orthonormal)
    assert isinstance(gan.augmentation, gans.DiffAugment)
    assert gan.augmentation.policy == ("color",)
    assert gan.gradient_accumulation == 4
    assert gan.discriminator_steps == 2


def test_arguments_of_a_loss(recipe):
    assert gan_of(recipe, ("label_smoothing", 0.1)).label_smoothing == 0.1
    wasserstein = ("loss", "wasserstein")
    assert gan_of(recipe, wasserstein).clip == 0.01
    assert gan_of(recipe, wasserstein, ("clip", 0.1)).clip == 0.1
    assert (
        gan_of(recipe, ("loss", "wasserstein_gp"), ("penalties", [])).penalties
        == ()
    )


def test_names_stand_for_sections_that_may_be_changed_after(recipe):
    training = recipe.override_all(
        [
            ("penalties", "[r1, dragan]"),
            ("penalties.1.interval", "4"),
            ("augmentation", "adaptive_augment"),
            ("augmentation.target", "0.5"),
            ("generator_optimizer.decay", "linear"),
            ("generator_optimizer.decay.stop", "9"),
        ]
    ).training
    assert training.generator_optimizer.decay.stop == 9
    assert [(p.name, p.interval) for p in training.penalties] == [
        ("r1", 1),
        ("dragan", 4),
    ]
    assert training.augmentation.target == 0.5
    assert recipe.override("penalties", "r1").training.penalties[0].name == "r1"


def test_a_round_trip_keeps_them(recipe):
    changed = recipe.override_all(
        [
            ("penalties", "[r1]"),
            ("augmentation", "adaptive_augment"),
            ("preset", "xiang-li"),
            ("generator_optimizer.decay", "{name: cosine, stop: 9}"),
        ]
    )
    assert Recipe.from_yaml(changed.to_yaml()) == changed


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_kept_as_what_they_stand_for(recipe, name):
    changed = recipe.override("preset", name)
    said = PRESETS[name]
    training = changed.training
    assert training.discriminator_steps == said["discriminator_steps"]
    for network in ("generator_optimizer", "discriminator_optimizer"):
        settings = getattr(training, network).model_dump()
        assert said[network].items() <= settings.items()
    assert "preset" not in changed.to_yaml()


def test_a_preset_is_changed_by_what_comes_after_it(recipe):
    rate = "training.generator_optimizer.learning_rate"
    after = recipe.override_all([("preset", "sngan-a"), (rate, "3e-4")])
    assert after.training.generator_optimizer.learning_rate == 3e-4
    assert after.training.generator_optimizer.beta_1 == 0.5
    assert after.training.discriminator_optimizer.learning_rate == 1e-4
    assert PRESETS["sngan-a"]["generator_optimizer"]["learning_rate"] == 1e-4


def test_a_preset_in_a_file_fills_in_what_is_missing(recipe):
    content = recipe.model_dump(mode="json")
    del content["training"]["generator_optimizer"]
    del content["training"]["discriminator_steps"]
    content["training"]["preset"] = "sngan-d"
    training = Recipe.from_dict(content).training
    assert training.generator_optimizer == Adam(
        name="adam", learning_rate=1e-3, beta_1=0.5, beta_2=0.9
    )
    assert training.discriminator_steps == 5
    assert training.discriminator_optimizer == (
        recipe.training.discriminator_optimizer
    )


@pytest.mark.parametrize(
    "pairs, expected",
    [
        (
            [("penalties", "[r3]")],
            "training.penalties.0.name: must be one of "
            f"{', '.join(PENALTIES)}. Received: name='r3'",
        ),
        (
            [("penalties", "[dragon]")],
            "training.penalties.0.name: did you mean dragan? It must be one of",
        ),
        (
            [("best", "diversity")],
            "training.best.name: must be one of reconstruction, fid768, fid. "
            "Received: name='diversity'",
        ),
        (
            [("precision", "mixed")],
            "training.precision: did you mean mixed_bfloat16? It must be one of "
            "float32, mixed_bfloat16. Received: precision='mixed'",
        ),
        (
            [("loss", "wass")],
            "training.loss: did you mean one of wasserstein, wasserstein_gp? It "
            "must be one of minimax, ",
        ),
        (
            [("penalties", "[r1, {name: r1, wait: 1}]")],
            "training.penalties.1.wait: unknown key, expected one of name, "
            "weight, interval",
        ),
        (
            [("penalties", "[r1]"), ("penalties.0.weight", "-1")],
            "training.penalties.0.weight: must be a positive number. "
            "Received: weight=-1",
        ),
        (
            [("penalties", "[r1]"), ("penalties.1.weight", "1")],
            "penalties.1.weight: expected the index of one of 1 entries, "
            "counted from 0. Received: 1",
        ),
        (
            [("penalties", "[3]")],
            "training.penalties.0: expected a mapping that names one of "
            f"{', '.join(PENALTIES)}. Received: 3",
        ),
        (
            [("augmentation", "true")],
            "training.augmentation: expected a mapping that names one of "
            "diff_augment, adaptive_augment. Received: True",
        ),
        (
            [("augmentation", "{name: diff_augment, policy: [color, color]}")],
            "training.augmentation.policy: must be a list of some of color, "
            "translation, cutout, each once. Received: policy=['color', 'color']",
        ),
        (
            [("penalties", "[r2, r1, {name: r2, weight: 1}]")],
            "training: penalties: expected each once; its weight says how much "
            "it counts. Received: r2, r1, r2",
        ),
        ([("preset", "[sngan-a]")], "preset: must be one of sngan-a"),
        ([("training", "5")], "training: expected a mapping of some of loss, "),
        ([("ema_decay", "0")], "training.ema_decay: must be a number above"),
        (
            [("augmentation", "ada")],
            "training.augmentation.name: did you mean adaptive_augment? It must "
            "be one of diff_augment, adaptive_augment. Received: name='ada'",
        ),
        (
            [("augmentation", "adaptive_augment"), ("loss", "relativistic")],
            "training: adaptive_augment follows the sign of logits, which says "
            "nothing with the losses wasserstein, wasserstein_gp, relativistic",
        ),
        (
            [("augmentation", "{name: diff_augment, ramp: 3}")],
            "training.augmentation.ramp: unknown key, expected one of name, "
            "policy",
        ),
        (
            [("augmentation.policy", "[color]")],
            "augmentation.policy: training.augmentation is not set yet",
        ),
        (
            [("augmentation", "{name: diff_augment, policy: [colour]}")],
            "training.augmentation.policy: did you mean color? It must be a list "
            "of some of color, translation, cutout, each once. Received: "
            "policy=['colour']",
        ),
        (
            [("loss", "hinge"), ("label_smoothing", "0.1")],
            "label_smoothing is of loss: non_saturating alone. Received: "
            "label_smoothing=0.1, loss=hinge",
        ),
        ([("clip", "0.1")], "clip is of loss: wasserstein alone"),
        (
            [("preset", "sngan-g")],
            "preset: did you mean sngan-f? It must be one of sngan-a, sngan-b",
        ),
        (
            [("generator_optimizer.decay", "step")],
            "training.generator_optimizer.decay.name: must be one of linear, "
            "cosine, exponential. Received: name='step'",
        ),
        (
            [("generator_optimizer.decay", "linear")],
            "training.generator_optimizer.decay.stop: this key is missing",
        ),
        (
            [
                (
                    "generator_optimizer.decay",
                    "{name: linear, start: 9, stop: 9}",
                )
            ],
            "training.generator_optimizer.decay: stop must come after start. "
            "Received: start=9, stop=9",
        ),
        (
            [("gradient_accumulation", "3")],
            "batch_size must be a multiple of gradient_accumulation. Received: "
            "batch_size=32, gradient_accumulation=3",
        ),
    ],
)
def test_what_is_refused(recipe, pairs, expected):
    with pytest.raises(ValueError) as caught:
        recipe.override_all(pairs)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def rates(settings, steps, updates=1):
    optimizer = build_optimizer(
        Adam(name="adam", learning_rate=0.5, **settings), updates
    )
    rate = optimizer._learning_rate
    return [float(rate(step)) for step in steps]


@pytest.mark.parametrize(
    "settings, steps, expected",
    [
        (
            {"warmup_steps": 4},
            range(6),
            [0.125, 0.25, 0.375, 0.5, 0.5, 0.5],
        ),
        (
            {"decay": {"name": "linear", "start": 2, "stop": 6, "final": 0.5}},
            range(8),
            [0.5, 0.5, 0.5, 0.4375, 0.375, 0.3125, 0.25, 0.25],
        ),
        (
            {"decay": {"name": "linear", "stop": 2}},
            range(4),
            [0.5, 0.25, 0.0, 0.0],
        ),
        (
            {"decay": {"name": "cosine", "start": 1, "stop": 5, "final": 0.2}},
            range(7),
            [
                0.5 * (0.2 + 0.4 * (1 + np.cos(np.pi * t / 4)))
                for t in (0, 0, 1, 2, 3, 4, 4)
            ],
        ),
        (
            {"decay": {"name": "exponential", "start": 1, "half_life": 2}},
            (0, 1, 3, 5),
            [0.5, 0.5, 0.25, 0.125],
        ),
        (
            {"warmup_steps": 2, "decay": {"name": "linear", "stop": 4}},
            range(5),
            [0.25, 0.375, 0.25, 0.125, 0.0],
        ),
    ],
)
def test_schedules(settings, steps, expected):
    assert rates(settings, steps) == pytest.approx(expected)
    # Steps of training, in each of which there are three updates.
    thrice = [3 * step for step in steps]
    if "warmup_steps" not in settings:
        assert rates(settings, thrice, updates=3) == pytest.approx(expected)


def test_the_schedule_trains(recipe):
    """It follows the steps of training, in either network."""
    gan = gan_of(
        recipe,
        ("discriminator_steps", 2),
        ("discriminator_optimizer.decay", "{name: linear, stop: 2}"),
        ("generator_optimizer.decay", "{name: linear, stop: 2}"),
    )
    images = -np.ones((4, 8, 8, 3), "float32")
    for expected in (0.5, 0.0):
        gan.fit(images, batch_size=4, verbose=0)
        generator = float(gan.optimizer.generator.learning_rate)
        discriminator = float(gan.optimizer.discriminator.learning_rate)
        assert generator == pytest.approx(2e-4 * expected)
        assert discriminator == pytest.approx(0.1 * expected)
    weights = [
        network.get_weights() for network in (gan.generator, gan.discriminator)
    ]
    gan.fit(images, batch_size=4, verbose=0)
    for before, network in zip(weights, (gan.generator, gan.discriminator)):
        for a, b, variable in zip(
            before, network.get_weights(), network.weights
        ):
            if variable.trainable:
                np.testing.assert_array_equal(a, b)


def test_warm_up_counts_from_the_first_update(recipe):
    """Plain SGD moves the weights by the gradient times the rate."""
    moved = []
    for pairs in ([], [("discriminator_optimizer.warmup_steps", 10)]):
        gan = gan_of(recipe, *pairs)
        before = gan.discriminator.get_weights()
        images = np.ones((4, 8, 8, 3), "float32")
        gan.fit(images, batch_size=4, verbose=0)
        moved.append(
            [b - a for a, b in zip(before, gan.discriminator.get_weights())]
        )
    assert max(np.abs(change).max() for change in moved[0]) > 1e-3
    for full, tenth in zip(*moved):
        np.testing.assert_allclose(tenth, full / 10, rtol=1e-3, atol=1e-7)
    assert isinstance(gan.optimizer.discriminator, keras.optimizers.SGD)
