import numpy as np
import pytest
from needs_tensorflow import tf

from kerasgan import sampling, serving
from kerasgan.architectures import dcgan
from kerasgan.serving.exports import file_formats

LEAST = 64


def stored(path):
    """The variables on disk: a dict of arrays."""
    checkpoint = tf.train.load_checkpoint(str(path / "variables" / "variables"))
    return {
        name: checkpoint.get_tensor(name)
        for name in checkpoint.get_variable_to_shape_map()
        if name.startswith("values")
    }


@pytest.mark.integration
@pytest.mark.parametrize("weights", ["float16", "bfloat16"])
def test_half_the_space_and_computed_in_float32(
    weights, generator, path, tmp_path, serve, monkeypatch
):
    # Its largest kernels have more.
    monkeypatch.setattr(file_formats, "LEAST_HALVES", LEAST)
    half = serving.export(generator, tmp_path, "x", weights=weights)
    found, full = stored(half), stored(path)
    assert set(found) == set(full)
    kept = {name for name, values in full.items() if values.size < LEAST}
    assert set() < kept < set(full)
    for name, values in found.items():
        if name in kept:
            assert values.dtype.name == "float32"
            np.testing.assert_array_equal(values, full[name])
            continue
        assert values.dtype.name == weights
        np.testing.assert_array_equal(
            values.astype(np.float32),
            tf.cast(tf.cast(full[name], weights), tf.float32),
        )
    # What it computes is the network of the rounded weights, in float32.
    network = serving.fold(generator)
    rounded = tf.nest.map_structure(
        lambda x: (
            x
            if x.size < LEAST
            else tf.cast(tf.cast(x, weights), tf.float32).numpy()
        ),
        network.get_weights(),
    )
    assert any(np.any(a != b) for a, b in zip(rounded, network.get_weights()))
    network.set_weights(rounded)
    z = sampling.latents(4, 5, seed=3)
    images = serve(half).default(z)
    assert images.dtype == np.float32
    np.testing.assert_allclose(images, network(z), atol=1e-6)


@pytest.mark.integration
def test_weights_that_do_not_fit_are_refused(trained, tmp_path):
    generator = trained(dcgan((8, 8, 3), 4, 2, "none")[0])
    kernel = next(v for v in generator.variables if "kernel" in v.path)
    kernel.assign(kernel * 1e6)
    with pytest.raises(ValueError, match="Received: weights='float16'"):
        serving.export(generator, tmp_path, "x", weights="float16")
    assert list(tmp_path.iterdir()) == []
    serving.export(generator, tmp_path, "x", weights="bfloat16")


@pytest.mark.parametrize("weights", ["float64", "int8", None])
def test_other_weights_are_refused(weights, generator, tmp_path):
    with pytest.raises(ValueError, match="Received: weights="):
        serving.export(generator, tmp_path, "x", weights=weights)
    assert list(tmp_path.iterdir()) == []
