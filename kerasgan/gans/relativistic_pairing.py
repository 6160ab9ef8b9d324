import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class RelativisticPairingGAN(GAN):
    """The relativistic pairing GAN (RpGAN) of Jolicoeur-Martineau.

    D minimizes `E[softplus(D(G(z)) - D(x))]` and G `E[softplus(D(x) -
    D(G(z)))]`, the mean over pairs of one real and one generated image. Each
    generated image is compared with a real one, so that the loss has no
    minimum at which modes of the data are missing (Sun et al., arXiv
    2011.04926). With `penalties=[R1(), R2()]` this is the objective of R3GAN.

    Where D wins, the gradient by a generated image's logit goes to -1 / N for
    G, and to 0 for D.

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Jolicoeur-Martineau, The relativistic discriminator: a key element
        missing from standard GAN, arXiv 1807.00734, section 4.1; Huang et al.,
        The GAN is dead; long live the GAN! A Modern Baseline GAN, arXiv
        2501.05441, section 2.
    """

    generator_sees_real = True

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.relativistic_pairing_discriminator(
            real_logits, fake_logits
        )

    def generator_loss(
        self, fake_logits: Tensor, real_logits: Tensor
    ) -> Tensor:
        return losses.relativistic_pairing_generator(fake_logits, real_logits)
