"""A version of a model, loaded."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import tensorflow as tf
from google.protobuf import json_format

from kerasgan.serving.server.errors import RequestError, invalid
from kerasgan.serving.tf_serving import versions, warm_up_requests
from kerasgan.utils.finite import check_saved_model
from kerasgan.utils.tf_data import records


@dataclasses.dataclass(frozen=True)
class Spec:
    """A tensor of a signature: its numpy dtype, and shape with None."""

    dtype: np.dtype
    shape: tuple

    @classmethod
    def of(cls, info):
        dtype = np.dtype(tf.as_dtype(info.dtype).as_numpy_dtype)
        return cls(dtype, tuple(tf.TensorShape(info.tensor_shape).as_list()))


class Signature:
    """A signature of a SavedModel, from numpy arrays to numpy arrays.

    Attributes:
        name: its name.
        inputs, outputs: dicts of names to `Spec`.
    """

    def __init__(self, name, definition, session):
        self.name = name
        self.inputs, self.outputs = (
            {key: Spec.of(infos[key]) for key in sorted(infos)}
            for infos in (definition.inputs, definition.outputs)
        )
        self._run = session.make_callable(
            [definition.outputs[key].name for key in self.outputs],
            [definition.inputs[key].name for key in self.inputs],
        )

    def __call__(self, arrays):
        """Run it, in any thread.

        Args:
            arrays: a dict of all its inputs, of the right shapes and types.

        Returns:
            A dict of its outputs.

        Raises:
            RequestError: TensorFlow rejected the values.
        """
        try:
            tensors = self._run(*(arrays[name] for name in self.inputs))
        except tf.errors.ResourceExhaustedError as error:
            raise RequestError(429, _reason(error)) from None
        except tf.errors.InvalidArgumentError as error:
            raise invalid(_reason(error)) from None
        except tf.errors.OpError as error:
            raise RequestError(500, _reason(error)) from None
        return dict(zip(self.outputs, tensors, strict=True))


class Version:
    """A version of a model.

    Attributes:
        model: the model's name.
        number: an integer.
        signatures: a dict of names to `Signature`.
        path: its folder.
        metadata: its signatures as TensorFlow Serving's REST API tells them.
    """

    def __init__(self, model, number, path):
        """Load it; this takes seconds.

        Raises:
            ValueError: there is no SavedModel that could be loaded.
        """
        self.model, self.number, self.path = model, number, path
        try:
            check_saved_model(path)
            definitions, session = _load(path)
            self.signatures = {
                name: Signature(name, definition, session)
                for name, definition in definitions.items()
                # What initializes a model is no signature to be called.
                if not name.startswith("__saved_model")
            }
            self.metadata = {
                "signature_def": {
                    name: _as_dict(definition)
                    for name, definition in definitions.items()
                }
            }
            self._warm_up(Path(path, versions.EXTRA, warm_up_requests.FILE))
        except Exception as error:
            raise ValueError(
                f"{path} cannot be loaded: {_reason(error)}"
            ) from error

    def signature(self, name):
        """Returns the signature of a name; `RequestError` if there is none."""
        if name not in self.signatures:
            known = ", ".join(sorted(self.signatures))
            raise invalid(f"Available signatures: {known}")
        return self.signatures[name]

    def shapes(self):
        """Returns `(latent_dim, image_shape)` of a generator, None of other models."""
        default = self.signatures.get("serving_default")
        if default is None or (*default.inputs, *default.outputs) not in (
            ("latents", "images"),
            ("labels", "latents", "images"),
        ):
            return None
        latents = default.inputs["latents"].shape
        images = default.outputs["images"].shape
        return latents[1], list(images[1:])

    def classes(self):
        """Returns the names of a conditional generator's classes, else None."""
        if "classes" not in self.signatures or self.shapes() is None:
            return None
        signature = self.signatures["classes"]
        if [*signature.inputs, *signature.outputs] != ["label", "class_names"]:
            return None
        names = signature({"label": np.int32(-1)})["class_names"]
        return [name.decode() for name in names]

    def row_bytes(self, signature):
        """Estimates the bytes of a row of a signature's outputs as JSON."""
        total = 0
        for spec in signature.outputs.values():
            size = math.prod(n or 1 for n in spec.shape[1:])
            if spec.dtype == object and self.shapes() is not None:
                # A PNG of noise is as large as its pixels; base64 adds to it.
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

        for record in records(path):
            log = prediction_log_pb2.PredictionLog.FromString(record)
            request = log.predict_log.request
            inputs = {
                name: tf.make_ndarray(value)
                for name, value in request.inputs.items()
            }
            name = request.model_spec.signature_name or "serving_default"
            self.signatures[name](inputs)


def _load(path):
    """Returns the signatures' definitions, and a session.

    `tf.saved_model.load` never gives back all of the memory (26 MB of a model
    of 6 MB in TensorFlow 2.21), and versions come and go here. A session does;
    TensorFlow Serving has one, too.
    """
    load = tf.compat.v1.saved_model.load
    # What is around it says that it is deprecated, and nothing else.
    load = getattr(load, "__wrapped__", load)
    session = tf.compat.v1.Session(graph=tf.Graph())
    with session.graph.as_default():
        graph = load(session, ["serve"], str(path))
    return dict(graph.signature_def), session


def _as_dict(definition):
    return json_format.MessageToDict(
        definition,
        always_print_fields_with_no_presence=True,
        preserving_proto_field_name=True,
    )


def _reason(error):
    """Returns the line of an error that says what is wrong.

    TensorFlow's own wording, which TensorFlow Serving answers with, too, but
    without what Python puts before it, and without the node of the graph.
    """
    message = getattr(error, "message", None) or getattr(error, "detail", None)
    lines = str(message or error).splitlines()
    lines = [line.strip() for line in lines if line.strip()]
    if lines[:1] == ["Graph execution error:"]:
        del lines[0]
    return lines[0] if lines else type(error).__name__
