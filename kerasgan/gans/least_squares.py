import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class LeastSquaresGAN(GAN):
    """The least squares GAN of Mao et al. with their 0-1 coding.

    D minimizes `E[(D(x) - 1)^2] / 2 + E[D(G(z))^2] / 2`, G minimizes
    `E[(D(G(z)) - 1)^2] / 2`: a = 0, b = c = 1 in the paper, and logits without
    a sigmoid.

    Where D wins, G learns in proportion to what it lacks: the gradient by a
    generated image's logit is `(D(G(z)) - 1) / N`, -1 / N at D's target and
    more below it. Images beyond 1, which other losses leave alone, are pulled
    back.

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Mao et al., Least Squares Generative Adversarial Networks, arXiv
        1611.04076, equation 2.
    """

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.least_squares_discriminator(real_logits, fake_logits)

    def generator_loss(self, fake_logits: Tensor) -> Tensor:
        return losses.least_squares_generator(fake_logits)
