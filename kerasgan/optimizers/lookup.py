import typing

import keras

from kerasgan.optimizers.construction import build
from kerasgan.optimizers.presets import PRESETS


class Preset(typing.NamedTuple):
    """The result of `preset`.

    Attributes:
        generator_optimizer: a new Keras optimizer, for `compile`.
        discriminator_optimizer: another one.
        discriminator_steps: updates of the discriminator for one of the
            generator, for the GAN's constructor.
    """

    generator_optimizer: keras.optimizers.Optimizer
    discriminator_optimizer: keras.optimizers.Optimizer
    discriminator_steps: int


def preset(name: str) -> Preset:
    """Returns the optimizers of a paper.

    ```python
    settings = kerasgan.optimizers.preset("sngan-a")
    gan = kerasgan.gans.HingeGAN(
        generator,
        discriminator,
        discriminator_steps=settings.discriminator_steps,
    )
    gan.compile(
        settings.generator_optimizer, settings.discriminator_optimizer
    )
    ```

    Args:
        name: a key of `PRESETS`: "sngan-a" to "sngan-f" (Miyato et al., arXiv
            1802.05957, table 1), "dcgan", "wgan", "wgan-gp", "sagan",
            "xiang-li".

    Returns:
        A `Preset`.

    Raises:
        ValueError: there is no such preset.
    """
    if not isinstance(name, str) or name not in PRESETS:
        raise ValueError(
            f"Argument `name` must be one of {', '.join(PRESETS)}. "
            f"Received: name={name!r}"
        )
    settings = PRESETS[name]
    steps = settings["discriminator_steps"]
    return Preset(
        build(settings["generator_optimizer"]),
        build(settings["discriminator_optimizer"], updates_per_step=steps),
        steps,
    )
