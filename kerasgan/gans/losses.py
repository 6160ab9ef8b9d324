"""GAN losses: pure functions of logits, and the GANs that minimize them.

`D(x)` stands for the discriminator's output as it is, without a sigmoid. Each
function takes logits of shape `[N, 1]` (or any shape; there may be more of one
kind than of the other) and returns a scalar, computed in float32 whatever the
logits' type: the mean over the real logits, plus the mean over the generated
ones. Every one is finite, with a finite gradient, at any finite logit whose
square float32 holds. The classes take the arguments of `GAN`, and their own,
which raise a ValueError when they are out of range.
"""

import keras
from keras import ops

from kerasgan.gans import autodiff
from kerasgan.gans.gan import GAN
from kerasgan.gans.losses_table import LOSSES
from kerasgan.utils.typing import Any, Tensor


def as_float32(*logits):
    """Returns logits in float32: half precision holds neither a mean over a batch nor a square."""
    return [ops.cast(values, "float32") for values in logits]


def minimax_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Computes `E[softplus(-D(x))] + E[softplus(D(G(z)))]`."""
    # By softplus because a float32 sigmoid of 17 or more is 1.
    real, fake = as_float32(real_logits, fake_logits)
    return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))


def minimax_generator(fake_logits: Tensor) -> Tensor:
    """Computes `-E[softplus(D(G(z)))]`, or `E[log(1 - sigmoid(D(G(z))))]`."""
    (fake_logits,) = as_float32(fake_logits)
    return -ops.mean(ops.softplus(fake_logits))


@keras.saving.register_keras_serializable(package="kerasgan")
class MinimaxGAN(GAN):
    """The GAN of Goodfellow et al. as the game of zero sum that it is.

    D minimizes `E[softplus(-D(x))] + E[softplus(D(G(z)))]`, the cross entropy
    of its logits; G minimizes the negative of the second term.

    If D wins, G stands still: the gradient by a generated image's logit is
    `-sigmoid(D(G(z))) / N`, which goes to 0. `NonSaturatingGAN` has the same
    fixed point.

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Goodfellow et al., Generative Adversarial Nets, arXiv 1406.2661,
        equation 1 and algorithm 1.
    """

    discriminator_loss = staticmethod(minimax_discriminator)
    generator_loss = staticmethod(minimax_generator)


def non_saturating_discriminator(
    real_logits: Tensor, fake_logits: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """Computes `E[(1-s) softplus(-D(x)) + s softplus(D(x)) + softplus(D(G(z)))]`.

    With `label_smoothing` s = 0 it is `minimax_discriminator`.
    """
    loss = minimax_discriminator(real_logits, fake_logits)
    if not label_smoothing:
        return loss
    (real_logits,) = as_float32(real_logits)
    # softplus(D) - softplus(-D) = D
    return autodiff.total([loss, label_smoothing * ops.mean(real_logits)])


def non_saturating_generator(fake_logits: Tensor) -> Tensor:
    """Computes `E[softplus(-D(G(z)))]`, which is `-E[log sigmoid(D(G(z)))]`."""
    (fake_logits,) = as_float32(fake_logits)
    return ops.mean(ops.softplus(-fake_logits))


@keras.saving.register_keras_serializable(package="kerasgan")
class NonSaturatingGAN(GAN):
    """The GAN of Goodfellow et al. with the non-saturating generator loss.

    D minimizes
    `E[(1 - s) softplus(-D(x)) + s softplus(D(x))] + E[softplus(D(G(z)))]`,
    the cross entropy of its logits with the targets 1 - s for real and 0 for
    generated images; G minimizes `E[softplus(-D(G(z)))]`.

    If D wins, G learns most: the gradient by a generated image's logit is
    `-sigmoid(-D(G(z))) / N`, which goes to -1 / N. D itself stands still
    there, unless labels are smoothed: then it goes back where it is surer of a
    real image than 1 - s.

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        label_smoothing: s, at least 0 and below 1; 0.1 is usual. It is
            one-sided: the target of generated images stays 0. Defaults to 0.
        **kwargs: the other arguments of `GAN`.

    References:
        Goodfellow et al., Generative Adversarial Nets, arXiv 1406.2661,
        equation 1 and section 3; Salimans et al., Improved Techniques for
        Training GANs, arXiv 1606.03498, section 3.4 (label smoothing).
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        label_smoothing: float = 0.0,
        **kwargs: Any,
    ) -> None:
        LOSSES["non_saturating"].check(label_smoothing=label_smoothing)
        super().__init__(generator, discriminator, **kwargs)
        self.label_smoothing = float(label_smoothing)

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return non_saturating_discriminator(
            real_logits, fake_logits, self.label_smoothing
        )

    generator_loss = staticmethod(non_saturating_generator)

    def get_config(self) -> dict[str, Any]:
        own = {"label_smoothing": self.label_smoothing}
        return {**super().get_config(), **own}


def least_squares_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """Computes `E[(D(x) - 1)^2] / 2 + E[D(G(z))^2] / 2`."""
    real, fake = as_float32(real_logits, fake_logits)
    return 0.5 * (ops.mean(ops.square(real - 1.0)) + ops.mean(ops.square(fake)))


def least_squares_generator(fake_logits: Tensor) -> Tensor:
    """Computes `E[(D(G(z)) - 1)^2] / 2`."""
    (fake_logits,) = as_float32(fake_logits)
    return 0.5 * ops.mean(ops.square(fake_logits - 1.0))


@keras.saving.register_keras_serializable(package="kerasgan")
class LeastSquaresGAN(GAN):
    """The least squares GAN of Mao et al. with their 0-1 coding.

    D minimizes `E[(D(x) - 1)^2] / 2 + E[D(G(z))^2] / 2`, G minimizes
    `E[(D(G(z)) - 1)^2] / 2`: a = 0, b = c = 1 in the paper, and logits without
    a sigmoid.

    If D wins, G learns in proportion to what it lacks: the gradient by a
    generated image's logit is `(D(G(z)) - 1) / N`, -1 / N at D's target and
    more below it. Images beyond 1 are pulled back.

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        **kwargs: the other arguments of `GAN`.

    Reference:
        Mao et al., Least Squares Generative Adversarial Networks, arXiv
        1611.04076, equation 2.
    """

    discriminator_loss = staticmethod(least_squares_discriminator)
    generator_loss = staticmethod(least_squares_generator)


def wasserstein_discriminator(
    real_logits: Tensor, fake_logits: Tensor
) -> Tensor:
    """Computes `E[D(G(z))] - E[D(x)]`."""
    real, fake = as_float32(real_logits, fake_logits)
    return ops.mean(fake) - ops.mean(real)


def wasserstein_generator(fake_logits: Tensor) -> Tensor:
    """Computes `-E[D(G(z))]`."""
    (fake_logits,) = as_float32(fake_logits)
    return -ops.mean(fake_logits)


def hinge_discriminator(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Computes `E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]`."""
    real, fake = as_float32(real_logits, fake_logits)
    return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))


hinge_generator = wasserstein_generator


@keras.saving.register_keras_serializable(package="kerasgan")
class HingeGAN(GAN):
    """The geometric GAN of Lim and Ye, which SN-GAN and its heirs use.

    D minimizes `E[max(0, 1 - D(x))] + E[max(0, 1 + D(G(z)))]`, G minimizes
    `-E[D(G(z))]`.

    If D wins, it stops: an image beyond its margin (real above 1, generated
    below -1) gives D no gradient. G's by a generated image's logit is -1 / N
    everywhere. It goes with a bounded gradient norm of D: spectral
    normalization, or a penalty.

    Args:
        generator, discriminator: Keras models, as of `GAN`.
        **kwargs: the other arguments of `GAN`.

    Example:
        >>> networks = kerasgan.architectures.dcgan((16, 16, 3), features=4)
        >>> gan = kerasgan.gans.HingeGAN(*networks, penalties=[kerasgan.gans.R1()])
        >>> gan.compile("adam", "adam")
        >>> images = np.random.uniform(-1, 1, (8, 16, 16, 3))
        >>> history = gan.fit(images, batch_size=4, verbose=0)
        >>> int(gan.steps)
        2

    References:
        Lim and Ye, Geometric GAN, arXiv 1705.02894; Miyato et al., Spectral
        Normalization for Generative Adversarial Networks, arXiv 1802.05957,
        equations 16 and 17.
    """

    discriminator_loss = staticmethod(hinge_discriminator)
    generator_loss = staticmethod(hinge_generator)
