"""Compiled functions of a generator, on either backend."""

import functools
import weakref

import keras
import numpy as np

from kerasgan.layers.reparametrization import given_kernels, reparametrizations

# generator -> its compiled functions; an entry goes with its generator.
_networks: "weakref.WeakKeyDictionary[keras.Model, _Network]" = (
    weakref.WeakKeyDictionary()
)


def compile_inference(generator, function, any_rows=False):
    """Compile a function of a generator in inference mode.

    The compiled form is kept as long as the generator lives and does not keep
    it alive. It reads the generator's variables at each call, and computes
    effective kernels when what they are made of has changed. On an NVIDIA GPU,
    JAX multiplies in float32 and not in TensorFloat-32.

    Args:
        generator: a built `keras.Model`.
        function: `function(forward, *tensors)` -> a tensor or a tuple of
            tensors, written with `keras.ops`; `forward(latents)` are the
            generator's images. Pass the same function object again to get the
            compiled form that is already there.
        any_rows: whether TensorFlow compiles one form for all lengths of the
            arguments' first axes.

    Returns:
        A function of the numpy arrays that returns numpy arrays. It holds the
        generator. Another shape or dtype of an argument compiles it once more.
    """
    if generator not in _networks:
        kind = _BACKENDS[keras.backend.backend()]
        _networks[generator] = kind(generator)
    network = _networks[generator]
    if (function, any_rows) not in network.forms:
        form = network.compile(function, any_rows)
        network.forms[function, any_rows] = form
    run = network.forms[function, any_rows]

    def call(*arrays):
        return run(network.kernels(), [np.asarray(array) for array in arrays])

    # `network` itself does not hold it.
    call.generator = generator
    return call


class _Network:
    """A generator, which is not held, its compiled functions and kernels."""

    def __init__(self, generator):
        self.forms = {}
        self._reference = weakref.ref(generator)
        self._has_kernels = bool(reparametrizations(generator))
        self._known = None

    def kernels(self):
        """Returns the effective kernels of the weights as they are now."""
        if not self._has_kernels:
            return []
        values = self.sources()
        identities = [self.identity(value) for value in values]
        known = self._known
        if known is None or known[1] != identities:
            # A value that is held never changes, and no other gets its place.
            known = self._known = values, identities, self.compute_kernels()
        return known[2]

    def effective_kernels(self):
        layers = reparametrizations(self._reference())
        return [layer.effective_kernel() for layer in layers]

    def forward(self, kernels):
        model = self._reference()

        def forward(latents):
            with given_kernels(reparametrizations(model), kernels):
                return model(latents, training=False)

        return forward


class _TensorFlowNetwork(_Network):
    @functools.cached_property
    def compute_kernels(self):
        import tensorflow as tf

        graph = tf.function(self.effective_kernels, autograph=False)
        return graph.get_concrete_function()

    @functools.cached_property
    def _reads(self):
        import tensorflow as tf

        # A variable's own methods take twice as long.
        read = tf.raw_ops.ReadVariableOp
        return [
            functools.partial(
                read, resource=variable.handle, dtype=variable.dtype
            )
            for variable in self.compute_kernels.variables
        ]

    def sources(self):
        """Returns the values of the variables that kernels are made of."""
        return [read() for read in self._reads]

    def identity(self, value):
        """Returns what differs for another value: where it is in memory.

        Reading a variable copies nothing, and an update of what was read goes
        to other memory.
        """
        if "CPU" not in value.backing_device:
            return object()
        return np.asarray(value).__array_interface__["data"][0]

    def compile(self, function, any_rows):
        import tensorflow as tf

        @tf.function(autograph=False)
        def graph(kernels, *tensors):
            return function(self.forward(kernels), *tensors)

        forms = {}

        def run(kernels, arrays):
            shapes = [
                (None, *x.shape[1:]) if any_rows else x.shape for x in arrays
            ]
            kind = tuple((x.dtype, s) for x, s in zip(arrays, shapes))
            if kind not in forms:
                # Called itself, `graph` would warn of "retracing" once a process
                # has five generators.
                specs = [tf.TensorSpec(shape, dtype) for dtype, shape in kind]
                forms[kind] = graph.get_concrete_function(kernels, *specs)
            outputs = forms[kind](kernels, *map(tf.constant, arrays))
            return tf.nest.map_structure(lambda x: x.numpy(), outputs)

        return run


class _JaxNetwork(_Network):
    def __init__(self, generator):
        super().__init__(generator)
        self._variables = generator.variables
        self._made_of = [
            variable
            for layer in reparametrizations(generator)
            for variable in layer.variables
        ]
        self.compute_kernels = self._jitted(self.effective_kernels)

    def sources(self):
        return [variable.value for variable in self._made_of]

    identity = staticmethod(id)

    def _jitted(self, function):
        import jax

        @jax.jit
        def graph(values, *arguments):
            # The variables are arguments: as constants they would never change.
            # `stateless_call` is without what Keras does around `call`, such
            # as leaving `training` out where a class does not take it.
            with keras.StatelessScope([*zip(self._variables, values)]):
                return function(*arguments)

        def run(*arguments):
            values = [variable.value for variable in self._variables]
            with jax.default_matmul_precision("highest"):
                return graph(values, *arguments)

        return run

    def compile(self, function, any_rows):
        import jax

        graph = self._jitted(
            lambda kernels, *tensors: function(self.forward(kernels), *tensors)
        )

        def run(kernels, arrays):
            return jax.tree.map(np.asarray, graph(kernels, *arrays))

        return run


_BACKENDS = {"tensorflow": _TensorFlowNetwork, "jax": _JaxNetwork}
