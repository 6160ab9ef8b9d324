import keras
import numpy as np
import pytest
from gan_models import (
    BATCH,
    FedGAN,
    fed,
    images,
    set_numpy_weights,
    state,
    table,
    tiny_networks,
)

from kerasgan.gans import NonSaturatingGAN
from kerasgan.gans.accumulation import micro_batches

STEPS, PARTS = 2, 4


@pytest.mark.parametrize(
    "rows, count, expected",
    [
        (8, 1, [range(8)]),
        (8, 4, [(0, 1), (2, 3), (4, 5), (6, 7)]),
        # A remainder is left out, and few rows serve several times.
        (7, 3, [(0, 1), (2, 3), (4, 5)]),
        (2, 3, [(0,), (1,), (0,)]),
    ],
)
def test_shares(rows, count, expected):
    parts = micro_batches(np.arange(rows), count)
    assert [list(part) for part in parts] == [list(rows) for rows in expected]


def trained(latents, dtype="float32", **options):
    generator, discriminator = tiny_networks(dtype)
    set_numpy_weights(generator, 0)
    set_numpy_weights(discriminator, 1)
    gan = fed(FedGAN(generator, discriminator, **options), latents)
    gan.compile(keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.3))
    gan.fit(
        images(STEPS * BATCH, (8, 8, 3)),
        batch_size=BATCH,
        shuffle=False,
        verbose=0,
    )
    return gan


@pytest.mark.integration
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
def test_parts_are_as_good_as_the_whole(update):
    turns = 2 if update == "alternating" else 1
    whole = table(STEPS, turns)
    parts = whole.reshape(STEPS, turns * PARTS, BATCH // PARTS, -1)
    one = trained(whole, update=update)
    gan = trained(parts, update=update, gradient_accumulation=PARTS)
    other = trained(0 * whole, update=update)
    compared = 0
    states = [state(gan) for gan in (one, gan, other)]
    for name, a, b, c in zip(states[0], *(s.values() for s in states)):
        if "seed" not in name:
            np.testing.assert_allclose(b, a, rtol=1e-4, atol=2e-6, err_msg=name)
            compared += not np.allclose(a, c, atol=1e-3)
    # The weights of both networks do depend on all this.
    assert compared > 5


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:a batch of")
def test_in_float16_with_two_updates_and_a_batch_that_does_not_divide():
    gan = NonSaturatingGAN(
        *tiny_networks("mixed_float16"),
        discriminator_steps=2,
        gradient_accumulation=3,
    )
    gan.compile("adam", "adam")
    networks = gan.generator, gan.discriminator
    before = [network.get_weights() for network in networks]
    history = gan.fit(images(14, (8, 8, 3)), batch_size=14, verbose=0).history
    assert np.isfinite([values[0] for values in history.values()]).all()
    for weights, network in zip(before, networks):
        moved = [(a != b).any() for a, b in zip(weights, network.get_weights())]
        assert all(moved), network.name
