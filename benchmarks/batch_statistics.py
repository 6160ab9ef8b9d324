"""Whether the statistics of a moving average hold batch normalization back.

    python benchmarks/batch_statistics.py dcgan-bn-celeba --data celeba-12k.zip

The moving average of a network's statistics is not the statistics of the averaged
network. This reconstructs 128 test pictures by the generator of an entry or a run folder as it is, and with
statistics taken anew from its own samples.
"""

import argparse

import keras
import numpy as np

from kerasgan import metrics, zoo
from kerasgan.recipes.build import prepare_pictures
from kerasgan.zoo.catalogue import find

BATCHES, BATCH, MOMENTUM = 60, 128, 0.9


def take_anew(generator, seed=5):
    """Let the statistics follow batches of samples, the weights as they are."""
    for layer in generator.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = MOMENTUM
    rng = np.random.default_rng(seed)
    shape = BATCH, *generator.input_shape[1:]
    for _ in range(BATCHES):
        generator(rng.normal(size=shape).astype("float32"), training=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name")
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    pictures = prepare_pictures(find(given.name).recipe(), given.data, "test")
    images = np.asarray(pictures.images[:128])
    generator = zoo.load(given.name)
    before = metrics.reconstruction_error(generator, images).mean
    take_anew(generator)
    after = metrics.reconstruction_error(generator, images).mean
    print(f"as it is {before:.4f}, with statistics taken anew {after:.4f}")


if __name__ == "__main__":
    main()
