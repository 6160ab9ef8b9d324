import keras
from keras import ops

from kerasgan.utils.replicas import own_rows, repeated, replica


class Draws:
    """The part of `GAN` that draws what a step needs, outside of gradients.

    Every replica of tf.distribute draws for the batch of all, and takes its own
    rows, so that a step on several of them is that of one device.
    """

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
        latents = keras.random.normal(
            (batch_size * replica()[1], self.latent_dim),
            dtype="float32",
            seed=seeds or self.latent_seeds,
        )
        return own_rows(latents, batch_size)

    def _draw(self, real, penalties=True):
        """Draws for augmentation and penalties, outside of any gradient."""
        drawn = dict.fromkeys(("real", "fake", "penalty"))
        if self.augmentation is not None:
            count, height, width = ops.shape(real)[:3]
            count *= replica()[1]
            for name in drawn:
                if name != "penalty" or (
                    penalties and self.discriminator_penalties
                ):
                    drawn[name] = self.augmentation.draw(
                        count, height, width, self.noise_seeds
                    )
        if penalties:
            all_real = repeated(real)
            drawn["penalties"] = [
                penalty.draw(all_real, all_real, self.noise_seeds)
                for penalty in self.discriminator_penalties
            ]
        return own_rows(drawn, ops.shape(real)[0])

    def _draw_of_generator(self, latents, images):
        """Draws for the generator's penalties, outside of any gradient."""
        everything = repeated(latents), repeated(images)
        drawn = [
            penalty.draw(*everything, self.noise_seeds)
            for penalty in self.generator_penalties
        ]
        return own_rows(drawn, ops.shape(latents)[0])
