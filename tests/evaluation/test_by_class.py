"""Measures of conditional generators: the whole, and each class."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from small_networks import tiny_conditional

from kerasgan import metrics, sampling
from kerasgan.cli.evaluate import _print_classes
from kerasgan.evaluation import inputs, measures
from kerasgan.evaluation.evaluation import Evaluation
from kerasgan.evaluation.evaluator import _content
from kerasgan.utils.progress_bars import progress_bar
from kerasgan.zoo.records import Measurement

NAMES = ["ant", "bee", "cat"]
SAMPLES = 60


class Prepared(SimpleNamespace):
    def __len__(self):
        return len(self.images)


def features(images):
    return np.asarray(images, "float32").reshape(len(images), -1)[:, :24]


@pytest.fixture(scope="module", params=[(4, 4, 3), (6, 4, 1)])
def evaluation(request):
    """One whose Inception network gives a few pixels, also of gray images."""
    generator = tiny_conditional(NAMES, image_shape=request.param)
    random = np.random.default_rng(0)
    images = random.integers(0, 256, (40, *request.param), np.uint8)
    # One class has a single image.
    prepared = Prepared(
        images=images,
        labels=np.array([1] + 19 * [0] + 20 * [2], np.int32),
        fingerprint="0" * 64,
        split="train",
    )
    subject = SimpleNamespace(
        load=lambda: generator, digest="1" * 64, recipe=None
    )
    found = Evaluation(
        subject,
        lambda split: prepared,
        data="dots",
        cut={},
        split=None,
        references=("train",),
        samples=SAMPLES,
        seed=3,
        repeats=1,
        weights=None,
        resize="legacy",
        bar=lambda title, total: progress_bar(title, total, False),
    )
    found.features = lambda split, kind: features(prepared.images)
    found.sampled_features = lambda seed, kind: features(found.drawn(seed))
    found.feature_protocol = lambda kind: {
        "features": kind,
        "dimensions": 8,
        "inception_resize": "legacy",
        "weights_sha256": "0" * 64,
    }
    return found


@pytest.mark.filterwarnings("ignore:.*the covariance is singular")
def test_distances_of_each_class(evaluation, capsys):
    few = r"by class: 3 of 3 .* fewer than {} images .*ant \(\d+\), bee \(1\), "
    with pytest.warns(UserWarning, match=few.format(25)) as caught:
        (fid,) = measures.find("fid768")(evaluation)
    assert sum("by class" in str(x.message) for x in caught) == 1
    with pytest.warns(UserWarning, match=few.format("1,000")):
        (kid,) = measures.find("kid768")(evaluation)
    generator, prepared = evaluation.generator, evaluation.real_images("train")
    drawn = sampling.labels(SAMPLES, 3, seed=3)
    for index, name in enumerate(NAMES):
        real = prepared.images[prepared.labels == index]
        # The samples of a class are those of the draw, and no others.
        fake = sampling.sample(
            generator, SAMPLES, seed=3, label=np.full(SAMPLES, index)
        )[drawn == index]
        counts = {"images": len(real), "samples": len(fake)}
        a, b = features(real), features(fake)
        if name == "bee":
            assert fid.classes[name] == kid.classes[name] == counts
            continue
        size = min(len(a), len(b))
        distances = (
            (fid, metrics.frechet_distance(a, b)),
            (kid, metrics.kernel_distance(a, b, 100, size).mean),
        )
        for item, expected in distances:
            assert item.classes[name] == {
                "value": pytest.approx(expected, rel=1e-5),
                **counts,
            }
    content = json.loads(json.dumps(fid.model_dump(mode="json")))
    assert Measurement.model_validate(content) == fid
    assert "classes" not in Measurement(
        name="swd", value=1.0, protocol={}
    ).model_dump(mode="json")
    _print_classes([fid, kid])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    header = "class samples images fid768 kid768 x 1000"
    assert header.split() in rows
    assert ["bee", str((drawn == 1).sum()), "1", "-", "-"] in rows


def test_every_other_measure_takes_classes(evaluation):
    for name in ("reconstruction", "swd", "prdc768"):
        if name == "swd" and min(evaluation.generator.output_shape[1:3]) < 16:
            continue
        for item in measures.find(name)(evaluation):
            assert np.isfinite(item.value)
            assert item.classes == {}
    (item,) = measures.find("reconstruction")(evaluation)
    assert item.protocol["labels"] == "given"
    prepared = evaluation.real_images("train")
    assert item.value == pytest.approx(
        metrics.reconstruction_error(
            evaluation.generator,
            prepared.images,
            labels=prepared.labels,
        ).mean,
        rel=1e-4,
    )


def test_class_accuracy(evaluation, monkeypatch):
    """Real images are recognized by a probe that was fitted on others."""
    images = np.random.default_rng(1).integers(
        0, 256, evaluation.real_images(None).images.shape, np.uint8
    )
    test = Prepared(
        images=images,
        labels=np.arange(40, dtype=np.int32) % 3,
        fingerprint="2" * 64,
        split="test",
    )
    train = evaluation.real_images("train")
    with pytest.raises(ValueError, match="other than those that the classes"):
        measures.find("class_accuracy768")(evaluation)
    monkeypatch.setattr(
        evaluation, "real_images", lambda split: train if split else test
    )
    monkeypatch.setattr(
        evaluation,
        "features",
        lambda split, kind: features(evaluation.real_images(split).images),
    )
    samples, real = measures.find("class_accuracy768")(evaluation)
    probe = metrics.LinearProbe(features(train.images), train.labels)
    drawn = evaluation.drawn(3), sampling.labels(SAMPLES, 3, seed=3)
    assert samples.name == "class_accuracy768"
    assert samples.value == pytest.approx(
        np.mean(probe.classify(features(drawn[0])) == drawn[1]), rel=1e-5
    )
    assert samples.protocol["split"] == "train"
    assert real.name == "class_accuracy768_real"
    assert real.protocol["split"] == "test"
    assert real.value == pytest.approx(
        np.mean(probe.classify(features(images)) == test.labels), rel=1e-5
    )
    monkeypatch.setattr(train, "labels", None)
    with pytest.raises(ValueError, match="images with labels"):
        measures.find("class_accuracy768")(evaluation)


def test_labels_are_part_of_what_is_kept(evaluation):
    prepared, before = evaluation.real_images(None), {}
    for key in ("reconstruction", "fid768", "class_accuracy768"):
        before[key] = _content(key, evaluation)
    labels, prepared.labels = prepared.labels, None
    try:
        assert evaluation.labels_protocol(None) == {"labels": "drawn"}
        for key, content in before.items():
            assert _content(key, evaluation) != content
            assert "labels" not in _content(key, evaluation)
    finally:
        prepared.labels = labels


def test_a_conditional_saved_model(on_tensorflow, tmp_path, monkeypatch):
    import tensorflow as tf

    generator = tiny_conditional(NAMES)
    module = tf.Module()
    module.kept = generator.variables

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 4], tf.float32, name="latents"),
            tf.TensorSpec([None], tf.int32, name="labels"),
        ]
    )
    def serve(latents, labels):
        return {"images": generator([latents, labels])}

    folder = tmp_path / "ants" / "1"
    signatures = {"serving_default": serve}
    tf.saved_model.save(module, str(folder), signatures)
    expected = sampling.sample(generator, 5, label="bee")
    loaded = inputs.find_measured(folder).load()
    np.testing.assert_array_equal(sampling.sample(loaded, 5, label=1), expected)
    # An entry's recipe knows the classes.
    data = SimpleNamespace(classes=NAMES)
    entry = SimpleNamespace(recipe=lambda: SimpleNamespace(data=data))
    monkeypatch.setattr(inputs, "names_of_the_zoo", lambda: ["ants"])
    monkeypatch.setattr(inputs, "find", lambda name: entry)
    loaded = inputs.find_measured(folder).load()
    for label in (None, "bee"):
        np.testing.assert_array_equal(
            sampling.sample(loaded, 5, label=label),
            sampling.sample(generator, 5, label=label),
        )
    with pytest.raises(ValueError, match="Classes are mixed in"):
        sampling.interpolate(loaded, labels=("ant", "bee"))
