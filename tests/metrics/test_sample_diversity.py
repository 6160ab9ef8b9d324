import numpy as np
import pytest

from kerasgan.metrics import References, diversity
from kerasgan.metrics.sample_diversity import thumbnails


def random_images(count, size=(32, 32), seed=0):
    """Smooth colours, unlike each other."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(0, 255, (count, 2, 2, 3))
    down, right = (np.linspace(0, 1, n) for n in size)
    weights = np.stack([1 - down, down]), np.stack([1 - right, right])
    return np.einsum(
        "ih,nijc,jw->nhwc", weights[0], corners, weights[1]
    ).astype(np.uint8)


@pytest.mark.parametrize("size", [(32, 48), (16, 16), (8, 6), (20, 64)])
def test_thumbnails_are_means_over_equal_areas(size):
    images = np.random.default_rng(0).integers(0, 256, (3, *size, 3), np.uint8)
    rows = thumbnails(images)
    cells = [min(16, n) for n in size]
    # Each pixel as 16 x 16 little ones, of which whole numbers make a cell.
    fine = images.repeat(cells[0], 1).repeat(cells[1], 2) / 255
    fine = fine.reshape(3, cells[0], size[0], cells[1], size[1], 3)
    expected = fine.mean(axis=(2, 4)).reshape(3, -1)
    np.testing.assert_allclose(
        rows, expected / np.sqrt(expected.shape[1]), atol=1e-6
    )


def test_distances_by_hand():
    samples = np.zeros((3, 16, 16, 3), np.uint8)
    samples[1] = 51  # 0.2
    samples[2] = 255
    references = np.zeros((2, 16, 16, 3), np.uint8)
    references[0] = 204  # 0.8
    found = diversity(samples, references)
    assert found.mean_distance == pytest.approx((0.2 + 1.0 + 0.8) / 3, rel=1e-5)
    assert found.relative == pytest.approx(2 / 3 / 0.8, rel=1e-5)
    np.testing.assert_allclose(found.nearest, [0.0, 0.2, 0.2], atol=1e-6)
    np.testing.assert_array_equal(found.nearest_index, [1, 1, 0])
    assert found.memorized == pytest.approx(1 / 3)
    assert found.duplicates == 0.0


def test_against_every_pair_one_by_one():
    samples, references = random_images(50, seed=1), random_images(70, seed=2)
    a, b = (thumbnails(x).astype("float64") for x in (samples, references))
    found = diversity(samples, references)
    among = [np.linalg.norm(a[i] - a[j]) for i in range(50) for j in range(i)]
    assert found.mean_distance == pytest.approx(np.mean(among), rel=1e-9)
    across = np.linalg.norm(a[:, None] - b[None], axis=2)
    np.testing.assert_allclose(found.nearest, across.min(axis=1), rtol=1e-6)
    np.testing.assert_array_equal(found.nearest_index, across.argmin(axis=1))


def test_without_references_nothing_is_said_of_them():
    found = diversity(random_images(5))
    assert found.mean_distance > 0.1
    assert (found.relative, found.nearest, found.memorized) == (None,) * 3


def test_one_image_again_and_again():
    one = np.repeat(random_images(1), 20, axis=0)
    found = diversity(one, random_images(100, seed=3))
    assert found.relative < 1e-6
    assert found.duplicates == 1.0
    assert found.memorized == 0.0


def test_a_few_doubles():
    samples = random_images(20)
    samples[7] = samples[3]
    assert diversity(samples).duplicates == 0.1


def test_memorized_training_images():
    training = random_images(300, seed=4)
    samples = random_images(40)
    samples[:10] = training[100:110]
    samples[10:20] = training[200:210, :, ::-1]
    found = diversity(samples, training)
    assert found.memorized == 0.25
    np.testing.assert_array_equal(found.nearest_index[:10], range(100, 110))
    flipped = diversity(samples, References(training, flip=True))
    assert flipped.memorized == 0.5
    np.testing.assert_array_equal(
        flipped.nearest_index[:20], [*range(100, 110), *range(200, 210)]
    )
    # Noise that the eye hardly sees hides no copy.
    noise = np.random.default_rng(5).integers(-4, 5, samples.shape)
    noisy = np.clip(samples + noise, 0, 255).astype(np.uint8)
    assert diversity(noisy, training).memorized == 0.25


@pytest.mark.parametrize(
    "samples, references, received",
    [
        (random_images(1), None, "Received: 1"),
        (random_images(3), random_images(1), "`references` must be at least 2"),
        (random_images(3) / 255.0, None, "float64"),
        (random_images(3)[0], None, r"\(32, 32, 3\)"),
        (
            random_images(3),
            random_images(3, (16, 16)),
            r"references of \(16, 16, 3\)",
        ),
    ],
)
def test_what_is_refused(samples, references, received):
    with pytest.raises(ValueError, match=received):
        diversity(samples, references)
