"""Compiled functions of a generator, on either backend."""

import weakref

import keras
import numpy as np

# generator -> {function: its compiled form}; an entry goes with its generator.
_compiled = weakref.WeakKeyDictionary()


def compile_inference(generator, function):
    """Compile a function of a generator in inference mode.

    The compiled form is kept as long as the generator lives and does not keep
    it alive. It reads the generator's variables at each call. On an NVIDIA
    GPU, JAX multiplies in float32 and not in TensorFloat-32.

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
    forms = _compiled.setdefault(generator, {})
    if function not in forms:
        compiled = _BACKENDS[keras.backend.backend()]
        forms[function] = compiled(weakref.ref(generator), function)
    run = forms[function]

    def call(*arrays):
        return run(generator, *(np.asarray(array) for array in arrays))

    return call


def _compile_tensorflow(reference, function):
    import tensorflow as tf

    @tf.function(autograph=False)
    def graph(*tensors):
        return function(
            lambda latents: reference()(latents, training=False), *tensors
        )

    def run(generator, *arrays):
        return tf.nest.map_structure(lambda x: x.numpy(), graph(*arrays))

    return run


def _compile_jax(reference, function):
    import jax

    @jax.jit
    def graph(trainable, non_trainable, *tensors):
        # The variables are arguments: as constants they would never change.
        def forward(latents):
            model = reference()
            # `stateless_call` is without what Keras does around `call`, such
            # as leaving `training` out where a class does not take it.
            state = [
                *zip(model.trainable_variables, trainable),
                *zip(model.non_trainable_variables, non_trainable),
            ]
            with keras.StatelessScope(state):
                return model(latents, training=False)

        return function(forward, *tensors)

    def run(generator, *arrays):
        with jax.default_matmul_precision("highest"):
            outputs = graph(
                [variable.value for variable in generator.trainable_variables],
                [
                    variable.value
                    for variable in generator.non_trainable_variables
                ],
                *arrays,
            )
        return jax.tree.map(np.asarray, outputs)

    return run


_BACKENDS = {"tensorflow": _compile_tensorflow, "jax": _compile_jax}
