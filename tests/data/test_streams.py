import os
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest

from kerasgan.data import Batches, load
from kerasgan.data.floats import to_float
from kerasgan.data.position import trained_by
from kerasgan.data.streams_keras import endless, epochs

on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="tf.data serves the TensorFlow backend only",
)


def batches(count=20, batch_size=4, **options):
    images = np.random.default_rng(0).integers(
        0, 256, (count, 2, 6, 3), np.uint8
    )
    return Batches(images, batch_size, **options)


class Recorder(keras.Model):
    """Keeps the sum of each batch that `fit` hands it."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def build(self, shape=None):
        self.built = True

    def train_step(self, *arguments):
        data = arguments[-1]
        data = data[0] if isinstance(data, tuple) else data
        self.seen.append(float(keras.ops.sum(data)))
        if keras.backend.backend() == "jax":
            return {"loss": 0.0}, arguments[0]
        return {"loss": 0.0}


def seen_by_fit(data, **options):
    model = Recorder()
    model.build()
    model.compile(run_eagerly=True)
    # In the order of the data; Keras warns of its own default.
    model.fit(data, verbose=0, shuffle=False, **options)
    return model.seen


def sums(drawn, steps):
    return [to_float(drawn.batch(step)).sum() for step in steps]


@on_tensorflow
@pytest.mark.parametrize("kind", ["stream", "epochs"])
def test_no_tuning_thread_delays_the_end(kind):
    # It sleeps for up to a minute, and an iterator's end waits for it.
    dataset = getattr(batches(), kind)()
    assert dataset.options().autotune.enabled is False


@on_tensorflow
def test_tensorflow_stream_is_the_batches():
    import tensorflow as tf

    drawn = batches()
    stream = drawn.stream(3)
    assert isinstance(stream, tf.data.Dataset)
    assert stream.cardinality() == tf.data.INFINITE_CARDINALITY
    assert stream.element_spec == tf.TensorSpec([4, 2, 6, 3], tf.float32)
    for step, batch in zip(range(3, 17), stream):
        np.testing.assert_array_equal(batch, to_float(drawn.batch(step)))


@on_tensorflow
def test_tensorflow_epochs():
    import tensorflow as tf

    drawn = batches(22)
    dataset = drawn.epochs()
    assert isinstance(dataset, tf.data.Dataset)
    assert dataset.cardinality() == 5
    for epoch in range(3):
        passed = list(dataset.as_numpy_iterator())
        assert len(passed) == 5
        for i, batch in enumerate(passed):
            expected = to_float(drawn.batch(epoch * 5 + i))
            np.testing.assert_array_equal(batch, expected)


def test_keras_stream_is_the_batches():
    drawn = batches()
    stream = endless(drawn, 3)
    assert stream.num_batches is None
    for index in (0, 1, 2, 9, 4, 0):
        batch = stream[index]
        assert batch.dtype == np.float32
        np.testing.assert_array_equal(batch, to_float(drawn.batch(3 + index)))


def test_keras_epochs():
    drawn = batches(22)
    dataset = epochs(drawn)
    assert len(dataset) == dataset.num_batches == 5
    for epoch in range(3):
        for i in range(5):
            expected = to_float(drawn.batch(epoch * 5 + i))
            np.testing.assert_array_equal(dataset[i], expected)
    with pytest.raises(IndexError):
        dataset[5]


def test_fit_sees_each_epoch_in_the_order_of_the_seed():
    drawn = batches(22)
    seen = seen_by_fit(drawn.epochs(), epochs=3)
    np.testing.assert_allclose(seen, sums(drawn, range(15)), atol=1e-3)


class Trained:
    """As far as data sets know a GAN."""

    steps = 7


def test_passes_continue_where_a_gan_is():
    drawn = batches(22)
    data = drawn.epochs()

    def passed():
        if hasattr(data, "on_epoch_begin"):
            data.on_epoch_begin()
            found = [data[i] for i in range(5)]
        else:
            found = list(data.as_numpy_iterator())
        return [batch.sum() for batch in found]

    def check(first):
        np.testing.assert_allclose(
            passed(), sums(drawn, range(first, first + 5)), atol=1e-3
        )

    check(0)
    with trained_by(Trained()):
        # Once, then pass by pass, as `repeat` in a pipeline asks for them.
        check(7)
        check(12)
        with trained_by(None):
            # What `fit` evaluates goes its own way.
            check(5)
        check(17)
    check(10)
    with trained_by(Trained()):
        check(7)


def test_fit_continues_in_the_stream_from_epoch_to_epoch():
    drawn = batches()
    seen = seen_by_fit(drawn.stream(2), epochs=3, steps_per_epoch=4)
    np.testing.assert_allclose(seen, sums(drawn, range(2, 14)), atol=1e-3)


def test_load_makes_ready_batches(make_zip, pngs):
    data = load(make_zip(pngs), image_size=8, crop=16, batch_size=3, seed=1)
    assert len(data) == 2
    seen = seen_by_fit(data, epochs=2)
    again = load(make_zip(pngs), image_size=8, crop=16, batch_size=3, seed=1)
    assert seen_by_fit(again, epochs=2) == seen
    other = load(make_zip(pngs), image_size=8, crop=16, batch_size=3, seed=2)
    assert seen_by_fit(other, epochs=2) != seen


@pytest.mark.integration
def test_load_without_tensorflow(make_zip, pngs, tmp_path):
    pytest.importorskip("jax", reason="runs on the JAX backend")
    (tmp_path / "stub").mkdir()
    (tmp_path / "stub" / "tensorflow.py").write_text(
        "raise ImportError('there is no TensorFlow here')"
    )
    source = make_zip(pngs)
    code = textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(tmp_path / "stub")!r})
        import keras, numpy as np, kerasgan
        data = kerasgan.data.load(
            {str(source)!r}, image_size=8, batch_size=3, seed=4
        )
        assert isinstance(data, keras.utils.PyDataset), data
        passed = [data[i] for i in range(len(data))]
        assert all(b.shape == (3, 8, 8, 3) for b in passed)
        assert all(b.dtype == np.float32 and abs(b).max() <= 1 for b in passed)
        assert "tensorflow" not in sys.modules
        print("fine", *(float(b.sum(dtype="float64")) for b in passed))
    """)
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    word, *totals = done.stdout.split()
    assert word == "fine"
    # The same images whatever the backend.
    data = load(source, image_size=8, batch_size=3, seed=4)
    here = seen_by_fit(data, epochs=1)
    np.testing.assert_allclose(np.array(totals, float), here, atol=1e-2)


@pytest.mark.integration
def test_package_is_light_to_import():
    code = textwrap.dedent("""
        import sys, keras
        before = set(sys.modules)
        import kerasgan.data
        new = {name.split(".")[0] for name in set(sys.modules) - before}
        heavy = {"tensorflow_datasets", "PIL", "rich", "tensorflow"}
        assert not heavy & new, heavy & new
    """)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
