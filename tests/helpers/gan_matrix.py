"""GANs of every loss, normalization, penalty and kind of update."""

import itertools

import keras
import numpy as np

from kerasgan import architectures, gans
from kerasgan.architectures import NORMALIZATIONS

SHAPE = (8, 8, 3)
OPTIONS = (
    *({"penalties": [kind()]} for kind in (gans.GradientPenalty, gans.R1)),
    *({"penalties": [kind()]} for kind in (gans.DRAGAN, gans.PathLength)),
    {"penalties": [gans.R1(interval=2), gans.R2(interval=2)]},
    {"augmentation": gans.DiffAugment(), "gradient_accumulation": 3},
    {"augmentation": gans.AdaptiveAugment(), "penalties": [gans.R1()]},
)


def build(normalization, loss="non_saturating", **options):
    """A GAN of which every number follows from the seed."""
    keras.utils.set_random_seed(0)
    networks = architectures.dcgan(
        SHAPE, features=4, latent_dim=4, normalization=normalization
    )
    gan = gans.LOSSES[loss](*networks, **options)
    gan.compile("adam", "adam")
    return gan


def images(count):
    return np.random.default_rng(0).uniform(-1, 1, (count, *SHAPE))


def row(normalization, update):
    """Yields `(options, loss, GAN)`, losses in rotation.

    Each loss meets most normalizations and options.
    """
    start = list(NORMALIZATIONS).index(normalization)
    losses = itertools.islice(itertools.cycle(gans.LOSSES), start, None)
    for options, loss in zip(OPTIONS, losses):
        gan = build(normalization, loss, update=update, **options)
        yield options, loss, gan
