"""A version of a model, loaded."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import tensorflow as tf

from kerasgan.serving import versions, warm_up
from kerasgan.serving.server.errors import RequestError, invalid

SAVED_MODEL = "saved_model.pb"


@dataclasses.dataclass(frozen=True)
class Spec:
    """A tensor of a signature: its numpy dtype, and shape with None."""

    dtype: np.dtype
    shape: tuple

    @classmethod
    def of(cls, spec):
        dtype = np.dtype(spec.dtype.as_numpy_dtype)
        return cls(dtype, tuple(spec.shape.as_list()))


class Signature:
    """A signature of a SavedModel, from numpy arrays to tensors.

    Attributes:
        name: its name.
        inputs, outputs: dicts of names to `Spec`.
    """

    def __init__(self, name, function):
        self.name = name
        self._function = function
        inputs = function.structured_input_signature[1]
        outputs = function.structured_outputs
        self.inputs = {key: Spec.of(inputs[key]) for key in sorted(inputs)}
        self.outputs = {key: Spec.of(outputs[key]) for key in sorted(outputs)}

    def __call__(self, arrays):
        """Run it.

        Args:
            arrays: a dict of all its inputs, of the right shapes and types.

        Returns:
            A dict of its outputs, as eager tensors.

        Raises:
            RequestError: TensorFlow refused the values.
        """
        try:
            tensors = {
                name: tf.constant(
                    array.tolist() if array.dtype == object else array,
                    tf.as_dtype(self.inputs[name].dtype),
                )
                for name, array in arrays.items()
            }
            return self._function(**tensors)
        except tf.errors.ResourceExhaustedError as error:
            raise RequestError(429, _first_line(error)) from None
        except tf.errors.InvalidArgumentError as error:
            raise invalid(_first_line(error)) from None
        except tf.errors.OpError as error:
            raise RequestError(500, _first_line(error)) from None


class Version:
    """A version of a model.

    Attributes:
        model: the model's name.
        number: an integer.
        signatures: a dict of names to `Signature`.
        metadata: its signatures as TensorFlow Serving's REST API tells them.
    """

    def __init__(self, model, number, path):
        """Load it; this takes seconds.

        Raises:
            ValueError: there is no SavedModel that could be loaded.
        """
        self.model, self.number = model, number
        try:
            # Held, because it holds the weights.
            self._loaded = tf.saved_model.load(str(path))
        except Exception as error:
            raise ValueError(
                f"{path} cannot be loaded: {_first_line(error)}"
            ) from error
        self.signatures = {
            name: Signature(name, function)
            for name, function in self._loaded.signatures.items()
        }
        if not self.signatures:
            raise ValueError(f"{path} has no signatures")
        self.metadata = _metadata(path)
        self._warm_up(Path(path, versions.EXTRA, warm_up.FILE))

    def signature(self, name):
        """The signature of a name; `RequestError` where there is none."""
        if name not in self.signatures:
            raise invalid(
                f'Serving signature name: "{name}" not found in signature def'
            )
        return self.signatures[name]

    def shapes(self):
        """`(latent_dim, image_shape)` of a generator, or None of another model."""
        default = self.signatures.get("serving_default")
        if default is None:
            return None
        if set(default.inputs) != {"latents"} or set(default.outputs) != {"images"}:
            return None
        latents = default.inputs["latents"].shape
        images = default.outputs["images"].shape
        return latents[1], list(images[1:])

    def row_bytes(self, signature):
        """About what a row of a signature's outputs takes as JSON."""
        total = 0
        for spec in signature.outputs.values():
            size = math.prod(n or 1 for n in spec.shape[1:])
            if spec.dtype == object and self.shapes() is not None:
                # A PNG of noise is as large as its pixels, and base64 adds to it.
                size = 2 * math.prod(self.shapes()[1])
            else:
                size *= 16 if spec.dtype.kind == "f" else 4
            total += size
        return total

    def _warm_up(self, path):
        """Play back the requests that come with it, so that nobody waits."""
        if not path.is_file():
            return
        from tensorflow_serving.apis import prediction_log_pb2

        for record in tf.data.TFRecordDataset(str(path)).as_numpy_iterator():
            log = prediction_log_pb2.PredictionLog.FromString(record)
            request = log.predict_log.request
            inputs = {
                name: tf.make_ndarray(value)
                for name, value in request.inputs.items()
            }
            self.signatures[request.model_spec.signature_name](inputs)


def _metadata(path):
    """The signatures, read from the file and written as JSON."""
    from google.protobuf import json_format
    from tensorflow.core.protobuf import meta_graph_pb2, saved_model_pb2

    model = saved_model_pb2.SavedModel()
    model.ParseFromString((Path(path) / SAVED_MODEL).read_bytes())
    found = {}
    for name, definition in model.meta_graphs[0].signature_def.items():
        told = meta_graph_pb2.SignatureDef()
        told.CopyFrom(definition)
        found[name] = json_format.MessageToDict(
            told,
            always_print_fields_with_no_presence=True,
            preserving_proto_field_name=True,
        )
    return {"signature_def": found}


def _first_line(error):
    lines = str(getattr(error, "message", None) or error).strip().splitlines()
    return lines[0].strip() if lines else type(error).__name__
