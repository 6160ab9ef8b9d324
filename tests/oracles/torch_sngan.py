"""Golden file of the networks of SN-GAN, by torch.

Writes torch_sngan.npz beside itself: float64 computations with numbers that
float32 holds exactly, stored in float32. The networks are written here
from the tables of arXiv 1802.05957 and of mimicry, without the spectral norm
(which has oracles of its own) and with batch normalization by its moving
statistics (epsilon 1e-5) in the generators. Those with `-classes` are
conditional, as Miyato & Koyama (arXiv 1802.05637) make them: gamma and beta of
the class in the generator, and in the discriminator the inner product of the
class's embedding with the features' sum over the map. Arrays are in Keras's
layout.

Keys, for each of the `NETWORKS`: `<network>/latents`, `<network>/labels` (with
classes),
`<network>/images` (the generator's), `<network>/logits` (the discriminator's of
those images), and the weights in the order of the networks' layers:
`<network>/generator/<i>`, `<network>/discriminator/<i>`.
"""

import pathlib

import numpy as np
import torch
from torch.nn import functional as F

FILE = pathlib.Path(__file__).with_suffix(".npz")
LATENTS = 3
CLASSES = 3
LABELS = [2, 0]


class Network:
    """Draws the weights that a network asks for, and keeps their order."""

    def __init__(self, seed, labels=None):
        self.rng = np.random.default_rng(seed)
        self.labels = labels
        self.weights = []

    def weight(self, shape, scale=1.0, offset=0.0):
        drawn = offset + scale * self.rng.uniform(-1, 1, shape)
        drawn = drawn.astype("float32").astype("float64")
        self.weights.append(drawn)
        return torch.tensor(drawn)

    def convolution(self, x, channels, size=3, stride=1, bias=True):
        before = x.shape[1]
        shape = (size, size, before, channels)
        kernel = self.weight(shape, (size * size * before) ** -0.5)
        offset = self.weight((channels,), 0.1) if bias else None
        padding = (size - stride) // 2 if stride > 1 else size // 2
        return F.conv2d(x, kernel.permute(3, 2, 0, 1), offset, stride, padding)

    def transposed(self, x, channels):
        before = x.shape[1]
        kernel = self.weight((4, 4, channels, before), 0.5 * before**-0.5)
        return F.conv_transpose2d(
            x, kernel.permute(3, 2, 0, 1), None, stride=2, padding=1
        )

    def dense(self, x, units, bias=True):
        kernel = self.weight((x.shape[1], units), x.shape[1] ** -0.5)
        x = x @ kernel
        return x + self.weight((units,), 0.1) if bias else x

    def batch_normalization(self, x, of_class=True):
        shape = (1, -1, 1, 1)
        count = (x.shape[1],)
        if self.labels is not None and of_class:
            gamma, beta = (
                F.embedding(self.labels, self.weight((CLASSES, *count), *of))
                for of in ((0.3, 1.0), (0.3,))
            )
            gamma, beta = (w[:, :, None, None] for w in (gamma, beta))
        else:
            gamma = self.weight(count, 0.3, 1.0).view(shape)
            beta = self.weight(count, 0.3).view(shape)
        mean = self.weight(count, 0.3).view(shape)
        variance = self.weight(count, 0.3, 1.0).view(shape)
        return gamma * (x - mean) / torch.sqrt(variance + 1e-5) + beta

    def projection(self, logits, x):
        if self.labels is None:
            return logits
        phi = x.sum((2, 3))
        rows = self.weight((phi.shape[1], CLASSES), phi.shape[1] ** -0.5).T
        return logits + (F.embedding(self.labels, rows) * phi).sum(
            1, keepdim=True
        )


def channels_last_map(x, size, channels):
    return x.view(len(x), size, size, channels).permute(0, 3, 1, 2)


def cnn_generator(net, z, features, size):
    """Table 3 (a)."""
    x = net.dense(z, (size // 8) ** 2 * 8 * features, bias=False)
    x = channels_last_map(x, size // 8, 8 * features)
    x = F.relu(net.batch_normalization(x))
    for width in (4, 2, 1):
        x = net.transposed(x, width * features)
        x = F.relu(net.batch_normalization(x))
    return torch.tanh(net.convolution(x, 3))


def cnn_discriminator(net, x, features):
    """Table 3 (b)."""
    for width in (1, 2, 4):
        x = F.leaky_relu(net.convolution(x, width * features), 0.1)
        x = F.leaky_relu(net.convolution(x, width * features, 4, 2), 0.1)
    x = F.leaky_relu(net.convolution(x, 8 * features), 0.1)
    # The dense layer on the flat map, whose order of weights is Keras's.
    n, channels, height, width = x.shape
    kernel = net.weight(
        (height, width, channels, 1), (height * width * channels) ** -0.5
    )
    logits = F.conv2d(x, kernel.permute(3, 2, 0, 1), net.weight((1,), 0.1))
    return net.projection(logits.view(n, 1), x)


def double(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


def resnet_generator(net, z, widths):
    x = channels_last_map(net.dense(z, 16 * widths[0]), 4, widths[0])
    for width in widths[1:]:
        h = F.relu(net.batch_normalization(x))
        h = net.convolution(double(h), width)
        h = F.relu(net.batch_normalization(h))
        h = net.convolution(h, width)
        x = h + net.convolution(double(x), width, 1)
    x = F.relu(net.batch_normalization(x, of_class=False))
    return torch.tanh(net.convolution(x, 3))


def resnet_discriminator(net, x, blocks):
    width, _ = blocks[0]
    h = net.convolution(F.relu(net.convolution(x, width)), width)
    x = F.avg_pool2d(h, 2) + net.convolution(F.avg_pool2d(x, 2), width, 1)
    for width, halves in blocks[1:]:
        before = x.shape[1]
        h = net.convolution(F.relu(x), before)
        h = net.convolution(F.relu(h), width)
        if halves or before != width:
            x = net.convolution(x, width, 1)
        if halves:
            h, x = F.avg_pool2d(h, 2), F.avg_pool2d(x, 2)
        x = h + x
    # Keras has the last dense layer as a 1x1 convolution.
    x = F.relu(x)
    logits = net.convolution(x.sum((2, 3), keepdim=True), 1, 1)
    return net.projection(logits.view(-1, 1), x)


FOUR, FIVE = (16, 8, 4, 2, 1), (1, 2, 4, 8, 16)
NETWORKS = {
    "cnn": (
        lambda net, z: cnn_generator(net, z, 2, 24),
        lambda net, x: cnn_discriminator(net, x, 2),
    ),
    "resnet32": (
        lambda net, z: resnet_generator(net, z, [4] * 4),
        lambda net, x: resnet_discriminator(
            net, x, [(2, True), (2, True), (2, False), (2, False)]
        ),
    ),
    "resnet64": (
        lambda net, z: resnet_generator(net, z, FOUR),
        lambda net, x: resnet_discriminator(net, x, [(n, True) for n in FIVE]),
    ),
}
for _name in ("cnn", "resnet32"):
    NETWORKS[f"{_name}-classes"] = NETWORKS[_name]


def main():
    arrays = {}
    for seed, (name, (generate, judge)) in enumerate(NETWORKS.items()):
        labels = torch.tensor(LABELS) if name.endswith("-classes") else None
        generator = Network(2 * seed, labels)
        discriminator = Network(2 * seed + 1, labels)
        z = np.random.default_rng(100 + seed).normal(size=(2, LATENTS))
        z = z.astype("float32").astype("float64")
        images = generate(generator, torch.tensor(z))
        images = images.float().double()
        logits = judge(discriminator, images)
        arrays[f"{name}/latents"] = z
        arrays[f"{name}/images"] = images.permute(0, 2, 3, 1).numpy()
        arrays[f"{name}/logits"] = logits.numpy()
        for part, net in (
            ("generator", generator),
            ("discriminator", discriminator),
        ):
            for number, weight in enumerate(net.weights):
                arrays[f"{name}/{part}/{number}"] = weight
        if labels is not None:
            arrays[f"{name}/labels"] = labels.int().numpy()
    np.savez_compressed(
        FILE,
        **{
            key: x.astype("float32") if x.dtype == "float64" else x
            for key, x in arrays.items()
        },
    )


if __name__ == "__main__":
    main()
