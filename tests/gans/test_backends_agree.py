"""Ten steps on TensorFlow and on JAX, from the same weights and latents."""

import subprocess
import sys

import gan_models
import keras
import numpy as np
from gan_models import BATCH, FedGAN, fed, images, table

STEPS = 10


def ten_steps():
    """Every weight, slot and log after ten steps."""
    generator, discriminator = gan_models.tiny_networks(
        generator_normalization="batch"
    )
    gan_models.set_numpy_weights(generator, 0)
    gan_models.set_numpy_weights(discriminator, 1)
    gan = fed(
        FedGAN(generator, discriminator, discriminator_steps=2),
        table(STEPS, 3),
    )
    # A large epsilon: otherwise a slot's first steps are the gradients' signs,
    # also where they are rounding errors.
    gan.compile(
        keras.optimizers.Adam(0.01, beta_1=0.5, epsilon=1e-3),
        keras.optimizers.RMSprop(0.01, epsilon=1e-4),
    )
    start = gan_models.state(gan)
    history = gan.fit(
        images(STEPS * 2 * BATCH, (8, 8, 3)),
        batch_size=2 * BATCH,
        shuffle=False,
        verbose=0,
    ).history
    end = gan_models.state(gan)
    assert any(np.abs(end[k] - start[k]).max() > 0.03 for k in end)
    state = {str(i): value for i, value in enumerate(end.values())}
    return {**state, **{k: np.array(v) for k, v in history.items()}}


def test_ten_steps_on_both_backends(
    on_tensorflow, without_tensorflow, tmp_path
):
    path = tmp_path / "state.npz"
    other = subprocess.Popen(
        [sys.executable, __file__, path],
        env=without_tensorflow,
        stderr=subprocess.PIPE,
        text=True,
    )
    here = ten_steps()
    _, errors = other.communicate(timeout=300)
    assert other.returncode == 0, errors
    there = np.load(path)
    assert sorted(there) == sorted(here)
    for name, value in here.items():
        np.testing.assert_allclose(
            there[name], value, rtol=1e-4, atol=1e-4, err_msg=name
        )


if __name__ == "__main__":
    assert keras.backend.backend() == "jax"
    np.savez(sys.argv[1], **ten_steps())
