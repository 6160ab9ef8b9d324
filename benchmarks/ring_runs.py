"""GANs of `kerasgan.gans.LOSSES` on a ring of eight Gaussians in the plane.

What `ring.py`, `ring_failures.py` and `tests/gans/test_ring.py` share: the
points, the networks, each loss's settings, and how covered modes are counted.
"""

import dataclasses
import time

import keras
import numpy as np
from keras import ops

from kerasgan.gans import LOSSES, R1

MODES = 8
RADIUS = 2.0
DEVIATION = 0.05

# A sample is good within so many standard deviations of a mode's middle, and a
# mode is covered by that share of the samples.
REACH = 3.0
SHARE = 0.01
SAMPLES = 2500

LATENTS = 16
UNITS = 128
BATCH = 128
STEPS = 4000
EPOCH = 50
# Of the generator's moving average, which is what is judged.
DECAY = 0.99


@dataclasses.dataclass(frozen=True)
class Settings:
    """How a loss is trained on the ring: by default, unless in `SETTINGS`."""

    generator_rate: float = 1e-3
    discriminator_rate: float = 1e-3
    beta_1: float = 0.5
    beta_2: float = 0.9
    # Instead of Adam.
    rmsprop: bool = False
    # Weight of the penalty R1, or None.
    r1: float | None = 0.5
    # Further arguments of the class.
    options: dict = dataclasses.field(default_factory=dict)

    def optimizers(self):
        """The generator's and the discriminator's."""
        rates = self.generator_rate, self.discriminator_rate
        if self.rmsprop:
            return [keras.optimizers.RMSprop(rate) for rate in rates]
        return [
            keras.optimizers.Adam(rate, self.beta_1, self.beta_2)
            for rate in rates
        ]


# Of the losses that need other ones.
SETTINGS = {
    "wasserstein": Settings(
        generator_rate=2e-3,
        rmsprop=True,
        r1=None,
        options={"clip": 0.2, "discriminator_steps": 3},
    ),
    "wasserstein_gp": Settings(
        beta_1=0.0, r1=None, options={"discriminator_steps": 5}
    ),
}


def centers():
    """The middles of the modes, `[8, 2]`, counterclockwise from (2, 0)."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def ring(count, seed=0):
    """Points of the eight Gaussians, float32 `[count, 2]`."""
    rng = np.random.default_rng(seed)
    middles = centers()[rng.integers(MODES, size=count)]
    points = middles + DEVIATION * rng.standard_normal((count, 2))
    return points.astype("float32")


def networks(units=UNITS):
    """Two small perceptrons: latents to points, and points to logits."""
    layers = keras.layers
    generator = keras.Sequential(
        [
            keras.Input((LATENTS,)),
            layers.Dense(units, activation="relu"),
            layers.Dense(units, activation="relu"),
            layers.Dense(2),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2,)),
            layers.Dense(units),
            layers.LeakyReLU(0.2),
            layers.Dense(units),
            layers.LeakyReLU(0.2),
            layers.Dense(1),
        ]
    )
    return generator, discriminator


def build(loss, settings=None, seed=0):
    """A compiled GAN of the class that `LOSSES` has under a name."""
    settings = settings or SETTINGS.get(loss, Settings())
    keras.utils.set_random_seed(seed)
    options = dict(settings.options)
    if settings.r1 is not None:
        options["penalties"] = [R1(settings.r1)]
    gan = LOSSES[loss](*networks(), ema_decay=DECAY, seed=seed, **options)
    gan.compile(*settings.optimizers(), steps_per_execution=EPOCH)
    return gan


def fit(gan, steps=STEPS, seed=0):
    """Train for so many steps, a multiple of 50.

    Returns:
        The logs, name -> list: means over 50 steps each.
    """
    share = BATCH * gan.discriminator_steps
    history = gan.fit(
        ring(EPOCH * share, seed),
        batch_size=share,
        epochs=steps // EPOCH,
        verbose=0,
    )
    return history.history


def follow(gan, moments, seed=0, averaged=True):
    """Train to each of the moments, which are steps, multiples of 50.

    Returns:
        The samples at each moment, of the generator's average or of itself,
        the logs of all as `fit` gives them, and the seconds of the processor
        that training took.
    """
    generator = gan.ema_generator if averaged else gan.generator
    snapshots, logs, before, seconds = [], {}, 0, 0.0
    for moment in moments:
        start = time.process_time()
        for name, values in fit(gan, moment - before, seed).items():
            logs.setdefault(name, []).extend(values)
        seconds += time.process_time() - start
        snapshots.append(samples(generator))
        before = moment
    return snapshots, logs, seconds


def stalemate(gan):
    """What the losses are where the discriminator cannot tell.

    Then it gives every image the same logit: the one with the least loss.

    Returns:
        The discriminator's loss, and the generator's, or None where every
        logit from -1 to 1 is as good.
    """
    found = []
    for logit in np.linspace(-1, 1, 41):
        logits = ops.full((2, 1), logit)
        arguments = (logits, logits)[: 1 + gan.generator_sees_real]
        of_discriminator = gan.discriminator_loss(logits, logits)
        of_generator = gan.generator_loss(*arguments)
        found.append([float(of_discriminator), float(of_generator)])
    found = np.array(found)
    best = found[:, 0].argmin()
    generators = found[found[:, 0] < found[best, 0] + 1e-5, 1]
    fixed = np.ptp(generators) < 1e-5
    return found[best, 0], found[best, 1] if fixed else None


def latents():
    rng = np.random.default_rng(1)
    return rng.standard_normal((SAMPLES, LATENTS)).astype("float32")


def samples(generator):
    """Generated points `[2500, 2]`, always of the same latents."""
    return np.asarray(generator(latents()))


def coverage(points):
    """`(modes covered, share of good samples)` of points `[N, 2]`."""
    distances = np.linalg.norm(points[:, None] - centers(), axis=2)
    good = distances.min(axis=1) < REACH * DEVIATION
    counts = np.bincount(distances.argmin(axis=1)[good], minlength=MODES)
    return int((counts >= SHARE * len(points)).sum()), float(good.mean())
