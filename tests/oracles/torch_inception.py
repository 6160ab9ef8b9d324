"""Golden file of the Inception network of 2015-12-05 from torch's convolutions.

Writes torch_inception.npz beside itself: float64 computations of the network
with random weights of its real shapes, stored in float32.

Keys: `mixed_7` [2, 768], `pool` [2, 2048] and `logits` [2, 1008] are the
features of two images, [2, 299, 299, 3] in [-1, 1], float32: uniform noise of
`numpy.random.RandomState(0)`, first of shape [299, 299, 3], then of shape
[13, 13, 3] with each pixel repeated 23 times in both directions.

The weights of a layer are drawn from `RandomState(crc32(layer name))`: first
the kernel [height, width, in, out], uniform in +-sqrt(6 / fan_in), then the
bias, uniform in +-0.1, both in float32.

Written from the description of the network alone (Szegedy et al., arXiv
1512.00567; what is different in the network of 2015-12-05 from pytorch-fid's
documentation), without a look at the code that it is the test of. With the path
of an .npz of the true weights as its argument it prints what a few features
are with them, and writes nothing.
"""

import pathlib
import sys
import zlib

import numpy as np
import torch
from torch.nn import functional

FOLDER = pathlib.Path(__file__).parent
SEVEN = {"row": (1, 7), "column": (7, 1)}
THREE = {"row": (1, 3), "column": (3, 1)}


def random_weights(name, shape):
    random = np.random.RandomState(zlib.crc32(name.encode()))
    bound = np.sqrt(6 / np.prod(shape[:-1]))
    kernel = random.uniform(-bound, bound, shape).astype("float32")
    bias = random.uniform(-0.1, 0.1, shape[-1:]).astype("float32")
    return kernel, bias


class Network:
    """A forward pass.

    Args:
        weights: function of a layer's name and its kernel's shape.
    """

    def __init__(self, weights):
        self.weights = weights

    def conv(self, x, name, out, size=(1, 1), stride=1, valid=False):
        shape = (*size, x.shape[1], out)
        kernel, bias = self.weights(name, shape)
        kernel = torch.tensor(kernel.astype("float64")).permute(3, 2, 0, 1)
        pad = (0, 0) if valid else (size[0] // 2, size[1] // 2)
        bias = torch.tensor(bias.astype("float64"))
        return torch.relu(
            functional.conv2d(x, kernel, bias, stride=stride, padding=pad)
        )

    def mean_branch(self, x, name, out):
        pooled = functional.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
        return self.conv(pooled, f"{name}_tower_2_conv", out)

    def large(self, x, name, pool_out):
        """A block on 35x35."""
        one = self.conv(x, f"{name}_conv", 64)
        five = self.conv(x, f"{name}_tower_conv", 48)
        five = self.conv(five, f"{name}_tower_conv_1", 64, (5, 5))
        three = self.conv(x, f"{name}_tower_1_conv", 64)
        three = self.conv(three, f"{name}_tower_1_conv_1", 96, (3, 3))
        three = self.conv(three, f"{name}_tower_1_conv_2", 96, (3, 3))
        mean = self.mean_branch(x, name, pool_out)
        return torch.cat([one, five, three, mean], 1)

    def middle(self, x, name, width):
        """A block on 17x17."""
        one = self.conv(x, f"{name}_conv", 192)
        short = self.conv(x, f"{name}_tower_conv", width)
        short = self.conv(short, f"{name}_tower_conv_1", width, SEVEN["row"])
        short = self.conv(short, f"{name}_tower_conv_2", 192, SEVEN["column"])
        long = self.conv(x, f"{name}_tower_1_conv", width)
        for i, (out, way) in enumerate(
            [(width, "column"), (width, "row"), (width, "column"), (192, "row")]
        ):
            long = self.conv(
                long, f"{name}_tower_1_conv_{i + 1}", out, SEVEN[way]
            )
        mean = self.mean_branch(x, name, 192)
        return torch.cat([one, short, long, mean], 1)

    def small(self, x, name, pool_branch):
        """A block on 8x8."""
        one = self.conv(x, f"{name}_conv", 320)
        parts = [one]
        three = self.conv(x, f"{name}_tower_conv", 384)
        twice = self.conv(x, f"{name}_tower_1_conv", 448)
        twice = self.conv(twice, f"{name}_tower_1_conv_1", 384, (3, 3))
        for y, tower in ((three, "tower"), (twice, "tower_1")):
            for part, way in (("conv", "row"), ("conv_1", "column")):
                layer = f"{name}_{tower}_mixed_{part}"
                parts.append(self.conv(y, layer, 384, THREE[way]))
        return torch.cat([*parts, pool_branch], 1)

    def halve(self, x):
        return functional.max_pool2d(x, 3, 2)

    def to_mixed_7(self, x):
        x = self.conv(x, "conv", 32, (3, 3), 2, valid=True)
        x = self.conv(x, "conv_1", 32, (3, 3), valid=True)
        x = self.halve(self.conv(x, "conv_2", 64, (3, 3)))
        x = self.conv(x, "conv_3", 80)
        x = self.halve(self.conv(x, "conv_4", 192, (3, 3), valid=True))
        x = self.large(x, "mixed", 32)
        x = self.large(x, "mixed_1", 64)
        x = self.large(x, "mixed_2", 64)
        tower = self.conv(x, "mixed_3_tower_conv", 64)
        tower = self.conv(tower, "mixed_3_tower_conv_1", 96, (3, 3))
        x = torch.cat(
            [
                self.conv(x, "mixed_3_conv", 384, (3, 3), 2, valid=True),
                self.conv(
                    tower, "mixed_3_tower_conv_2", 96, (3, 3), 2, valid=True
                ),
                self.halve(x),
            ],
            1,
        )
        for name, width in (
            ("mixed_4", 128),
            ("mixed_5", 160),
            ("mixed_6", 160),
            ("mixed_7", 192),
        ):
            x = self.middle(x, name, width)
        return x

    def to_pool(self, x):
        three = self.conv(x, "mixed_8_tower_conv", 192)
        seven = self.conv(x, "mixed_8_tower_1_conv", 192)
        seven = self.conv(seven, "mixed_8_tower_1_conv_1", 192, SEVEN["row"])
        seven = self.conv(seven, "mixed_8_tower_1_conv_2", 192, SEVEN["column"])
        x = torch.cat(
            [
                self.conv(
                    three, "mixed_8_tower_conv_1", 320, (3, 3), 2, valid=True
                ),
                self.conv(
                    seven, "mixed_8_tower_1_conv_3", 192, (3, 3), 2, valid=True
                ),
                self.halve(x),
            ],
            1,
        )
        x = self.small(x, "mixed_9", self.mean_branch(x, "mixed_9", 192))
        most = functional.max_pool2d(x, 3, 1, 1)
        most = self.conv(most, "mixed_10_tower_2_conv", 192)
        return self.small(x, "mixed_10", most).mean((2, 3))


def images():
    random = np.random.RandomState(0)
    fine = random.uniform(-1, 1, (299, 299, 3))
    coarse = random.uniform(-1, 1, (13, 13, 3))
    coarse = np.kron(coarse, np.ones((23, 23, 1)))
    values = np.stack([fine, coarse]).astype("float32").astype("float64")
    return torch.tensor(values).permute(0, 3, 1, 2)


def print_true_features(path):
    file = np.load(path)

    def weights(name, shape):
        kernel = file[f"{name}/kernel"]
        assert kernel.shape == shape, (name, kernel.shape, shape)
        return kernel, file[f"{name}/bias"]

    found = Network(weights).to_mixed_7(images()).mean((2, 3)).numpy()
    print("mean", found.mean(), "first", found[:, :3].tolist())


def main():
    torch.set_grad_enabled(False)
    if sys.argv[1:]:
        print_true_features(sys.argv[1])
        return
    network = Network(random_weights)
    mixed_7 = network.to_mixed_7(images())
    pool = network.to_pool(mixed_7)
    kernel, _ = random_weights("logits", (2048, 1008))
    found = {
        "mixed_7": mixed_7.mean((2, 3)),
        "pool": pool,
        "logits": pool @ torch.tensor(kernel.astype("float64")),
    }
    np.savez_compressed(
        FOLDER / "torch_inception.npz",
        **{name: x.numpy().astype("float32") for name, x in found.items()},
    )


if __name__ == "__main__":
    main()
