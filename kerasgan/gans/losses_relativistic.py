"""Relativistic losses: each logit counts compared with those of the other kind."""

import keras
from keras import ops

from kerasgan.gans.gan import GAN
from kerasgan.gans.losses import as_float32
from kerasgan.utils.replicas import mean_of_all
from kerasgan.utils.typing import Callable, Tensor


def relativistic_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """Computes `E[softplus(mean D(G) - D(x))] + E[softplus(D(G) - mean D(x))]`."""
    real, fake = as_float32(real_logits, fake_logits)
    means = [mean_of_all(ops.mean(logits)) for logits in (real, fake)]
    of_real = ops.mean(ops.softplus(means[1] - real))
    return of_real + ops.mean(ops.softplus(fake - means[0]))


def relativistic_generator(fake_logits: Tensor, real_logits: Tensor) -> Tensor:
    """Computes `E[softplus(mean D(x) - D(G))] + E[softplus(D(x) - mean D(G))]`.

    The gradient reaches the generator through both terms.
    """
    return relativistic_discriminator(fake_logits, real_logits)


@keras.saving.register_keras_serializable(package="kerasgan")
class RelativisticGAN(GAN):
    """The relativistic average GAN of Jolicoeur-Martineau.

    With `r = D(x) - mean D(G(z))` and `f = D(G(z)) - mean D(x)`, D minimizes
    `E[softplus(-r)] + E[softplus(f)]` and G `E[softplus(-f)] + E[softplus(r)]`.
    Only differences of logits count. The means are those of the batch (of each
    part of it, with `gradient_accumulation`).

    If D wins, G learns most: the gradient by a generated image's logit goes
    to -2 / N, half of it through the mean of the batch. D itself stands still.

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Jolicoeur-Martineau, The relativistic discriminator: a key element
        missing from standard GAN, arXiv 1807.00734, section 4.3 (RaSGAN).
    """

    generator_sees_real = True
    discriminator_loss = staticmethod(relativistic_discriminator)
    # `GAN` declares it for the logits of generated images alone.
    generator_loss: Callable[..., Tensor] = staticmethod(relativistic_generator)


def relativistic_pairing_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """Computes `E[softplus(D(G(z)) - D(x))]` over pairs of images.

    Both kinds of logits must have the same shape.
    """
    real, fake = as_float32(real_logits, fake_logits)
    return ops.mean(ops.softplus(fake - real))


def relativistic_pairing_generator(
    fake_logits: Tensor, real_logits: Tensor
) -> Tensor:
    """Computes `E[softplus(D(x) - D(G(z)))]` over pairs of images."""
    return relativistic_pairing_discriminator(fake_logits, real_logits)


@keras.saving.register_keras_serializable(package="kerasgan")
class RelativisticPairingGAN(GAN):
    """The relativistic pairing GAN (RpGAN) of Jolicoeur-Martineau.

    D minimizes `E[softplus(D(G(z)) - D(x))]` and G `E[softplus(D(x) -
    D(G(z)))]`, the mean over pairs of one real and one generated image. Each
    generated image is compared with a real one, so that the loss has no
    minimum at which modes of the data are missing (Sun et al., arXiv
    2011.04926). With `penalties=[R1(), R2()]` this is the objective of R3GAN.

    If D wins, the gradient by a generated image's logit goes to -1 / N for
    G, and to 0 for D.

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Jolicoeur-Martineau, The relativistic discriminator: a key element
        missing from standard GAN, arXiv 1807.00734, section 4.1; Huang et al.,
        The GAN is dead; long live the GAN! A Modern Baseline GAN, arXiv
        2501.05441, equation 2 with f(t) = -softplus(-t), and section 2.1.
    """

    generator_sees_real = True
    discriminator_loss = staticmethod(relativistic_pairing_discriminator)
    # As in `RelativisticGAN`.
    generator_loss: Callable[..., Tensor] = staticmethod(
        relativistic_pairing_generator
    )
