"""The Inception network against torch's convolutions.

The golden file is made by tests/oracles/torch_inception.py.
"""

import os
import pathlib

import keras
import numpy as np
import pytest
from inception_weights import random_images
from keras import ops

from kerasgan.metrics.inception.network import FEATURES, inception
from kerasgan.metrics.inception.weights import VARIABLE, load_inception
from kerasgan.sampling.inference import compile_inference

FOLDER = pathlib.Path(__file__).parents[1] / "oracles"


def forward(call, images):
    return call(images)


@pytest.fixture(scope="module")
def found(whole_inception):
    """All three features of two images, from one pass."""
    model, _ = whole_inception
    mixed_7 = ops.mean(model.get_layer("mixed_7_join").output, (1, 2))
    outputs = [mixed_7, model.get_layer("pool_3").output, model.output]
    run = compile_inference(keras.Model(model.input, outputs), forward)
    return dict(zip(FEATURES, run(random_images())))


@pytest.mark.integration
@pytest.mark.parametrize("features", FEATURES)
def test_it_computes_what_torch_does(features, found):
    golden = np.load(FOLDER / "torch_inception.npz")[features]
    assert golden.shape == (2, FEATURES[features])
    # float32 against float64; measured: 5e-7 of the largest.
    np.testing.assert_allclose(
        found[features], golden, rtol=0, atol=1e-5 * np.abs(golden).max()
    )


def test_features_end_where_they_should(whole_inception):
    model = inception("mixed_7")
    assert model.output_shape == (None, 768)
    assert model.layers[-1].input.shape == (None, 17, 17, 768)
    whole = [layer.name for layer in whole_inception[0].layers]
    names = [layer.name for layer in model.layers if layer.weights]
    assert names == [n for n in whole if n in names]
    assert not any(n.startswith("mixed_8") for n in names)


def test_the_policy_of_training_does_not_reach_it():
    keras.config.set_dtype_policy("mixed_float16")
    keras.config.set_image_data_format("channels_first")
    try:
        model = inception()
    finally:
        keras.config.set_dtype_policy("float32")
        keras.config.set_image_data_format("channels_last")
    computing = model.layers[1:]
    assert {layer.compute_dtype for layer in computing} == {"float32"}
    assert model.input.dtype == model.output.dtype == "float32"
    assert model.input_shape == (None, 299, 299, 3)
    assert not model.trainable_variables


def test_bad_features():
    with pytest.raises(ValueError, match="features='fid'"):
        inception("fid")


@pytest.mark.skipif(VARIABLE not in os.environ, reason=f"needs ${VARIABLE}")
def test_the_true_weights():
    """The numbers are what tests/oracles/torch_inception.py prints."""
    model, _ = load_inception("mixed_7")
    found = compile_inference(model, forward)(random_images())
    np.testing.assert_allclose(
        found[:, :3],
        [
            [0.08499528553879261, 0.004550943009657649, 0.0166055338617053],
            [0.0414103457942434, 0.004571470871616029, 0.0037809178235818073],
        ],
        rtol=1e-4,
    )
    assert found.mean() == pytest.approx(0.035783080428795355, rel=1e-5)
