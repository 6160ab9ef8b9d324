"""`kerasgan measure` against pytorch-fid, from the images to the number."""

from pathlib import Path

import numpy as np
import pytest
from inception_weights import random_weights
from PIL import Image

from kerasgan.evaluation.image_sets import image_statistics, measure
from kerasgan.metrics.inception.network import inception

GOLDEN = Path(__file__).parents[1] / "oracles" / "pytorch_fid.npz"


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:.*the covariance is singular")
def test_the_distances_are_those_of_pytorch_fid(tmp_path, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    np.savez(tmp_path / "w.npz", **random_weights(inception("pool")))
    random = np.random.RandomState(0)
    for name, most in (("a", 256), ("b", 128)):
        (tmp_path / name).mkdir()
        images = random.randint(0, most, (24, 40, 48, 3)).astype("uint8")
        for i, image in enumerate(images):
            Image.fromarray(image).save(tmp_path / name / f"{i:02}.png")
    options = {"weights": tmp_path / "w.npz", "resize": "pytorch"}
    found = measure(
        tmp_path / "a", tmp_path / "b", ("fid768", "fid"), **options
    )
    with np.load(GOLDEN) as golden:
        mean = image_statistics(tmp_path / "a", "mixed_7", **options).mean
        np.testing.assert_allclose(mean, golden["mean768"], 1e-4, 1e-8)
        expected = [golden["fid768"], golden["fid2048"]]
    np.testing.assert_allclose([m.value for m in found], expected, rtol=1e-3)
