"""Images of anybody measured against others."""

import contextlib
import pickle
import zipfile

import numpy as np
import pytest
from PIL import Image

import kerasgan.metrics
from kerasgan import metrics
from kerasgan.evaluation.image_sets import image_statistics, measure
from kerasgan.metrics.inception import weights as inception_weights
from kerasgan.metrics.sample_diversity import thumbnails

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*samples"),
    pytest.mark.filterwarnings("ignore:.*the covariance is singular"),
]
RANDOM = np.random.default_rng(0)
FIRST = RANDOM.integers(0, 256, (30, 17, 19, 3), np.uint8)
SECOND = RANDOM.integers(0, 200, (40, 17, 19, 3), np.uint8)


def features(images):
    """Few numbers, in place of the Inception network's."""
    return thumbnails(images)[:, ::100].astype("float32") * 100


@pytest.fixture(autouse=True)
def stand_in(monkeypatch, tmp_path):
    def inception_features(images, progress, **options):
        progress(len(images), len(images))
        return features(images)

    monkeypatch.setattr(
        kerasgan.metrics, "inception_features", inception_features
    )
    monkeypatch.setattr(
        kerasgan.metrics,
        "inception_protocol",
        lambda kind, weights, resize: {
            "features": kind,
            "dimensions": 8,
            "resize": resize,
            "weights_sha256": "0" * 64,
        },
    )
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "first").mkdir()
    for i, image in enumerate(FIRST):
        Image.fromarray(image).save(tmp_path / "first" / f"{i:02}.png")
    return tmp_path / "first"


@pytest.fixture
def array(tmp_path):
    np.save(tmp_path / "second.npy", SECOND)
    return tmp_path / "second.npy"


def test_the_numbers_are_those_of_the_metrics(folder, array):
    names = ("fid", "kid768", "prdc", "swd")
    found = {item.name: item for item in measure(folder, array, names)}
    real, fake = features(SECOND), features(FIRST)
    chosen = np.sort(np.random.default_rng(0).permutation(40)[:30])
    expected = {
        "fid": metrics.frechet_distance(real, fake),
        "recall": metrics.precision_recall(real, fake).recall,
        "coverage": metrics.density_coverage(real, fake).coverage,
        "swd": metrics.sliced_wasserstein(SECOND[chosen], FIRST).mean,
        "kid768": metrics.kernel_distance(
            real, fake, subsets=100, subset_size=30
        ).mean,
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, rel=1e-5), name
    protocol = found["fid"].protocol
    assert protocol["measured"] == "first"
    assert protocol["data"] == "second.npy"
    assert (protocol["measured_images"], protocol["images"]) == (30, 40)


def test_saved_statistics_in_place_of_images(folder, array, tmp_path):
    direct = measure(folder, array, ("fid",))[0].value
    statistics = image_statistics(array)
    assert (statistics.count, statistics.source) == (40, "second.npy")
    statistics.save(tmp_path / "ours.npz")
    # As pytorch-fid writes it.
    np.savez(
        tmp_path / "theirs.npz",
        mu=statistics.mean,
        sigma=statistics.covariance,
    )
    with zipfile.ZipFile(tmp_path / "fidelity.pt", "w") as archive:
        values = {"mu": statistics.mean, "sigma": statistics.covariance}
        archive.writestr("fidelity/data.pkl", pickle.dumps(values, protocol=2))
    for name in ("ours.npz", "theirs.npz", "fidelity.pt"):
        unknown = contextlib.nullcontext()
        if name == "theirs.npz":
            unknown = pytest.warns(UserWarning, match="does not say how its")
        with pytest.MonkeyPatch.context() as patch, unknown:
            patch.setattr(
                "kerasgan.evaluation.image_sets._OF_STATISTICS",
                {statistics.dimension: "fid"},
            )
            (found,) = measure(folder, tmp_path / name)
        assert found.name == "fid"
        assert found.value == pytest.approx(direct, rel=1e-5)
        assert found.protocol["statistics"] == name
    with pytest.raises(ValueError, match="measure kid against: statistics of"):
        measure(folder, tmp_path / "ours.npz", ("kid",))
    with pytest.raises(ValueError, match="same `resize`"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                "kerasgan.evaluation.image_sets._OF_STATISTICS",
                {statistics.dimension: "fid"},
            )
            measure(folder, tmp_path / "ours.npz", resize="clean")


def test_weights_that_end_early_are_no_fid(folder, array, monkeypatch):
    def load(features, weights):
        if features == "pool":
            raise ValueError("ends before")

    monkeypatch.setattr(inception_weights, "load_inception", load)
    with pytest.warns(UserWarning, match="other numbers than FID"):
        found = measure(folder, array)
    assert [item.name for item in found] == ["fid768", "kid768"]


def test_what_cannot_be_measured(folder, array):
    with pytest.raises(
        ValueError, match=r"Expected some of fid768, .*metrics=IS"
    ):
        measure(folder, array, ("IS",))
    with pytest.raises(ValueError, match="Expected images to measure against"):
        measure(folder, None, ("is", "fid"))
    with pytest.raises(ValueError, match="for a split of them"):
        measure(folder, None, ("is",), against_split="test")
    Image.fromarray(FIRST[0][:9]).save(folder / "small.png")
    with pytest.raises(ValueError, match="17x19 and small.png 9x19 pixels"):
        measure(folder, array, ("fid",))
    found = measure(folder, array, ("fid",), image_size=8)
    assert found[0].protocol["measured_images"] == 31
