import keras
from keras import ops

from kerasgan.gans.penalties.gradient_norms import distance_from_one
from kerasgan.gans.penalties.penalty import Penalty
from kerasgan.utils.replicas import mean_of_all, replica
from kerasgan.utils.typing import Any, Callable, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class DRAGAN(Penalty):
    """Keeps the discriminator's gradient norm near 1 around the real images.

    `mean of (||grad D(x)|| - 1)^2` at `x = real + alpha 0.5 std(real) noise`,
    with one alpha ~ U(0, 1) an image, one noise ~ U(0, 1) a number in it, and
    the standard deviation of all numbers of the batch. That is what the
    authors' code does; the paper itself writes Gaussian noise N(0, c I).

    The gradients by the images are float32 and summed in float32 under every
    mixed policy.

    Args:
        weight: factor of the penalty, a positive number. Defaults to 10.
        interval: steps from one penalty to the next, at least 1. Defaults to 1.

    Reference:
        Kodali et al., On Convergence and Stability of GANs, arXiv 1705.07215,
        algorithm 1 and the code published with it.
    """

    gradient_of_each_example = True
    of_whole_batch = True

    def __init__(self, weight: float = 10.0, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def draw(self, real: Tensor, fake: Tensor, seed: Any) -> Any:
        count, *sizes = ops.shape(real)
        shapes = (count, *(1 for _ in sizes)), (count, *sizes)
        return tuple(
            keras.random.uniform(shape, dtype="float32", seed=seed)
            for shape in shapes
        )

    def compute(
        self,
        discriminator: keras.Model,
        critic: Callable,
        real: Tensor,
        fake: Tensor,
        drawn: Any,
    ) -> Tensor:
        alpha, noise = drawn
        real = ops.cast(real, "float32")
        step = alpha * (0.5 * _deviation(real))
        return distance_from_one(critic, real + step * noise)


def _deviation(x):
    """Computes the standard deviation of the batch of all replicas."""
    if replica()[1] == 1:
        return ops.std(x)
    mean = mean_of_all(ops.mean(x))
    return ops.sqrt(mean_of_all(ops.mean(ops.square(x - mean))))
