"""Golden file of the discriminator's penalties, by torch.

Writes torch_penalties.npz beside itself: float64 computations with numbers
that float32 holds exactly, stored in float32. Arrays are in Keras's layout:
images channels last, kernels as Keras has them.

The critic: a convolution of 3 filters (3, 2), tanh, a transposed convolution
of 2 filters (2, 3) with strides (2, 1), softplus, and a dense layer of 1 unit
on the flat map; all with biases.

Keys: `real`, `fake`, `alpha`, `noise`; `weights/<i>`: kernels and biases,
layer by layer; `<penalty>/value`, and `<penalty>/<i>`: the gradient by weight
i (zeros where it is none). Penalties: `gradient_penalty`, `r1`, `r2`, `dragan`,
`orthonormal`, without their weights.
"""

import pathlib

import numpy as np
import torch
from torch.nn import functional as F

FILE = pathlib.Path(__file__).with_suffix(".npz")
# Of the weights: kernel and bias of each layer.
SHAPES = [(3, 2, 2, 3), (3,), (2, 3, 2, 3), (2,), (84, 1), (1,)]
IMAGES = (4, 5, 6, 2)


def exact(array):
    """The nearest numbers that float32 holds exactly."""
    return array.astype("float32").astype("float64")


def critic(images, weights):
    """Logits `[N]` of images `[N, H, W, C]`."""
    kernel, bias, transposed, transposed_bias, dense, dense_bias = weights
    x = images.permute(0, 3, 1, 2)
    # Keras: [kh, kw, in, out], of a transposed one [kh, kw, out, in].
    x = torch.tanh(F.conv2d(x, kernel.permute(3, 2, 0, 1), bias))
    x = F.conv_transpose2d(
        x, transposed.permute(3, 2, 0, 1), transposed_bias, stride=(2, 1)
    )
    x = F.softplus(x).permute(0, 2, 3, 1).flatten(1)
    return (x @ dense + dense_bias)[:, 0]


def slopes(images, weights):
    """`||grad D(x)||` of each image, by its own backward pass."""
    norms = []
    for image in images:
        image = image[None].detach().requires_grad_()
        (gradient,) = torch.autograd.grad(
            critic(image, weights).sum(), image, create_graph=True
        )
        norms.append(torch.linalg.vector_norm(gradient))
    return torch.stack(norms)


def orthonormal(weights):
    kernel, _, transposed, _, dense, _ = weights
    total = 0.0
    for matrix in (
        kernel.reshape(-1, 3).T,
        transposed.permute(2, 0, 1, 3).reshape(2, -1),
        dense.T,
    ):
        one = torch.eye(len(matrix), dtype=torch.float64)
        total = total + torch.linalg.matrix_norm(matrix @ matrix.T - one) ** 2
    return total


def main():
    random = np.random.default_rng(0)
    arrays = {
        "real": exact(random.uniform(-1, 1, IMAGES)),
        "fake": exact(random.uniform(-1, 1, IMAGES)),
        "alpha": exact(random.uniform(0, 1, (IMAGES[0], 1, 1, 1))),
        "noise": exact(random.uniform(0, 1, IMAGES)),
    }
    real, fake, alpha, noise = (torch.tensor(a) for a in arrays.values())
    initial = [exact(0.5 * random.normal(size=shape)) for shape in SHAPES]
    arrays |= {f"weights/{i}": w for i, w in enumerate(initial)}
    weights = [torch.tensor(w, requires_grad=True) for w in initial]

    def two_sided(images):
        return ((slopes(images, weights) - 1) ** 2).mean()

    deviation = real.std(unbiased=False)
    penalties = {
        "gradient_penalty": two_sided(real + alpha * (fake - real)),
        "r1": 0.5 * (slopes(real, weights) ** 2).mean(),
        "r2": 0.5 * (slopes(fake, weights) ** 2).mean(),
        "dragan": two_sided(real + alpha * 0.5 * deviation * noise),
        "orthonormal": orthonormal(weights),
    }
    for name, value in penalties.items():
        arrays[f"{name}/value"] = value.detach().numpy()
        gradients = torch.autograd.grad(
            value, weights, allow_unused=True, materialize_grads=True
        )
        for i, gradient in enumerate(gradients):
            arrays[f"{name}/{i}"] = gradient.numpy()
    np.savez_compressed(
        FILE, **{key: a.astype("float32") for key, a in arrays.items()}
    )


if __name__ == "__main__":
    main()
