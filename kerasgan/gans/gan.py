import keras

from kerasgan.gans import autodiff
from kerasgan.gans.arguments import check_arguments
from kerasgan.gans.average import average_of
from kerasgan.gans.derivatives import check_derivatives
from kerasgan.gans.fitting import Fitting
from kerasgan.gans.network_checks import check_networks
from kerasgan.gans.network_warnings import warn_of_networks
from kerasgan.gans.optimizer import GANOptimizer
from kerasgan.gans.penalties.generator_penalty import GeneratorPenalty
from kerasgan.gans.saving import Saving
from kerasgan.gans.step import LOGS, Step
from kerasgan.gans.trainable import Trainable
from kerasgan.utils.classes import (
    classes_of,
    is_conditional,
    label_limit,
)
from kerasgan.utils.private_names import flatten_layers
from kerasgan.utils.typing import Any, Sequence, Tensor


class GAN(Saving, Fitting, Step, Trainable, autodiff.StepForm, keras.Model):
    """A generator and a discriminator that are trained together by `fit`.

    Subclasses define `discriminator_loss(real_logits, fake_logits)` and
    `generator_loss(fake_logits)`, both scalars; with the class attribute
    `generator_sees_real = True` it is `generator_loss(fake_logits,
    real_logits)`.

    `fit` takes real images `[N, H, W, C]` in [-1, 1]: an array, a
    `tf.data.Dataset`, a `keras.utils.PyDataset` or a generator. It looks at
    the first batch: values that are not finite, or beyond -2 or 2, are
    rejected, and a warning says if none is below 0. Labels are ignored unless
    the networks are conditional, and weights of images rejected. In each step
    the discriminator is updated `discriminator_steps` times, every time with an
    equal part of the batch and fresh latents, then the generator once with as
    many fresh latents. A spectral normalization's u moves once in a step, and
    the generator's update leaves the discriminator's weights and statistics
    unchanged. `call` and `predict` make images of latents; `evaluate` gives
    both losses on real images without an update.
    Conditional networks have labels `[N]` as their second input. Data are then
    `(images, labels)`, with integers from 0 to the number of classes - 1, `[N]`
    or `[N, 1]`, and `call` and `predict` take `[latents, labels]`. Generated
    images have the labels of the real ones of the same rows.
    Weight regularizers of either network count in its update, and so does
    what its layers add (activity regularizers, `add_loss`): the
    discriminator's on both batches, the generator's on its images.

    Args:
        generator: a built `keras.Model` of latents `[N, z]` to images
            `[N, H, W, C]` in [-1, 1], or a conditional one of latents and
            labels `[N]`.
        discriminator: a `keras.Model` of images, also of any size, to logits
            `[N, 1]`, or a logit a patch, `[N, h, w, 1]`: losses are means over
            patches, and a penalty takes the gradient of their sum. It takes
            labels if the generator does.
        discriminator_steps: updates of the discriminator for one of the
            generator, at least 1. The batch size of `fit` counts the images of
            all of them. Defaults to 1.
        update: `"alternating"`: the generator's update comes after the
            discriminator's, with latents of its own, and sees the updated
            discriminator. `"simultaneous"`: one batch of latents and one pass
            through both networks serve both updates (simultaneous gradient
            descent), which takes less time; `discriminator_steps` must be 1.
            Defaults to `"alternating"`.
        gradient_accumulation: parts, at least 1, in which each batch of an
            update is computed, one after the other, whose gradients are averaged: less
            memory for the same batch. What looks at a batch as a whole (batch
            normalization, a relativistic loss) sees a part. Defaults to 1.
        ema_decay: decay, between 0 and 1, of `ema_generator`, whose weights are an exponential
            moving average of the generator's; in step t it is at most
            (1 + t) / (10 + t), so that the start is soon forgotten. `None`
            keeps no average. Defaults to 0.999.
        penalties: `kerasgan.gans` penalties that are added to the
            discriminator's loss, or (`PathLength`) to the generator's, with any
            loss.
        augmentation: a `kerasgan.gans` augmentation that everything passes
            which the discriminator sees in training. Defaults to `None`.
        seed: seed of the latents and of what penalties and augmentation draw,
            an integer from 0 to 2^31 - 1. Defaults to 0.

    Logs, each a mean over images, so that a last batch that is not whole counts
    less: `discriminator_loss`, `generator_loss`, and the logits of real and of
    generated images, `real_logits` and `fake_logits`; with
    penalties their weighted sum, `penalty`, which `discriminator_loss` leaves
    out, and `generator_penalty`, which `generator_loss` does; with an
    augmentation of adaptive strength its mean, `augmentation_strength`.
    """

    # Whether the generator's loss takes the logits of real images, too.
    generator_sees_real = False

    def __init__(
        self,
        generator: keras.Model,
        discriminator: keras.Model,
        *,
        discriminator_steps: int = 1,
        update: str = "alternating",
        gradient_accumulation: int = 1,
        ema_decay: float | None = 0.999,
        penalties: Sequence = (),
        augmentation: Any = None,
        seed: int = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        check_arguments(
            penalties,
            augmentation,
            discriminator_steps=discriminator_steps,
            update=update,
            gradient_accumulation=gradient_accumulation,
            ema_decay=ema_decay,
        )
        self.latent_dim, self.image_shape = check_networks(
            generator, discriminator, augmentation
        )
        self.conditional = is_conditional(generator)
        self.classes = classes_of(generator) or classes_of(discriminator)
        self.label_limit = (
            label_limit(generator, discriminator) if self.conditional else None
        )
        self.generator = generator
        self.discriminator = discriminator
        self.discriminator_steps = discriminator_steps
        self.update = update
        self.gradient_accumulation = gradient_accumulation
        self.ema_decay = ema_decay
        self.augmentation = augmentation
        self._set_penalties(penalties)
        self.seed = seed
        self.latent_seeds = keras.random.SeedGenerator(seed)
        if self.penalties or augmentation is not None:
            self.noise_seeds = keras.random.SeedGenerator(seed)
        # Not those of training, which continues as if nothing was evaluated.
        self.evaluation_seeds = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(
            name="steps",
            shape=(),
            dtype="int32",
            initializer="zeros",
            trainable=False,
        )
        average = None if ema_decay is None else average_of(generator)
        self.ema_generator = average
        self.trackers = {
            # Sums in the half precision of a global floatx would soon stand still.
            name: keras.metrics.Mean(name=name, dtype="float32")
            for name in self._logged()
        }
        self.built = True
        check_derivatives(self)
        warn_of_networks(self)

    def _set_penalties(self, penalties):
        self.penalties = tuple(penalties)
        self.generator_penalties = tuple(
            p for p in penalties if isinstance(p, GeneratorPenalty)
        )
        self.discriminator_penalties = tuple(
            p for p in penalties if not isinstance(p, GeneratorPenalty)
        )
        for penalty in self.generator_penalties:
            penalty.check(self.generator)

    def _logged(self):
        """Returns the names of all that is logged in training."""
        names = [*LOGS]
        if self.discriminator_penalties:
            names.append("penalty")
        if self.generator_penalties:
            names.append("generator_penalty")
        if hasattr(self.augmentation, "strength"):
            names.append("augmentation_strength")
        return names

    def discriminator_loss(
        self, real_logits: Tensor, fake_logits: Tensor
    ) -> Tensor:
        """Computes what the discriminator minimizes.

        Args:
            real_logits: the logits of real images, `[N, 1]`, or of their
                patches, `[N, h, w, 1]`.
            fake_logits: those of generated images, of the same shape.

        Returns:
            A float32 scalar.
        """
        raise NotImplementedError

    def generator_loss(self, fake_logits: Tensor) -> Tensor:
        """Computes what the generator minimizes.

        Args:
            fake_logits: the logits of generated images, `[N, 1]`, or of their
                patches, `[N, h, w, 1]`.
            real_logits: those of real images, of the same shape, only with
                `generator_sees_real = True`.

        Returns:
            A float32 scalar.
        """
        raise NotImplementedError

    def constrain_discriminator(self) -> None:
        """Changes the discriminator's weights after each update."""

    def call(self, latents: Any, training: bool = False) -> Tensor:
        self.check_labelled(latents)
        return self.generator(latents, training=training)

    @property
    def metrics(self) -> list[Any]:
        # Without Keras's own `loss`, which a GAN does not have.
        return list(self.trackers.values())

    # Compilation.

    def compile(
        self,
        generator_optimizer: Any,
        discriminator_optimizer: Any,
        *,
        jit_compile: bool | str = "auto",
        steps_per_execution: int = 1,
        run_eagerly: bool = False,
    ) -> None:
        """Set the two optimizers.

        Args:
            generator_optimizer: a `keras.optimizers.Optimizer`, its name, or
                its serialized configuration.
            discriminator_optimizer: the same for the discriminator.
            jit_compile: whether XLA compiles the step. Defaults to `"auto"`:
                on JAX, and on TensorFlow if there is one GPU.
            steps_per_execution: steps in one call of the compiled function, at
                least 1; callbacks see the last one's losses. More than 1 saves
                time if steps are short, as on GPUs.
            run_eagerly: whether to run without compilation, for debugging.

        Raises:
            ValueError: an optimizer is missing, or one serves both networks.
        """
        if generator_optimizer is discriminator_optimizer and isinstance(
            generator_optimizer, keras.optimizers.Optimizer
        ):
            raise ValueError(
                "Each network needs its own optimizer, which keeps its state. "
                "Received: discriminator_optimizer is "
                "generator_optimizer"
            )
        optimizer = GANOptimizer(
            self._optimizer(generator_optimizer, "generator_optimizer"),
            self._optimizer(discriminator_optimizer, "discriminator_optimizer"),
        )
        optimizer.build_both(
            self.generator.trainable_variables,
            self.discriminator.trainable_variables,
        )
        self.compiled_for, self.made_for = self.trained(), None
        # What was asked for is saved: the next machine may be another.
        self.asked_jit_compile = jit_compile
        if jit_compile == "auto":
            jit_compile = autodiff.prefers_xla() and not run_eagerly
        super().compile(
            optimizer=optimizer,
            jit_compile=jit_compile,
            steps_per_execution=steps_per_execution,
            run_eagerly=run_eagerly,
            auto_scale_loss=False,
        )

    def _optimizer(self, optimizer, argument):
        optimizer = keras.optimizers.get(optimizer)
        if optimizer is None:
            raise ValueError(
                f"Argument `{argument}` must be an optimizer. Received: None"
            )
        half = any(
            layer.compute_dtype == "float16"
            for model in (self.generator, self.discriminator)
            for layer in flatten_layers(model)
        )
        # Gradients in float16 underflow unless the loss is scaled up.
        if half and not isinstance(
            optimizer, keras.optimizers.LossScaleOptimizer
        ):
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        return optimizer
