"""Distances rise as images are disturbed: `benchmarks/disturbances.py`."""

import os
import pathlib

import numpy as np
import pytest

BENCHMARKS = pathlib.Path(__file__).parents[2] / "benchmarks"
NAMES = (
    "gaussian noise",
    "gaussian blur",
    "black rectangles",
    "swirl",
    "salt and pepper",
)


@pytest.fixture
def script(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    import disturbances

    return disturbances


def smooth_images(count, seed=0, size=32):
    """Shaded discs before shaded grounds, uint8 `[N, size, size, 3]`."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:size, :size] / size
    y, x = y[..., None], x[..., None]

    def shade():
        a, b, c = random.normal(0, 30, (3, count, 1, 1, 3))
        return 128 + a + b * (y - 0.5) + c * (x - 0.5)

    middle = random.uniform(0.3, 0.7, (2, count, 1, 1, 1))
    radius = random.uniform(0.15, 0.3, (count, 1, 1, 1))
    inside = np.hypot(y - middle[0], x - middle[1]) < radius
    pixels = np.where(inside, shade() + random.choice([-60, 60]), shade())
    return np.clip(np.rint(pixels), 0, 255).astype("uint8")


def thumbnail_features(images):
    """Root mean squares of pixels and slopes of 4x4 parts, `[N, 48]`."""
    grey = images.astype("float64").mean(-1) / 255
    slopes = [np.diff(grey, axis=axis) for axis in (1, 2)]
    maps = [grey[:, 1:, 1:], slopes[0][:, :, 1:], slopes[1][:, 1:]]
    parts = [
        (part**2).mean((1, 2)) ** 0.5
        for found in maps
        for rows in np.array_split(found, 4, axis=1)
        for part in np.array_split(rows, 4, axis=2)
    ]
    return np.stack(parts, axis=1)


def test_the_table_has_the_kinds_of_the_paper(script):
    assert tuple(script.DISTURBANCES) == NAMES
    for _, strengths in script.DISTURBANCES.values():
        assert (np.diff((0, *strengths)) > 0).all()


@pytest.mark.parametrize("name", NAMES)
def test_a_disturbance_alone(name, script):
    function, strengths = script.DISTURBANCES[name]
    images = smooth_images(3)
    before = images.copy()
    np.testing.assert_array_equal(function(images, 0), images)
    found = [function(images, a) for a in strengths]
    for one in found:
        assert one.dtype == np.uint8 and one.shape == images.shape
        assert (one != images).any((1, 2, 3)).all()
    np.testing.assert_array_equal(function(images, strengths[-1]), found[-1])
    np.testing.assert_array_equal(images, before)


def test_noise_by_its_moments(script):
    images = np.full((4, 64, 64, 3), 100, "uint8")
    found = script.gaussian_noise(images, 0.5).astype("float64")
    # Half of noise of 127.5 and 42.5, which is cut at three deviations.
    assert found.mean() == pytest.approx(113.75, abs=0.5)
    assert found.std() == pytest.approx(21.25, rel=0.02)
    assert (script.gaussian_noise(images, 0.5, seed=1) != found).any()


def test_blur_of_an_edge_by_the_sum_of_weights(script):
    image = np.zeros((1, 40, 40, 3), "uint8")
    image[0, :, 20:] = 255
    image[0, :, :, 1] = 7
    found = script.gaussian_blur(image, 2).astype("float64")[0]
    at = np.arange(40) - 20
    weights = np.exp(-(at**2) / 8)
    weights /= weights.sum()
    expected = [255 * weights[at <= place].sum() for place in at]
    np.testing.assert_allclose(found[20, :, 0], expected, rtol=0, atol=0.6)
    # Channels do not mix.
    assert (found[..., 1] == 7).all()


def test_rectangles_are_black_and_of_that_size(script):
    images = np.full((50, 20, 40, 3), 200, "uint8")
    found = script.black_rectangles(images, 0.25)
    assert set(np.unique(found)) == {0, 200}
    black = (found == 0).all(-1).sum((1, 2))
    assert (black <= 5 * 5 * 10).all() and (black >= 5 * 10).all()
    assert black.max() > 4 * 5 * 10
    # In every row and column, now and then.
    assert (found == 0).any((0, 2)).all() and (found == 0).any((0, 1)).all()
    assert not script.black_rectangles(images, 1.0).any()


def test_swirl_beside_another_interpolation(script):
    from scipy.ndimage import map_coordinates

    images = smooth_images(1, size=24)[:, :20]
    y, x = np.mgrid[:20, :24] - np.array([9.5, 11.5])[:, None, None]
    radius, angle = np.hypot(y, x), np.arctan2(y, x)
    angle = angle + 2 * np.exp(-radius / 5)
    places = 9.5 + radius * np.sin(angle), 11.5 + radius * np.cos(angle)
    expected = np.stack(
        [
            map_coordinates(
                images[0, :, :, c].astype("float64"),
                places,
                order=1,
                mode="nearest",
            )
            for c in range(3)
        ],
        axis=-1,
    )
    found = script.swirl(images, 2)[0]
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.51)


def test_salt_and_pepper_by_its_shares(script):
    images = np.full((4, 64, 64, 3), 100, "uint8")
    found = script.salt_and_pepper(images, 0.2)
    for value, share in ((0, 0.1), (255, 0.1), (100, 0.8)):
        equal = (found == value).all(-1)
        assert equal.mean() == pytest.approx(share, abs=0.01)


def test_distances_of_thumbnails_rise(script):
    images = smooth_images(400)
    found = script.distances(
        thumbnail_features(images[:200]), images[200:], thumbnail_features
    )
    assert tuple(found) == NAMES
    for name, (strengths, values) in found.items():
        assert strengths == (0, *script.DISTURBANCES[name][1])
        assert script.rises(values), f"{name}: {values}"
        # All begin with the halves as they are.
        assert values[0] == found["swirl"][1][0]
        assert values[1] > 1.3 * values[0], f"{name}: {values}"
    assert not script.rises([0, 1, 1])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*samples of 768 dimensions")
def test_fid768_of_faces_rises(script):
    """With 250 faces beside 250 others; two minutes of a processor."""
    source = os.environ.get("KERASGAN_FACES")
    weights = os.environ.get("KERASGAN_INCEPTION")
    if not source or not weights:
        pytest.skip(
            "needs KERASGAN_FACES, a source of faces, and KERASGAN_INCEPTION"
        )
    from kerasgan.data import prepare
    from kerasgan.metrics import inception_features

    images = prepare(source, "train", 64).images
    chosen = np.random.default_rng(0).permutation(len(images))[:500]
    images = np.stack([images[i] for i in chosen])
    names = "gaussian noise", "gaussian blur", "swirl"
    found = script.distances(
        inception_features(images[:250]),
        images[250:],
        inception_features,
        names,
    )
    for name, (_, values) in found.items():
        assert script.rises(values), f"{name}: {values}"
        assert values[-1] > 3 * values[0], f"{name}: {values}"
