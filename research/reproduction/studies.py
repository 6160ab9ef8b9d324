"""The studies of `reproduction.py`: what they ask, and what they change."""

import dataclasses

BASE = {
    "name": "study",
    "summary": "A run of research/reproduction/reproduction.py",
    "architecture": {
        "kind": "dcgan",
        "image_shape": [64, 64, 3],
        "latent_dim": 128,
        "features": 32,
        "normalization": "weight",
    },
    "data": {"source": "DATA", "image_size": 64, "crop": 160, "flip": True},
    "training": {
        "loss": "non_saturating",
        "batch_size": 32,
        "steps": 2000,
        "precision": "float32",
        "generator_optimizer": {
            "name": "adam",
            "learning_rate": 2e-4,
            "beta_1": 0.0,
            "beta_2": 0.9,
        },
        "discriminator_optimizer": {
            "name": "adam",
            "learning_rate": 4e-4,
            "beta_1": 0.0,
            "beta_2": 0.9,
        },
    },
}


def optimizers(generator, discriminator=None, **settings):
    """Changes of both optimizers: their rates, and what else they share."""
    rates = generator, discriminator or generator
    return {
        f"{network}_optimizer": {**settings, "learning_rate": rate}
        for network, rate in zip(("generator", "discriminator"), rates)
    }


def adam(generator, discriminator=None, beta_1=0.0, beta_2=0.9):
    return optimizers(
        generator, discriminator, name="adam", beta_1=beta_1, beta_2=beta_2
    )


def rmsprop(rate, discriminator=None):
    # The papers' epsilon of 1e-6 stands outside of the root.
    return optimizers(
        rate, discriminator, name="rmsprop", rho=0.9, epsilon=1e-12
    )


NORMALIZATIONS = ("none", "batch", "weight")
OPTIMIZERS = {
    "Adam 0/0.9, 2e-4, D 4e-4": adam(2e-4, 4e-4),
    "Adam 0.5/0.999, 2e-4": adam(2e-4, beta_1=0.5, beta_2=0.999),
    "Adam 0.5/0.999, 1e-4": adam(1e-4, beta_1=0.5, beta_2=0.999),
    "RMSProp 2e-4": rmsprop(2e-4),
    "RMSProp 1e-4": rmsprop(1e-4),
}
# Normalization -> the best of OPTIMIZERS by the study `optimizers`.
BEST = {
    "none": "RMSProp 2e-4",
    "batch": "Adam 0.5/0.999, 2e-4",
    "weight": "Adam 0.5/0.999, 2e-4",
}


@dataclasses.dataclass(frozen=True)
class Study:
    """Trainings that differ in one thing.

    Attributes:
        question: what it asks.
        variants: label -> what it changes in `BASE`: key -> value.
        steps: of each training.
        every: steps between two measurements of the reconstruction error.
    """

    question: str
    variants: dict
    steps: int = 2000
    every: int = 500


STUDIES = {
    "optimizers": Study(
        "Which optimizer suits which normalization?",
        {
            f"{normalization}, {label}": {
                "normalization": normalization,
                **changes,
            }
            for normalization in NORMALIZATIONS
            for label, changes in OPTIMIZERS.items()
        },
    ),
    "claim-paper": Study(
        "Does weight normalization reconstruct unseen faces about 10% better "
        "than batch normalization, by the paper's recipe (RMSProp 1e-4, batch "
        "32, flips only, no moving average)?",
        {
            name: {
                "normalization": name,
                "ema_decay": None,
                **rmsprop(1e-4),
            }
            for name in NORMALIZATIONS
        },
        steps=5000,
    ),
    "claim-best": Study(
        "And with the best optimizer found for each, with a moving average?",
        {
            name: {"normalization": name, **OPTIMIZERS[BEST[name]]}
            for name in NORMALIZATIONS
        },
        steps=5000,
    ),
    "latents": Study(
        "100 latents or 128?",
        {str(size): {"latent_dim": size} for size in (100, 128)},
    ),
    "batch-size": Study(
        "How large a batch, at an equal number of images?",
        {
            str(size): {"batch_size": size, "steps": 2000 * 32 // size}
            for size in (8, 16, 32, 64)
        },
    ),
    "upsampling": Study(
        "Transposed convolutions, or resizing and a convolution?",
        {
            name: {"upsampling": name}
            for name in ("transposed", "nearest", "bilinear")
        },
    ),
    "dropout": Study(
        "Does dropout in the discriminator help?",
        {str(rate): {"dropout": rate} for rate in (0.0, 0.3)},
    ),
    "adam-rmsprop": Study(
        "Adam or RMSProp, at equal rates?",
        {
            "Adam 0/0.9, 2e-4": adam(2e-4),
            "Adam 0.5/0.999, 2e-4": adam(2e-4, beta_1=0.5, beta_2=0.999),
            "RMSProp 2e-4": rmsprop(2e-4),
        },
    ),
    "two-time-scales": Study(
        "Two time scales: which network should learn faster, and do modes "
        "collapse?",
        {
            "G 1e-4, D 2e-4": adam(1e-4, 2e-4),
            "G 2e-4, D 2e-4": adam(2e-4, 2e-4),
            "G 2e-4, D 1e-4": adam(2e-4, 1e-4),
        },
    ),
}
