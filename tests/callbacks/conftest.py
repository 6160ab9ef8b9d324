import keras
import pytest

from kerasgan.architectures import dcgan
from kerasgan.gans import NonSaturatingGAN


def make(**options):
    gan = NonSaturatingGAN(
        *dcgan((8, 8, 3), latent_dim=3, features=2), **options
    )
    gan.compile(keras.optimizers.RMSprop(0.1), keras.optimizers.SGD(0.1))
    return gan


@pytest.fixture
def make_gan():
    return make


@pytest.fixture(scope="session")
def compiled():
    """A GAN that is compiled once, and its variables at the start."""
    gan = make()
    return gan, [
        (v, v.numpy().copy()) for v in gan.variables + gan.optimizer.variables
    ]


@pytest.fixture
def gan(compiled):
    """A compiled GAN at step 0."""
    gan, start = compiled
    for variable, value in start:
        variable.assign(value)
    gan.stop_training = False
    return gan


@pytest.fixture
def finish():
    """A function that tells a callback of an epoch that ended at some step."""

    def call(callback, step, logs=None):
        callback.model.steps.assign(step)
        callback.on_epoch_end(0, logs)

    return call


@pytest.fixture
def start():
    """A function that gives a callback its model and begins a training."""

    def call(callback, gan):
        callback.set_model(gan)
        callback.on_train_begin()
        return callback

    return call
