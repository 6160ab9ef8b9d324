import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.gans.penalties import GeneratorPenalty, GradientPenalty
from kerasgan.utils.typing import Any, Sequence, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class WassersteinGPGAN(GAN):
    """The Wasserstein GAN with a gradient penalty, of Gulrajani et al.

    D, the critic, minimizes
    `E[D(G(z))] - E[D(x)] + 10 E[(||grad D(y)|| - 1)^2]`, y between real and
    generated images; G minimizes `-E[D(G(z))]`. The penalty holds D's slope
    near 1, so that minus the first two terms is about the Wasserstein
    distance.

    Where D wins, nothing vanishes: the gradients by the logits are 1 / N in
    size everywhere, D's as well as G's. So D may be trained far ahead of G:
    the paper takes `discriminator_steps=5` and Adam at 1e-4 with beta_1 = 0
    and beta_2 = 0.9. The slope at one image has to be that image's own: no
    batch normalization in D.

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
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
            # None of them bounds the critic.
            penalties = (*penalties, GradientPenalty(10.0))
        super().__init__(
            generator, discriminator, penalties=penalties, **kwargs
        )

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.wasserstein_discriminator(real_logits, fake_logits)

    def generator_loss(self, fake_logits: Tensor) -> Tensor:
        return losses.wasserstein_generator(fake_logits)
