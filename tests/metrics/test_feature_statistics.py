import json
import os
import pickle
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from kerasgan.metrics import FeatureStatistics, frechet_distance


def features(count, dimension=5, seed=0):
    return np.random.default_rng(seed).normal(size=(count, dimension))


def gathered(x, batch_size, **protocol):
    statistics = FeatureStatistics(**protocol)
    for start in range(0, len(x), batch_size):
        statistics.update(x[start : start + batch_size])
    return statistics


def assert_equal(one, other):
    assert one.count == other.count
    np.testing.assert_array_equal(one.mean, other.mean)
    np.testing.assert_array_equal(one.covariance, other.covariance)


def assert_close(one, other):
    assert one.count == other.count
    np.testing.assert_allclose(one.mean, other.mean, rtol=1e-12)
    np.testing.assert_allclose(
        one.covariance, other.covariance, rtol=1e-11, atol=1e-13
    )


def test_by_hand():
    statistics = FeatureStatistics().update(
        [[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]]
    )
    np.testing.assert_array_equal(statistics.mean, [2, 2])
    np.testing.assert_array_equal(statistics.covariance, [[4, 3], [3, 3]])


@pytest.mark.parametrize("count", [2, 1023, 1024, 1025, 3000])
def test_against_numpy(count):
    x = features(count)
    statistics = FeatureStatistics().update(x)
    np.testing.assert_allclose(statistics.mean, x.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(
        statistics.covariance, np.cov(x, rowvar=False), rtol=1e-11, atol=1e-14
    )
    assert (statistics.count, statistics.dimension) == (count, 5)


@pytest.mark.parametrize("batch_size", [1, 7, 1024, 1500])
def test_batches_leave_no_trace(batch_size):
    x = features(2500)
    assert_equal(gathered(x, batch_size), gathered(x, len(x)))


def test_looking_leaves_no_trace():
    x = features(2500)
    statistics = FeatureStatistics()
    for row in range(0, 2500, 100):
        statistics.update(x[row : row + 100])
        if row:
            statistics.mean[:] = np.nan
            statistics.covariance[:] = np.nan
    assert_equal(statistics, gathered(x, 2500))


def test_the_order_of_rows_is_rounding():
    x = features(2500)
    mixed = np.random.default_rng(1).permutation(x)
    assert_close(gathered(x, 100), gathered(mixed, 100))


def test_merging_in_any_order():
    x = features(4000)
    pieces = [x[:10], x[10:1200], x[1200:1201], x[1201:]]
    whole = gathered(x, 4000)
    for order in ([0, 1, 2, 3], [3, 1, 0, 2], [2, 3, 1, 0]):
        found = FeatureStatistics()
        for i in order:
            part = gathered(pieces[i], 100)
            before = part.mean
            found.merge(part)
            np.testing.assert_array_equal(part.mean, before)
        assert_close(found, whole)


def test_updates_after_a_merge():
    x = features(3000)
    found = gathered(x[:700], 100).merge(gathered(x[700:900], 100))
    assert_close(found.update(x[900:]), gathered(x, 3000))


def test_a_large_mean_and_a_small_variance():
    # Multiples of 2^-20, of which nothing is lost next to 2^20.
    x = np.round(2.0**10 * features(3000)) / 2.0**20
    exact = np.cov(x, rowvar=False)
    for batch_size in (100, 3000):
        found = gathered(x + 2.0**20, batch_size)
        np.testing.assert_allclose(found.covariance, exact, rtol=1e-11)
        np.testing.assert_allclose(found.mean, 2.0**20 + x.mean(axis=0))
    merged = gathered(x[:900] + 2.0**20, 100)
    merged.merge(gathered(x[900:] + 2.0**20, 100))
    np.testing.assert_allclose(merged.covariance, exact, rtol=1e-11)


def test_float32_features_are_gathered_in_float64():
    x = (features(3000) * 1e-2 + 100).astype("float32")
    assert_equal(gathered(x, 100), gathered(x.astype("float64"), 100))
    exact = np.cov(x.astype("float64"), rowvar=False)
    np.testing.assert_allclose(gathered(x, 100).covariance, exact, rtol=1e-9)


def test_half_precision_and_integers_are_taken():
    x = np.arange(12).reshape(4, 3)
    assert_equal(
        FeatureStatistics().update(x),
        FeatureStatistics().update(x.astype("float16")),
    )


def test_memory_is_constant():
    statistics = gathered(features(1100, 64), 100)
    tracemalloc.start()
    for seed in range(20):
        statistics.update(features(1000, 64, seed))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # A batch, a block's copies and some matrices; 20 batches are 10 MB.
    assert peak < 3e6


def test_saved_and_read_bit_by_bit(tmp_path):
    protocol = {
        "feature": "toy",
        "resize": "none",
        "weights": "ab",
        "source": "x",
    }
    statistics = gathered(features(1500), 100, **protocol)
    statistics.save(tmp_path / "s.npz")
    found = FeatureStatistics.load(
        tmp_path / "s.npz", **protocol, dimension=5, count=1500
    )
    assert_equal(found, statistics)
    assert found.protocol == statistics.protocol
    more = features(100, seed=1)
    assert_close(found.update(more), statistics.update(more))
    assert [p.name for p in tmp_path.iterdir()] == ["s.npz"]


@pytest.mark.parametrize(
    "expected",
    [
        {"feature": "other"},
        {"resize": "clean"},
        {"weights": "cd"},
        {"source": "y"},
        {"dimension": 6},
        {"count": 10},
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, expected):
    gathered(features(20), 20, feature="toy").save(tmp_path / "s.npz")
    (name,) = expected
    with pytest.raises(ValueError, match=rf"were expected.*Received: {name}="):
        FeatureStatistics.load(tmp_path / "s.npz", **expected)


def test_an_unknown_expectation_is_refused(tmp_path):
    gathered(features(20), 20).save(tmp_path / "s.npz")
    with pytest.raises(TypeError, match="size=3"):
        FeatureStatistics.load(tmp_path / "s.npz", size=3)


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "s.npz"
    gathered(features(20), 20).save(path)
    whole = path.read_bytes()
    arrays = dict(np.load(path))
    for content in (b"", b"text", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="file of feature statistics"):
            FeatureStatistics.load(path)
    for change in (
        {"mean": np.full(5, np.nan)},
        {"mean": np.zeros(4)},
        {"scatter": np.zeros((5, 4))},
        {"protocol": json.dumps({"dimension": 5, "format": "else"})},
        {"protocol": "no JSON"},
    ):
        np.savez(path, **arrays | change)
        with pytest.raises(ValueError, match="file of feature statistics"):
            FeatureStatistics.load(path)
    np.save(tmp_path / "a.npy", np.zeros(3))
    with pytest.raises(ValueError, match="file of feature statistics"):
        FeatureStatistics.load(tmp_path / "a.npy")
    with pytest.raises(FileNotFoundError):
        FeatureStatistics.load(tmp_path / "none.npz")


class _Command:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def test_a_file_of_mu_and_sigma(tmp_path):
    """As pytorch-fid writes it, which knows no counts."""
    path = tmp_path / "s.npz"
    x, y = features(30), 2 * features(40, seed=1)
    mu, sigma = x.mean(axis=0), np.cov(x, rowvar=False)
    # clean-fid and others put more into it.
    np.savez_compressed(path, mu=mu, sigma=sigma, feats=x)
    statistics = FeatureStatistics.load(path)
    np.testing.assert_array_equal(statistics.mean, mu)
    np.testing.assert_array_equal(statistics.covariance, sigma)
    assert statistics.dimension == 5
    assert statistics.count is statistics.feature is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = frechet_distance(statistics, y)
    assert found == pytest.approx(frechet_distance(x, y), rel=1e-9)
    with pytest.warns(UserWarning, match="4 samples"):
        frechet_distance(statistics, y[:4])
    other = gathered(y, 40)
    for add in (
        lambda: statistics.update(x),
        lambda: statistics.merge(other),
        lambda: other.merge(statistics),
        lambda: statistics.save(tmp_path / "never.npz"),
    ):
        with pytest.raises(ValueError, match="does not say how many"):
            add()
    # What it does not say, it does not say.
    with pytest.raises(ValueError, match="were expected.*feature=None"):
        FeatureStatistics.load(path, feature="toy")
    assert FeatureStatistics.load(path, dimension=5).dimension == 5
    for change in (
        {"mu": np.zeros(4)},
        {"sigma": np.full((5, 5), np.nan)},
        {"sigma": np.triu(np.ones((5, 5)))},
        {"mu": np.array(["a"] * 5)},
    ):
        np.savez(path, **{"mu": mu, "sigma": sigma} | change)
        with pytest.raises(ValueError, match="file of feature statistics"):
            FeatureStatistics.load(path)
    # As torch.save writes the cache of torch-fidelity.
    path, evil = tmp_path / "s.pt", tmp_path / "evil"
    for values in ({"mu": mu, "sigma": sigma}, {"mu": _Command(evil)}, [mu]):
        with zipfile.ZipFile(path, "w") as archive:
            content = pickle.dumps(values, protocol=2)
            archive.writestr("archive/data.pkl", content)
        if len(values) == 2:
            found = FeatureStatistics.load(path)
            np.testing.assert_array_equal(found.mean, mu)
            np.testing.assert_array_equal(found.covariance, sigma)
            continue
        with pytest.raises(ValueError, match="file of feature statistics"):
            FeatureStatistics.load(path)
        assert not evil.exists()
    path = tmp_path / "s.npz"
    # The other way round, as the docstring of `save` has it.
    np.savez(path, mu=other.mean, sigma=other.covariance)
    found = FeatureStatistics.load(path)
    np.testing.assert_array_equal(found.covariance, other.covariance)


def test_what_was_made_differently_is_not_merged():
    one = gathered(features(20), 20, feature="a", source="x")
    with pytest.raises(ValueError, match="same `feature`.*'a' and feature='b'"):
        one.merge(gathered(features(20), 20, feature="b"))
    with pytest.raises(ValueError, match="same `dimension`"):
        one.merge(gathered(features(20, 4), 20))
    one.merge(gathered(features(20), 20, resize="clean", source="y"))
    assert (one.resize, one.source, one.count) == ("clean", "x + y", 40)


def test_too_few_rows():
    with pytest.raises(ValueError, match="at least 1 rows.*count=0"):
        _ = FeatureStatistics().mean
    one = FeatureStatistics().update(features(1))
    np.testing.assert_array_equal(one.mean, features(1)[0])
    with pytest.raises(ValueError, match="at least 2 rows.*count=1"):
        _ = one.covariance
    with pytest.raises(ValueError, match="at least 2 rows.*count=1"):
        one.save("never.npz")


def test_what_does_not_fit():
    statistics = gathered(features(30), 10)
    bad = features(1500)
    bad[1200, 3] = np.nan
    with pytest.raises(ValueError, match="row 1200 is not"):
        statistics.update(bad)
    with pytest.raises(ValueError, match=r"shape \[N, 5\].*dimension=4"):
        statistics.update(features(3, 4))
    with pytest.raises(ValueError, match=r"shape \[N, D\].*\(3,\)"):
        statistics.update(np.zeros(3))
    with pytest.raises(ValueError, match="real numbers.*complex128"):
        statistics.update(np.zeros((2, 5), complex))
    assert_equal(statistics, gathered(features(30), 30))
    assert "count=30" in repr(statistics)
