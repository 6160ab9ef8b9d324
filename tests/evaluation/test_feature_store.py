import contextlib

import numpy as np
import pytest

from kerasgan.evaluation import feature_store
from kerasgan.evaluation.feature_store import stored_features


class Computing:
    def __init__(self, fail_at=None):
        self.asked = []
        self.fail_at = fail_at

    def __call__(self, start, stop, advance):
        if start == self.fail_at:
            raise KeyboardInterrupt
        self.asked.append((start, stop))
        advance()
        return np.arange(start, stop)[:, None] + [0.0, 0.5]


@pytest.fixture
def stored(tmp_path, monkeypatch):
    monkeypatch.setattr(feature_store, "_ROWS", 4)

    def call(count, compute, key=None):
        bar = contextlib.nullcontext(lambda: None)
        return stored_features(
            key or {"of": 1}, count, compute, lambda rows: bar, tmp_path
        )

    return call


def expected(count):
    return np.arange(count)[:, None] + np.float32([0.0, 0.5])


def test_what_is_there_is_not_computed_again(stored):
    first = Computing()
    found = stored(10, first)
    np.testing.assert_array_equal(found, expected(10))
    assert found.dtype == np.float32
    assert first.asked == [(0, 4), (4, 8), (8, 10)]
    again = Computing()
    np.testing.assert_array_equal(stored(10, again), expected(10))
    assert again.asked == []


def test_more_rows_and_fewer(stored):
    stored(10, Computing())
    more = Computing()
    np.testing.assert_array_equal(stored(13, more), expected(13))
    assert more.asked == [(8, 12), (12, 13)]
    fewer = Computing()
    np.testing.assert_array_equal(stored(6, fewer), expected(6))
    # The whole piece has the part that is asked for.
    assert fewer.asked == []


def test_what_was_interrupted_is_continued(stored):
    with pytest.raises(KeyboardInterrupt):
        stored(10, Computing(fail_at=8))
    rest = Computing()
    np.testing.assert_array_equal(stored(10, rest), expected(10))
    assert rest.asked == [(8, 10)]


def test_another_key_is_another_matter(stored):
    stored(4, Computing())
    other = Computing()
    stored(4, other, {"of": 2})
    assert other.asked == [(0, 4)]


@pytest.mark.parametrize("damage", ["cut", "a bit"])
def test_a_damaged_file_is_made_again(stored, tmp_path, damage):
    stored(4, Computing())
    (path,) = tmp_path.glob("*/0-4.npy")
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    path.write_bytes(data if damage == "a bit" else data[:-40])
    again = Computing()
    np.testing.assert_array_equal(stored(4, again), expected(4))
    assert again.asked == [(0, 4)]
