"""Time of the reconstruction error against a plain PyTorch loop.

Both descend to the latents of the same number of images, in batches, with the
generator of `dcgan-wn-celeba`'s size and float32; the loop computes its
weight-normalized kernels once, as a person would who measures a generator.
Each has a process of its own, and they take turns.

    python benchmarks/reconstruction.py --pytorch /path/to/a/python/with/torch
"""

import argparse
import sys

import numpy as np
import turns


def run_of_kerasgan(args):
    from kerasgan import architectures
    from kerasgan.metrics import reconstruction_error

    generator, _ = architectures.dcgan(
        features=args.features, normalization="weight"
    )
    images = noise(args.images)

    def run(count):
        reconstruction_error(
            generator,
            images[:count],
            steps=args.steps,
            batch_size=args.batch_size,
        )

    return run


def run_of_pytorch(args):
    import pytorch_loop
    import torch

    generator = pytorch_loop.Generator(args.features, 128)
    for layer in generator.modules():
        if isinstance(layer, pytorch_loop.WeightNormalized):
            fold(layer)
        elif isinstance(layer, pytorch_loop.TPReLU):
            fold_activation(layer)
    for parameter in generator.parameters():
        parameter.requires_grad_(False)
    images = torch.from_numpy(noise(args.images)).permute(0, 3, 1, 2) / 255

    def reconstruct(targets):
        z = torch.zeros(len(targets), 128, requires_grad=True)
        v = torch.zeros_like(z)
        for _ in range(args.steps):
            drawn = (generator(z) + 1) / 2
            errors = ((drawn - targets) ** 2).mean((1, 2, 3))
            (g,) = torch.autograd.grad(errors.sum() / 32, z)
            v = 0.9 * v + 0.1 * g**2
            z = (z - 0.01 * g / (v.sqrt() + 1e-6)).detach().requires_grad_()
        with torch.no_grad():
            return (((generator(z) + 1) / 2 - targets) ** 2).mean((1, 2, 3))

    def run(count):
        for targets in images[:count].split(args.batch_size):
            reconstruct(targets)

    return run


def fold(layer):
    """Gives a weight-normalized layer of the loop its effective kernel for good."""
    from torch.nn import functional

    axes = [i for i in range(layer.weight.ndim) if i != layer.out_axis]
    norm = layer.weight.square().sum(axes, keepdim=True).sqrt() * layer.scale
    shape = [1] * layer.weight.ndim
    shape[layer.out_axis] = -1
    gamma = 1 if layer.gamma is None else layer.gamma.view(shape)
    kernel = (layer.weight / norm * gamma).detach()
    if kernel.ndim == 4:
        import torch

        kernel = kernel.contiguous(memory_format=torch.channels_last)
    beta = None if layer.beta is None else layer.beta.detach()
    if layer.kind == "dense":
        layer.forward = lambda x: functional.linear(x, kernel, beta)
    else:
        layer.forward = lambda x: functional.conv_transpose2d(
            x, kernel, beta, 2, 1
        )


def fold_activation(layer):
    """Leaves out what only the gradients of its parameters need."""
    import torch

    alpha = layer.alpha.detach().clamp(0, 1)
    offset = (1 - alpha) * layer.bias.detach()
    layer.forward = lambda x: torch.maximum(x, x * alpha + offset)


def noise(count):
    generator = np.random.default_rng(0)
    return generator.integers(0, 256, (count, 64, 64, 3), np.uint8)


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pytorch", required=True)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument(
        "--contestant", choices=("kerasgan", "pytorch"), help=argparse.SUPPRESS
    )
    return parser


def main():
    args = parser().parse_args()
    if args.contestant:
        run = {"kerasgan": run_of_kerasgan, "pytorch": run_of_pytorch}
        turns.answer(run[args.contestant](args), warm_up=args.batch_size)
        return
    pythons = {"kerasgan": sys.executable, "pytorch": args.pytorch}
    print(
        f"{turns.machine()}; {args.images} images, {args.steps} steps; "
        "milliseconds an image\n"
    )
    times = turns.compete(turns.contestants(pythons), args.images, args.rounds)
    print(turns.table(times, "pytorch", True))


if __name__ == "__main__":
    main()
