"""Compiled functions of a generator, on either backend."""

import functools
import threading
import weakref

import keras
import numpy as np

from kerasgan.layers.reparametrization import given_kernels, reparametrizations

# generator -> its compiled functions; an entry goes with its generator.
_networks: "weakref.WeakKeyDictionary[keras.Model, _Network]" = (
    weakref.WeakKeyDictionary()
)


def compile_inference(generator, function):
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

    Returns:
        A function of the numpy arrays that returns numpy arrays. It holds the
        generator. Another shape or dtype of an argument compiles it once more.
    """
    run = _form(generator, "compile", function)
    return lambda *arrays: run(arrays)


def compile_batches(generator, function):
    """Compile a function of a generator for several batches in one call.

    The rest is as of `compile_inference`.

    Args:
        generator: a built `keras.Model`.
        function: `function(forward, *tensors)` -> a tensor, as of
            `compile_inference`, all with one first axis, of rows.

    Returns:
        A function: a list of batches, each a list of numpy arrays -> the rows
        of all as one numpy array. Each batch is computed by itself: kernels
        for other numbers of rows round differently. TensorFlow computes them
        at the same time, and compiles one form for each number of batches.
    """
    return _form(generator, "compile_batches", function)


def _form(generator, kind, function):
    if generator not in _networks:
        _networks[generator] = _BACKENDS[keras.backend.backend()](generator)
    network = _networks[generator]
    if (kind, function) not in network.forms:
        network.forms[kind, function] = getattr(network, kind)(function)
    run = network.forms[kind, function]

    def call(arrays):
        return run(network.kernels(), arrays)

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
        self._lock = threading.Lock()

    def kernels(self):
        """Returns the effective kernels of the weights as they are now."""
        if not self._has_kernels:
            return []
        with self._lock:
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
    """Its compiled functions read the kernels from variables.

    As arguments, TensorFlow would check each of them in each call.
    """

    def __init__(self, generator):
        super().__init__(generator)
        self._kernels = []

    @functools.cached_property
    def _computed(self):
        import tensorflow as tf

        graph = tf.function(self.effective_kernels, autograph=False)
        return graph.get_concrete_function()

    def compute_kernels(self):
        import tensorflow as tf

        kernels = self._computed()
        if not self._kernels:
            self._kernels = [tf.Variable(x, trainable=False) for x in kernels]
        else:
            for variable, kernel in zip(self._kernels, kernels):
                variable.assign(kernel)
        # Another list for other values.
        return [*self._kernels]

    @functools.cached_property
    def _reads(self):
        import tensorflow as tf

        # A variable's own methods take twice as long.
        read = tf.raw_ops.ReadVariableOp
        return [
            functools.partial(
                read, resource=variable.handle, dtype=variable.dtype
            )
            for variable in self._computed.variables
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

    def compile(self, function):
        import tensorflow as tf

        form = self._forms(function, lambda outputs: outputs[0])

        def run(_, arrays):
            arrays = [np.asarray(x) for x in arrays]
            kinds = [(x.shape, x.dtype) for x in arrays]
            outputs = form(1, *kinds)(*map(tf.constant, arrays))
            return tf.nest.map_structure(lambda x: x.numpy(), outputs)

        return run

    def compile_batches(self, function):
        import tensorflow as tf

        form = self._forms(function, lambda outputs: tf.concat(outputs, 0))

        def run(_, batches):
            kinds = [((None, *x.shape[1:]), x.dtype) for x in batches[0]]
            tensors = [tf.constant(x) for batch in batches for x in batch]
            return form(len(batches), *kinds)(*tensors).numpy()

        return run

    def _forms(self, function, join):
        """Returns what compiles a function for a number of batches.

        Called itself, a `tf.function` would warn of "retracing" once a process
        has five generators.

        Args:
            function: as of `compile_inference`.
            join: a function of the batches' outputs.

        Returns:
            A function of the number and of the shape and dtype of each argument
            of a batch: the compiled function of the arguments of all batches.
        """
        import tensorflow as tf

        @functools.cache
        def form_of_one(*kinds):
            @tf.function(autograph=False)
            def graph(kernels, *tensors):
                return function(self.forward(kernels), *tensors)

            kernels = [tf.TensorSpec(x.shape, x.dtype) for x in self._kernels]
            specs = [tf.TensorSpec(*kind) for kind in kinds]
            return graph.get_concrete_function(kernels, *specs)

        @functools.cache
        def form(count, *kinds):
            one = form_of_one(*kinds)

            # TensorFlow never forgets a graph with custom gradients: that of the
            # network must not hold the kernels.
            @tf.function(autograph=False)
            def graph(*tensors):
                kernels = [variable.read_value() for variable in self._kernels]
                starts = range(0, len(tensors), len(kinds))
                batches = [tensors[i : i + len(kinds)] for i in starts]
                return join([one(kernels, *batch) for batch in batches])

            specs = [tf.TensorSpec(*kind) for kind in kinds]
            return graph.get_concrete_function(*specs * count)

        return form


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

    def compile(self, function):
        import jax

        graph = self._jitted(
            lambda kernels, *tensors: function(self.forward(kernels), *tensors)
        )

        def run(kernels, arrays):
            return jax.tree.map(np.asarray, graph(kernels, *arrays))

        return run

    def compile_batches(self, function):
        run = self.compile(function)

        def run_all(kernels, batches):
            # A copy also of one: what JAX returns cannot be written to.
            return np.concatenate([run(kernels, batch) for batch in batches])

        return run_all


_BACKENDS = {"tensorflow": _TensorFlowNetwork, "jax": _JaxNetwork}
