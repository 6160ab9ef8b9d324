import tracemalloc

import numpy as np
import pytest

from kerasgan.data import Batches
from kerasgan.data.floats import to_float


def numbered(count, width=4):
    """Images that carry their number, and whose first column marks a flip."""
    images = np.zeros((count, 2, width, 3), np.uint8)
    images[:, 0, :, 0] = np.arange(count)[:, None]
    images[:, :, 0, 1] = 255
    return images


def numbers(batch):
    return batch[:, 0, 0, 0].tolist()


def flipped(batch):
    return (batch[:, 0, 0, 1] == 0).tolist()


def test_each_epoch_is_a_fresh_permutation():
    batches = Batches(numbered(24), 6, seed=3)
    assert batches.steps_per_epoch == 4
    epochs = [
        sum((numbers(batches.batch(e * 4 + i)) for i in range(4)), [])
        for e in range(3)
    ]
    for epoch in epochs:
        assert sorted(epoch) == list(range(24))
    assert epochs[0] != epochs[1] != epochs[2]


def test_batch_is_a_function_of_seed_and_step_alone():
    steps = range(15)
    drawn = [Batches(numbered(23), 5, seed=7).batch(s) for s in steps]
    one = Batches(numbered(23), 5, seed=7)
    for step in reversed(steps):
        np.testing.assert_array_equal(one.batch(step), drawn[step])
    other = Batches(numbered(23), 5, seed=8)
    assert any(not np.array_equal(other.batch(s), drawn[s]) for s in steps)


def test_pinned_draws():
    # Whoever changes these numbers breaks the resume of every older run.
    batches = Batches(numbered(10), 5, seed=0)
    assert numbers(batches.batch(0)) == PINNED_NUMBERS
    assert flipped(batches.batch(0)) == PINNED_FLIPS


PINNED_NUMBERS = [9, 7, 2, 0, 4]
PINNED_FLIPS = [False, True, True, False, False]


def test_a_million_images_take_the_memory_of_their_order():
    # Their pixels are one and the same byte: only the order and flips count.
    images = np.broadcast_to(np.uint8(0), (1_000_000, 2, 2, 3))
    batches = Batches(images, 32, flip=True)
    tracemalloc.start()
    try:
        for step in (0, batches.steps_per_epoch, 2 * batches.steps_per_epoch):
            batches.batch(step)
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 8e6 < now < 16e6
    assert peak < 64e6


def test_processes_have_parts_of_each_batch():
    whole = Batches(numbered(23), 6, seed=7)
    parts = [Batches(numbered(23), 6, seed=7, part=(i, 3)) for i in range(3)]
    assert parts[0].shape[0] == 2
    for step in (0, 5):
        joined = np.concatenate([part.batch(step) for part in parts])
        np.testing.assert_array_equal(joined, whole.batch(step))
    with pytest.raises(
        ValueError, match="multiple of 4. Received: batch_size=6"
    ):
        Batches(numbered(23), 6, part=(0, 4))


def test_incomplete_batch_is_dropped():
    batches = Batches(numbered(11), 4, seed=0)
    assert batches.steps_per_epoch == 2
    epoch = numbers(batches.batch(0)) + numbers(batches.batch(1))
    assert len(set(epoch)) == 8


def test_flips_mirror_half_of_the_images():
    images = numbered(200)
    batches = Batches(images, 200, shuffle=False, seed=1)
    first, second = batches.batch(0), batches.batch(1)
    assert flipped(first) != flipped(second)
    assert 70 < sum(flipped(first)) < 130
    for image, original, mirrored in zip(first, images, flipped(first)):
        expected = original[:, ::-1] if mirrored else original
        np.testing.assert_array_equal(image, expected)
    still = Batches(images, 200, flip=False, seed=1)
    assert not any(flipped(still.batch(0)))


def test_without_shuffle_images_come_in_order_and_stay_unharmed():
    images = numbered(6)
    batches = Batches(images, 3, flip=False, shuffle=False)
    assert numbers(batches.batch(1)) == [3, 4, 5]
    assert numbers(batches.batch(2)) == [0, 1, 2]
    batches.batch(0)[:] = 9
    assert images.max() == 255 and images[0, 0, 0, 0] == 0


def test_negative_and_large_seeds():
    for seed in (-1, 2**63 - 1, np.int64(5)):
        assert Batches(numbered(4), 2, seed=seed).batch(0).shape[0] == 2


@pytest.mark.parametrize("batch_size", [0, -1, 11])
def test_impossible_batch_size(batch_size):
    with pytest.raises(ValueError, match=f"Received: batch_size={batch_size}"):
        Batches(numbered(10), batch_size)


def test_wrong_array():
    with pytest.raises(ValueError, match="Received: images=float64 array"):
        Batches(np.zeros((4, 2, 2, 3)), 2)
    with pytest.raises(ValueError, match="Received: images=uint8 array"):
        Batches(np.zeros((4, 2, 2), np.uint8), 2)


def test_negative_step():
    with pytest.raises(ValueError, match="Received: step=-1"):
        Batches(numbered(4), 2).batch(-1)


def test_floats_span_minus_one_to_one():
    floats = to_float(np.arange(256, dtype=np.uint8))
    assert floats.dtype == np.float32
    assert floats[0] == -1 and floats[255] == 1
    back = np.round((floats + 1) * 127.5).astype(np.uint8)
    np.testing.assert_array_equal(back, np.arange(256))
