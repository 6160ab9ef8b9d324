"""The only place that uses names of Keras and its backends that are not public.

Each function says why no public name serves. They were checked with Keras 3.14
to 3.15, TensorFlow 2.20 to 2.21 and JAX 0.5 to 0.10, hence the upper bounds in
`setup.cfg`. A newer version can be admitted once this module works with it.
Nothing is imported before it is needed.
"""

import contextlib
import functools
from typing import TYPE_CHECKING

from kerasgan.utils.typing import Any, Callable

if TYPE_CHECKING:
    import keras


def flatten_layers(
    layer: "keras.layers.Layer", include_self: bool = True
) -> "list[keras.layers.Layer]":
    """Returns the layers inside of a layer or model, at any depth.

    `keras.Model.layers` has one level, and nothing of what a wrapper or a
    layer with layers as attributes holds.
    """
    return layer._flatten_layers(include_self=include_self)


def origin(tensor: "keras.KerasTensor") -> tuple[Any, list]:
    """Returns the operation that made a symbolic tensor, and its arguments.

    A functional model lists its operations, but not which tensor goes where.
    """
    operation, node_index, _ = tensor._keras_history
    return operation, operation._inbound_nodes[node_index].arguments.args


def lambda_output_shape(layer: "keras.layers.Lambda") -> Any:
    """Returns the `output_shape` that a Lambda layer was made with.

    Its configuration has a serialized form, which loses what the function
    refers to.
    """
    return layer._output_shape


def moving_averages(optimizer: "keras.Optimizer") -> list[tuple]:
    """Returns `(weight, average)` pairs of an optimizer with `use_ema=True`.

    Keras overwrites the weights with their averages, and checks neither
    whether a step was made nor which weights these are.

    Returns:
        No pair before the first step. On JAX a step that failed took the values
        with it.
    """
    steps = optimizer._iterations
    if steps._value is None or int(steps.numpy()) == 0:
        return []
    return list(
        zip(
            optimizer._trainable_variables,
            optimizer._model_variables_moving_average,
        )
    )


def initialize_by(variable: "keras.Variable", initializer: Callable) -> None:
    """Changes how a variable begins whose initialization is deferred.

    Without it random numbers are drawn for what is loaded afterwards.

    Args:
        variable: made in a `keras.StatelessScope`, which has not ended.
        initializer: a function of a shape and a dtype.
    """
    variable._initializer = initializer


def without_autocast() -> Any:
    """Returns a context in which variables are read in their own dtype.

    Under mixed precision the call of a layer casts every variable that is read
    inside of it, also those of other layers.
    """
    from keras.src.backend import AutocastScope

    return AutocastScope(None)


def gradient_function(operation: str) -> Callable | None:
    """Returns the function of TensorFlow's gradient of an operation, or None.

    Without it a missing derivative shows in the first step, or never.
    """
    from tensorflow.python.framework.ops import gradient_registry

    try:
        return gradient_registry.lookup(operation)
    except LookupError:
        return None


def replace_gradient(operation: str, function: Callable) -> None:
    """Registers the gradient of a TensorFlow operation that has one.

    `tf.RegisterGradient` raises an error if there is one.
    """
    import tensorflow as tf
    from tensorflow.python.framework.ops import gradient_registry

    del gradient_registry._registry[operation]
    tf.RegisterGradient(operation)(function)


def replace_moments(replacement: Callable[[Callable], Callable]) -> None:
    """Replaces what `tf.nn.moments` calls, in whatever module that was imported.

    Args:
        replacement: takes the present function of `(x, axes, ...)` and returns
            the new one.
    """
    from tensorflow.python.ops import nn_impl

    nn_impl.moments = replacement(nn_impl.moments)


def replace_sums(add_n: Callable, add: Callable, subtract: Callable) -> None:
    """Replaces what sums and differences call.

    `tf.gradients` has a choice of how to add; `tf.GradientTape` has none, and
    nothing has of what the graph optimizer joins.

    Args:
        add_n: takes the present function of `(inputs, name)` and returns the
            new one.
        add, subtract: the same for the functions of `(x, y, name)`.
    """
    from tensorflow.python.ops import gen_math_ops

    gen_math_ops.add_n = add_n(gen_math_ops.add_n)
    gen_math_ops.add_v2 = add(gen_math_ops.add_v2)
    gen_math_ops.sub = subtract(gen_math_ops.sub)


def replace_dropout(replacement: Callable[[Callable], Callable]) -> None:
    """Replaces what Keras's dropout layers call on TensorFlow.

    It draws for the tensor that it is given, alike on every replica.

    Args:
        replacement: takes the present function of `(inputs, rate, noise_shape,
            seed)` and returns the new one.
    """
    from keras.src.backend.tensorflow import random

    random.dropout = replacement(random.dropout)


def let_replicas_be_numbers() -> None:
    """Gives variables of tf.distribute what `int(...)` and `float(...)` call.

    Other variables of TensorFlow have it, and Keras's variables rely on it.
    """
    from tensorflow.python.distribute.values import DistributedVariable

    for name, kind in (("__int__", int), ("__float__", float)):
        if not hasattr(DistributedVariable, name):
            setattr(DistributedVariable, name, _as_number(kind))


def _as_number(kind):
    return lambda variable: kind(variable.numpy())


def is_distributed() -> bool:
    """Returns whether `jax.distributed.initialize` was called.

    JAX 0.5 has no public name for it.
    """
    from jax._src import distributed

    return distributed.global_state.client is not None


@contextlib.contextmanager
def replaced_coordination(service: Callable, client: Callable) -> Any:
    """Replaces what `jax.distributed.initialize` makes, while the block runs.

    It has no argument for what happens when a worker has gone, and it catches
    SIGTERM in C++, for a service that not all versions can do without.

    Args:
        service: takes the function that starts the service, and its arguments.
        client: takes the function that makes a client, and its arguments.
    """
    from jax._src import distributed

    library = getattr(distributed, "_jax", None)
    if library is None:  # JAX 0.5
        library = distributed.xla_extension
    names = {
        "get_distributed_runtime_service": service,
        "get_distributed_runtime_client": client,
        "create_preemption_sync_manager": lambda make: _NoPreemption(),
    }
    before = {name: getattr(library, name) for name in names}
    for name, replacement in names.items():
        setattr(library, name, functools.partial(replacement, before[name]))
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(library, name, function)


class _NoPreemption:
    def initialize(self, client):
        pass

    def shutdown(self):
        pass


def weights_file(model: "keras.Model") -> bytes:
    """Returns what `model.save_weights` writes, in memory.

    It takes a path alone, and HDF5 crashes the process where a disk is full or
    a file may not get larger.
    """
    import io

    from keras.src.saving import saving_lib

    memory = io.BytesIO()
    store = saving_lib.H5IOStore(memory, mode="w")
    saving_lib._save_state(
        model,
        weights_store=store,
        assets_store=None,
        inner_path="",
        visited_saveables=set(),
    )
    store.close()
    return memory.getvalue()


def with_litert_metadata(content: bytes, name: str, metadata: bytes) -> bytes:
    """Returns a LiteRT file with one metadata buffer more.

    The converter writes those that it makes itself; the schema is public as a
    file of flatbuffers, not as a module.
    """
    from tensorflow.lite.python.schema_py_generated import BufferT, MetadataT
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    buffer, entry = BufferT(), MetadataT()
    buffer.data = metadata
    entry.name, entry.buffer = name.encode(), len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    return flatbuffer_utils.convert_object_to_bytearray(model)


def with_litert_halves(content: bytes, least: int) -> bytes:
    """Returns a LiteRT file whose large constants are stored in float16.

    They are cast to float32 as in files of the converter, which rounds the
    small ones, too.

    Args:
        content: the file.
        least: how many elements a constant has that is rounded.
    """
    import numpy as np
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model_from_bytearray(bytearray(content))
    code = schema.OperatorCodeT()
    code.builtinCode = schema.BuiltinOperator.DEQUANTIZE
    code.deprecatedBuiltinCode = code.builtinCode
    # The first one that takes float16.
    code.version = 3
    model.operatorCodes.append(code)
    float32, float16 = schema.TensorType.FLOAT32, schema.TensorType.FLOAT16
    rounded = set()
    for graph in model.subgraphs:
        casts = []
        for index, tensor in enumerate([*graph.tensors]):
            buffer = model.buffers[tensor.buffer]
            size = 0 if buffer.data is None else len(buffer.data)
            # Tensors may share a buffer.
            if tensor.buffer not in rounded:
                if tensor.type != float32 or size < 4 * least:
                    continue
                values = np.frombuffer(bytes(buffer.data), "<f4")
                rounded_values = values.astype("<f2").tobytes()
                buffer.data = np.frombuffer(rounded_values, np.uint8)
                rounded.add(tensor.buffer)
            half = schema.TensorT()
            half.type, half.shape = float16, tensor.shape
            half.name, half.buffer = tensor.name, tensor.buffer
            # The empty buffer: it is computed.
            tensor.name, tensor.buffer = tensor.name + b":float32", 0
            cast = schema.OperatorT()
            cast.opcodeIndex = len(model.operatorCodes) - 1
            cast.inputs, cast.outputs = [len(graph.tensors)], [index]
            graph.tensors.append(half)
            casts.append(cast)
        graph.operators = casts + graph.operators
    return flatbuffer_utils.convert_object_to_bytearray(model)


def training_writer(board):
    """Returns the writer of the training's events of a Keras `TensorBoard`.

    One of our own would write a further file of events for each image.
    """
    return board._train_writer
