import numbers

import keras

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.utils.typing import Any, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class NonSaturatingGAN(GAN):
    """The GAN of Goodfellow et al. with the non-saturating generator loss.

    D minimizes
    `E[(1 - s) softplus(-D(x)) + s softplus(D(x))] + E[softplus(D(G(z)))]`,
    the cross entropy of its logits with the targets 1 - s for real and 0 for
    generated images; G minimizes `E[softplus(-D(G(z)))]`.

    Where D wins, G learns most: the gradient by a generated image's logit is
    `-sigmoid(-D(G(z))) / N`, which goes to -1 / N. D itself stands still
    there, unless labels are smoothed: then it goes back where it is surer of a
    real image than 1 - s.

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
        label_smoothing: s, at least 0 and below 1; 0.1 is usual. It is
            one-sided: the target of generated images stays 0. Defaults to 0.
        **kwargs: the other arguments of `GAN`.

    Raises:
        ValueError: `label_smoothing` is out of range.

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
        if (
            not isinstance(label_smoothing, numbers.Real)
            or not 0 <= label_smoothing < 1
        ):
            raise ValueError(
                "Argument `label_smoothing` must be at least 0 and below 1. "
                f"Received: label_smoothing={label_smoothing}"
            )
        super().__init__(generator, discriminator, **kwargs)
        self.label_smoothing = float(label_smoothing)

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.non_saturating_discriminator(
            real_logits, fake_logits, self.label_smoothing
        )

    def generator_loss(self, fake_logits: Tensor) -> Tensor:
        return losses.non_saturating_generator(fake_logits)

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "label_smoothing": self.label_smoothing,
        }
