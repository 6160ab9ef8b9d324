"""Exports that are one file: ONNX and LiteRT."""

import tempfile
from pathlib import Path

import keras

from kerasgan._version import __version__
from kerasgan.sampling import latent_size
from kerasgan.serving.exports.exporting import (
    check_generator,
    inference_network,
    tensorflow_writer,
)
from kerasgan.serving.exports.file_formats import (
    FORMATS,
    check_weights,
    check_writer,
    new_file,
)
from kerasgan.utils.classes import classes_of
from kerasgan.utils.files import atomic_write
from kerasgan.utils.typing import PathLike


def export_file(
    generator: keras.Model,
    path: PathLike,
    format: str | None = None,
    *,
    weights: str = "float32",
    name: str | None = None,
    licence: str | None = None,
) -> Path:
    """Writes a generator as an ONNX or a LiteRT file.

    The network is folded (see `fold`), computes in float32 and is loaded
    without kerasgan. It takes `latents`, float32 `[batch, z]`, a conditional
    one also `labels`, int32 `[batch]`, and returns `images`, float32
    `[batch, H, W, C]` in [-1, 1]. The batch is free; in LiteRT the inputs are
    resized to it. A label out of range is an error of the runtime on a
    processor. Inputs and output of LiteRT have these names in the signature
    `serving_default`.

    ONNX is written without TensorFlow, on any backend (operators of opset 17).
    LiteRT is written by TensorFlow, under the JAX backend in another process.

    The file says what it is: `name`, `licence`, `latent_size`,
    `latent_distribution`, `image_range`, `class_names` (of a conditional one)
    and `kerasgan_version`, in ONNX as metadata properties, in LiteRT as JSON in
    the metadata buffer `kerasgan`.

    Args:
        generator: as for `kerasgan.serving.export`.
        path: the file, which ends in `.onnx` or `.tflite`. It appears when it
            is complete. Its folder is made if it is not there.
        format: `"onnx"` or `"litert"`. Defaults to `None`: by the ending.
        weights: how kernels are stored, `"float32"`, or in half the space
            `"float16"`, but for small ones: about 1% of the values of images
            move by a grey level, those of a deep network rarely by two. It is
            computed in float32 anyway.
        name: what the model is called. Defaults to `None`: as the file.
        licence: the licence of the weights. Defaults to `None`: not stated.

    Returns:
        `pathlib.Path` of the file.

    Raises:
        FileExistsError: the file is there already.
        ValueError: an argument out of range, a layer that the format does not
            have, a weight that float16 cannot hold, or a package is missing.
        FloatingPointError: a weight is not finite.
    """
    file, format = new_file(path, format)
    check_weights(weights)
    check_generator(generator)
    check_writer(format)
    write = _writer(FORMATS[format])
    network = inference_network(generator, weights, file)
    classes = classes_of(generator)
    metadata = {
        "name": name or file.stem,
        "licence": (licence or "not stated").strip(),
        "latent_size": latent_size(generator),
        "latent_distribution": "standard normal",
        "image_range": "[-1, 1]",
        **({} if classes is None else {"class_names": [*classes.names]}),
        "kerasgan_version": __version__,
    }
    with tempfile.TemporaryDirectory() as folder:
        part = Path(folder, file.name)
        write(network, part, metadata=metadata, weights=weights)
        content = part.read_bytes()
    file.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(file) as opened:
        opened.write(content)
    return file


def _writer(row):
    if row.extra is None:
        return tensorflow_writer(row.module, f"{row.title} file")
    from kerasgan.serving.exports import onnx_model

    return onnx_model.write
