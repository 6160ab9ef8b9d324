"""A residual network that begins with what a DCGAN has learned."""

import re
from collections import Counter

import numpy as np

from kerasgan.layers import TPReLU
from kerasgan.typing import Any

_JOIN = re.compile(r"level_(\d+)_block_\d+_join")


def deepen(shallow: Any, deep: Any, slope: float = 0.95) -> None:
    """Give a residual network the function of a DCGAN's of the same widths.

    Each convolution of the DCGAN goes into the one that changes the size in
    the residual network's level. What else lies on the way passes on what it
    gets: 3x3 kernels have a one in the middle and zeros around it, sums
    coefficients of 0 and 1, the additional activations (nearly) the same slope
    on both sides. The weights of residues and shortcuts that do not count yet
    stay as they are. So a training goes on, with more layers, from where that
    of the shallow network ended.

    With a `slope` of 1 the function is the same up to rounding. But a `TPReLU`
    keeps its slopes in [0, 1]; those that an update moves beyond have no
    gradient any more, and with 1 each that the first update would raise stays
    there for good.

    Args:
        shallow: a generator or discriminator of `dcgan`, with the
            normalization `weight` or `weight-affine`.
        deep: that of `resnet` with the same normalization, upsampling,
            activation and sizes, and the same channels at each level. Its
            weights are changed.
        slope: that of the additional `TPReLU` layers, in (0, 1]. Defaults to
            0.95.

    Raises:
        ValueError: the networks are no such pair, and no weight was changed.

    References:
        Chen, Goodfellow & Shlens, arXiv 1511.05641, section 2.3 (Net2Net);
        Wei et al., arXiv 1603.01670 (network morphism).
    """
    if not 0 < slope <= 1:
        raise ValueError(
            f"Argument `slope` must lie in (0, 1]. Received: slope={slope}"
        )
    plans = {"generator": _generator, "discriminator": _discriminator}
    counts = Counter(
        int(found[1])
        for layer in deep.layers
        if (found := _JOIN.fullmatch(layer.name))
    )
    if not counts or shallow.name != deep.name or deep.name not in plans:
        raise ValueError(
            "deepen takes a DCGAN's network and a residual one, both "
            f"generators or both discriminators. Received: {shallow.name} and "
            f"{deep.name} with {len(counts)} residual levels"
        )
    blocks = [counts[level] for level in range(len(counts))]
    pair = _Pair(shallow, deep, slope)
    plans[deep.name](pair, blocks)
    pair.assign()


def _generator(pair, blocks):
    top = len(blocks) - 1
    if blocks[top] < 2:
        raise ValueError(
            "deepen expects two blocks or more in a generator's first level, "
            f"that of the fewest pixels. Received: blocks={blocks}"
        )
    pair.copy("stem", "stem")
    pair.pass_on("stem_activation")
    for level in range(top, -1, -1):
        for block in range(blocks[level]):
            name = f"level_{level}_block_{block}"
            widens = block == blocks[level] - 1
            pair.join(f"{name}_join", residue=widens)
            if widens:
                kind = pair.kind(f"level_{level}")
                pair.pass_on(f"{name}_first_transposed")
                pair.pass_on(f"{name}_first_activation")
                pair.copy(f"{name}_second_{kind}", f"level_{level}_{kind}")
            if level == 0 and widens:
                pair.copy(f"{name}_finish", f"level_0_{kind}")
            elif widens:
                pair.copy(f"{name}_activation", f"level_{level}_activation")
            elif level == top and block == 0:
                # Behind the first dense layer there is one of another kind.
                pair.copy(f"{name}_activation", "stem_activation")
            else:
                pair.pass_on(f"{name}_activation")


def _discriminator(pair, blocks):
    for level, count in enumerate(blocks):
        for block in range(count):
            name = f"level_{level}_block_{block}"
            halves = block == 0
            pair.join(f"{name}_join", residue=halves)
            if halves:
                first, theirs = f"{name}_first", f"level_{level}"
                pair.copy(f"{first}_convolution", f"{theirs}_convolution")
                pair.pass_on(f"{first}_activation")
                pair.pass_on(f"{name}_second_convolution")
                pair.copy(f"{name}_activation", f"{theirs}_activation")
            else:
                pair.pass_on(f"{name}_activation")
    pair.copy("head", "head")


class _Pair:
    """Two networks, and what the layers of the deep one are to get."""

    def __init__(self, shallow, deep, slope):
        self._shallow = {layer.name: layer for layer in shallow.layers}
        self._deep = {layer.name: layer for layer in deep.layers}
        self._slope = slope
        self._planned = {}
        self._copied = set()

    def kind(self, name):
        """How the DCGAN doubles its map: what its layer's name ends in."""
        kinds = ("transposed", "convolution")
        return next(
            (k for k in kinds if f"{name}_{k}" in self._shallow), kinds[0]
        )

    def copy(self, name, theirs):
        """A layer like one of the DCGAN.

        What is copied already is not copied again: where the scale and offset
        behind the last convolution are a layer of their own, they go there,
        and otherwise they stay with it.
        """
        values = self._passing(name)
        for key, value in self._values(self._shallow, theirs).items():
            if key in values and (theirs, key) not in self._copied:
                if value.shape != values[key].shape:
                    raise ValueError(
                        "deepen expects the same channels at each level, "
                        "normalization and activation. "
                        f"Received: {key} of shape {value.shape} in {theirs}, "
                        f"and of shape {values[key].shape} in {name}"
                    )
                values[key] = value
                self._copied.add((theirs, key))
        self._planned[name] = values

    def pass_on(self, name):
        """A layer that passes on what it gets."""
        self._planned[name] = self._passing(name)

    def join(self, name, residue):
        """A sum that is the residue alone, or the shortcut alone."""
        values = self._values(self._deep, name)
        if set(values) != {"coefficients"}:
            raise ValueError(
                "deepen expects weight-normalized sums, as the normalizations "
                f"weight and weight-affine have them. Received: {name} is of "
                f"the class {type(self._deep[name]).__name__}"
            )
        values["coefficients"][:] = [[1], [0]] if residue else [[0], [1]]
        self._planned[name] = values

    def assign(self):
        """Give all layers what was planned."""
        left = [
            f"{name}.{key}"
            for name in self._shallow
            for key in self._values(self._shallow, name)
            if (name, key) not in self._copied
        ]
        if left:
            raise ValueError(
                "deepen expects a residual network with as many levels and the "
                "same normalization and activation as the DCGAN's. Received: "
                f"one without a place for {', '.join(left)}"
            )
        for name, values in self._planned.items():
            # In the order of the layer's own weights.
            self._deep[name].set_weights(list(values.values()))

    def _passing(self, name):
        values = self._values(self._deep, name)
        for key, value in values.items():
            if key == "kernel":
                if value.ndim == 4 and value.shape[2] == value.shape[3]:
                    rows, columns, channels, _ = value.shape
                    value[:] = 0
                    value[rows // 2, columns // 2] = np.eye(channels)
            elif key == "alpha":
                strict = isinstance(self._deep[name], TPReLU)
                value[:] = self._slope if strict else 1
            else:
                value[:] = key == "gamma"
        return values

    @staticmethod
    def _values(layers, name):
        if name not in layers:
            raise ValueError(
                "deepen expects networks with the same levels and upsampling. "
                f"Received: one without a layer {name}"
            )
        layer = layers[name]
        return {
            weight.name: array
            for weight, array in zip(layer.weights, layer.get_weights())
        }
