"""The gRPC API of TensorFlow Serving, on the side of a client."""

import json

import grpc
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from kerasgan.serving.client.error import ServingError

# gRPC allows no more.
_MOST_ATTEMPTS = 5


class Grpc:
    """A connection to the server at an address.

    Args:
        url: `grpc://HOST:PORT`.
        timeout: seconds, for an answer with all attempts.
        retries: an integer; gRPC allows at most four.
    """

    prefers_png = False

    def __init__(self, url, timeout, retries):
        self._url, self._timeout = url, timeout
        # The default is 4 MB, 340 images of 64x64.
        options = [("grpc.max_receive_message_length", -1)]
        if retries:
            options.append(("grpc.service_config", _service_config(retries)))
        else:
            options.append(("grpc.enable_retries", 0))
        target = url.removeprefix("grpc://").rstrip("/")
        self._channel = grpc.insecure_channel(target, options)
        stub = prediction_service_pb2_grpc.PredictionServiceStub
        self._predictions = stub(self._channel)
        self._models = model_service_pb2_grpc.ModelServiceStub(self._channel)

    def models(self):
        """Returns no names: TensorFlow Serving does not tell them."""
        return []

    def address(self, model, version, label):
        """Choose the model and version that all else is about."""
        self._which = {"name": model}
        if version is not None:
            self._which["version"] = {"value": version}
        elif label is not None:
            self._which["version_label"] = label

    def predict(self, signature, inputs):
        """Call a signature: a dict of arrays to a dict of arrays."""
        request = predict_pb2.PredictRequest(model_spec=self._which)
        request.model_spec.signature_name = signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        answer = self._ask(self._predictions.Predict, request, signature)
        return {
            name: tf.make_ndarray(value)
            for name, value in answer.outputs.items()
        }

    def metadata(self):
        """Returns it as the JSON of the REST API."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=self._which, metadata_field=["signature_def"]
        )
        answer = self._ask(
            self._predictions.GetModelMetadata, request, "metadata"
        )
        signatures = get_model_metadata_pb2.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(signatures)
        return {
            "model_spec": _as_dict(answer.model_spec),
            "metadata": {"signature_def": _as_dict(signatures)},
        }

    def status(self):
        """Returns it as the JSON of the REST API."""
        request = get_model_status_pb2.GetModelStatusRequest(
            model_spec=self._which
        )
        return _as_dict(
            self._ask(self._models.GetModelStatus, request, "status")
        )

    def close(self):
        """Close the connection."""
        self._channel.close()

    def _ask(self, method, request, asked):
        try:
            return method(request, timeout=self._timeout)
        except grpc.RpcError as error:
            code, details = error.code(), error.details()
        where = f"{asked} of {self._which['name']} at {self._url}"
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            raise TimeoutError(
                f"no answer within {self._timeout:g} seconds from {self._url}"
            )
        if code == grpc.StatusCode.UNAVAILABLE:
            raise ConnectionError(f"no answer from {self._url}: {details}")
        raise ServingError(code.name, details, where)


def _service_config(retries):
    """Returns what is tried again: no connection, or a busy server."""
    policy = {
        "maxAttempts": min(retries + 1, _MOST_ATTEMPTS),
        "initialBackoff": "0.2s",
        "backoffMultiplier": 2,
        "maxBackoff": "5s",
        "retryableStatusCodes": ["UNAVAILABLE", "RESOURCE_EXHAUSTED"],
    }
    return json.dumps({"methodConfig": [{"name": [{}], "retryPolicy": policy}]})


def _as_dict(message):
    return json_format.MessageToDict(
        message,
        preserving_proto_field_name=True,
        always_print_fields_with_no_presence=True,
    )
