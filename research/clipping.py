"""What does clipping its weights do to a critic, by normalization?

Question: the mean gradient norm of a new 32x32 DCGAN discriminator at random
images, as it is and after `WassersteinGAN` has clipped its weights.

    python research/clipping.py

Result: the table that is printed, in `docs/research/clipping.md`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import ops

from kerasgan import architectures
from kerasgan.gans import WassersteinGAN
from kerasgan.gans.autodiff import input_grad

CLIPS = (0.1, 0.01, 0.001)


def gradient_norm(critic, images):
    images = ops.convert_to_tensor(images)
    gradients = input_grad(lambda x: ops.sum(critic(x)), images)
    return np.linalg.norm(np.reshape(gradients, (len(images), -1)), axis=1)


def main():
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (8, 32, 32, 3)).astype("float32")
    print(f"| normalization | not clipped | {' | '.join(map(str, CLIPS))} |")
    print("|---" * (len(CLIPS) + 2) + "|")
    for name in ("none", "layer", "weight", "weight-affine", "spectral"):
        keras.utils.set_random_seed(0)
        networks = architectures.dcgan(
            (32, 32, 3), features=16, normalization=name
        )
        norms = [gradient_norm(networks[1], images).mean()]
        for clip in CLIPS:
            WassersteinGAN(*networks, clip=clip).constrain_discriminator()
            norms.append(gradient_norm(networks[1], images).mean())
        print(f"| `{name}` | {' | '.join(f'{norm:.2g}' for norm in norms)} |")


if __name__ == "__main__":
    main()
