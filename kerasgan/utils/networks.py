"""Shapes and copies of Keras models, however they were written."""

import inspect
import re
import warnings

import keras

from kerasgan.utils.private_names import flatten_layers, lambda_output_shape


def is_graph(network):
    """Returns whether a model is a graph of layers without its own `call`."""
    graph = isinstance(network, keras.Sequential) or hasattr(
        network, "operations"
    )
    return graph and type(network).call.__module__.startswith("keras.")


def input_shape(network):
    """Returns the shape that a model takes, with any number of rows.

    Args:
        network: a `keras.Model`.

    Returns:
        `(None, ...)`; a structure of such shapes if the model has several
        inputs; or None if the model is not built.
    """
    if is_graph(network) or not isinstance(network, keras.Model):
        return getattr(network, "input_shape", None)
    config = network.get_build_config() or {}
    shape = config.get("input_shape", config.get("shapes_dict"))
    return shape and keras.tree.map_shape_structure(
        lambda tensor_shape: (None, *tensor_shape[1:]), shape
    )


def output_shape(network):
    """Returns the shape of what a built model returns.

    Args:
        network: a built `keras.Model`.

    Returns:
        `(None, ...)`, or a structure of such shapes if the model has several
        outputs.
    """
    if isinstance(network, keras.Sequential) and is_graph(network):
        return network.output_shape
    if is_graph(network):
        # `network.output_shape` hides a dictionary or list of one.
        return _shapes(network.output)
    return build(network, input_shape(network))


def build(network, shape):
    """Makes the weights of a model by calling it on a symbolic input.

    Args:
        network: a `keras.Model`, which may be built.
        shape: that of its input, `(None, ...)`; or a list of two, those of a
            tensor and of labels.

    Returns:
        The shape of the output, or a structure of shapes.
    """
    return _shapes(network(symbolic(shape)))


def symbolic(shape):
    """Returns the symbolic input of a model, or of a conditional one the two.

    Args:
        shape: as of `build`.
    """
    if shape and isinstance(shape[0], (list, tuple)):
        first, labels = shape
        return [keras.Input(first[1:]), keras.Input(labels[1:], dtype="int32")]
    return keras.Input(shape[1:])


def with_labels(x, labels):
    """Returns what a model takes: `x`, of a conditional one with its labels."""
    return x if labels is None else [x, labels]


def _shapes(tensors):
    return keras.tree.map_structure(lambda x: tuple(x.shape), tensors)


def copy(network, change=lambda config: config):
    """Copies a model: the same layers and values, in new weights.

    Nothing is read from a file, so that functions and classes of one's own are
    those of `network`, registered or not. Only a model with a `call` of its
    own is made from `get_config()`.

    Args:
        network: a built `keras.Model`.
        change: a function of a layer's configuration that returns the copy's.
            Defaults to the same configuration.

    Raises:
        ValueError: a class has no usable `get_config()`.
    """

    def copy_layer(layer):
        return _copy_layer(layer, change)

    classes = {type(x).__name__: type(x) for x in flatten_layers(network)}
    try:
        with keras.saving.custom_object_scope(classes):
            if is_graph(network):
                twin = keras.models.clone_model(
                    network, clone_function=copy_layer, recursive=True
                )
            else:
                twin = copy_layer(network)
                build(twin, input_shape(network))
        if _signature(twin) != _signature(network):
            raise ValueError("the copy has other weights")
    except (NotImplementedError, TypeError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ValueError(
            f"{network.name!r} cannot be copied: each of its own classes needs "
            "a get_config() whose values its __init__() takes. "
            f"Received: {type(error).__name__}: {reason}"
        ) from error
    twin.set_weights(network.get_weights())
    return twin


def _signature(network):
    # Keras numbers variables without a name.
    return [
        (re.sub(r"_\d+$", "", w.name), tuple(w.shape)) for w in network.weights
    ]


def _copy_layer(layer, change):
    if isinstance(layer, keras.layers.Lambda):
        # Through a configuration its function would lose the names that it
        # refers to.
        config = keras.layers.Layer.get_config(layer)
        return type(layer)(
            layer.function,
            output_shape=lambda_output_shape(layer),
            mask=layer.mask,
            arguments=layer.arguments,
            **change(config),
        )
    with warnings.catch_warnings():
        # Keras's, of functions in a file.
        warnings.filterwarnings("ignore", ".*includes a `lambda`")
        config = change(constructor_config(layer))
    if _made_as(keras.layers.Wrapper, layer):
        return type(layer)(
            **{**config, "layer": _copy_layer(layer.layer, change)}
        )
    for key in config:
        value = getattr(layer, key, None)
        if inspect.isfunction(value) and not isinstance(config[key], str):
            config[key] = value
    return type(layer).from_config(config)


def _made_as(kind, layer):
    """Returns whether a layer is of a kind and has that kind's configuration."""
    made = type(layer).from_config
    return (
        isinstance(layer, kind) and made.__func__ is kind.from_config.__func__
    )


def constructor_config(layer):
    """Returns a layer's `get_config()` without what its `__init__` rejects.

    Keras adds `name`, `trainable` and `dtype` also for a class whose
    `__init__` takes none of them.

    Raises:
        NotImplementedError: the class has no `get_config()` and needs one.
    """
    parameters = inspect.signature(type(layer).__init__).parameters
    if isinstance(layer, keras.Model) and not is_graph(layer):
        # Keras guesses that every argument had its default.
        known = type(layer).get_config, type(layer).__init__
        own = [not f.__module__.startswith("keras.") for f in known]
        named = [
            n
            for n, p in list(parameters.items())[1:]
            if p.kind is not p.VAR_KEYWORD
        ]
        if own == [False, True] and {*named} - {"name", "trainable", "dtype"}:
            raise NotImplementedError(
                f"{type(layer).__name__} has no get_config()"
            )
    config = layer.get_config()
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return config
    return {
        key: value
        for key, value in config.items()
        if key in parameters or key not in ("name", "trainable", "dtype")
    }
