import abc

from kerasgan.gans.penalties.weighted_term import WeightedTerm
from kerasgan.utils.typing import Any, Callable, Tensor


class Penalty(WeightedTerm, metaclass=abc.ABCMeta):
    """A term that is added to the discriminator's loss.

    In every `interval`-th step a GAN adds `weight * interval * compute(...)`,
    which is `weight * compute(...)` a step in the mean.

    A subclass that does not differentiate by images or latents sets
    `differentiates_inputs = False`: the networks then need no second
    derivatives, which `GAN` checks otherwise.

    A subclass defines `compute`, and `draw` if it needs random numbers.
    Both work inside a compiled step; `compute` may run in a branch of it, so
    that it draws nothing and assigns nothing.

    Args:
        weight: factor of the penalty, a positive number.
        interval: steps from one penalty to the next, a positive integer.
            Above 1 the penalty is lazy: it costs less and moves the weights
            more at once. Defaults to 1.

    Raises:
        ValueError: an argument is out of range.
    """

    def draw(self, real: Tensor, fake: Tensor, seed: Any) -> Any:
        """Draws the random numbers of one `compute`, outside of gradients.

        Args:
            real: real images, `[N, H, W, C]` in [-1, 1].
            fake: a tensor of the same shape and type, whose values say nothing:
                generated images are not drawn yet.
            seed: a `keras.random.SeedGenerator`.

        Returns:
            A tensor of any shape, a tuple of such, or None.
        """

    def compute(
        self,
        discriminator: Any,
        critic: Callable,
        real: Tensor,
        fake: Tensor,
        drawn: Any,
    ) -> Tensor:
        """Computes the penalty without weight and interval.

        Args:
            discriminator: the Keras model whose weights are trained.
            critic: a function of images to logits `[N, 1]`: the discriminator
                in training mode behind the augmentation. It leaves no trace in
                any variable.
            real: real images, `[N, H, W, C]` in [-1, 1].
            fake: as many generated images, `[N, H, W, C]` in [-1, 1].
            drawn: what `draw` returned.

        Returns:
            A float32 scalar.
        """
        raise NotImplementedError
