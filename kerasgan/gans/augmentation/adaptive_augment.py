import keras
from keras import ops

from kerasgan.gans.augmentation.diff_augment import NOTHING, DiffAugment
from kerasgan.gans.augmentation.table import AUGMENTATIONS, POLICIES
from kerasgan.utils.replicas import sum_of_all
from kerasgan.utils.typing import Any, Sequence, Tensor

# The transformations, by the names of the numbers that they draw.
TRANSFORMATIONS = (
    ("brightness",),
    ("saturation",),
    ("contrast",),
    ("down", "right"),
    ("top", "left"),
)


@keras.saving.register_keras_serializable(package="kerasgan")
class AdaptiveAugment(keras.layers.Layer):
    """DiffAugment as strong as the discriminator's overfitting needs.

    Each of brightness, saturation, contrast, translation and cutout happens to
    an image with the probability `strength`, by itself; what it then does is
    that of `DiffAugment`. `strength` starts at 0. After every `interval`
    updates of the discriminator with N real images in all

        r = mean of sign(D(real)),
        strength <- clip(strength + sign(r - target) N / ramp, 0, 1).

    r is near 0 if the discriminator cannot tell, and 1 if it knows every
    real image. Logits have to be positive for real images, which those of a
    Wasserstein loss need not be.

    The paper has more transformations than these, and does not clip at 1.

    Args:
        policy: names as for `DiffAugment`. Defaults to all.
        target: r at which the strength stays, between -1 and 1. Defaults to
            0.6.
        ramp: real images within which the strength can go from 0 to 1, a
            positive number. Defaults to 500,000.
        interval: discriminator updates from one move to the next, at least 1.
            Defaults to 4.

    Attributes:
        strength: a variable, the probability of each transformation.

    Raises:
        ValueError: an argument is out of range.

    Reference:
        Karras et al., Training Generative Adversarial Networks with Limited
        Data, arXiv 2006.06676, section 3 and equation 1.
    """

    def __init__(
        self,
        policy: Sequence[str] = POLICIES,
        target: float = 0.6,
        ramp: int = 500_000,
        interval: int = 4,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        AUGMENTATIONS["adaptive_augment"].check(
            target=target, ramp=ramp, interval=interval
        )
        self.changes = DiffAugment(policy)
        self.target = target
        self.ramp = ramp
        self.interval = interval
        state = {
            "shape": (),
            "initializer": "zeros",
            "trainable": False,
            "autocast": False,
            "dtype": "float32",
            # All replicas count the same.
            "aggregation": "only_first_replica",
        }
        self.strength = self.add_weight(name="strength", **state)
        # Since the last move: updates, real images, and the sum of their signs.
        self.turns = self.add_weight(name="turns", **state)
        self.images = self.add_weight(name="images", **state)
        self.signs = self.add_weight(name="signs", **state)
        self.built = True

    def draw(self, count: int, height: int, width: int, seed: Any) -> Any:
        """Draws the random numbers of `count` images, outside of gradients.

        Args:
            count, height, width, seed: as of `DiffAugment.draw`.

        Returns:
            As of `DiffAugment.draw`, with the strength of now.
        """
        drawn = self.changes.draw(count, height, width, seed)
        u = keras.random.uniform(
            (count, len(TRANSFORMATIONS)), dtype="float32", seed=seed
        )
        happens = u < self.strength
        for i, names in enumerate(TRANSFORMATIONS):
            for name in names:
                drawn[name] = ops.where(
                    happens[:, i], drawn[name], NOTHING[name]
                )
        return drawn

    def apply(self, images: Tensor, drawn: Any) -> Tensor:
        """Changes the images as was drawn for them.

        Args:
            images, drawn: as of `DiffAugment.apply`.

        Returns:
            As of `DiffAugment.apply`.
        """
        return self.changes.apply(images, drawn)

    def update(self, real_logits: Tensor) -> None:
        """Count a discriminator update, and move the strength if due.

        Args:
            real_logits: its logits of real images, `[N, 1]`, or of their
                patches, `[N, h, w, 1]`.
        """
        signs = ops.sign(ops.cast(real_logits, "float32"))
        if len(signs.shape) > 1:
            signs = ops.mean(signs, axis=tuple(range(1, len(signs.shape))))
        self.turns.assign(self.turns + 1.0)
        count = sum_of_all(ops.cast(ops.size(signs), "float32"))
        self.images.assign(self.images + count)
        self.signs.assign(self.signs + sum_of_all(ops.sum(signs)))
        counts = self.turns, self.images, self.signs
        turns, images, signs = (ops.convert_to_tensor(v) for v in counts)
        due = ops.cast(turns >= self.interval, "float32")
        step = ops.sign(signs - self.target * images) * images
        step = step * (due / self.ramp)
        self.strength.assign(ops.clip(self.strength + step, 0.0, 1.0))
        for variable in counts:
            variable.assign(variable * (1.0 - due))

    def get_config(self) -> dict[str, Any]:
        return {
            **super().get_config(),
            "policy": self.changes.policy,
            "target": self.target,
            "ramp": self.ramp,
            "interval": self.interval,
        }
