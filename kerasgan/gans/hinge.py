import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class HingeGAN(GAN):
    """The geometric GAN of Lim and Ye, which SN-GAN and its heirs use.

    D minimizes `E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]`, G minimizes
    `-E[D(G(z))]`.

    Where D wins, it stops: an image beyond its margin (real above 1, generated
    below -1) gives D no gradient. G's by a generated image's logit is -1 / N
    everywhere. It goes with a bounded slope of D: spectral normalization, or a
    penalty.

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
        **kwargs: the other arguments of `GAN`.

    References:
        Lim and Ye, Geometric GAN, arXiv 1705.02894; Miyato et al., Spectral
        Normalization for Generative Adversarial Networks, arXiv 1802.05957,
        equations 16 and 17.
    """

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.hinge_discriminator(real_logits, fake_logits)

    def generator_loss(self, fake_logits: Tensor) -> Tensor:
        return losses.hinge_generator(fake_logits)
