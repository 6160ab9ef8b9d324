import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class RelativisticGAN(GAN):
    """The relativistic average GAN of Jolicoeur-Martineau.

    With `r = D(x) - mean D(G(z))` and `f = D(G(z)) - mean D(x)`, D minimizes
    `E[softplus(-r)] + E[softplus(f)]` and G `E[softplus(-f)] + E[softplus(r)]`.
    So only differences of logits count: what D says of a single image has no
    zero. The means are those of the batch (under tf.distribute of a replica's
    share of it).

    Where D wins, G learns most: the gradient by a generated image's logit goes
    to -2 / N, half of it through the mean that real images are compared with.
    D itself stands still there.

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Jolicoeur-Martineau, The relativistic discriminator: a key element
        missing from standard GAN, arXiv 1807.00734, section 4.3 (RaSGAN).
    """

    generator_sees_real = True

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.relativistic_discriminator(real_logits, fake_logits)

    def generator_loss(
        self, fake_logits: Tensor, real_logits: Tensor
    ) -> Tensor:
        return losses.relativistic_generator(fake_logits, real_logits)
