import keras
from keras import ops

from kerasgan.gans.penalties.gradient_norms import squared_gradient_norms
from kerasgan.gans.penalties.penalty import Penalty
from kerasgan.utils.typing import Any, Callable, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class R1(Penalty):
    """Keeps the discriminator flat at real images.

    `1/2 mean of ||grad D(x)||^2` over the real images, so that `weight` is
    the paper's gamma. With it the training converges near the data, where it
    circles around them without.

    The gradients by the images are float32 and summed in float32 under every
    mixed policy.

    Args:
        weight: gamma, a positive number. Defaults to 10.
        interval: steps from one penalty to the next, at least 1; 16 is usual
            (Karras et al., arXiv 1912.04958, section 3.1: lazy regularization).
            Defaults to 1.

    Example:
        >>> networks = kerasgan.architectures.dcgan((16, 16, 3), features=4)
        >>> penalty = kerasgan.gans.R1(weight=1.0, interval=16)
        >>> gan = kerasgan.gans.NonSaturatingGAN(*networks, penalties=[penalty])

    Reference:
        Mescheder et al., Which Training Methods for GANs do actually
        Converge?, arXiv 1801.04406, equation 9.
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
        return 0.5 * ops.mean(squared_gradient_norms(critic, real))
