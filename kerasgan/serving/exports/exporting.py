"""Versioned SavedModels, written whole or not at all."""

import functools
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import keras
import numpy as np

from kerasgan.sampling import latent_size
from kerasgan.sampling.class_labels import mixing_model
from kerasgan.serving.exports.folding import fold
from kerasgan.serving.exports.graph import as_numpy
from kerasgan.serving.tf_serving import warm_up_requests
from kerasgan.serving.tf_serving.versions import (
    CHECKSUMS,
    EXTRA,
    new_version,
    write_version,
)
from kerasgan.utils.classes import is_conditional
from kerasgan.utils.finite import first_not_finite
from kerasgan.utils.typing import Any, PathLike

# Dtypes of stored weights -> the largest number.
WEIGHTS = {"float32": np.inf, "bfloat16": np.inf, "float16": 65504.0}


def export(
    generator: keras.Model,
    folder: PathLike,
    name: str,
    version: int | None = None,
    *,
    weights: str = "float32",
    batched: bool = False,
    documents: Any = None,
) -> Path:
    """Write a generator as a SavedModel that TensorFlow Serving can load.

    It appears at `folder/name/version` when it is complete, and an existing
    version is never touched. The network is folded (see `fold`), computes in
    float32 and is loaded without kerasgan. TensorFlow writes it: under the JAX
    backend that is done in another process, where TensorFlow must be
    installed.

    Its signatures:

    - `serving_default`: latents float32 `[N, z]` -> images float32
      `[N, H, W, C]` in [-1, 1].
    - `sample`: count int32, seed int64, truncation float32 (scalars) -> images
      uint8 `[count, H, W, C]`, those of `kerasgan.sample`. A truncation that is
      not positive and finite means none.
    - `sample_png`: the same arguments -> png_bytes, strings `[count]`.
    - `interpolate`: seeds int64 `[2]`, steps int32 -> images uint8
      `[steps, H, W, C]`, those of `kerasgan.interpolate`.

    A conditional generator's take labels: `serving_default` labels int32 `[N]`,
    `sample` and `sample_png` label int32 (a scalar), `interpolate` labels int32
    `[2]`, between which the class weights change linearly. There -1 stands for
    a class drawn by `kerasgan.sampling.labels`. A label out of range is an
    InvalidArgument error. One signature more, `classes`, takes a label (a
    scalar) and returns class_names, a string, or those of all for -1.

    With `batched` it has `serving_default` alone, and the server puts
    concurrent requests together (see
    `kerasgan.serving.tf_serving.batching_parameters`).

    The same seed gives the same images, a longer draw begins with a shorter
    one, but networks round differently with the number of rows and the
    machine: a value here and there may be one grey level apart.

    A count of 1 to 4096 (steps: 2 to 4096) is answered, any other is an
    InvalidArgument error. The memory for a draw is that of 64 images in the
    network and of the answer.

    TensorFlow's `fingerprint.pb` says which graph and which weights it has
    (`tf.saved_model.experimental.read_fingerprint`). In `assets.extra` lie
    requests that the server plays back before the version is available
    (`tf_serving_warmup_requests`), the documents, and `SHA256SUMS` of all
    files: `sha256sum -c assets.extra/SHA256SUMS` in the version's folder.

    Args:
        generator: a `keras.Model`, latents `[N, z]` -> images `[N, H, W, C]` in
            [-1, 1] with 1 to 4 channels; or a conditional one of latents and
            labels `[N]`, which enter by one `kerasgan.layers.OneHot`.
        folder: the folder of all SavedModels, made if it is not there.
        name: the model's name there: one part of a path.
        version: an integer of at least 1. By default one more than the highest
            that is there.
        weights: how weights are stored: `"float32"`, or in half the space
            `"float16"` or `"bfloat16"`, but for those of fewer than 8,192
            numbers. It is computed in float32 anyway.
        batched: whether to write it for the batching of TensorFlow Serving.
        documents: files to put into `assets.extra`, such as the card and the
            licence: a dict of a name to a text or bytes.

    Returns:
        `pathlib.Path` of the version's folder.

    Raises:
        FileExistsError: the version is there already.
        ValueError: an argument out of range, a weight that
            float16 cannot hold, or TensorFlow is not installed.
        FloatingPointError: a weight is not finite.
    """
    check_generator(generator)
    base = Path(folder) / _check_name("name", name)
    # What is wrong is said before the work is done.
    new_version(base, version)
    documents = _check_documents(documents)
    write = tensorflow_writer("saved_model", "SavedModel")
    generator = inference_network(generator, weights, base)

    def fill(path):
        write(generator, path, name=base.name, weights=weights, batched=batched)
        for document, content in documents.items():
            (path / EXTRA / document).write_bytes(content)

    return write_version(base, version, fill)


def inference_network(generator, weights, target):
    """Returns the folded generator, after a check of its weights.

    Args:
        generator: a generator.
        weights: how its weights will be stored.
        target: what will be written, for an error.
    """
    path = first_not_finite(generator.variables)
    if path is not None:
        raise FloatingPointError(
            f"{path} is not finite, and {target} was not written"
        )
    generator = fold(generator)
    _check_weights(generator, weights)
    return generator


def _check_name(argument, name):
    name = os.fspath(name)
    if name in ("", ".", "..") or set(name) & {"/", os.sep, "\0"}:
        raise ValueError(
            "The name of a model or a document must be one part of a path. "
            f"Received: {argument}={name!r}"
        )
    return name


def _check_documents(documents):
    for name in documents or {}:
        if _check_name("documents", name) in (CHECKSUMS, warm_up_requests.FILE):
            raise ValueError(
                "A document cannot have the name of a file that an export writes. "
                f"Received: documents={name!r}"
            )
    return {
        name: content.encode() if isinstance(content, str) else content
        for name, content in (documents or {}).items()
    }


def _check_weights(generator, weights):
    if weights not in WEIGHTS:
        raise ValueError(
            f"The weights are stored as {', '.join(WEIGHTS)}. "
            f"Received: weights={weights!r}"
        )
    for variable in generator.variables:
        largest = np.max(np.abs(as_numpy(variable)), initial=0.0)
        if largest > WEIGHTS[weights]:
            raise ValueError(
                f"{variable.path} has weights up to {largest:.3g}, which "
                f"{weights} cannot hold. Received: weights={weights!r}"
            )


def check_generator(generator):
    """Raises a ValueError unless it maps latents (and labels) to images."""
    latent_size(generator)
    if is_conditional(generator):
        mixing_model(generator)
    shape = generator.output_shape
    if (
        not isinstance(shape, tuple)
        or len(shape) != 4
        or None in shape[1:]
        or shape[-1] > 4
    ):
        raise ValueError(
            "A generator needs one output of shape (None, height, width, "
            "channels) with at most 4 channels. "
            f"Received: output_shape={shape}"
        )


def tensorflow_writer(module, title):
    """Returns the function by which TensorFlow writes a folded generator.

    Args:
        module: in `kerasgan.serving.exports`, with a function `write` of the generator,
            a path and options.
        title: the format, for an error.
    """
    if importlib.util.find_spec("tensorflow") is None:
        raise ValueError(
            f"A {title} is written by TensorFlow, which is not installed "
            "(pip install tensorflow). "
            f"Received: backend={keras.backend.backend()!r}"
        )
    if keras.backend.backend() != "tensorflow":
        return functools.partial(_write_in_tensorflow, module, title)
    return importlib.import_module(f"kerasgan.serving.exports.{module}").write


def _write_in_tensorflow(module, title, generator, path, **options):
    package = Path(__file__).parents[3]
    search = [str(package), os.environ.get("PYTHONPATH", "")]
    environment = {
        **os.environ,
        "KERAS_BACKEND": "tensorflow",
        "PYTHONPATH": os.pathsep.join(filter(None, search)),
        # This process may hold all the memory of the GPU; a graph is traced
        # just as well without.
        "CUDA_VISIBLE_DEVICES": "-1",
    }
    with tempfile.TemporaryDirectory() as folder:
        # Not `generator.save`, which imports TensorFlow here, too.
        Path(folder, "model.json").write_text(generator.to_json())
        np.savez(Path(folder, "weights.npz"), *generator.get_weights())
        options = json.dumps({"module": module, **options})
        Path(folder, "options.json").write_text(options)
        command = ["-m", "kerasgan.serving.exports.worker", folder, str(path)]
        done = subprocess.run(
            [sys.executable, *command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise RuntimeError(
            f"TensorFlow could not write the {title}: {lines[-1]} "
            f"Received: exit code={done.returncode}"
        )
