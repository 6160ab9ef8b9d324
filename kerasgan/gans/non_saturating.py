import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN


@keras.saving.register_keras_serializable(package="kerasgan")
class NonSaturatingGAN(GAN):
    """The GAN of Goodfellow et al. with the non-saturating generator loss.

    D minimizes `E[softplus(-D(x))] + E[softplus(D(G(z)))]`, G minimizes
    `E[softplus(-D(G(z)))]`. The arguments are those of `GAN`.

    Reference:
        Goodfellow et al., Generative Adversarial Nets, arXiv 1406.2661,
        equation 1 and section 3.
    """

    def discriminator_loss(self, real_logits, fake_logits):
        return losses.non_saturating_discriminator(real_logits, fake_logits)

    def generator_loss(self, fake_logits):
        return losses.non_saturating_generator(fake_logits)
