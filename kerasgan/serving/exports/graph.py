"""The graph of a Functional model, to be changed and built again.

It is read and rebuilt through its Keras configuration, which is public and the
same on every backend.
"""

import copy

import keras
import numpy as np

from kerasgan.utils.backend import dtype_policy

_FLOATS = (
    *("float16", "bfloat16", "float32", "float64"),
    *("mixed_float16", "mixed_bfloat16"),
)


class Graph:
    """A Functional model's configuration, which is changed before it is built.

    A reference is the place of a tensor: `[layer, node, output]`.
    """

    def __init__(self, model):
        config = model.get_config()
        self.layers = {layer.name: layer for layer in model.operations}
        # New values of the layers' variables, in their order.
        self.values = {
            name: [as_numpy(variable) for variable in layer.variables]
            for name, layer in self.layers.items()
            if isinstance(layer, keras.layers.Layer)
        }
        self._configs = {
            layer["name"]: _float32(layer) for layer in config.pop("layers")
        }
        self._rest = config

    def names(self):
        """Returns the names of the layers, inputs first."""
        return list(self._configs)

    def nodes(self, name):
        return self._configs[name]["inbound_nodes"]

    def trains(self, name):
        """Returns whether a call of the layer asks for training mode itself."""
        return any(node["kwargs"].get("training") for node in self.nodes(name))

    def input(self, name):
        """Returns the layer that makes the one tensor a layer takes, and its shape.

        `None` for a layer that takes several or is called more than once.
        """
        sources = self.inputs(name)
        return sources[0] if len(sources) == 1 else None

    def inputs(self, name):
        """Returns the layers that make what a layer takes, and the shapes of that.

        Nothing for a layer that is called more than once.
        """
        nodes = self.nodes(name)
        if len(nodes) != 1:
            return []
        return [
            (tensor["keras_history"][0], tuple(tensor["shape"]))
            for tensor in _tensors(nodes[0])
        ]

    def _tensors(self):
        # Not those inside of nested models, which have names of their own.
        return [
            tensor
            for name in self._configs
            for tensor in _tensors(self.nodes(name))
        ]

    def uses(self, name):
        """Returns how often the outputs of a layer are used, by others or outside."""
        places = [tensor["keras_history"] for tensor in self._tensors()]
        places += _references(self._rest["output_layers"])
        return sum(place[0] == name for place in places)

    def replace(self, name, layer, values=None):
        """Put another built layer in the place of one."""
        new = _float32(keras.saving.serialize_keras_object(layer))
        nodes = self.nodes(name)
        self._configs[name] = {**new, "name": name, "inbound_nodes": nodes}
        self.layers[name] = layer
        self.values[name] = (
            [as_numpy(variable) for variable in layer.variables]
            if values is None
            else values
        )

    def configure(self, name, **arguments):
        self._configs[name]["config"].update(arguments)

    def remove(self, name):
        """Take out a layer that passes its first argument on."""
        sources = [
            _tensors(node)[0]["keras_history"]
            for node in self._configs.pop(name)["inbound_nodes"]
        ]
        del self.layers[name], self.values[name]

        def passed_on(place):
            return list(sources[place[1]]) if place[0] == name else place

        for tensor in self._tensors():
            tensor["keras_history"] = passed_on(tensor["keras_history"])
        self._rest["output_layers"] = _map_references(
            passed_on, self._rest["output_layers"]
        )

    def build(self):
        """Returns the Functional model, with its values."""
        config = {**self._rest, "layers": list(self._configs.values())}
        # Inputs and the model itself take the global one.
        with dtype_policy("float32"):
            model = keras.Model.from_config(
                copy.deepcopy(config),
                # Those that are not registered, too.
                {type(x).__name__: type(x) for x in self.layers.values()},
            )
        for layer in model.layers:
            for variable, value in zip(
                layer.variables, self.values[layer.name], strict=True
            ):
                variable.assign(value)
        return model


def as_numpy(variable):
    """Returns the value of a Keras variable, in float32 if it is a float."""
    array = keras.ops.convert_to_numpy(variable.value)
    # Half precision formats have no arithmetic in numpy.
    return array.astype(np.float32) if array.dtype.kind not in "iub" else array


def _float32(config):
    """Returns a configuration with every floating dtype made float32."""
    if isinstance(config, dict):
        return {
            key: "float32"
            if key == "dtype" and _floating(value)
            else _float32(value)
            for key, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        return type(config)(_float32(value) for value in config)
    return config


def _floating(dtype):
    if isinstance(dtype, dict) and dtype.get("class_name") == "DTypePolicy":
        dtype = dtype["config"]["name"]
    return isinstance(dtype, str) and dtype in _FLOATS


def _tensors(config):
    """Returns the tensors in a configuration; changing one changes it."""
    if isinstance(config, dict):
        if config.get("class_name") == "__keras_tensor__":
            return [config["config"]]
        config = list(config.values())
    if isinstance(config, (list, tuple)):
        return [tensor for value in config for tensor in _tensors(value)]
    return []


def _map_references(function, structure):
    if isinstance(structure, dict):
        return {
            key: _map_references(function, value)
            for key, value in structure.items()
        }
    if len(structure) == 3 and isinstance(structure[0], str):
        return function(structure)
    return [_map_references(function, value) for value in structure]


def _references(structure):
    references = []
    _map_references(references.append, structure)
    return references
