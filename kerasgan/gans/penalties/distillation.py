import keras
from keras import ops

from kerasgan import networks
from kerasgan.gans.penalties.generator_penalty import GeneratorPenalty
from kerasgan.typing import Any, Callable, Tensor


@keras.saving.register_keras_serializable(package="kerasgan")
class Distillation(GeneratorPenalty):
    """Lets a generator make the images that another one makes of its latents.

    The mean over images, pixels and channels of `(G(z) - T(s z))^2`, with the
    images of both in [-1, 1]: the generator G learns from the teacher T what
    each latent stands for. Alone (`pretraining`) it blurs what G cannot tell; the
    discriminator, which sees its images beside real ones, makes up for that. A
    narrower or another network gets near its teacher in fewer steps than
    against a discriminator alone.

    The penalty keeps a copy of the teacher as it is when the penalty is made,
    which a GAN saves with its own networks. It runs in inference mode and in
    its own precision; the difference is float32.

    Args:
        teacher: a built `keras.Model` of latents
            `[N, z]` to images `[N, H, W, C]` in [-1, 1], of the same sizes as
            the generator's: such as `kerasgan.zoo.load("dcgan-wn-celeba")`.
        weight: factor of the penalty. Defaults to 100, with which images that
            are 0.1 apart, as a root mean square, count 1.
        interval: steps from one penalty to the next. Defaults to 1.
        latent_scale: s, by which the teacher's latents are multiplied. A
            teacher whose images are too much alike has more diverse ones
            farther from the middle, and below 1 more alike ones: the
            truncation trick (Brock et al., arXiv 1809.11096, section 3.1),
            which the pupil then has built in. Defaults to 1.

    Raises:
        ValueError: an argument is out of range, or the teacher is no such
            model.

    Reference:
        Aguinaldo et al., Compressing GANs using Knowledge Distillation, arXiv
        1902.00159, section 3: mean squared error of the images beside the loss
        of the GAN.
    """

    differentiates_inputs = False

    def __init__(
        self,
        teacher: keras.Model,
        weight: float = 100.0,
        interval: int = 1,
        latent_scale: float = 1.0,
    ) -> None:
        super().__init__(weight, interval)
        if not latent_scale > 0:
            raise ValueError(
                "Argument `latent_scale` must be positive. "
                f"Received: latent_scale={latent_scale}"
            )
        self.latent_scale = latent_scale
        if not isinstance(teacher, keras.Model) or not teacher.built:
            raise ValueError(
                "Argument `teacher` must be a built Keras model of latents to "
                f"images. Received: teacher={teacher}"
            )
        self.teacher = networks.copy(teacher)
        self.teacher.trainable = False

    def check(self, generator: keras.Model) -> None:
        """Refuse a generator whose latents or images have other sizes.

        Args:
            generator: a `keras.Model`.

        Raises:
            ValueError: they have.
        """
        shapes = [
            (
                tuple(networks.input_shape(model)[1:]),
                tuple(networks.output_shape(model)[1:]),
            )
            for model in (generator, self.teacher)
        ]
        if shapes[0] != shapes[1]:
            ours, theirs = (f"{z} -> {images}" for z, images in shapes)
            raise ValueError(
                "The teacher of a distillation must take the generator's "
                f"latents and make images of its size, {ours}. "
                f"Received: teacher of {theirs}"
            )

    def compute(
        self, generator: Callable, latents: Tensor, images: Tensor, drawn: Any
    ) -> Tensor:
        scaled = latents * self.latent_scale
        taught = ops.stop_gradient(self.teacher(scaled, training=False))
        difference = ops.cast(images, "float32") - ops.cast(taught, "float32")
        return ops.mean(ops.square(difference))

    def get_config(self) -> dict[str, Any]:
        teacher = keras.saving.serialize_keras_object(self.teacher)
        return {
            "teacher": teacher,
            "latent_scale": self.latent_scale,
            **super().get_config(),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Distillation":
        teacher = keras.saving.deserialize_keras_object(config["teacher"])
        return cls(**{**config, "teacher": teacher})
