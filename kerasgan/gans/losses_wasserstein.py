"""The Wasserstein GANs, whose discriminator is bounded."""

import keras
from keras import ops

from kerasgan.gans.gan import GAN
from kerasgan.gans.losses import (
    wasserstein_discriminator,
    wasserstein_generator,
)
from kerasgan.gans.losses_table import LOSSES
from kerasgan.gans.penalties import GeneratorPenalty, GradientPenalty
from kerasgan.utils.typing import Any, Sequence


@keras.saving.register_keras_serializable(package="kerasgan")
class WassersteinGAN(GAN):
    """The Wasserstein GAN of Arjovsky et al., with clipped weights.

    D, the critic, minimizes `E[D(G(z))] - E[D(x)]`; G minimizes `-E[D(G(z))]`.
    After each update of D every one of its trainable variables is clipped to
    [-clip, clip], which bounds D's gradient norm, though not by 1: for the best
    D, minus its loss is a multiple of the Wasserstein distance.

    If D wins, nothing vanishes: the gradients of both by the logits are
    1 / N in size everywhere. So D may be trained far ahead of G: the paper
    takes `discriminator_steps=5` and RMSprop at 5e-5.

    The clipped variables are the stored ones, what rescales them (such as
    gamma of a batch normalization) too. Behind a spectral normalization the
    gradient norm does not depend on the size of a weight, and clipping does
    not bound it (`python research/clipping.py`).

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        clip: largest absolute value of a weight, a positive number. Defaults
            to 0.01.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Arjovsky et al., Wasserstein GAN, arXiv 1701.07875, equations 2 and 3,
        algorithm 1.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        clip: float = 0.01,
        **kwargs: Any,
    ) -> None:
        LOSSES["wasserstein"].check(clip=clip)
        super().__init__(generator, discriminator, **kwargs)
        self.clip = float(clip)

    discriminator_loss = staticmethod(wasserstein_discriminator)
    generator_loss = staticmethod(wasserstein_generator)

    def constrain_discriminator(self) -> None:
        for variable in self.discriminator.trainable_variables:
            variable.assign(ops.clip(variable, -self.clip, self.clip))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "clip": self.clip}


@keras.saving.register_keras_serializable(package="kerasgan")
class WassersteinGPGAN(GAN):
    """The Wasserstein GAN with a gradient penalty, of Gulrajani et al.

    D, the critic, minimizes
    `E[D(G(z))] - E[D(x)] + 10 E[(||grad D(y)|| - 1)^2]`, y between real and
    generated images; G minimizes `-E[D(G(z))]`. The penalty holds D's gradient
    norm near 1, so that minus the first two terms is about the Wasserstein
    distance.

    If D wins, nothing vanishes, as in `WassersteinGAN`: the paper takes
    `discriminator_steps=5` and Adam at 1e-4 with beta_1 = 0 and beta_2 = 0.9.
    No batch normalization in D: an image needs a gradient of its own.

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        penalties: see `GAN`. Defaults to `(GradientPenalty(10.0),)`, which
            also joins penalties that are all of the generator.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Gulrajani et al., Improved Training of Wasserstein GANs, arXiv
        1704.00028, equation 3 and algorithm 1.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        penalties: Sequence | None = None,
        **kwargs: Any,
    ) -> None:
        if penalties is None:
            penalties = (GradientPenalty(10.0),)
        elif (
            isinstance(penalties, (list, tuple))
            and penalties
            and all(isinstance(p, GeneratorPenalty) for p in penalties)
        ):
            # None of them bounds the discriminator.
            penalties = (*penalties, GradientPenalty(10.0))
        super().__init__(
            generator, discriminator, penalties=penalties, **kwargs
        )

    discriminator_loss = staticmethod(wasserstein_discriminator)
    generator_loss = staticmethod(wasserstein_generator)
