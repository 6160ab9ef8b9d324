from kerasgan.gans.penalties.penalty import Penalty
from kerasgan.gans.penalties.weighted_term import WeightedTerm
from kerasgan.utils.typing import Any, Callable, Tensor


# `isinstance` finds it a `Penalty`, but it takes other arguments than one.
@Penalty.register
class GeneratorPenalty(WeightedTerm):
    """A term that is added to the generator's loss.

    It stands in the same list as those of the discriminator. What `Penalty`
    says of what `compute` may do holds here, too.

    Args:
        weight: factor of the penalty, a positive number.
        interval: steps from one penalty to the next, a positive integer.
            Defaults to 1.
    """

    def check(self, generator: Any) -> None:
        """Reject a generator that the penalty cannot be used on.

        Args:
            generator: the Keras model whose weights are trained.

        Raises:
            ValueError: it is such a one.
        """

    def draw(self, latents: Tensor, images: Tensor, seed: Any) -> Any:
        """Draws the random numbers of one `compute`, outside of gradients.

        Args:
            latents: the latents of the generator's update, `[N, z]`, standard
                normal.
            images: a tensor of the shape of as many images, `[N, H, W, C]`;
                these, in [-1, 1], are not drawn yet: its values say nothing.
            seed: a `keras.random.SeedGenerator`.

        Returns:
            A tensor of any shape, a tuple of such, or None.
        """

    def compute(
        self, generator: Callable, latents: Tensor, images: Tensor, drawn: Any
    ) -> Tensor:
        """Computes the penalty without weight and interval.

        Args:
            generator: a function of latents to images in [-1, 1]: the
                generator in training mode. It leaves no trace in any variable.
            latents: `[N, z]`, standard normal.
            images: what it made of them in its update, `[N, H, W, C]` in
                [-1, 1]: a penalty that needs no more does not compute them
                twice.
            drawn: what `draw` returned.

        Returns:
            A float32 scalar.
        """
        raise NotImplementedError
