import math
import numbers

import keras
from keras import ops

from kerasgan.gans import losses
from kerasgan.gans.gan import GAN
from kerasgan.utils.typing import Any, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class WassersteinGAN(GAN):
    """The Wasserstein GAN of Arjovsky et al., with clipped weights.

    D, the critic, minimizes `E[D(G(z))] - E[D(x)]`; G minimizes `-E[D(G(z))]`.
    After each update of D every one of its trainable variables is clipped to
    [-clip, clip], which bounds D's slope, though not by 1: minus D's loss is
    a multiple of the Wasserstein distance, as far as D is at its best.

    Where D wins, nothing vanishes: the gradients by the logits are 1 / N in
    size everywhere, D's as well as G's. So D may be trained far ahead of G:
    the paper takes `discriminator_steps=5` and RMSprop at 5e-5.

    The clipped variables are the stored ones. What rescales them (batch
    normalization's gamma, the g of a weight normalization) is clipped, too: of
    a discriminator with the weight normalization of Xiang and Li only the last
    layer, which is affine, has such a scale, and the slope falls with it in
    proportion. Behind a spectral normalization the slope does not depend on the
    size of a weight, and clipping does not bound it
    (`python research/clipping.py`).

    Args:
        generator: see `GAN`.
        discriminator: see `GAN`.
        clip: largest absolute value of a weight, a positive number. Defaults
            to 0.01.
        **kwargs: the other arguments of `GAN`.

    Raises:
        ValueError: `clip` is not a positive number.

    Reference:
        Arjovsky et al., Wasserstein GAN, arXiv 1701.07875, equations 2 and 3,
        algorithm 1.
    """

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        clip: float = 0.01,
        **kwargs: Any,
    ) -> None:
        if not isinstance(clip, numbers.Real) or not 0 < clip < math.inf:
            raise ValueError(
                "Argument `clip` must be a positive number. "
                f"Received: clip={clip!r}"
            )
        super().__init__(generator, discriminator, **kwargs)
        self.clip = float(clip)

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        return losses.wasserstein_discriminator(real_logits, fake_logits)

    def generator_loss(self, fake_logits: Tensor) -> Tensor:
        return losses.wasserstein_generator(fake_logits)

    def constrain_discriminator(self) -> None:
        for variable in self.discriminator.trainable_variables:
            variable.assign(ops.clip(variable, -self.clip, self.clip))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "clip": self.clip}
