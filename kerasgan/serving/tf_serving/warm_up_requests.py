"""Requests that TensorFlow Serving plays back before a model is available.

Whoever asks first would wait for memory and, on a GPU, for the choice of
convolution algorithms otherwise.
"""

from kerasgan import sampling
from kerasgan.serving.tf_serving import batching_parameters

FILE = "tf_serving_warmup_requests"


def requests(name, latent_dim, batched=False, conditional=False):
    """Returns one request for each signature, of `serving_default` several.

    Args:
        name: the model's name.
        latent_dim: the length of its latents.
        batched: whether it has `serving_default` alone.
        conditional: whether it takes labels.

    Returns:
        A list of `tensorflow_serving.apis.predict_pb2.PredictRequest`.
    """
    import numpy as np

    def latents(rows):
        labels = {"labels": np.zeros(rows, np.int32)} if conditional else {}
        return {"latents": sampling.latents(rows, latent_dim), **labels}

    drawn = {
        "count": np.int32(1),
        "seed": np.int64(0),
        "truncation": np.float32(0),
    }
    way = {"seeds": np.int64([0, 1]), "steps": np.int32(8)}
    names = []
    if conditional:
        # Any class: its draw is warmed up, too.
        label = {"label": np.int32(-1)}
        drawn.update(label)
        way["labels"] = np.int32([-1, -1])
        names = [("classes", label)]
    calls = [
        ("serving_default", latents(rows)) for rows in batching_parameters.SIZES
    ]
    if not batched:
        calls += [("sample", drawn), ("sample_png", drawn)]
        calls += [("interpolate", way), *names]
    return [_request(name, *call) for call in calls]


def write(folder, name, latent_dim, batched=False, conditional=False):
    """Write the requests, as a TFRecord file of `PredictionLog`.

    Args:
        folder: `pathlib.Path` of `assets.extra` in the version's folder.
        name, latent_dim, batched, conditional: as for `requests`.
    """
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2 as logs

    with tf.io.TFRecordWriter(str(folder / FILE)) as file:
        for request in requests(name, latent_dim, batched, conditional):
            log = logs.PredictLog(request=request)
            record = logs.PredictionLog(predict_log=log)
            file.write(record.SerializeToString(deterministic=True))


def _request(name, signature, inputs):
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    request = predict_pb2.PredictRequest()
    request.model_spec.name = name
    request.model_spec.signature_name = signature
    for key, value in inputs.items():
        request.inputs[key].CopyFrom(tf.make_tensor_proto(value))
    return request
