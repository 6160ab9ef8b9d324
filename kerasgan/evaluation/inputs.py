"""The generators to measure: an entry of the zoo, a run, or a SavedModel."""

import dataclasses
import functools
from pathlib import Path
from typing import Any

from kerasgan.utils.files import sha256
from kerasgan.utils.finite import check_saved_model
from kerasgan.zoo.catalogue import (
    METRICS,
    WEIGHTS,
    Entry,
    find,
    names as names_of_the_zoo,
)
from kerasgan.zoo.pretrained import checksums, load_verified, verify
from kerasgan.zoo.records import TrainingRecord, read_training

_SAVED_MODEL = "saved_model.pb"


@dataclasses.dataclass(frozen=True)
class Subject:
    """A generator and what is known of it.

    Attributes:
        name: that of its recipe, of its repository of the Hub, or of the
            SavedModel's folder.
        measured: `pathlib.Path` of the `metrics.json` that it has.
        output: that of the one that it gets.
        weights: SHA-256 of its files by name.
        training: how it was trained, or None if unknown.
        recipe: its `Recipe`, or None.
        load: a function that returns the generator, a `keras.Model`.
    """

    name: str
    measured: Path
    output: Path
    weights: dict
    training: TrainingRecord | None
    recipe: Any
    load: Any

    @property
    def digest(self):
        """The SHA-256 of what draws the images."""
        key = "generator.weights.h5"
        return self.weights.get(key) or next(iter(self.weights.values()))


def find_measured(name):
    """Find a generator to measure, and check its files.

    Keras is not imported for it.

    Args:
        name: an entry of the zoo or its `Entry`, a run directory, a repository
            of the Hub (`hf://user/name`), or the folder of a SavedModel with
            the signature `serving_default` of `kerasgan export`. One
            below a folder of an entry's name (`savedmodels/NAME/1`) has that
            entry's recipe.

    Raises:
        ValueError: there is no such thing, it has no weights or damaged ones,
            or there is no record of its training.
    """
    is_path = not isinstance(name, Entry)
    if is_path and (Path(name) / _SAVED_MODEL).is_file():
        return _saved_model(Path(name))
    entry = find(name)
    recipe = entry.recipe()
    verify(entry, recipe)
    known, measured = checksums(entry.folder), entry.folder / METRICS
    files = {WEIGHTS[part]: entry.weights_file(part).name for part in WEIGHTS}
    name = entry.repository or recipe.name
    return Subject(
        name=name,
        measured=measured,
        # Nothing is written into the cache of the Hub's client.
        output=Path(f"{name}.{METRICS}") if entry.hub else measured,
        weights={
            ours: known[file] for ours, file in files.items() if file in known
        },
        training=read_training(entry.folder),
        recipe=recipe,
        load=lambda: load_verified(entry, recipe),
    )


def _saved_model(folder):
    folder = folder.resolve()
    files = [folder / _SAVED_MODEL, *sorted(folder.glob("variables/*"))]
    name = folder.parent.name if folder.name.isdigit() else folder.name
    known = name in names_of_the_zoo()
    recipe = find(name).recipe() if known else None
    return Subject(
        name=name,
        measured=folder / METRICS,
        output=folder / METRICS,
        # The variables first: the graph holds no weights.
        weights={
            path.relative_to(folder).as_posix(): sha256(path)
            for path in reversed(files)
        },
        training=None,
        recipe=recipe,
        load=functools.cache(lambda: _generator(folder, recipe)),
    )


def _generator(folder, recipe):
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ValueError(
            "A SavedModel can only be measured on the TensorFlow backend. Received: "
            f"KERAS_BACKEND={keras.backend.backend()}"
        )
    import tensorflow as tf

    check_saved_model(folder)
    signatures = tf.saved_model.load(str(folder)).signatures
    if "serving_default" not in signatures:
        raise ValueError(
            f"Expected a SavedModel with the signature serving_default, from "
            f"latents to images. Received: {folder} with {list(signatures)}"
        )
    _, arguments = signatures["serving_default"].structured_input_signature
    outputs = signatures["serving_default"].structured_outputs
    names = ["latents", *(["labels"] if "labels" in arguments else [])]
    if {*arguments} != {*names} or list(outputs) != ["images"]:
        raise ValueError(
            "Expected the signature serving_default from latents, or latents and "
            "labels, to images. "
            f"Received: from {list(arguments)} to {list(outputs)}"
        )

    class Signature(keras.layers.TFSMLayer):
        def call(self, inputs, training=False):
            return self.call_endpoint_fn(**inputs)

    layer = Signature(str(folder), call_endpoint="serving_default")
    classes = recipe and recipe.data.classes
    if "classes" in signatures:
        encoded = signatures["classes"](label=tf.constant(-1))["class_names"]
        classes = [name.decode() for name in encoded.numpy()]
    if classes:
        # By which `classes_of` knows them.
        layer.num_classes, layer.class_names = len(classes), classes
    inputs = {
        name: keras.Input(
            arguments[name].shape[1:],
            dtype=arguments[name].dtype.name,
            name=name,
        )
        for name in names
    }
    images = layer(inputs)["images"]
    # The signature knows the size, symbolic calls of the layer may not.
    tensors = [*inputs.values()]
    return keras.Model(tensors if len(tensors) > 1 else tensors[0], images)
