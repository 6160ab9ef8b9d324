"""One step of a GAN, the same on every backend."""

import keras
from keras import ops

from kerasgan.gans import autodiff
from kerasgan.gans.accumulation import accumulate, micro_batches
from kerasgan.gans.added_losses import added_losses, weight_regularization
from kerasgan.gans.average import update_average
from kerasgan.gans.optimizer import GANOptimizer, update_weights
from kerasgan.gans.penalties.weighted_sum import compute_weighted_sum
from kerasgan.gans.randomness import Draws
from kerasgan.gans.real_images import check_data
from kerasgan.gans.real_labels import check_labels
from kerasgan.layers import (
    one_iteration,
    shared_kernels,
    substituted,
    unchanged,
)
from kerasgan.utils.networks import with_labels
from kerasgan.utils.replicas import replica

# What every GAN logs, in training and in evaluation.
LOGS = ("discriminator_loss", "generator_loss", "real_logits", "fake_logits")


class Step(Draws):
    """The part of `GAN` that its `train_step` and `test_step` call.

    It reads the attributes below and those of `Draws`, and calls what a loss
    defines: `discriminator_loss(real_logits, fake_logits)`, a scalar,
    `generator_loss(fake_logits)`, a scalar, or with `generator_sees_real`
    `generator_loss(fake_logits, real_logits)`, and
    `constrain_discriminator()`, after each update of the discriminator.
    """

    # The networks, whether they take labels, and the shape of the
    # discriminator's images.
    generator: keras.Model
    discriminator: keras.Model
    conditional: bool
    image_shape: tuple
    # How they are updated; `GAN` says what each means.
    discriminator_steps: int
    update: str
    gradient_accumulation: int
    generator_sees_real: bool
    # State: both optimizers, the average of the generator (None without) and
    # the decay of it, the number of steps, and the means that are logged.
    optimizer: GANOptimizer
    ema_generator: keras.Model | None
    ema_decay: float | None
    steps: keras.Variable
    trackers: dict

    def gan_step(self, data):
        """Update both networks; returns the logs."""
        real, labels = self._real(data)
        # At the end of data of unknown length there is none: nothing else of a
        # step, such as counting it, may run then.
        with autodiff.after(real):
            with one_iteration(self.generator, self.discriminator):
                if self.update == "simultaneous":
                    self._simultaneous_step(real, labels)
                else:
                    self._alternating_step(real, labels)
            if self.ema_generator is not None:
                t = ops.cast(self.steps, "float32")
                decay = ops.minimum(self.ema_decay, (1.0 + t) / (10.0 + t))
                update_average(self.ema_generator, self.generator, decay)
            self.steps.assign_add(ops.ones((), dtype="int32"))
            return self._logs()

    def evaluation_step(self, data):
        """Computes both losses on a batch without an update; returns the logs."""
        real, labels = self._real(data)
        with autodiff.after(real):
            count = ops.shape(real)[0]
            latents = self._latents(count, self.evaluation_seeds)
            fake = self.generator(with_labels(latents, labels), training=False)
            real_logits, fake_logits = (
                self.discriminator(with_labels(x, labels), training=False)
                for x in (real, fake)
            )
            self._track(
                count,
                discriminator_loss=self.discriminator_loss(
                    real_logits, fake_logits
                ),
                generator_loss=self._loss_of_generator(
                    fake_logits, real_logits
                ),
                real_logits=ops.mean(real_logits),
                fake_logits=ops.mean(fake_logits),
            )
            return self._logs(LOGS)

    def _real(self, data):
        """Returns real images and their labels, which are None without classes."""
        real = check_data(data, self.image_shape)
        if not self.conditional:
            return real, None
        labels = check_labels(keras.utils.unpack_x_y_sample_weight(data)[1])
        return real, ops.cast(ops.reshape(labels, (-1,)), "int32")

    # The order of the updates.

    def _alternating_step(self, *batch):
        for micro_batch in micro_batches(batch, self.discriminator_steps):
            self._discriminator_update(*micro_batch)
        self._generator_update(*micro_batch)

    def _discriminator_update(self, real, labels):
        def loss_on(images, labels):
            latents = self._latents(ops.shape(images)[0])
            fake = ops.stop_gradient(
                self.generator(with_labels(latents, labels), training=True)
            )
            drawn = self._draw(images)

            def loss():
                parts, added = self._discriminator_losses(
                    images, fake, drawn, labels
                )
                terms = parts["discriminator_loss"], parts["penalty"], added
                return autodiff.total(terms), parts

            return loss

        parts = self._update(
            (real, labels),
            loss_on,
            self.discriminator,
            self.optimizer.discriminator,
        )
        self._after_discriminator(parts, ops.shape(real)[0])

    def _generator_update(self, real, labels):
        def loss_on(images, labels):
            latents = self._latents(ops.shape(images)[0])
            drawn = self._draw(images, penalties=False)
            noises = self._draw_of_generator(latents, images)

            def loss():
                with shared_kernels():
                    fake = self.generator(
                        with_labels(latents, labels), training=True
                    )
                    added = added_losses(self.generator)
                    penalty = self._penalty_of_generator(
                        latents, fake, noises, labels
                    )
                real_logits = None
                with unchanged(self.discriminator), shared_kernels():
                    fake_logits = self._logits(fake, drawn["fake"], labels)
                    if self.generator_sees_real:
                        real_logits = self._logits(
                            images, drawn["real"], labels
                        )
                value = self._loss_of_generator(fake_logits, real_logits)
                parts = {"generator_loss": value}
                if self.generator_penalties:
                    parts["generator_penalty"] = penalty
                return autodiff.total([value, penalty, added]), parts

            return loss

        parts = self._update(
            (real, labels), loss_on, self.generator, self.optimizer.generator
        )
        self._track(ops.shape(real)[0], **parts)

    def _simultaneous_step(self, real, labels):
        networks = self.discriminator, self.generator
        optimizers = self.optimizer.discriminator, self.optimizer.generator
        groups = [network.trainable_variables for network in networks]

        def differentiate(batch):
            images, labels = batch
            latents = self._latents(ops.shape(images)[0])
            drawn = self._draw(images)
            noises = self._draw_of_generator(latents, images)

            def losses():
                with shared_kernels():
                    fake = self.generator(
                        with_labels(latents, labels), training=True
                    )
                    own = added_losses(self.generator)
                    penalty = self._penalty_of_generator(
                        latents, fake, noises, labels
                    )
                parts, added = self._discriminator_losses(
                    images, fake, drawn, labels
                )
                parts["generator_loss"] = self._loss_of_generator(
                    parts["fake_logits"], parts["real_logits"]
                )
                both = (
                    autodiff.total(
                        [parts["discriminator_loss"], parts["penalty"], added]
                    ),
                    autodiff.total([parts["generator_loss"], penalty, own]),
                )
                if self.generator_penalties:
                    parts["generator_penalty"] = penalty
                scaled = [
                    self._scaled(loss, network, optimizer)
                    for loss, network, optimizer in zip(
                        both, networks, optimizers
                    )
                ]
                return scaled, parts

            return autodiff.grads(losses, groups)

        parts, gradients = accumulate(
            micro_batches((real, labels), self.gradient_accumulation),
            differentiate,
        )
        update_weights(optimizers, gradients, groups, parts)
        self._after_discriminator(parts, ops.shape(real)[0])
        self._track(
            ops.shape(real)[0],
            **{k: v for k, v in parts.items() if k.startswith("generator_")},
        )

    # Their parts.

    def _discriminator_losses(self, real, fake, drawn, labels):
        """Computes the logits of both batches and the discriminator's loss.

        With them comes what its layers add to that.
        """
        with shared_kernels():
            real_logits = self._logits(real, drawn["real"], labels)
            added = added_losses(self.discriminator)
            fake_logits = self._logits(fake, drawn["fake"], labels)
            added = autodiff.total([added, added_losses(self.discriminator)])
            still = ops.stop_gradient(fake)
            penalty = self._penalty(real, still, drawn, labels)
        parts = {
            "discriminator_loss": self.discriminator_loss(
                real_logits, fake_logits
            ),
            "penalty": penalty,
            "real_logits": real_logits,
            "fake_logits": fake_logits,
        }
        return parts, added

    def _logits(self, images, noise, labels=None):
        if self.augmentation is not None:
            images = self.augmentation.apply(images, noise)
        return self.discriminator(with_labels(images, labels), training=True)

    def _penalty(self, real, fake, drawn, labels=None):
        def critic(images):
            with substituted(), autodiff.twice_differentiable():
                return self._logits(images, drawn["penalty"], labels)

        pairs = zip(self.discriminator_penalties, drawn["penalties"])
        seen = self.discriminator, critic, real, fake
        return compute_weighted_sum(
            [(p, (*seen, n)) for p, n in pairs],
            self.steps,
            (self.generator, self.discriminator),
        )

    def _penalty_of_generator(self, latents, fake, noises, labels=None):
        def make(latents):
            with substituted(), autodiff.twice_differentiable():
                return self.generator(
                    with_labels(latents, labels), training=True
                )

        pairs = zip(self.generator_penalties, noises)
        return compute_weighted_sum(
            [(p, (make, latents, fake, n)) for p, n in pairs],
            self.steps,
            (self.generator, self.discriminator),
        )

    def _after_discriminator(self, parts, count):
        self.constrain_discriminator()
        if self.augmentation is not None:
            self.augmentation.update(parts["real_logits"])
            if "augmentation_strength" in self.trackers:
                strength = self.augmentation.strength
                self._track(count, augmentation_strength=strength)
        self._track(
            count,
            discriminator_loss=parts["discriminator_loss"],
            real_logits=ops.mean(parts["real_logits"]),
            fake_logits=ops.mean(parts["fake_logits"]),
        )
        if self.discriminator_penalties:
            self._track(count, penalty=parts["penalty"])

    def _loss_of_generator(self, fake_logits, real_logits):
        if self.generator_sees_real:
            return self.generator_loss(fake_logits, real_logits)
        return self.generator_loss(fake_logits)

    def _scaled(self, loss, network, optimizer):
        """Adds regularizers and scales the loss for the optimizer."""
        loss = autodiff.total([loss, weight_regularization(network)])
        # The gradients of the replicas are summed.
        return optimizer.scale_loss(loss / replica()[1])

    def _update(self, batch, loss_on, network, optimizer):
        """Makes one step of `optimizer`; returns what comes with the loss.

        `loss_on` takes images and labels and returns a function that returns the loss and
        what comes with it; what is random is drawn outside of that function.
        """
        variables = network.trainable_variables

        def differentiate(part):
            loss = loss_on(*part)

            def scaled():
                value, aux = loss()
                return self._scaled(value, network, optimizer), aux

            if not variables:
                # A frozen network.
                return loss()[1], []
            _, aux, gradients = autodiff.value_and_grad(scaled, variables)
            return aux, gradients

        aux, gradients = accumulate(
            micro_batches(batch, self.gradient_accumulation), differentiate
        )
        update_weights([optimizer], [gradients], [variables], aux)
        return aux

    def _track(self, count, **values):
        """Let means over `count` images count in the logs as so many."""
        for name, value in values.items():
            self.trackers[name].update_state(value, sample_weight=count)

    def _logs(self, names=None):
        return {
            name: self.trackers[name].result()
            for name in names or self.trackers
        }
