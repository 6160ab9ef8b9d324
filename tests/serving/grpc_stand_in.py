"""A server that answers gRPC as TensorFlow Serving does, on its own protos.

`python grpc_stand_in.py FOLDER` serves `FOLDER/NAME/VERSION` at a free port of
the loopback, which it prints; tests use `serve`.
"""

import concurrent.futures
import contextlib
import pathlib
import sys

import grpc
import tensorflow as tf
from google.protobuf import any_pb2
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)


class Versions:
    """The SavedModels of a folder, and which of them a request means."""

    def __init__(self, folder, labels):
        self.labels = labels
        self.loaded, self.definitions = {}, {}
        for path in pathlib.Path(folder).glob("*/*"):
            if path.name.isdecimal():
                key = path.parent.name, int(path.name)
                self.loaded[key] = tf.saved_model.load(str(path))
                proto = saved_model_pb2.SavedModel()
                proto.ParseFromString((path / "saved_model.pb").read_bytes())
                self.definitions[key] = proto.meta_graphs[0].signature_def

    def find(self, spec, context):
        """`(name, number)` of a ModelSpec."""
        if spec.version_label:
            number = self.labels.get((spec.name, spec.version_label))
            if number is None:
                context.abort(
                    grpc.StatusCode.INVALID_ARGUMENT,
                    f"Unrecognized servable version label: {spec.version_label}",
                )
        elif spec.HasField("version"):
            number = spec.version.value
        else:
            numbers = [at for name, at in self.loaded if name == spec.name]
            number = max(numbers, default=None)
        if (spec.name, number) not in self.loaded:
            which = (
                f"Latest({spec.name})"
                if number is None
                else f"Specific({spec.name}, {number})"
            )
            context.abort(
                grpc.StatusCode.NOT_FOUND,
                f"Servable not found for request: {which}",
            )
        return spec.name, number


class Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, versions):
        self.versions = versions

    def Predict(self, request, context):
        key = self.versions.find(request.model_spec, context)
        name = request.model_spec.signature_name or "serving_default"
        signatures = self.versions.loaded[key].signatures
        if name not in signatures:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                f'Serving signature name: "{name}" not found in signature def',
            )
        inputs = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
        specs = signatures[name].structured_input_signature[1]
        if set(inputs) != set(specs):
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                "input size does not match signature",
            )
        try:
            outputs = signatures[name](
                **{k: tf.constant(v, specs[k].dtype) for k, v in inputs.items()}
            )
        except (tf.errors.InvalidArgumentError, TypeError, ValueError) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        answer = predict_pb2.PredictResponse()
        _tell(answer.model_spec, key, name)
        for k, v in outputs.items():
            answer.outputs[k].CopyFrom(tf.make_tensor_proto(v))
        return answer

    def GetModelMetadata(self, request, context):
        if list(request.metadata_field) != ["signature_def"]:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, "Metadata field not supported"
            )
        key = self.versions.find(request.model_spec, context)
        found = get_model_metadata_pb2.SignatureDefMap()
        for name, definition in self.versions.definitions[key].items():
            found.signature_def[name].CopyFrom(definition)
        answer = get_model_metadata_pb2.GetModelMetadataResponse()
        _tell(answer.model_spec, key)
        packed = any_pb2.Any()
        packed.Pack(found)
        answer.metadata["signature_def"].CopyFrom(packed)
        return answer


class Models(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, versions):
        self.versions = versions

    def GetModelStatus(self, request, context):
        spec = request.model_spec
        if spec.HasField("version") or spec.version_label:
            keys = [self.versions.find(spec, context)]
        else:
            keys = sorted(
                (key for key in self.versions.loaded if key[0] == spec.name),
                reverse=True,
            )
        if not keys:
            context.abort(
                grpc.StatusCode.NOT_FOUND,
                f"Could not find any versions of model {spec.name}",
            )
        answer = get_model_status_pb2.GetModelStatusResponse()
        for _, number in keys:
            answer.model_version_status.add(
                version=number,
                state=get_model_status_pb2.ModelVersionStatus.AVAILABLE,
            )
        return answer


def _tell(spec, key, signature=""):
    spec.name, spec.version.value = key
    spec.signature_name = signature


@contextlib.contextmanager
def serve(folder, labels=None):
    """Serve a folder of SavedModels; yields the address, `127.0.0.1:PORT`.

    Args:
        folder: the folder.
        labels: a dict of `(name, label)` to version numbers.
    """
    versions = Versions(folder, labels or {})
    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        server = grpc.server(threads, options=[("grpc.so_reuseport", 0)])
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            Predictions(versions), server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(
            Models(versions), server
        )
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        try:
            yield f"127.0.0.1:{port}"
        finally:
            server.stop(None).wait()


if __name__ == "__main__":
    with serve(sys.argv[1]) as address:
        print(address, flush=True)
        sys.stdin.read()
