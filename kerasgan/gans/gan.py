import keras
from keras import ops

from kerasgan.gans import autodiff
from kerasgan.gans.average import update_average
from kerasgan.gans.optimizer import GANOptimizer
from kerasgan.gans.saving import Saving
from kerasgan.layers import one_iteration, shared_kernels, unchanged


class GAN(Saving, autodiff.StepForm, keras.Model):
    """A generator and a discriminator that are trained together by `fit`.

    Subclasses define `discriminator_loss(real_logits, fake_logits)` and
    `generator_loss(fake_logits)`, both scalars.

    `fit` takes real images `[N, H, W, C]` in [-1, 1]: an array, a
    `tf.data.Dataset` or a `keras.utils.PyDataset`. In each step the
    discriminator is updated `discriminator_steps` times, every time with an
    equal share of the batch and fresh latents, then the generator once with
    as many fresh latents. A spectral normalization's u moves once in a step,
    and the generator's turn leaves no trace in the discriminator, neither in
    its weights nor in its statistics. `call` and `predict` turn latents into
    images; `evaluate` gives both losses on real images without an update.

    Args:
        generator: latents `[N, z]` to images `[N, H, W, C]` in [-1, 1].
        discriminator: images to logits `[N, 1]`.
        discriminator_steps: updates of the discriminator for one of the
            generator. The batch size of `fit` counts the images of all of
            them. Defaults to 1.
        ema_decay: decay of `ema_generator`, whose weights are an exponential
            moving average of the generator's; in step t it is at most
            (1 + t) / (10 + t), so that the start is soon forgotten. `None`
            keeps no average. Defaults to 0.999.
        seed: seed of the latents. Defaults to 0.

    Logs: `discriminator_loss`, `generator_loss`, and the mean of the logits of
    real and of generated images, `real_logits` and `fake_logits`.
    """

    def __init__(
        self,
        generator,
        discriminator,
        *,
        discriminator_steps=1,
        ema_decay=0.999,
        seed=0,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if not isinstance(discriminator_steps, int) or discriminator_steps < 1:
            raise ValueError(
                "Argument `discriminator_steps` must be a positive integer. "
                f"Received: discriminator_steps={discriminator_steps}"
            )
        if ema_decay is not None and not 0 < ema_decay < 1:
            raise ValueError(
                "Argument `ema_decay` must lie between 0 and 1, or be None. "
                f"Received: ema_decay={ema_decay}"
            )
        if generator.output_shape[1:] != discriminator.input_shape[1:]:
            raise ValueError(
                "The discriminator must take what the generator makes. "
                f"Received: generator.output_shape={generator.output_shape}, "
                f"discriminator.input_shape={discriminator.input_shape}"
            )
        self.generator = generator
        self.discriminator = discriminator
        self.discriminator_steps = discriminator_steps
        self.ema_decay = ema_decay
        self.seed = seed
        self.latent_dim = generator.input_shape[-1]
        self.latent_seeds = keras.random.SeedGenerator(seed)
        self.steps = self.add_weight(
            name="steps",
            shape=(),
            dtype="int32",
            initializer="zeros",
            trainable=False,
        )
        self.ema_generator = None
        if ema_decay is not None:
            self.ema_generator = keras.models.clone_model(generator)
            self.ema_generator.set_weights(generator.get_weights())
            self.ema_generator.trainable = False
        self.trackers = {
            name: keras.metrics.Mean(name=name)
            for name in (
                "discriminator_loss",
                "generator_loss",
                "real_logits",
                "fake_logits",
            )
        }
        self.built = True

    def discriminator_loss(self, real_logits, fake_logits):
        """The scalar that the discriminator minimizes."""
        raise NotImplementedError

    def generator_loss(self, fake_logits):
        """The scalar that the generator minimizes."""
        raise NotImplementedError

    def call(self, latents, training=False):
        return self.generator(latents, training=training)

    # Compilation.

    def compile(
        self,
        generator_optimizer,
        discriminator_optimizer,
        *,
        jit_compile="auto",
        steps_per_execution=1,
        run_eagerly=False,
    ):
        """Set the two optimizers.

        Args:
            generator_optimizer: a `keras.optimizers.Optimizer`, its name, or
                its serialized configuration.
            discriminator_optimizer: the same for the discriminator.
            jit_compile: whether XLA compiles the step. Defaults to `"auto"`:
                on JAX, and on TensorFlow where there is a GPU.
            steps_per_execution: steps in one call of the compiled function.
            run_eagerly: whether to run without compilation, for debugging.

        Raises:
            ValueError: an optimizer is missing, or one serves both networks.
        """
        if generator_optimizer is discriminator_optimizer and isinstance(
            generator_optimizer, keras.optimizers.Optimizer
        ):
            raise ValueError(
                "Each network needs an optimizer of its own, which keeps its "
                "state. Received: discriminator_optimizer is "
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
            for layer in model.layers
        )
        # Gradients in float16 underflow unless the loss is scaled up.
        if half and not isinstance(
            optimizer, keras.optimizers.LossScaleOptimizer
        ):
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        return optimizer

    # One step, the same on every backend.

    def gan_step(self, data):
        """Update both networks; returns the logs."""
        real, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        count = ops.shape(real)[0]
        share = _at_least_one(count // self.discriminator_steps)
        with one_iteration(self.generator, self.discriminator):
            for i in range(self.discriminator_steps):
                # The rest of an epoch may hold fewer images than there are
                # steps: then some images serve in several of them.
                start = i * share % _at_least_one(count - share + 1)
                self._discriminator_step(real[start : start + share])
            self._generator_step(share)
        if self.ema_generator is not None:
            t = ops.cast(self.steps, "float32")
            decay = ops.minimum(self.ema_decay, (1.0 + t) / (10.0 + t))
            update_average(self.ema_generator, self.generator, decay)
        self.steps.assign_add(ops.ones((), dtype="int32"))
        return self._logs()

    def evaluation_step(self, data):
        """Both losses on a batch, nothing updated; returns the logs."""
        real, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        fake = self.generator(self._latents(ops.shape(real)[0]), training=False)
        real_logits = self.discriminator(real, training=False)
        fake_logits = self.discriminator(fake, training=False)
        self._track(
            discriminator_loss=self.discriminator_loss(
                real_logits, fake_logits
            ),
            generator_loss=self.generator_loss(fake_logits),
            real_logits=ops.mean(real_logits),
            fake_logits=ops.mean(fake_logits),
        )
        return self._logs()

    def _discriminator_step(self, real):
        fake = self.generator(self._latents(ops.shape(real)[0]), training=True)
        fake = ops.stop_gradient(fake)

        def loss():
            with shared_kernels():
                real_logits = self.discriminator(real, training=True)
                fake_logits = self.discriminator(fake, training=True)
            return self.discriminator_loss(real_logits, fake_logits), {
                "real_logits": ops.mean(real_logits),
                "fake_logits": ops.mean(fake_logits),
            }

        value, means = self._update(
            loss, self.discriminator, self.optimizer.discriminator
        )
        self._track(discriminator_loss=value, **means)

    def _generator_step(self, batch_size):
        latents = self._latents(batch_size)

        def loss():
            fake = self.generator(latents, training=True)
            with unchanged(self.discriminator):
                logits = self.discriminator(fake, training=True)
            return self.generator_loss(logits), {}

        value, _ = self._update(loss, self.generator, self.optimizer.generator)
        self._track(generator_loss=value)

    def _update(self, loss, network, optimizer):
        """One step of `optimizer`; returns the loss and what comes with it."""
        variables = network.trainable_variables
        if not variables:
            # A frozen network.
            return loss()
        _, replicas = autodiff.replica()

        def scaled():
            value, aux = loss()
            # The gradients of the replicas are summed.
            return optimizer.scale_loss(value / replicas), (value, aux)

        _, (value, aux), gradients = autodiff.value_and_grad(scaled, variables)
        autodiff.apply_gradients(optimizer, gradients, variables)
        return value, aux

    def _latents(self, batch_size):
        # Every replica draws the latents of all and takes its own rows: seed
        # generators give each of them the same numbers.
        index, replicas = autodiff.replica()
        latents = keras.random.normal(
            (batch_size * replicas, self.latent_dim),
            dtype="float32",
            seed=self.latent_seeds,
        )
        if replicas == 1:
            return latents
        return latents[index * batch_size : (index + 1) * batch_size]

    def _track(self, **values):
        for name, value in values.items():
            self.trackers[name].update_state(value)

    def _logs(self):
        return {name: m.result() for name, m in self.trackers.items()}


def _at_least_one(number):
    """`max(number, 1)` of an integer, or of a tensor where a size is unknown."""
    if isinstance(number, int):
        return max(number, 1)
    return ops.maximum(number, 1)
