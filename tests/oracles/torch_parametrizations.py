"""Golden files of torch's spectral and weight normalization.

Writes torch_linear.npz, torch_conv2d.npz and torch_conv_transpose2d.npz beside
itself: float64 computations with numbers that float32 holds exactly, stored in
float32. Every array is in Keras's layout: channels last, kernels as Keras has
them, the vector v flat over the kernel's axes but the output one.

Keys: `x`, `target`, `kernel`, `bias`, `u`, `calls`, and

- `hook_<iterations>/<name>`: torch.nn.utils.spectral_norm, the kernel as it
  is. `parametrization_<iterations>/<name>`: the one of
  torch.nn.utils.parametrizations, which takes its two half steps in the other
  order (u from v, then v from u) and is therefore given the v that belongs to
  the first u. Names: `u`, `v`, `sigma`, `output`, and the gradients
  `by_kernel` (the raw weight) and `by_input`, of training call number
  `calls[i]`.
- `descent_<iterations>/<name>`: the hook, with a step of gradient descent of
  rate `rate` after every call; `output` of the call and `u`, `kernel` after it.
- `weight_norm_<lengths>/<name>`: parametrizations.weight_norm with g = ||v||
  (norm), random or 1; `g`, `output`, and the gradients `by_kernel` (v), `by_g`,
  `by_bias`, `by_input`. `weight_norm_default/g` is what torch makes of the kernel without
  being told the axis.

All gradients are those of the mean of (output - target)^2.
"""

import pathlib

import numpy as np
import torch
from torch.nn.functional import normalize
from torch.nn.utils import parametrizations, spectral_norm

FOLDER = pathlib.Path(__file__).parent
CALLS = (1, 5, 50)
RATE = 0.5

# class, arguments, input and kernel as Keras has them, output axis of torch's
# kernel
LAYERS = {
    "linear": (torch.nn.Linear, (5, 4), {}, (6, 5), (5, 4), 0),
    "conv2d": (
        torch.nn.Conv2d,
        (2, 3, (3, 2)),
        {"stride": (1, 2)},
        (3, 5, 6, 2),
        (3, 2, 2, 3),
        0,
    ),
    "conv_transpose2d": (
        torch.nn.ConvTranspose2d,
        (4, 3, (3, 4)),
        {"stride": (1, 2)},
        (2, 3, 2, 4),
        (3, 4, 3, 4),
        1,
    ),
}


def exact(array):
    """The nearest numbers that float32 holds exactly."""
    return array.astype("float32").astype("float64")


class Oracle:
    """One layer, and what goes in and comes out of it in Keras's layout."""

    def __init__(self, name, random):
        kind, sizes, options, x_shape, kernel_shape, axis = LAYERS[name]
        self.make = lambda: kind(*sizes, **options, dtype=torch.float64)
        self.axis = axis
        self.images = len(x_shape) == 4
        self.x = exact(random.normal(size=x_shape) + 0.5)
        self.kernel = exact(1.5 * random.normal(size=kernel_shape))
        self.bias = exact(0.3 * random.normal(size=self.make().bias.shape))
        u = random.normal(size=self.bias.shape)
        self.u = exact(u / np.linalg.norm(u))
        module = self.module()
        y = module(self.to_torch(self.x)).detach()
        self.target = exact(random.normal(size=self.from_torch(y).shape))

    def module(self):
        module = self.make()
        with torch.no_grad():
            module.weight.copy_(self.weight(self.kernel))
            module.bias.copy_(torch.tensor(self.bias))
        return module

    def to_torch(self, array):
        array = torch.tensor(array)
        return array.permute(0, 3, 1, 2) if self.images else array

    def from_torch(self, tensor):
        tensor = tensor.detach()
        return (tensor.permute(0, 2, 3, 1) if self.images else tensor).numpy()

    def weight(self, kernel):
        # Keras: [kh, kw, in, out], of a transposed one [kh, kw, out, in];
        # torch: [out, in, kh, kw] and [in, out, kh, kw].
        kernel = torch.tensor(kernel)
        return kernel.permute(3, 2, 0, 1) if self.images else kernel.T

    def from_weight(self, weight):
        weight = weight.detach()
        return (weight.permute(2, 3, 1, 0) if self.images else weight.T).numpy()

    def from_rest(self, v, weight):
        """A vector over torch's axes but the output one, in Keras's order."""
        if not self.images:
            return v.numpy()
        sizes = [n for i, n in enumerate(weight.shape) if i != self.axis]
        return v.reshape(sizes).permute(1, 2, 0).reshape(-1).numpy()

    def matrix(self, weight):
        return weight.detach().movedim(self.axis, 0).flatten(1)

    def run(self, module, *weights):
        """Output, and gradients of the loss by weights and input."""
        x = self.to_torch(self.x).requires_grad_()
        y = module(x)
        loss = torch.mean((y - self.to_torch(self.target)) ** 2)
        return self.from_torch(y), torch.autograd.grad(loss, [*weights, x])


def stack(states):
    return {key: np.stack(value) for key, value in states.items()}


def spectral(oracle, iterations, parametrized):
    module = oracle.module()
    u = torch.tensor(oracle.u)
    if parametrized:
        parametrizations.spectral_norm(module, n_power_iterations=iterations)
        weight = module.parametrizations.weight.original
        state = module.parametrizations.weight[0]
        vectors = state._u, state._v
        vectors[1].copy_(normalize(oracle.matrix(weight).T @ u, dim=0))
    else:
        spectral_norm(module, n_power_iterations=iterations)
        weight = module.weight_orig
        vectors = module.weight_u, module.weight_v
    vectors[0].copy_(u)
    names = ("u", "v", "sigma", "output", "by_kernel", "by_input")
    states = {name: [] for name in names}
    for call in range(1, CALLS[-1] + 1):
        output, (by_kernel, by_input) = oracle.run(module, weight)
        if call not in CALLS:
            continue
        u, v = (vector.detach().clone() for vector in vectors)
        states["u"].append(u.numpy())
        states["v"].append(oracle.from_rest(v, weight))
        states["sigma"].append((u @ oracle.matrix(weight) @ v).numpy())
        states["output"].append(output)
        states["by_kernel"].append(oracle.from_weight(by_kernel))
        states["by_input"].append(oracle.from_torch(by_input))
    return stack(states)


def descent(oracle, iterations):
    module = oracle.module()
    spectral_norm(module, n_power_iterations=iterations)
    module.weight_u.copy_(torch.tensor(oracle.u))
    states = {name: [] for name in ("output", "u", "kernel", "bias")}
    for call in range(1, CALLS[-1] + 1):
        weights = [module.weight_orig, module.bias]
        output, (*gradients, _) = oracle.run(module, *weights)
        with torch.no_grad():
            for weight, gradient in zip(weights, gradients):
                weight -= RATE * gradient
        if call in CALLS:
            states["output"].append(output)
            states["u"].append(module.weight_u.numpy().copy())
            states["kernel"].append(oracle.from_weight(weights[0]).copy())
            states["bias"].append(weights[1].detach().numpy().copy())
    return stack(states)


def weight_norm(oracle, lengths):
    module = oracle.module()
    parametrizations.weight_norm(module, dim=oracle.axis)
    g, v = (
        module.parametrizations.weight.original0,
        module.parametrizations.weight.original1,
    )
    if lengths is not None:
        with torch.no_grad():
            g.copy_(torch.tensor(lengths).reshape(g.shape))
    gradients = oracle.run(module, v, g, module.bias)
    output, (by_kernel, by_g, by_bias, by_input) = gradients
    return {
        "g": g.detach().flatten().numpy(),
        "output": output,
        "by_kernel": oracle.from_weight(by_kernel),
        "by_g": by_g.flatten().numpy(),
        "by_bias": by_bias.numpy(),
        "by_input": oracle.from_torch(by_input),
    }


def default_axis(oracle):
    module = parametrizations.weight_norm(oracle.module())
    return {
        "g": module.parametrizations.weight.original0.detach().flatten().numpy()
    }


def main():
    for number, name in enumerate(LAYERS):
        random = np.random.default_rng(number)
        oracle = Oracle(name, random)
        lengths = exact(random.uniform(-2, 2, oracle.bias.shape))
        groups = {"weight_norm_default": default_axis(oracle)}
        for key, g in (
            ("norm", None),
            ("random", lengths),
            ("one", np.ones_like(lengths)),
        ):
            groups[f"weight_norm_{key}"] = weight_norm(oracle, g)
        for iterations in (1, 3):
            groups[f"hook_{iterations}"] = spectral(oracle, iterations, False)
            groups[f"parametrization_{iterations}"] = spectral(
                oracle, iterations, True
            )
            groups[f"descent_{iterations}"] = descent(oracle, iterations)
        found = {
            key: getattr(oracle, key)
            for key in ("x", "target", "kernel", "bias", "u")
        }
        found["rate"] = np.array(RATE)
        for group, arrays in groups.items():
            found |= {f"{group}/{key}": value for key, value in arrays.items()}
        found = {key: value.astype("float32") for key, value in found.items()}
        np.savez_compressed(
            FOLDER / f"torch_{name}.npz", calls=np.array(CALLS), **found
        )


if __name__ == "__main__":
    main()
