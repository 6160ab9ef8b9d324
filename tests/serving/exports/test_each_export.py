"""What holds for every SavedModel of the repository."""

import hashlib

import pytest
from needs_tensorflow import tf
from tensorflow_serving.apis import prediction_log_pb2

from kerasgan import zoo

pytestmark = pytest.mark.integration
FOLDER = zoo.catalogue.folder().parent / "savedmodels"
VERSIONS = sorted(file.parent for file in FOLDER.glob("*/*/saved_model.pb"))


@pytest.fixture(
    params=VERSIONS, ids=lambda path: f"{path.parent.name}/{path.name}"
)
def version(request):
    return request.param


def test_its_files_are_as_they_were_written(version):
    lines = (version / "assets.extra" / "SHA256SUMS").read_text().splitlines()
    for line in lines:
        digest, _, name = line.partition("  ")
        found = hashlib.sha256((version / name).read_bytes()).hexdigest()
        assert found == digest, name
    assert {"README.md", "LICENSE"} <= {
        file.name for file in (version / "assets.extra").iterdir()
    }


def test_its_warm_up_plays(version):
    signatures = tf.saved_model.load(str(version)).signatures
    file = version / "assets.extra" / "tf_serving_warmup_requests"
    played = set()
    for record in tf.data.TFRecordDataset(str(file)).as_numpy_iterator():
        log = prediction_log_pb2.PredictionLog.FromString(record)
        request = log.predict_log.request
        assert request.model_spec.name == version.parent.name
        name = request.model_spec.signature_name
        inputs = {
            key: tf.constant(tf.make_ndarray(value))
            for key, value in request.inputs.items()
        }
        (output,) = signatures[name](**inputs).values()
        assert len(output) > 0
        played.add(name)
    assert played == set(signatures)
