import keras
import numpy as np
import pytest

from kerasgan import serving
from kerasgan.architectures import dcgan


@pytest.fixture(scope="session")
def trained():
    """A function that gives a model the values of none of its initializers."""

    def change(model, seed=0):
        rng = np.random.default_rng(seed)
        for variable in model.weights:
            value = keras.ops.convert_to_numpy(variable.value)
            value = value.astype(np.float32)
            if "variance" in variable.path:
                value = rng.uniform(0.3, 3.0, value.shape)
            elif "alpha" in variable.path:
                # Outside [0, 1], too, where TPReLU clips.
                value = rng.uniform(-0.3, 1.3, value.shape)
            else:
                value = value + rng.normal(0.0, 0.2, value.shape)
            variable.assign(value.astype(np.float32))
        return model

    return change


class Served:
    """The signatures of a SavedModel, from numbers to numpy arrays."""

    def __init__(self, path):
        # Not at the top: the tests of folding do without TensorFlow.
        import tensorflow as tf

        self.model = tf.saved_model.load(str(path))
        self.signatures = self.model.signatures

    def default(self, latents):
        return self._call("serving_default", latents=np.float32(latents))

    def sample(self, count, seed=0, truncation=0.0, signature="sample"):
        return self._call(
            signature,
            count=np.int32(count),
            seed=np.int64(seed),
            truncation=np.float32(truncation),
        )

    def interpolate(self, seeds, steps):
        return self._call(
            "interpolate", seeds=np.int64(seeds), steps=np.int32(steps)
        )

    def _call(self, signature, **arguments):
        import tensorflow as tf

        tensors = {k: tf.constant(v) for k, v in arguments.items()}
        (output,) = self.signatures[signature](**tensors).values()
        return output.numpy()


@pytest.fixture(scope="session")
def serve():
    """A function that loads a SavedModel as `Served`."""
    return Served


@pytest.fixture(scope="session")
def generator(trained):
    """A small generator, latents `[N, 5]` -> images `[N, 8, 12, 3]`."""
    return trained(dcgan((8, 12, 3), 5, 4, "weight")[0])


@pytest.fixture(scope="session")
def path(generator, tmp_path_factory):
    """The folder to which that generator is exported."""
    return serving.export(generator, tmp_path_factory.mktemp("models"), "faces")


@pytest.fixture(scope="session")
def served(path):
    """That SavedModel, loaded."""
    return Served(path)


@pytest.fixture(scope="session")
def conditional(trained):
    """Latents `[N, 5]` and labels `[N]` -> gray images `[N, 8, 12, 1]`."""
    names = ["cat", "dog", "Öl, Essig"]
    return trained(
        dcgan((8, 12, 1), 5, 4, "batch", num_classes=3, class_names=names)[0]
    )


@pytest.fixture(scope="session")
def pets(conditional, tmp_path_factory):
    """A folder of that generator: `pets/1`, and `rows/1` for batching."""
    folder = tmp_path_factory.mktemp("conditional")
    serving.export(conditional, folder, "pets")
    serving.export(conditional, folder, "rows", batched=True)
    return folder


@pytest.fixture(scope="session")
def assert_same_images():
    """A comparison of uint8 images that were computed in two ways."""

    def check(found, expected):
        assert found.dtype == expected.dtype == np.uint8
        assert found.shape == expected.shape
        # Rounding may decide differently in a pixel here and there.
        apart = np.abs(found.astype(int) - expected)
        assert apart.max() <= 1 and (apart > 0).mean() < 1e-3

    return check
