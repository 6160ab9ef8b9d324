"""Versioned SavedModels, written whole or not at all."""

import importlib.util
import operator
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import keras
import numpy as np

from kerasgan.sampling import latent_size
from kerasgan.serving.fold import fold


def export(generator, folder, name, version=None):
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

    The same seed gives the same pictures, a longer draw begins with a shorter
    one, but networks round differently with the number of rows and the
    machine: a value here and there may be one grey level apart.

    A count of 1 to 4096 (steps: 2 to 4096) is answered, any other is an
    InvalidArgument error. The memory for a draw is that of 64 pictures in the
    network and of the answer.

    Args:
        generator: a `keras.Model`, latents `[N, z]` -> images `[N, H, W, C]` in
            [-1, 1] with 1 to 4 channels.
        folder: the folder of all SavedModels, made if it is not there.
        name: the model's name there: one part of a path.
        version: an integer of at least 1. By default one more than the highest
            that is there.

    Returns:
        `pathlib.Path` of the version's folder.

    Raises:
        FileExistsError: the version is there already.
        ValueError: an argument outside what is said above, or TensorFlow is not
            installed.
    """
    _check_generator(generator)
    base = Path(folder) / _check_name(name)
    path = _version_folder(base, version)
    write = _writer()
    base.mkdir(parents=True, exist_ok=True)
    # A server that polls the folder takes names that are numbers for versions.
    temporary = base / f".export-{uuid.uuid4().hex}.part"
    try:
        write(fold(generator), temporary)
        while True:
            try:
                os.rename(temporary, path)
                return path
            except OSError:
                # Somebody else was faster.
                if not path.exists():
                    raise
                path = _version_folder(base, version)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _version_folder(base, version):
    names = os.listdir(base) if base.is_dir() else []
    versions = {int(name) for name in names if name.isdecimal()}
    if version is None:
        return base / str(max(versions, default=0) + 1)
    try:
        number = operator.index(version)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(
            "A version must be an integer of at least 1. "
            f"Received: version={version!r}"
        )
    if number in versions:
        raise FileExistsError(
            f"Version {number} of {base} is there already, and a version is "
            f"never overwritten. Received: version={number}"
        )
    return base / str(number)


def _check_name(name):
    name = os.fspath(name)
    if name in ("", ".", "..") or set(name) & {"/", os.sep, "\0"}:
        raise ValueError(
            "A model's name must be one part of a path. "
            f"Received: name={name!r}"
        )
    return name


def _check_generator(generator):
    latent_size(generator)
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


def _writer():
    """The function that writes a folded generator to a folder."""
    if importlib.util.find_spec("tensorflow") is None:
        raise ValueError(
            "A SavedModel is written by TensorFlow, which is not installed "
            "(pip install tensorflow). "
            f"Received: backend={keras.backend.backend()!r}"
        )
    if keras.backend.backend() != "tensorflow":
        return _write_in_tensorflow
    from kerasgan.serving.saved_model import write

    return write


def _write_in_tensorflow(generator, path):
    package = Path(__file__).parents[2]
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
        command = ["-m", "kerasgan.serving.worker", folder, str(path)]
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
            f"TensorFlow could not write the SavedModel: {lines[-1]} "
            f"Received: exit code={done.returncode}"
        )
