"""The inputs of a layer's conversion to ONNX, and the nodes that it adds."""

import numpy as np

from kerasgan import layers


class Unsupported(Exception):
    """A layer cannot be converted; its text goes behind the layer's type."""


class Call:
    """A layer, what it takes, and the nodes that it becomes.

    Attributes:
        layer: the layer.
        values: the arrays of its variables.
        shape: the shape of its first input, as Keras has it.
        shifted: whether what a `TPReLU` subtracts is subtracted already.
    """

    def __init__(self, target, graph, name, shifted):
        self._target, self._name, self._count = target, name, 0
        self.layer, self.values = graph.layers[name], graph.values[name]
        self.shifted = shifted
        sources = graph.inputs(name)
        self._sources = [source for source, _ in sources]
        self._layers = graph.layers
        self.shape = sources[0][1]
        self.rank = len(self.shape)

    def inputs(self):
        return [self.input(at) for at in range(len(self._sources))]

    def input(self, at=0):
        """Returns the tensor of an input."""
        one_hot = self._one_hot(at)
        if one_hot is not None:
            rows = np.eye(one_hot.num_classes, dtype=np.float32)
            return self._gather(at, "one_hot", rows)
        return self._target.tensors[self._sources[at]]

    def product(self, at, name, matrix):
        """Returns the product of an input `[N, K]` and a stored matrix `[K, ...]`."""
        if self._one_hot(at) is not None:
            # Labels out of range are errors, and one-hots would be zeros.
            return self._gather(at, name, matrix)
        return self.node(
            "MatMul", [self.input(at), self.constant(name, matrix, True)]
        )

    def _one_hot(self, at):
        layer = self._layers[self._sources[at]]
        return layer if type(layer) is layers.OneHot else None

    def _gather(self, at, name, rows):
        labels = self._target.tensors[self._sources[at]]
        return self.node("Gather", [self.constant(name, rows, True), labels])

    def constant(self, name, array, stored=False):
        """Returns a constant; `stored` are those that may be in float16."""
        return self._target.constant(f"{self._name}:{name}", array, stored)

    def along(self, name, vector):
        """Returns a constant, one value a channel."""
        axes = (1, 1) if self.rank == 4 else ()
        vector = np.asarray(vector, np.float32)
        return self.constant(name, vector.reshape(-1, *axes))

    def node(self, operator, inputs, **attributes):
        """Adds a node and returns its output."""
        self._count += 1
        more = f"_{self._count}" if self._count > 1 else ""
        output = f"{self._name}:{operator}{more}"
        self._target.add(operator, inputs, output, **attributes)
        return output

    def require(self, right, what):
        if not right:
            raise Unsupported(f" with {what}")
