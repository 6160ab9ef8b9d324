import keras
from keras import ops

from kerasgan.gans.penalties.gradient_norms import squared_gradient_norms
from kerasgan.gans.penalties.penalty import Penalty
from kerasgan.utils.typing import Any, Callable, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class R2(Penalty):
    """Keeps the discriminator flat at generated images.

    `1/2 mean of ||grad D(G(z))||^2` over the generated images: `R1` on the
    other distribution, with the same `weight` (gamma). R3GAN uses both.

    The gradients by the images are float32 and summed in float32 under every
    mixed policy.

    Args:
        weight: gamma, a positive number. Defaults to 10.
        interval: steps from one penalty to the next, at least 1. Defaults to 1.

    Reference:
        Mescheder et al., Which Training Methods for GANs do actually
        Converge?, arXiv 1801.04406, equation 10; Huang et al., arXiv
        2501.05441, section 2.2.
    """

    gradient_of_each_example = True

    def __init__(self, weight: float = 10.0, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def compute(
        self,
        discriminator: keras.Model,
        critic: Callable,
        real: Tensor,
        fake: Tensor,
        drawn: Any,
    ) -> Tensor:
        return 0.5 * ops.mean(squared_gradient_norms(critic, fake))
