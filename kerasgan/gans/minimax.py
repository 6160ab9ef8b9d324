import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.utils.typing import Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class MinimaxGAN(GAN):
    """The GAN of Goodfellow et al. as the game of zero sum that it is.

    D minimizes `E[softplus(-D(x))] + E[softplus(D(G(z)))]`, the cross entropy
    of its logits; G minimizes `-E[softplus(D(G(z)))]`, the negative of D's
    second term.

    Where D wins, G stands still: the gradient by a generated image's logit is
    `-sigmoid(D(G(z))) / N`, which goes to 0 as D gets sure. This loss is here
    to be compared with; `NonSaturatingGAN` has the same fixed point.

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Goodfellow et al., Generative Adversarial Nets, arXiv 1406.2661,
        equation 1 and algorithm 1.
    """

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.minimax_discriminator(real_logits, fake_logits)

    def generator_loss(self, fake_logits: Tensor) -> Tensor:
        return losses.minimax_generator(fake_logits)
