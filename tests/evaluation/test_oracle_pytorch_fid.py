"""`kerasgan measure` against pytorch-fid, from the images to the number."""

import os
from pathlib import Path

import numpy as np
import pytest
from inception_weights import random_weights
from PIL import Image

from kerasgan.evaluation.image_sets import image_statistics, measure
from kerasgan.metrics.inception.network import inception
from kerasgan.metrics.inception.weights import VARIABLE
from kerasgan.utils.files import sha256

GOLDEN = Path(__file__).parents[1] / "oracles" / "pytorch_fid.npz"


@pytest.fixture
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    random = np.random.RandomState(0)
    for name, most, block in (("a", 256, 1), ("b", 128, 1), ("c", 256, 8)):
        (tmp_path / name).mkdir()
        shape = (24, 40 // block, 48 // block, 3)
        images = random.randint(0, most, shape).astype("uint8")
        images = images.repeat(block, 1).repeat(block, 2)
        for i, image in enumerate(images):
            Image.fromarray(image).save(tmp_path / name / f"{i:02}.png")
    return [tmp_path / name for name in "abc"]


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:.*the covariance is singular")
def test_the_distances_are_those_of_pytorch_fid(folders, tmp_path):
    np.savez(tmp_path / "w.npz", **random_weights(inception("pool")))
    options = {"weights": tmp_path / "w.npz", "resize": "pytorch"}
    found = measure(*folders[:2], ("fid768", "fid"), **options)
    with np.load(GOLDEN) as golden:
        mean = image_statistics(tmp_path / "a", "mixed_7", **options).mean
        np.testing.assert_allclose(mean, golden["mean768"], 1e-4, 1e-8)
        expected = [golden["fid768"], golden["fid2048"]]
    np.testing.assert_allclose([m.value for m in found], expected, rtol=1e-3)


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:.*the covariance is singular")
def test_the_distance_by_the_real_weights_is_that_of_pytorch_fid(
    folders,
):
    weights = Path(os.environ.get(VARIABLE, "none"))
    with np.load(GOLDEN) as golden:
        expected, digest = float(golden["real768"]), str(golden["real_weights"])
    if not weights.is_file() or sha256(weights) != digest:
        pytest.skip("needs the weights by which the golden file was made")
    found = measure(
        *folders[::2], ("fid768",), weights=weights, resize="pytorch"
    )
    assert expected > 1
    np.testing.assert_allclose(found[0].value, expected, rtol=1e-3)
