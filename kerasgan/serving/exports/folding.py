"""From a trained network to the same network without normalization layers.

What a new layer needs here is its `plain()` (a normalization of weights) or
one line in a table below.
"""

import keras
import numpy as np

from kerasgan import layers
from kerasgan.layers import Reparametrization
from kerasgan.serving.exports.graph import Graph, as_numpy

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


# What Keras has a layer for that is as fast in inference, or faster.
_REPLACED = (Reparametrization, layers.BilinearUpSampling2D, layers.PReLU)


def fold(model: keras.Model) -> keras.Model:
    """Make the network that inference needs, of plain layers and in float32.

    Weight-normalized and spectrally normalized layers become Keras's own with
    the effective kernel, a `BilinearUpSampling2D` and a `PReLU` Keras's.
    A batch normalization (or an `Affine`) goes into the kernel and bias of the
    layer before it, also through a sum and through what treats channels apart
    (a Reshape that keeps them last, cropping, resizing, an average pool); where
    that layer has an activation of its own or its output is used elsewhere,
    too, the batch normalization stays, fixed in inference mode. A
    `WeightNormalizedAdd` whose coefficients can go the same way becomes a plain
    sum. Dropout and noise vanish. What is called more than once stays, and so
    do layer normalizations, nested models and activations.

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
        if isinstance(layer, _REPLACED):
            graph.replace(name, layer.plain())
        elif isinstance(layer, _IDENTITIES) and not graph.trains(name):
            graph.remove(name)
        elif type(layer) in AFFINES and not graph.trains(name):
            _fold_affine(graph, name)
        elif type(layer) is layers.WeightNormalizedAdd:
            _fold_sum(graph, name)
    return graph.build()


def fold_shifts(graph):
    """Fold what a `TPReLU` subtracts and a `Rescaling` into the kernels before.

    For formats that have no `TPReLU`: it is a `PReLU` between two shifts. What
    cannot go elsewhere stays.

    Args:
        graph: the graph of a folded network, which is changed.

    Returns:
        The names of the `TPReLU`s that get `x - b` now.
    """
    shifted = set()
    for name in graph.names():
        layer, source = graph.layers[name], graph.input(name)
        if source is None or type(layer) not in _SHIFTS:
            continue
        targets = _targets(graph, *source, *_SHIFTS[type(layer)](layer, source))
        if targets is None:
            continue
        _fold_into(graph, targets)
        if type(layer) is layers.TPReLU:
            shifted.add(name)
        else:
            graph.remove(name)
    return shifted


def _functional(model):
    if isinstance(model, keras.Sequential) and model.built:
        (inputs,), (outputs,) = model.inputs, model.outputs
        return keras.Model(inputs, outputs, name=model.name)
    if not hasattr(model, "operations"):
        raise ValueError(
            "Expected a Functional or a built Sequential model. "
            f"Received: model={model}"
        )
    plain = keras.Model(model.inputs, model.outputs, name=model.name)
    # A subclass of a Functional model has a configuration of its own.
    return model if type(model) is type(plain) else plain


def _fold_affine(graph, name):
    """Fold a layer `y = scale x + shift` per channel into the one before it."""
    source = graph.input(name)
    layer = graph.layers[name]
    if source is not None and _normalizes_last_axis(layer, len(source[1])):
        targets = _targets(graph, *source, *AFFINES[type(layer)](layer))
        if targets is not None:
            _fold_into(graph, targets)
            graph.remove(name)
            return
    if isinstance(layer, keras.layers.BatchNormalization):
        # A Keras layer that is not trainable never uses the batch's statistics.
        graph.configure(name, trainable=False)


def _fold_sum(graph, name):
    """Make a plain sum of one with coefficients, if these can go elsewhere."""
    sources = graph.inputs(name)
    coefficients = keras.ops.convert_to_numpy(
        graph.layers[name].effective_coefficients()
    )
    targets = [
        _targets(graph, *source, scale, 0.0 * scale)
        for source, scale in zip(sources, coefficients)
    ]
    if targets and None not in targets:
        _fold_into(graph, sum(targets, []))
        graph.replace(name, keras.layers.Add(name=name))


def _normalizes_last_axis(layer, rank):
    return getattr(layer, "axis", -1) in (-1, rank - 1)


def _targets(graph, name, shape, scale, shift):
    """Finds where a scale and a shift per channel of an output can go.

    Args:
        graph: the graph.
        name: the layer.
        shape: that of its output.
        scale: `[C]`.
        shift: `[C]`.

    Returns:
        A list of `(layer, scale, shift)` of layers with a kernel, or None.
    """
    layer = graph.layers[name]
    # One use is one call, too; a sum may broadcast what is added.
    if graph.uses(name) != 1 or shape[-1] != len(scale):
        return None
    if type(layer) in layers.OUTPUT_AXES:
        free = _has_free_kernel(layer, graph.values[name])
        return [(name, scale, shift)] if free else None
    sources = graph.inputs(name)
    if type(layer) is keras.layers.Add:
        # The shift of a sum goes to one of what is added.
        shifts = [shift, *[0.0 * shift] * (len(sources) - 1)]
        targets = [
            _targets(graph, *source, scale, each)
            for source, each in zip(sources, shifts)
        ]
        return None if not sources or None in targets else sum(targets, [])
    if len(sources) != 1 or type(layer) not in _CHANNELWISE:
        return None
    before = sources[0][1]
    if not _CHANNELWISE[type(layer)](layer, before, shape):
        return None
    repeats = before[-1] // len(scale)
    return _targets(
        graph, *sources[0], np.tile(scale, repeats), np.tile(shift, repeats)
    )


def _has_free_kernel(layer, values):
    return (
        layer.activation is keras.activations.linear
        and getattr(layer, "data_format", None) != "channels_first"
        # A quantized or low-rank adapted layer has other variables.
        and len(values) == 1 + layer.use_bias
    )


def _fold_into(graph, targets):
    for name, scale, shift in targets:
        layer, values = graph.layers[name], graph.values[name]
        kernel = values[0].astype(np.float64)
        along = [1] * kernel.ndim
        along[layers.OUTPUT_AXES[type(layer)]] = -1
        bias = values[1] * scale if layer.use_bias else 0.0
        values = [kernel * scale.reshape(along), bias + shift]
        if not layer.use_bias and not np.any(shift):
            del values[1]
        elif not layer.use_bias:
            config = {**layer.get_config(), "use_bias": True}
            layer = type(layer).from_config(config)
        graph.replace(name, layer, values)


def _batch_normalization(layer):
    variance = as_numpy(layer.moving_variance).astype(np.float64)
    scale = 1.0 / np.sqrt(variance + layer.epsilon)
    if layer.scale:
        scale = scale * as_numpy(layer.gamma)
    shift = -as_numpy(layer.moving_mean) * scale
    return scale, shift + as_numpy(layer.beta) if layer.center else shift


# Layers that are `scale x + shift` per channel -> the two, as arrays `[C]`.
AFFINES = {
    keras.layers.BatchNormalization: _batch_normalization,
    layers.Affine: lambda layer: (as_numpy(layer.gamma), as_numpy(layer.beta)),
}

# The same for `fold_shifts`, from the layer and what it takes.
_SHIFTS = {
    keras.layers.Rescaling: lambda layer, source: [
        np.broadcast_to(x, source[1][-1:]) for x in (layer.scale, layer.offset)
    ],
    layers.TPReLU: lambda layer, source: (
        np.ones(source[1][-1]),
        -as_numpy(layer.bias),
    ),
}


def _keeps_channels(layer, before, after):
    return layer.data_format == "channels_last"


def _averages_channels(layer, before, after):
    # At a border "same" would average over zeros, too.
    return layer.data_format == "channels_last" and layer.padding == "valid"


def _splits_channels(layer, before, after):
    # The channel of an element is its index in the flattened input modulo C,
    # so that the input's last axis has whole runs of all channels.
    return None not in (before[-1], after[-1]) and before[-1] % after[-1] == 0


# Layers that an affine map per channel passes through -> whether it does, from
# the layer and the shapes before and after it.
_CHANNELWISE = {
    keras.layers.AveragePooling2D: _averages_channels,
    keras.layers.Cropping2D: _keeps_channels,
    keras.layers.Reshape: _splits_channels,
    keras.layers.UpSampling2D: _keeps_channels,
}
