import keras
from keras import ops

from kerasgan.gans.penalties.gradient_norms import distance_from_one
from kerasgan.gans.penalties.penalty import Penalty
from kerasgan.utils.typing import Any, Callable, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class GradientPenalty(Penalty):
    """Keeps the gradient norm near 1 between real and generated images.

    `mean of (||grad D(x)|| - 1)^2` at `x = real + alpha (fake - real)`, one
    alpha ~ U(0, 1) an image; two-sided: norms below 1 cost, too. It makes
    the discriminator of a Wasserstein loss about 1-Lipschitz. With batch
    normalization, where images see each other, no image has a gradient of its
    own.

    The gradients by the images are float32 and summed in float32 under every
    mixed policy.

    Args:
        weight: factor of the penalty, a positive number. Defaults to 10.
        interval: steps from one penalty to the next, at least 1. Defaults to 1.

    Reference:
        Gulrajani et al., Improved Training of Wasserstein GANs, arXiv
        1704.00028, equation 3 and algorithm 1.
    """

    gradient_of_each_example = True

    def __init__(self, weight: float = 10.0, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def draw(self, real: Tensor, fake: Tensor, seed: Any) -> Any:
        ones = (1,) * (len(real.shape) - 1)
        shape = (ops.shape(real)[0], *ones)
        return keras.random.uniform(shape, dtype="float32", seed=seed)

    def compute(
        self,
        discriminator: keras.Model,
        critic: Callable,
        real: Tensor,
        fake: Tensor,
        drawn: Any,
    ) -> Tensor:
        real, fake = ops.cast(real, "float32"), ops.cast(fake, "float32")
        return distance_from_one(critic, real + drawn * (fake - real))
