import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from kerasgan.data import load, prepare
from kerasgan.data.pixels import decode

pytest.importorskip("tensorflow", reason="a tfds source reads by TensorFlow")
tfds = pytest.importorskip("tensorflow_datasets", reason="needs TFDS")


def write(name, data_dir, splits):
    """A data set as TFDS leaves it on disk, from `{split: [example, ...]}`."""
    builder = tfds.builder(name, data_dir=data_dir)
    builder.data_path.mkdir(parents=True)
    writer = tfds.core.SequentialWriter(builder.info, max_examples_per_shard=3)
    writer.initialize_splits(list(splits))
    writer.add_examples(splits)
    writer.close_all()
    return builder


def cifar10_example(pixels, index):
    return {"id": f"train_{index:05d}", "image": pixels, "label": index % 10}


def celeb_a_example(pixels, builder):
    features = builder.info.features
    return {
        "image": pixels,
        "landmarks": dict.fromkeys(features["landmarks"], 1),
        "attributes": dict.fromkeys(features["attributes"], True),
        **({"identity": {"Identity_No": 7}} if "identity" in features else {}),
    }


@pytest.fixture
def no_download(monkeypatch):
    def download(*args, **kwargs):
        raise AssertionError("a data set on disk must not be downloaded")

    monkeypatch.setattr(
        tfds.core.DatasetBuilder, "download_and_prepare", download
    )


def test_cifar10_on_disk(tmp_path, helpers, no_download):
    images = [helpers.image(i, 32, 32) for i in range(8)]
    examples = [cifar10_example(p, i) for i, p in enumerate(images)]
    write("cifar10", tmp_path, {"train": examples[:7], "test": examples[7:]})
    prepared = prepare("tfds:cifar10", image_size=32, data_dir=tmp_path)
    assert prepared.names[0] == "train/0000000"
    np.testing.assert_array_equal(prepared.images, images[:7])
    test = prepare("tfds:cifar10", "test", image_size=32, data_dir=tmp_path)
    np.testing.assert_array_equal(test.images, images[7:])
    some = prepare("tfds:cifar10", "train[2:4]", 32, data_dir=tmp_path)
    np.testing.assert_array_equal(some.images, images[2:4])
    assert len({prepared.path, test.path, some.path}) == 3
    with pytest.raises(
        ValueError, match="Available splits: test, train. Received: split"
    ):
        prepare("tfds:cifar10", "validation", data_dir=tmp_path)


def test_celeb_a_on_disk_reads_only_the_image(tmp_path, helpers, no_download):
    builder = tfds.builder("celeb_a", data_dir=tmp_path)
    images = [helpers.image(i, 218, 178) for i in range(2)]
    examples = [celeb_a_example(p, builder) for p in images]
    write("celeb_a", tmp_path, {"train": examples})
    prepared = prepare(
        "tfds:celeb_a", image_size=64, crop=160, data_dir=tmp_path
    )
    assert prepared.images.shape == (2, 64, 64, 3)
    # TFDS keeps this data set as JPEG, so the stored bytes are the measure.
    stored = builder.__class__(data_dir=tmp_path).as_dataset(
        split="train",
        decoders={"image": tfds.decode.SkipDecoding()},
    )
    for image, example in zip(prepared.images, stored.as_numpy_iterator()):
        expected = decode(example["image"], (64, 64), (160, 160))
        np.testing.assert_array_equal(image, expected)


@pytest.mark.filterwarnings("ignore:.* and were enlarged")
def test_second_call_reads_no_example(tmp_path, helpers, monkeypatch):
    images = [helpers.image(i, 32, 32) for i in range(2)]
    examples = [cifar10_example(p, i) for i, p in enumerate(images)]
    write("cifar10", tmp_path, {"train": examples})
    first = prepare("tfds:cifar10", data_dir=tmp_path)
    monkeypatch.setattr(tfds.core.DatasetBuilder, "as_dataset", None)
    assert prepare("tfds:cifar10", data_dir=tmp_path).path == first.path


def test_no_tuning_thread_delays_the_end(tmp_path, helpers, monkeypatch):
    write(
        "cifar10",
        tmp_path,
        {"train": [cifar10_example(helpers.image(0, 32, 32), 0)]},
    )
    seen = []
    as_dataset = tfds.core.DatasetBuilder.as_dataset

    def record(self, *args, read_config, **options):
        seen.append(read_config.options.autotune.enabled)
        return as_dataset(self, *args, read_config=read_config, **options)

    monkeypatch.setattr(tfds.core.DatasetBuilder, "as_dataset", record)
    prepare("tfds:cifar10", image_size=32, data_dir=tmp_path)
    assert seen == [False]


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="looks at a tf.data.Dataset"
)
def test_load(tmp_path, helpers):
    images = [helpers.image(i, 32, 32) for i in range(4)]
    examples = [cifar10_example(p, i) for i, p in enumerate(images)]
    write("cifar10", tmp_path, {"train": examples})
    batches = load(
        "tfds:cifar10", image_size=32, batch_size=2, data_dir=tmp_path
    )
    assert [batch.shape for batch in batches] == [(2, 32, 32, 3)] * 2


def test_unknown_data_set(tmp_path):
    with pytest.raises(ValueError, match="knows.*tfds:no_such_set") as caught:
        prepare("tfds:no_such_set", data_dir=tmp_path)
    assert "\n" not in str(caught.value)


def test_download_that_fails(tmp_path, monkeypatch):
    def download(*args, **kwargs):
        raise ConnectionError("no route\nto the host")

    monkeypatch.setattr(
        tfds.core.DatasetBuilder, "download_and_prepare", download
    )
    with pytest.raises(ValueError, match="no route.*tfds:cifar10") as caught:
        prepare("tfds:cifar10", data_dir=tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name, amount", [("cifar10", "0.17 GB"), ("lsun/bedroom", "46 GB")]
)
def test_a_download_is_announced(tmp_path, monkeypatch, capfd, name, amount):
    """With its size, of one configuration, and what needs none."""

    def download(*args, **kwargs):
        # It comes before, and in one line.
        (line,) = capfd.readouterr().err.splitlines()
        assert line.startswith(f"tfds:{name} is not in {tmp_path}/{name}/")
        assert f"downloads {amount} and" in line and "--data FOLDER" in line
        raise ConnectionError("said")

    monkeypatch.setattr(
        tfds.core.DatasetBuilder, "download_and_prepare", download
    )
    with pytest.raises(ValueError, match="said"):
        prepare(f"tfds:{name}", data_dir=tmp_path)


def test_without_tensorflow_the_error_names_the_packages(tmp_path):
    (tmp_path / "tensorflow.py").write_text(
        "raise ImportError('no tensorflow')"
    )
    code = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(tmp_path)!r})
        from kerasgan.data.source_tfds import TFDSSource
        try:
            TFDSSource("cifar10", "train")
        except ValueError as error:
            print(error)
    """)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert "pip install tensorflow tensorflow-datasets" in done.stdout
    assert done.stdout.endswith("Received: source=tfds:cifar10\n")


def test_labels(tmp_path, helpers):
    images = [helpers.image(i, 32, 32) for i in range(4)]
    labels = [3, 0, 9, 3]
    examples = [cifar10_example(p, label) for p, label in zip(images, labels)]
    builder = write("cifar10", tmp_path, {"train": examples})
    # As `download_and_prepare` does, which finds them in the download.
    builder.info.features["label"].names = names = [*"zyxwvutsra"]
    builder.info.features.save_metadata(builder.data_path)
    options = {"image_size": 32, "data_dir": tmp_path}
    with pytest.warns(UserWarning, match="No image of 7 of 10 classes"):
        prepared = prepare("tfds:cifar10", labels=True, **options)
    assert prepared.classes == names
    assert prepared.labels.tolist() == labels
    np.testing.assert_array_equal(prepared.images, images)
    assert prepare("tfds:cifar10", **options).labels is None
    builder = tfds.builder("celeb_a", data_dir=tmp_path)
    example = celeb_a_example(helpers.image(0, 218, 178), builder)
    write("celeb_a", tmp_path, {"train": [example]})
    with pytest.raises(ValueError, match="label feature, but there are none"):
        prepare("tfds:celeb_a", labels=True, **options)
