import keras
from keras import ops

from kerasgan.gans.augmentation.color import adjust_color
from kerasgan.gans.augmentation.geometry import move_and_cut
from kerasgan.gans.augmentation.table import AUGMENTATIONS, POLICIES
from kerasgan.utils.typing import Any, Sequence, Tensor

# The numbers that change nothing: no image has a million rows to cut from.
NOTHING = {
    "brightness": 0.0,
    "saturation": 1.0,
    "contrast": 1.0,
    "down": 0.0,
    "right": 0.0,
    "top": 1e6,
    "left": 1e6,
}


@keras.saving.register_keras_serializable(package="kerasgan")
class DiffAugment:
    """Random changes of what the discriminator sees, differentiable.

    Real and generated images are changed alike, in the discriminator's and in
    the generator's update, so that the discriminator cannot learn a few thousand
    images by heart, and the generator does not learn to make changed ones.
    Each image gets changes of its own, in this order:

    - `"color"`: brightness + U(-0.5, 0.5); saturation times U(0, 2), around
      each pixel's mean over the channels; contrast times U(0.5, 1.5), around
      the image's mean. Nothing is clipped to [-1, 1] afterwards.
    - `"translation"`: by up to an eighth of height and width either way, in
      whole pixels, with zeros where the image was.
    - `"cutout"`: zeros in a rectangle of half the height and half the width
      whose middle lies anywhere in the image.

    Args:
        policy: some of these names. Defaults to all.

    Raises:
        ValueError: no name, another one, or one that comes twice.

    Example:
        >>> networks = kerasgan.architectures.dcgan((16, 16, 3), features=4)
        >>> augmentation = kerasgan.gans.DiffAugment(policy=("color", "translation"))
        >>> gan = kerasgan.gans.HingeGAN(*networks, augmentation=augmentation)

    Reference:
        Zhao et al., Differentiable Augmentation for Data-Efficient GAN
        Training, arXiv 2006.10738, section 3, and its TensorFlow code.
    """

    def __init__(self, policy: Sequence[str] = POLICIES) -> None:
        AUGMENTATIONS["diff_augment"].check(policy=policy)
        self.policy = tuple(policy)

    def draw(self, count: int, height: int, width: int, seed: Any) -> Any:
        """Draws the random numbers of `count` images, outside of gradients.

        Args:
            count: number of images, an integer or a scalar tensor, at least 1.
            height: their height, an integer, in pixels.
            width: their width, an integer, in pixels.
            seed: a `keras.random.SeedGenerator`.

        Returns:
            A dictionary of float32 tensors `[count]`, for `apply`.
        """
        u = keras.random.uniform(
            (count, len(NOTHING)), dtype="float32", seed=seed
        )
        drawn = {name: value + 0.0 * u[:, 0] for name, value in NOTHING.items()}
        if "color" in self.policy:
            drawn["brightness"] = u[:, 0] - 0.5
            drawn["saturation"] = 2.0 * u[:, 1]
            drawn["contrast"] = 0.5 + u[:, 2]
        if "translation" in self.policy:
            for i, name, size in ((3, "down", height), (4, "right", width)):
                reach = size // 8
                drawn[name] = ops.floor((2 * reach + 1) * u[:, i]) - reach
        if "cutout" in self.policy:
            for i, name, size in ((5, "top", height), (6, "left", width)):
                # The middle of an even number of rows lies between two.
                middles = size + 1 - size // 2 % 2
                middle = ops.floor(middles * u[:, i])
                drawn[name] = middle - size // 2 // 2
        return drawn

    def apply(self, images: Tensor, drawn: Any) -> Tensor:
        """Changes the images as was drawn for them.

        Pure, and differentiable by the images as often as need be. Colors are
        computed in float32, whatever the images are.

        Args:
            images: floats `[N, H, W, C]` in [-1, 1]; H, W and C are known.
            drawn: what `draw(N, H, W, seed)` returned.

        Returns:
            A tensor of the same shape and dtype.
        """
        dtype = images.dtype
        if "color" in self.policy:
            images = adjust_color(
                ops.cast(images, "float32"),
                drawn["brightness"],
                drawn["saturation"],
                drawn["contrast"],
            )
            images = ops.cast(images, dtype)
        if "translation" in self.policy or "cutout" in self.policy:
            images = move_and_cut(
                images,
                drawn["down"],
                drawn["right"],
                drawn["top"],
                drawn["left"],
            )
        return images

    def update(self, real_logits: Tensor) -> None:
        """Does nothing: its strength is always the same.

        Args:
            real_logits: as of `AdaptiveAugment.update`.
        """

    def get_config(self) -> dict[str, Any]:
        return {"policy": self.policy}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DiffAugment":
        return cls(**config)
