"""Do statistics of a moving average hold batch normalization back?

Question: the moving average of a network's statistics is not the statistics of
the averaged network. What is the reconstruction error of 128 test images by the
generator of an entry or a run as it is, and with statistics that are computed
again from 7,680 of its own samples?

    python research/batch_statistics.py dcgan-bn-celeba --data celeba-12k.zip

Result: hardly; the numbers are in
`docs/research/optimizers_by_normalization.md`.
"""

import argparse

import keras
import numpy as np

from kerasgan import data, metrics, zoo


def recompute(generator):
    """Let the statistics follow batches of samples, the weights as they are."""
    for layer in generator.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.9
    rng = np.random.default_rng(5)
    for _ in range(60):
        latents = rng.normal(size=(128, generator.input_shape[-1]))
        generator(latents.astype("float32"), training=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("name")
    parser.add_argument("--data", required=True)
    given = parser.parse_args()
    cut = zoo.recipe(given.name).data
    images = data.prepare(given.data, "test", cut.image_size, cut.crop).images
    generator = zoo.load(given.name)
    for words in ("as it is", "with statistics that are computed again"):
        error = metrics.reconstruction_error(generator, images[:128]).mean
        print(f"{words}: {error:.4f}")
        recompute(generator)


if __name__ == "__main__":
    main()
