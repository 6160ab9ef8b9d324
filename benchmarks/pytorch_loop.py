"""A plain PyTorch training loop of the weight-normalized DCGAN.

The measure that kerasgan's own step is held against: the same networks,
losses, optimizer and moving average, written as one would without a library.
bfloat16 by autocast, channels_last, images and networks in the memory of the
GPU if there is one, and then compiled by `torch.compile`.
"""

import argparse
import time

import torch
import turns
from torch import nn
from torch.nn import functional as F


class WeightNormalized(nn.Module):
    """A strict or affine weight-normalized layer; `kind` is a functional."""

    def __init__(self, kind, shape, fan_in, out_axis, affine=False, factor=1.0):
        super().__init__()
        self.kind, self.out_axis = kind, out_axis
        self.weight = nn.Parameter(
            torch.empty(shape).uniform_(-factor, factor) / fan_in**0.5
        )
        self.scale = 0.5 if kind == "transposed" else 1.0
        units = shape[out_axis]
        self.gamma = nn.Parameter(torch.ones(units)) if affine else None
        self.beta = nn.Parameter(torch.zeros(units)) if affine else None

    def forward(self, x):
        axes = [i for i in range(self.weight.ndim) if i != self.out_axis]
        norm = self.weight.square().sum(axes, keepdim=True).sqrt() * self.scale
        weight = self.weight / (norm + 1e-8)
        if self.gamma is not None:
            shape = [1] * weight.ndim
            shape[self.out_axis] = -1
            weight = weight * self.gamma.view(shape)
        if self.kind == "dense":
            return F.linear(x, weight, self.beta)
        if self.kind == "conv":
            return F.conv2d(x, weight, self.beta, 2, 1)
        if self.kind == "head":
            return F.conv2d(x, weight, self.beta)
        return F.conv_transpose2d(x, weight, self.beta, 2, 1)


class TPReLUFunction(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, alpha, bias):
        ctx.save_for_backward(x, alpha, bias)
        a, b = alpha.to(x.dtype), bias.to(x.dtype)
        return torch.maximum(x, x * a + (1 - a) * b)

    @staticmethod
    def backward(ctx, dy):
        x, alpha, bias = ctx.saved_tensors
        below = torch.where(x > bias.to(x.dtype), 0, dy)
        total = below.sum((0, 2, 3), dtype=torch.float32)
        moment = (below * x).sum((0, 2, 3), dtype=torch.float32)
        a, b = alpha.flatten(), bias.flatten()
        dx = dy - (1 - alpha).to(dy.dtype) * below
        shape = alpha.shape
        return (
            dx,
            (moment - b * total).view(shape),
            ((1 - a) * total).view(shape),
        )


class TPReLU(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.alpha = nn.Parameter(torch.full((1, channels, 1, 1), 0.25))
        self.bias = nn.Parameter(torch.zeros(1, channels, 1, 1))

    def forward(self, x):
        return TPReLUFunction.apply(x, self.alpha.clamp(0, 1), self.bias)


class Generator(nn.Module):
    def __init__(self, features, latent_dim):
        super().__init__()
        c = features * 8
        self.c = c
        self.stem = WeightNormalized(
            "dense", (c * 16, latent_dim), latent_dim, 0, factor=0.01
        )
        layers = [TPReLU(c)]
        for _ in range(3):
            layers += [
                WeightNormalized("transposed", (c, c // 2, 4, 4), c * 16, 1),
                TPReLU(c // 2),
            ]
            c //= 2
        layers += [
            WeightNormalized("transposed", (c, 3, 4, 4), c * 16, 1, True)
        ]
        self.layers = nn.Sequential(*layers)

    def forward(self, z):
        x = self.stem(z).view(-1, self.c, 4, 4)
        x = x.to(memory_format=torch.channels_last)
        return torch.tanh(self.layers(x).float() / 2)


class Discriminator(nn.Module):
    def __init__(self, features):
        super().__init__()
        layers, c, out = [], 3, features
        for _ in range(4):
            layers += [
                WeightNormalized("conv", (out, c, 4, 4), c * 16, 0),
                TPReLU(out),
            ]
            c, out = out, out * 2
        layers += [WeightNormalized("head", (1, c, 4, 4), c * 16, 0, True)]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x).float().flatten()


class Loop:
    """`run(steps)` trains on random images and returns milliseconds a step."""

    def __init__(
        self,
        features=32,
        batch_size=32,
        precision="bfloat16",
        device="cpu",
        compiled=False,
    ):
        torch.manual_seed(0)
        self.precision = precision
        self.batch_size = batch_size
        self.device = device
        place = {"device": device, "memory_format": torch.channels_last}
        self.g = Generator(features, 128).to(**place)
        self.d = Discriminator(features).to(**place)
        self.ema = Generator(features, 128).to(**place)
        self.ema.load_state_dict(self.g.state_dict())
        self.g_optimizer = torch.optim.Adam(
            self.g.parameters(), 2e-4, (0.0, 0.9), foreach=True
        )
        self.d_optimizer = torch.optim.Adam(
            self.d.parameters(), 4e-4, (0.0, 0.9), foreach=True
        )
        images = torch.randint(0, 256, (512, 3, 64, 64), dtype=torch.uint8)
        self.images = images.to(**place)
        if compiled:
            self.d_loss = torch.compile(self.d_loss)
            self.g_loss = torch.compile(self.g_loss)

    def latents(self):
        return torch.randn(self.batch_size, 128, device=self.device)

    def d_loss(self, pixels, z):
        real = pixels.float() / 127.5 - 1
        with torch.no_grad():
            fake = self.g(z)
        return (
            F.softplus(-self.d(real)).mean() + F.softplus(self.d(fake)).mean()
        )

    def g_loss(self, z):
        return F.softplus(-self.d(self.g(z))).mean()

    def autocast(self):
        return torch.autocast(
            self.device, torch.bfloat16, enabled=self.precision == "bfloat16"
        )

    def step(self):
        size = (self.batch_size,)
        rows = torch.randint(0, len(self.images), size, device=self.device)
        with self.autocast():
            loss = self.d_loss(self.images[rows], self.latents())
        self.d_optimizer.zero_grad()
        loss.backward()
        self.d_optimizer.step()
        for p in self.d.parameters():
            p.requires_grad_(False)
        with self.autocast():
            loss = self.g_loss(self.latents())
        self.g_optimizer.zero_grad()
        loss.backward()
        self.g_optimizer.step()
        for p in self.d.parameters():
            p.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.ema.parameters()), list(self.g.parameters()), 0.001
            )

    def run(self, steps):
        start = time.perf_counter()
        for _ in range(steps):
            self.step()
        if self.device == "cuda":
            torch.cuda.synchronize()
        return (time.perf_counter() - start) / steps * 1e3


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--features", type=int, default=32)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--precision", default="bfloat16")
    parser.add_argument("--steps", type=int, default=50)
    gpu = torch.cuda.is_available()
    parser.add_argument("--device", default="cuda" if gpu else "cpu")
    parser.add_argument(
        "--compile", action=argparse.BooleanOptionalAction, default=gpu
    )
    parser.add_argument("--turns", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    loop = Loop(
        args.features,
        args.batch_size,
        args.precision,
        args.device,
        args.compile,
    )
    if args.turns:
        turns.answer(loop.run)
    else:
        loop.run(10)
        print(f"{loop.run(args.steps):.1f} ms a step")
