import keras
from keras import ops

from kerasgan.gans import autodiff


@keras.saving.register_keras_serializable(package="kerasgan")
class NoiseSeeds(keras.random.SeedGenerator):
    """Seeds that differ from replica to replica of tf.distribute.

    A `keras.random.SeedGenerator` gives every replica the same numbers.
    """

    def next(self, ordered=True):
        seed = super().next(ordered)
        index, replicas = autodiff.replica()
        if replicas == 1:
            return seed
        other = ops.cast(index, seed.dtype) * 0x5BD1E995
        return seed + ops.stack([other, ops.zeros_like(other)])


class Draws:
    """The part of `GAN` that draws what a step needs, outside of gradients."""

    latent_dim: int
    # What is added to the losses, and what images pass before the discriminator.
    discriminator_penalties: tuple
    generator_penalties: tuple
    augmentation: object
    # Where latents, the numbers of penalties and augmentation (if there is
    # either), and those of an evaluation come from.
    latent_seeds: keras.random.SeedGenerator
    noise_seeds: keras.random.SeedGenerator
    evaluation_seeds: keras.random.SeedGenerator

    def _latents(self, batch_size, seeds=None):
        # Every replica draws the latents of all and takes its own rows: seed
        # generators give each of them the same numbers.
        index, replicas = autodiff.replica()
        latents = keras.random.normal(
            (batch_size * replicas, self.latent_dim),
            dtype="float32",
            seed=seeds or self.latent_seeds,
        )
        if replicas == 1:
            return latents
        return latents[index * batch_size : (index + 1) * batch_size]

    def _draw(self, real, penalties=True):
        """Draws for augmentation and penalties, outside of any gradient."""
        drawn = dict.fromkeys(("real", "fake", "penalty"))
        if self.augmentation is not None:
            count, height, width = ops.shape(real)[:3]
            for name in drawn:
                if name != "penalty" or (
                    penalties and self.discriminator_penalties
                ):
                    drawn[name] = self.augmentation.draw(
                        count, height, width, self.noise_seeds
                    )
        if penalties:
            drawn["penalties"] = [
                penalty.draw(real, real, self.noise_seeds)
                for penalty in self.discriminator_penalties
            ]
        return drawn

    def _draw_of_generator(self, latents, images):
        """Draws for the generator's penalties, outside of any gradient."""
        return [
            penalty.draw(latents, images, self.noise_seeds)
            for penalty in self.generator_penalties
        ]
