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
