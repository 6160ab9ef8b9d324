import math

import keras
from keras import ops

from kerasgan.gans.autodiff import input_grad
from kerasgan.gans.penalties.generator_penalty import GeneratorPenalty
from kerasgan.gans.penalties.table import PENALTIES
from kerasgan.utils.replicas import mean_of_all
from kerasgan.utils.typing import Any, Callable, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class PathLength(GeneratorPenalty):
    """Lets a step in the latents change the images by the same everywhere.

    `mean of (l - mean of l)^2` with the path lengths `l = ||J^T y||` of the
    batch: J is the Jacobian matrix of the generator at the latents of its
    update, y random images of independent normal numbers with the variance
    1 / (height * width). It is least where J, at all latents, stretches all
    directions alike, which makes a generator smoother between its images and
    easier to invert: what `kerasgan.metrics.reconstruction_error` measures.

    The paper compares l with a moving average over the training; here it is
    the mean of the batch, which follows the same number without a memory of
    its own. So a batch (each part of it, with `gradient_accumulation`) needs
    two images at least, or there is no penalty; of N images it is (N - 1) / N
    times the paper's in the mean. Under batch normalization in the generator
    an image depends on the others' latents, and l is no length of its own.

    A generator can make lengths differ less by making all of them shorter.
    In the paper a mapping network in front takes that up; without one, images
    change more slowly with their latents. With `relative` the penalty is
    `mean of (l / mean of l - 1)^2`, to which shorter lengths make no
    difference. That is not in the paper.

    The gradients by the latents are float32 and summed in float32 under every
    mixed policy.

    Args:
        weight: factor of the penalty, a positive number. Defaults to 2.
        interval: steps from one penalty to the next, at least 1; the paper has
            8. Defaults to 1.
        relative: whether lengths are divided by their mean. Defaults to
            `False`.

    Raises:
        ValueError: an argument is out of range.

    Reference:
        Karras et al., Analyzing and Improving the Image Quality of StyleGAN,
        arXiv 1912.04958, equation 4.
    """

    gradient_of_each_example = True
    of_whole_batch = True

    def __init__(
        self, weight: float = 2.0, interval: int = 1, relative: bool = False
    ) -> None:
        super().__init__(weight, interval)
        PENALTIES["path_length"].check(relative=relative)
        self.relative = relative

    def draw(self, latents: Tensor, images: Tensor, seed: Any) -> Any:
        count, *sizes = ops.shape(images)
        # As many as pixels, without the channels.
        pixels = ops.cast(math.prod(sizes[:-1]), "float32")
        return ops.rsqrt(pixels) * keras.random.normal(
            (count, *sizes), dtype="float32", seed=seed
        )

    def compute(
        self, generator: Callable, latents: Tensor, images: Tensor, drawn: Any
    ) -> Tensor:
        def projected(z):
            images = ops.cast(generator(z), "float32")
            axes = tuple(range(1, len(images.shape)))
            return ops.sum(images * drawn, axis=axes)

        gradients = input_grad(projected, ops.cast(latents, "float32"))
        squares = ops.sum(ops.square(ops.cast(gradients, "float32")), axis=1)
        # A generator that is constant there has length 0 and no gradient.
        positive = squares > 0
        roots = ops.sqrt(ops.where(positive, squares, ops.ones_like(squares)))
        lengths = ops.where(positive, roots, ops.zeros_like(roots))
        mean = mean_of_all(ops.mean(lengths))
        variance = ops.mean(ops.square(lengths - mean))
        if not self.relative:
            return variance
        square = ops.square(mean)
        # Where all lengths are 0, their variance is, too.
        return variance / ops.where(square > 0, square, ops.ones_like(square))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "relative": self.relative}
