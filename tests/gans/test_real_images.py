"""What `fit` and `evaluate` say of data that a GAN does not train on."""

import warnings

import gan_models
import numpy as np
import pytest
from gan_models import (
    BATCH,
    Rows,
    dataset,
    generated,
    images,
    linear_networks,
    of_unknown_shape,
)

from kerasgan.data import Batches
from kerasgan.gans import NonSaturatingGAN
from kerasgan.gans.first_batch import FirstBatch
from kerasgan.gans.real_images import check_values

REAL = images(2 * BATCH + 4)


SOURCES = [np.asarray, generated, Rows, dataset, of_unknown_shape]


def another():
    gan = NonSaturatingGAN(*linear_networks())
    gan.compile("sgd", "sgd")
    return gan


@pytest.fixture(scope="module")
def gan():
    return another()


@pytest.fixture(scope="module")
def trained():
    return another()


def with_one(value):
    rows = REAL.copy()
    # In each batch: Keras takes those of a PyDataset in any order.
    rows[2::BATCH, 1, 1] = value
    return rows


@pytest.mark.parametrize("source", SOURCES)
def test_what_is_rejected_in_one_line_costs_nothing(gan, trained, source):
    before = gan_models.state(gan)
    cases = [
        ((REAL + 1) * 127.5, "values from .* to 2"),
        (with_one(-2.1), "values from -2.1 to 0"),
        (with_one(np.nan), r"in [13] of the first .* first in images\[2\]"),
        (with_one(-np.inf), "must be finite"),
        (REAL > 0, "dtype=bool"),
        ((REAL > 0).astype("uint8"), "floats in .*dtype=uint8"),
        (images(BATCH, (4, 4, 1)), r"shape \(None, 2, 2, 1\). Received"),
        (images(BATCH, (2, 2, 3)), r"shape \(None, 2, 2, 1\). Received"),
        (REAL[:0], "no image"),
    ]
    for rows, reason in cases if source is np.asarray else cases[::2]:
        for call in (
            lambda data: gan.fit(data, verbose=0),
            lambda data: gan.evaluate(data, verbose=0),
            lambda data: trained.fit(REAL, validation_data=data, verbose=0),
        ):
            with pytest.raises(ValueError, match=reason) as caught:
                call(source(rows))
            assert "\n" not in str(caught.value)
    # Not its weights, not a step, not what it draws.
    for name, value in gan_models.state(gan).items():
        np.testing.assert_array_equal(value, before[name], err_msg=name)


def test_the_first_batch_of_a_thread(gan):
    """A PyDataset with workers, and items that Keras takes in any order."""
    with pytest.raises(ValueError, match="must be finite"):
        gan.fit(Rows(np.full_like(REAL, np.nan), workers=2), verbose=0)


@pytest.mark.parametrize("source", SOURCES)
def test_images_from_0_to_1_draw_a_warning(gan, source):
    first = FirstBatch(gan)
    with pytest.warns(UserWarning, match=r"images \* 2 - 1"):
        seen = first.of(source((REAL + 1) / 2))
        next(iter(seen))


@pytest.mark.parametrize(
    "values",
    [
        # On [-1, 1], and a little beyond, as a filter leaves them.
        REAL,
        1.2 * REAL,
        # Blank pages are so on either range.
        np.full((4, 2, 2, 1), 0.9, "float32"),
        # Points have no range.
        100 * REAL.reshape(len(REAL), -1),
        images(BATCH, (4, 4, 3)).astype("float16"),
    ],
)
def test_what_is_right_draws_none(values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_values(values)


@pytest.mark.parametrize("kind", ["shuffled", "once"])
def test_no_batch_is_lost_and_none_is_moved(gan, kind, on_tensorflow):
    import tensorflow as tf

    def make():
        if kind == "shuffled":
            numbers = tf.data.Dataset.range(20).shuffle(20, seed=1)
        else:
            one = iter(range(20))
            spec = tf.TensorSpec((), tf.int64)
            numbers = tf.data.Dataset.from_generator(
                lambda: one, output_signature=spec
            )
        rows = tf.constant(REAL)
        return numbers.map(lambda i: rows[i]).batch(BATCH)

    def epochs(data):
        return [batch.numpy() for _ in range(2) for batch in data]

    plain, seen = make(), FirstBatch(gan).of(make())
    assert seen.element_spec == plain.element_spec
    for a, b in zip(epochs(seen), epochs(plain), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_generator_outlives_a_training(gan):
    batches = ((REAL[:BATCH],) for _ in range(50))
    for _ in range(2):
        history = gan.fit(batches, steps_per_epoch=2, verbose=0)
        assert history.history["real_logits"]


def test_batches_of_kerasgan_are_known_to_be_right(gan):
    pixels = np.zeros((BATCH, 4, 4, 1), np.uint8)
    drawn = Batches(pixels, 4)
    for data in (drawn.stream(), drawn.epochs()):
        # Of another size, which is seen without taking a batch.
        with pytest.raises(ValueError, match=r"Received: shape=\(4, 4, 4, 1\)"):
            gan.fit(data, verbose=0)
    right = Batches(pixels[:, :2, :2], 4).epochs()
    assert FirstBatch(gan).of(right) is right


def one_batch(data):
    yield (data,)


@pytest.mark.parametrize("source", [dataset, one_batch, dict])
def test_dictionaries_are_rejected_with_the_way_out(gan, source):
    data = {"label": np.zeros(len(REAL)), "image": REAL}
    with pytest.raises(ValueError, match=r"dataset.map\(lambda e: .*e\[.image"):
        gan.fit(source(data), verbose=0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"sample_weight": np.ones(len(REAL))},
        {"class_weight": {0: 1.0}},
        {"validation_data": (REAL, REAL[:, 0, 0, 0], REAL[:, 0, 0, 0])},
    ],
    ids=lambda arguments: next(iter(arguments)),
)
def test_weights_are_rejected_without_labels_too(gan, arguments):
    with pytest.raises(ValueError, match="weighs all real images alike"):
        gan.fit(REAL, verbose=0, **arguments)


@pytest.mark.parametrize("data", [None, [REAL], (REAL, REAL), "tfds:celeb_a"])
def test_what_is_no_data(gan, data):
    with pytest.raises(ValueError, match="Expected images .* Received: "):
        gan.fit(data, verbose=0)


@pytest.mark.parametrize(
    "options, rows, fate",
    [
        ({"discriminator_steps": 3}, 8, "left out"),
        ({"discriminator_steps": 2, "gradient_accumulation": 2}, 6, "left out"),
        ({"discriminator_steps": 9}, 8, "more than once"),
        ({"discriminator_steps": 2, "gradient_accumulation": 2}, 8, None),
    ],
)
def test_a_batch_that_is_no_multiple_of_its_parts(options, rows, fate):
    first = FirstBatch(NonSaturatingGAN(*linear_networks(), **options))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        first.of(REAL, rows)
    found = [str(one.message) for one in caught]
    assert [fate in text for text in found] == ([True] if fate else [])
