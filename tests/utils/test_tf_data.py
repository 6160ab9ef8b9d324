"""Pipelines of tf.data: the end of none waits for the tuning thread."""

import pathlib
import re

import pytest

import kerasgan

tf = pytest.importorskip("tensorflow")
PACKAGE = pathlib.Path(kerasgan.__file__).parent
MAKES_A_PIPELINE = re.compile(r"data\.(TFRecord)?Dataset[.(]|\.as_dataset\(")


def test_every_pipeline_is_made_without_tuning():
    """A module that makes one also sets the options."""
    found = {
        path: path.read_text("utf-8")
        for folder in (PACKAGE, PACKAGE.parent / "benchmarks")
        for path in folder.rglob("*.py")
    }
    makers = {p: t for p, t in found.items() if MAKES_A_PIPELINE.search(t)}
    assert len(makers) > 2
    assert [
        p.name for p, t in makers.items() if "untuned_options" not in t
    ] == []


def test_records_are_those_of_the_file_in_their_order(tmp_path, monkeypatch):
    from kerasgan.utils import tf_data

    made = []
    options = tf_data.untuned_options
    monkeypatch.setattr(
        tf_data, "untuned_options", lambda: made.append(1) or options()
    )
    path = tmp_path / "records"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in (b"first", b"", b"third"):
            writer.write(record)
    assert list(tf_data.records(path)) == [b"first", b"", b"third"]
    assert made == [1]
