import numpy as np
import pytest
from inception_weights import random_weights

from kerasgan.metrics.inception.network import inception


@pytest.fixture(scope="session")
def whole_inception():
    """The network to its logits, with random weights; and these."""
    model = inception("logits")
    weights = random_weights(model)
    for layer in model.layers:
        for variable in layer.weights:
            variable.assign(weights[f"{layer.name}/{variable.name}"])
    return model, weights


@pytest.fixture(scope="session")
def inception_file(whole_inception, tmp_path_factory):
    """An .npz of random weights from the stem to mixed_7."""
    path = tmp_path_factory.mktemp("inception") / "to_mixed_7.npz"
    later = ("mixed_8", "mixed_9", "mixed_10", "logits")
    np.savez(
        path,
        **{
            name: array.astype("float16") if "kernel" in name else array
            for name, array in whole_inception[1].items()
            if not name.startswith(later)
        },
    )
    return path
