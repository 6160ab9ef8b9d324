"""From a trained network to the same network without normalization layers.

What a new layer needs here is its `plain()` (a normalization of weights) or
one line in a table below.
"""

import keras
import numpy as np

from kerasgan import layers
from kerasgan.layers import Reparametrization
from kerasgan.serving.graph import Graph, as_numpy

# What does nothing in inference.
_IDENTITIES = (
    keras.layers.AlphaDropout,
    keras.layers.Dropout,
    keras.layers.GaussianDropout,
    keras.layers.GaussianNoise,
    keras.layers.SpatialDropout1D,
    keras.layers.SpatialDropout2D,
    keras.layers.SpatialDropout3D,
)

# Layers with a kernel and a bias -> the output axis of the kernel.
_LINEAR = {
    keras.layers.Dense: -1,
    keras.layers.Conv1D: -1,
    keras.layers.Conv2D: -1,
    keras.layers.Conv3D: -1,
    keras.layers.Conv1DTranspose: -2,
    keras.layers.Conv2DTranspose: -2,
    keras.layers.Conv3DTranspose: -2,
}


def fold(model):
    """Make the network that inference needs, of plain layers and in float32.

    Weight-normalized layers become Keras's own with the effective kernel.
    A batch normalization (or an `Affine`) goes into the kernel and bias of the
    layer before it, also through a Reshape that keeps the channels last or a
    Cropping2D; where that layer has an activation of its own or its output is
    used elsewhere, too, the batch normalization stays, fixed in inference
    mode. Dropout and noise vanish. A batch normalization that is called more
    than once stays, and so do nested models and the elementwise layers of
    kerasgan.

    Args:
        model: a built Functional or Sequential model under any dtype policy.
            It is not changed.

    Returns:
        A new Functional model with the same inputs and outputs, all in
        float32. In float32 the outputs are those of `model(inputs,
        training=False)` up to rounding.

    Raises:
        ValueError: the model has no graph of layers.
    """
    model = _functional(model)
    graph = Graph(model)
    for name in graph.names():
        layer = graph.layers[name]
        if isinstance(layer, Reparametrization):
            graph.replace(name, layer.plain())
        elif isinstance(layer, _IDENTITIES) and not graph.trains(name):
            graph.remove(name)
        elif type(layer) in _AFFINES and not graph.trains(name):
            _fold_affine(graph, name)
    return graph.build()


def _functional(model):
    if isinstance(model, keras.Sequential) and model.built:
        (inputs,), (outputs,) = model.inputs, model.outputs
        return keras.Model(inputs, outputs, name=model.name)
    if not hasattr(model, "operations"):
        raise ValueError(
            "Expected a Functional or a built Sequential model. "
            f"Received: model={model}"
        )
    return model


def _fold_affine(graph, name):
    """Fold a layer `y = scale x + shift` per channel into the one before it."""
    found = graph.input(name)
    layer = graph.layers[name]
    if found is not None and _normalizes_last_axis(layer, len(found[1])):
        scale, shift = _AFFINES[type(layer)](layer)
        if _fold_into(graph, *found, scale, shift):
            graph.remove(name)
            return
    if isinstance(layer, keras.layers.BatchNormalization):
        # A Keras layer that is not trainable never uses the batch's statistics.
        graph.configure(name, trainable=False)


def _normalizes_last_axis(layer, rank):
    return getattr(layer, "axis", -1) in (-1, rank - 1)


def _fold_into(graph, name, shape, scale, shift):
    """Let a layer's output, of that shape, be scaled and shifted.

    Returns:
        Whether that was possible.
    """
    layer = graph.layers[name]
    # One use is one call, too.
    if graph.uses(name) != 1:
        return False
    if type(layer) in _LINEAR:
        return _fold_into_kernel(graph, name, layer, scale, shift)
    found = graph.input(name)
    if found is None or type(layer) not in _CHANNELWISE:
        return False
    before = found[1]
    if not _CHANNELWISE[type(layer)](layer, before, shape):
        return False
    repeats = before[-1] // len(scale)
    return _fold_into(
        graph, *found, np.tile(scale, repeats), np.tile(shift, repeats)
    )


def _fold_into_kernel(graph, name, layer, scale, shift):
    values = graph.values[name]
    if (
        layer.activation is not keras.activations.linear
        or getattr(layer, "data_format", None) == "channels_first"
        # A quantized or low-rank adapted layer has other variables.
        or len(values) != 1 + layer.use_bias
    ):
        return False
    kernel = values[0].astype(np.float64)
    along = [1] * kernel.ndim
    along[_LINEAR[type(layer)]] = -1
    bias = values[1] * scale if layer.use_bias else 0.0
    graph.values[name] = [kernel * scale.reshape(along), bias + shift]
    if not layer.use_bias:
        config = layer.get_config()
        biased = type(layer).from_config({**config, "use_bias": True})
        graph.replace(name, biased, graph.values[name])
    return True


def _batch_normalization(layer):
    variance = as_numpy(layer.moving_variance).astype(np.float64)
    scale = 1.0 / np.sqrt(variance + layer.epsilon)
    if layer.scale:
        scale = scale * as_numpy(layer.gamma)
    shift = -as_numpy(layer.moving_mean) * scale
    return scale, shift + as_numpy(layer.beta) if layer.center else shift


# Layers that are `scale x + shift` per channel -> the two, as arrays `[C]`.
_AFFINES = {
    keras.layers.BatchNormalization: _batch_normalization,
    layers.Affine: lambda layer: (as_numpy(layer.gamma), as_numpy(layer.beta)),
}


def _keeps_channels(layer, before, after):
    return layer.data_format == "channels_last"


def _splits_channels(layer, before, after):
    # The channel of an element is its index in the flattened input modulo C,
    # so that the input's last axis has whole runs of all channels.
    return None not in (before[-1], after[-1]) and before[-1] % after[-1] == 0


# Layers that an affine map per channel passes through -> whether it does, from
# the layer and the shapes before and after it.
_CHANNELWISE = {
    keras.layers.Cropping2D: _keeps_channels,
    keras.layers.Reshape: _splits_channels,
}
