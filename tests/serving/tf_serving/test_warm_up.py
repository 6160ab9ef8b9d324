import numpy as np
import pytest
from needs_tensorflow import tf
from tensorflow_serving.apis import prediction_log_pb2

from kerasgan import sampling, serving
from kerasgan.serving.tf_serving import batching_parameters as batching


def read(path):
    """The requests in a version's folder, as the server reads them."""
    file = path / "assets.extra" / "tf_serving_warmup_requests"
    requests = []
    for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog()
        log.ParseFromString(record)
        assert log.WhichOneof("log_type") == "predict_log"
        requests.append(log.predict_log.request)
    return requests


def play(served, request):
    """What a signature answers, given the inputs of the protocol's types."""
    signature = served.signatures[request.model_spec.signature_name]
    inputs = {k: tf.make_ndarray(v) for k, v in request.inputs.items()}
    specs = signature.structured_input_signature[1]
    # The server takes no other dtype and no other name.
    assert {k: v.dtype for k, v in inputs.items()} == {
        k: spec.dtype.as_numpy_dtype for k, spec in specs.items()
    }
    tensors = {k: tf.constant(v) for k, v in inputs.items()}
    (output,) = signature(**tensors).values()
    return output.numpy()


def test_each_signature_is_warmed_up(path, served, assert_same_images):
    requests = read(path)
    assert {r.model_spec.name for r in requests} == {"faces"}
    # Whatever version the folder has, and whatever label.
    assert not any(r.model_spec.WhichOneof("version_choice") for r in requests)
    answers = {}
    for request in requests:
        signature = request.model_spec.signature_name
        answers.setdefault(signature, []).append(play(served, request))
    assert set(answers) == set(served.signatures)
    rows = [len(images) for images in answers["serving_default"]]
    assert tuple(rows) == batching.SIZES
    (sample,) = answers["sample"]
    assert_same_images(sample, served.sample(1, 0))
    (png,) = answers["sample_png"]
    np.testing.assert_array_equal(tf.io.decode_png(png[0]), sample[0])
    (way,) = answers["interpolate"]
    assert_same_images(way, served.interpolate((0, 1), 8))


def test_no_server_refuses_the_number_of_requests(path):
    # TensorFlow Serving reads 1000 and fails to load a version with more.
    assert 0 < len(read(path)) < 1000


@pytest.fixture(scope="module")
def batched(generator, tmp_path_factory):
    folder = tmp_path_factory.mktemp("batched")
    return serving.export(generator, folder, "faces", batched=True)


def test_a_batched_model_takes_rows_alone(batched, generator, serve):
    """TensorFlow Serving cannot batch scalars, in no signature of a model."""
    served = serve(batched)
    assert set(served.signatures) == {"serving_default"}
    z = sampling.latents(3, 5, seed=2)
    expected = generator(z, training=False)
    np.testing.assert_allclose(served.default(z), expected, atol=1e-5)


def test_a_batched_model_is_warmed_up_at_its_batch_sizes(batched, serve):
    served = serve(batched)
    requests = read(batched)
    assert tuple(len(play(served, r)) for r in requests) == batching.SIZES


def test_only_a_batched_model_has_parameters(batched, path):
    there = [(folder / batching.FILE).is_file() for folder in (batched, path)]
    assert there == [True, False]
    text = (batched / "batching_params.pbtxt").read_text()
    assert text == batching.parameters()
    assert (
        "  batching_params.pbtxt\n"
        in (batched / "assets.extra" / "SHA256SUMS").read_text()
    )
