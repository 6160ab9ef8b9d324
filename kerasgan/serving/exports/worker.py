"""Writes an export in a process of its own, on the TensorFlow backend.

`python -m kerasgan.serving.exports.worker MODEL PATH` is what `export` runs where
Keras computes with another backend. MODEL is a folder with `model.json`, the
folded generator, `weights.npz`, its weights in their order, and `options.json`,
the `module` of `kerasgan.serving.exports` and the other arguments of its `write`.
"""

import importlib
import json
import sys
from pathlib import Path


def main(folder, path):
    import keras
    import numpy as np

    # The model may have any layer of kerasgan.
    import kerasgan.layers  # noqa: F401

    generator = keras.models.model_from_json(
        Path(folder, "model.json").read_text()
    )
    with np.load(Path(folder, "weights.npz")) as weights:
        generator.set_weights(list(weights.values()))
    options = json.loads(Path(folder, "options.json").read_text())
    module = options.pop("module")
    module = importlib.import_module(f"kerasgan.serving.exports.{module}")
    module.write(generator, path, **options)


if __name__ == "__main__":
    main(*sys.argv[1:])
