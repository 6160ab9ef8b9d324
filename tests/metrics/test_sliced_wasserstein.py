import sys

import numpy as np
import pytest
import scipy.ndimage
import scipy.stats

from kerasgan.metrics import sliced_wasserstein
from kerasgan.metrics.sliced_wasserstein import (
    laplacian_pyramid,
    projected_distance,
)

FILTER = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]) / 256


def random_images(count=6, height=32, width=40, channels=3, seed=0):
    """Noise on a random slope, uint8."""
    random = np.random.default_rng(seed)
    slopes = random.normal(size=(count, 1, width, channels)).cumsum(axis=2)
    noise = random.normal(size=(count, height, width, channels))
    return (128 + 6 * slopes + 10 * noise).clip(0, 255).astype("uint8")


def slow_pyramid(image, levels):
    """Of one channel, float64."""

    def blur(x):
        return scipy.ndimage.convolve(x, FILTER, mode="mirror")

    found, rest = [], image.astype("float64")
    for _ in range(levels - 1):
        smaller = blur(rest)[::2, ::2]
        spread = np.zeros_like(rest)
        for y in range(smaller.shape[0]):
            for x in range(smaller.shape[1]):
                spread[2 * y, 2 * x] = smaller[y, x]
        found.append(rest - 4 * blur(spread))
        rest = smaller
    return [*found, rest]


def slow_distance(real, fake, levels, patches, directions, seed):
    """Patch by patch and direction by direction."""
    channels = real.shape[3]
    random = np.random.default_rng((seed, 0))
    axes = random.normal(size=(directions, 49 * channels))
    found = []
    for level in range(levels):
        sets = []
        for images in (real, fake):
            random = np.random.default_rng((seed, 1, level))
            taken = []
            for image in images:
                maps = [
                    slow_pyramid(image[..., c], levels)[level]
                    for c in range(channels)
                ]
                for u, v in random.random((patches, 2)):
                    y = int(u * (maps[0].shape[0] - 6))
                    x = int(v * (maps[0].shape[1] - 6))
                    taken.append([m[y : y + 7, x : x + 7] for m in maps])
            taken = np.array(taken)
            for c in range(channels):
                values = taken[:, c]
                taken[:, c] = (values - values.mean()) / values.std()
            sets.append(
                [np.stack(list(patch), axis=-1).ravel() for patch in taken]
            )
        distances = []
        for axis in axes:
            axis = axis / np.linalg.norm(axis)
            projected = [
                [patch @ axis for patch in patches] for patches in sets
            ]
            distances.append(scipy.stats.wasserstein_distance(*projected))
        found.append(1000 * np.mean(distances))
    return found


@pytest.mark.parametrize(
    "height, width, channels, sizes",
    [(32, 40, 3, [32, 16]), (50, 33, 1, [33, 17]), (31, 31, 3, [31])],
)
def test_patch_by_patch(height, width, channels, sizes):
    real = random_images(3, height, width, channels)
    fake = random_images(3, height, width, channels, seed=1)
    found = sliced_wasserstein(real, fake, patches=5, directions=20, seed=7)
    assert list(found.levels) == sizes
    slow = slow_distance(real, fake, len(sizes), 5, 20, 7)
    assert list(found.levels.values()) == pytest.approx(slow, rel=1e-5)
    assert found.mean == pytest.approx(np.mean(slow), rel=1e-5)


@pytest.mark.parametrize("height, width", [(64, 48), (37, 50)])
def test_the_pyramid_channel_by_channel(height, width):
    x = random_images(2, height, width)
    levels = laplacian_pyramid(x, 3)
    for image in range(2):
        for c in range(3):
            slow = slow_pyramid(x[image, ..., c], 3)
            for level, wanted in zip(levels, slow):
                np.testing.assert_allclose(
                    level[image, ..., c], wanted, atol=1e-3
                )


def test_levels_of_the_usual_sizes():
    def levels(side):
        x = random_images(1, side, side)
        return list(sliced_wasserstein(x, x, 1, 1).levels)

    assert levels(64) == [64, 32, 16]
    assert levels(160) == [160, 80, 40, 20]
    assert levels(16) == [16]


def test_equal_sets():
    x = random_images()
    found = sliced_wasserstein(x, x.copy(), patches=8)
    assert found.mean == 0
    assert set(found.levels.values()) == {0}


def test_one_dimension_is_the_wasserstein_distance():
    x, y = np.random.default_rng(0).normal(size=(2, 50, 1))
    found = projected_distance(x, y**3, np.array([[1.0], [-1.0]]))
    wanted = scipy.stats.wasserstein_distance(x[:, 0], y[:, 0] ** 3)
    assert found == pytest.approx(wanted, rel=1e-12)


def test_batches_leave_no_trace(monkeypatch):
    x, y = random_images(), random_images(seed=1)
    found = sliced_wasserstein(x, y, patches=4)
    # The package's attribute of this name is the function.
    module = sys.modules["kerasgan.metrics.sliced_wasserstein"]
    monkeypatch.setattr(module, "_BATCH", 2)
    assert sliced_wasserstein(x, y, patches=4) == found


def test_seeds():
    x, y = random_images(), random_images(seed=1)
    found = [sliced_wasserstein(x, y, 4, seed=s).mean for s in (0, 0, 1)]
    assert found[0] == found[1] != found[2]


def test_images_without_contrast():
    x = random_images()
    flat = np.full_like(x, 77)
    assert sliced_wasserstein(flat, flat, patches=8).mean == 0
    found = sliced_wasserstein(x, flat, patches=32)
    # Zeros against what has the standard deviation 1.
    assert all(400 < d < 1000 for d in found.levels.values())


def test_progress():
    calls = []
    x = random_images(2)
    sliced_wasserstein(x, x, 1, 1, progress=lambda *a: calls.append(a))
    assert calls == [(1, 2), (2, 2)]


def test_what_does_not_fit():
    x = random_images(2)
    with pytest.raises(ValueError, match="`fake` must be uint8.*float64"):
        sliced_wasserstein(x, x / 255)
    with pytest.raises(ValueError, match=r"the same shape.*\(1, 32, 40, 3\)"):
        sliced_wasserstein(x, x[:1])
    with pytest.raises(ValueError, match="at least 16 pixels"):
        sliced_wasserstein(x[:, :15], x[:, :15])
    with pytest.raises(ValueError, match="must be uint8 images"):
        sliced_wasserstein(x[:0], x[:0])
    with pytest.raises(ValueError, match="`patches`.*patches=0"):
        sliced_wasserstein(x, x, patches=0)
