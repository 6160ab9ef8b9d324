"""What clipping its weights does to a critic's slope, by normalization.

The mean slope of a new 32x32 DCGAN discriminator at random pictures, as it is
and after `WassersteinGAN` has clipped it.

    python benchmarks/clipping.py
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import ops

from kerasgan import architectures
from kerasgan.gans import WassersteinGAN
from kerasgan.gans.penalties.slopes import squared_slopes

SIZE = (32, 32, 3)
CLIPS = (0.1, 0.01, 0.001)


def slope(critic, images):
    squares = squared_slopes(lambda x: critic(x, training=False), images)
    return float(ops.mean(ops.sqrt(squares)))


def main():
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (8, *SIZE)).astype("float32")
    clips = " | ".join(f"clip {clip:g}" for clip in CLIPS)
    print(f"| normalization | not clipped | {clips} |")
    print("|---" * (len(CLIPS) + 2) + "|")
    for name in ("none", "layer", "weight", "weight-affine", "spectral"):
        keras.utils.set_random_seed(0)
        networks = architectures.dcgan(SIZE, features=16, normalization=name)
        slopes = [slope(networks[1], images)]
        for clip in CLIPS:
            WassersteinGAN(*networks, clip=clip).constrain_discriminator()
            slopes.append(slope(networks[1], images))
        print(f"| `{name}` | {' | '.join(f'{s:.2g}' for s in slopes)} |")


if __name__ == "__main__":
    main()
