"""`metrics.json`: how an entry was trained and what was measured on it."""

import json
import os
import re
from typing import Annotated, Optional

import pydantic
from pydantic import Field, JsonValue

from kerasgan.zoo.catalogue import METRICS, TRAINING
from kerasgan.zoo.sections import Positive, Rate, Section, validate

Share = Annotated[float, Field(gt=0, lt=1)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Selection(Section):
    """How the networks were chosen among those of a training.

    `numbers` were measured on them by the `rule` as the training went on,
    `last_numbers` on the training's last ones, after `last_steps` steps.
    """

    rule: str
    numbers: dict[str, float]
    last_steps: Positive
    last_numbers: dict[str, float]


class TrainingRecord(Section):
    """What the training took, as in a run's `training.json`.

    `steps` were run on batches of `batch_size` out of `images` pictures, on
    `device`, in `wall_time_s` seconds of training. `data` says which pictures.
    Where these are not the last networks of the training, or were chosen among
    several, `selection` says how. A training that did not begin with fresh
    weights says whose it `began_from`, and one with a distillation from whose
    pictures it learned (`taught_by`); the other numbers are of its own steps
    alone. Weights that are an average with others' say so in `averaged`.
    `recipe` is that of the training, whole, where the one beside the weights
    is another: an entry's may be one for fresh weights. Who makes an entry
    of a run writes it into its `training.json`.
    """

    steps: Positive
    batch_size: Positive
    images: Positive
    data: str
    device: str
    wall_time_s: Rate
    steps_per_s: Rate
    kerasgan: str
    keras: str
    backend: str
    selection: Selection | None = None
    began_from: Optional["Origin"] = None
    taught_by: list["Origin"] | None = None
    averaged: Optional["Average"] = None
    recipe: dict[str, JsonValue] | None = None

    @pydantic.model_serializer(mode="wrap")
    def _without_nothing(self, serialize):
        # Of most trainings there is nothing to say.
        content = serialize(self)
        for key in (
            "selection",
            "began_from",
            "taught_by",
            "averaged",
            "recipe",
        ):
            if getattr(self, key) is None:
                content.pop(key, None)
        return content

    @property
    def fingerprint(self):
        """The first 16 digits of that of the images; None in old records."""
        match = re.search(r"fingerprint ([0-9a-f]{16})$", self.data)
        return match and match[1]

    def to_json(self):
        """The record as a JSON document."""
        return json.dumps(self.model_dump(mode="json"), indent=2) + "\n"


class Origin(Section):
    """Weights that a training began with or learned from, and how they came to be.

    `weights` is the SHA-256 digest of the generator's file, `recipe` the whole
    recipe by which it was trained.
    """

    name: str
    weights: Digest
    training: TrainingRecord
    recipe: dict[str, JsonValue]


class Part(Origin):
    """Weights that went into an average, with their share of it."""

    share: Share


class Average(Section):
    """Of what the weights are the average.

    `share` is that of the weights with which the training itself ended. All
    shares sum to 1.
    """

    share: Share
    others: list[Part]


TrainingRecord.model_rebuild()


def read_training(folder):
    """The `TrainingRecord` of a run folder or an entry.

    A run has it in `training.json`, an entry in its `metrics.json`.

    Raises:
        ValueError: it has neither, or one that is not valid.
    """
    try:
        path = folder / TRAINING
        return validate(TrainingRecord, _read_json(path), os.fspath(path))
    except FileNotFoundError:
        pass
    try:
        training = Metrics.load(folder / METRICS).training
    except FileNotFoundError:
        training = None
    if training is None:
        raise ValueError(
            f"expected {TRAINING} or {METRICS} in {folder}, which say how it "
            "was trained"
        )
    return training


class Measurement(Section):
    """One number with its spread and the protocol that it belongs to."""

    name: str
    value: float
    spread: dict[str, float] = {}
    protocol: dict[str, JsonValue]


# Label -> name of the metric, split of the images (None: any).
_HEADLINE = {
    "reconstruction error": ("reconstruction_error", None),
    "FID-768": ("fid768", "train"),
    "KID-768": ("kid768", "train"),
    "precision-768": ("precision768", "train"),
    "recall-768": ("recall768", "train"),
}


class Metrics(Section):
    """The contents of `metrics.json`, written by the evaluation.

    `weights` are the SHA-256 digests of the files that were measured,
    `command` is the one that measured them, or one a line. Of a SavedModel
    nothing says how it was trained.
    """

    name: str
    weights: dict[str, Digest]
    training: TrainingRecord | None = None
    metrics: list[Measurement]
    command: str

    @classmethod
    def load(cls, path):
        """Read and check a `metrics.json`.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: one line that names the file, the key and what is
                expected there.
        """
        return validate(cls, _read_json(path), os.fspath(path))

    def to_json(self):
        """The measurements as a JSON document."""
        return json.dumps(self.model_dump(mode="json"), indent=2) + "\n"

    def find(self, name, split=None) -> Measurement | None:
        """Returns the measurement called `name`, or None.

        Args:
            name: that of the metric.
            split: that of the images, if it matters.
        """
        for item in self.metrics:
            if item.name == name and split in (None, item.protocol.get("split")):
                return item
        return None

    def headline(self):
        """Returns the numbers that a short view shows: label -> `Measurement`."""
        found = {
            label: self.find(name, split)
            for label, (name, split) in _HEADLINE.items()
        }
        return {label: item for label, item in found.items() if item}

    def headline_protocol(self):
        """Returns one line that says how the headline was measured."""
        parts = []
        for label, item in self.headline().items():
            protocol = item.protocol
            images = f"{protocol.get('images', 0):,}"
            if "split" in protocol:
                images += f" {protocol['split']}"
            if label == "reconstruction error":
                steps = protocol.get("steps", "?")
                parts.append(
                    f"{label}: mean squared error on {images} images, pixels "
                    f"on [0, 1], {steps} steps"
                )
            else:
                parts.append(
                    f"others: {protocol.get('samples', 0):,} samples against "
                    f"{images} images"
                )
                break
        return "; ".join(parts)


def _read_json(path):
    with open(path, encoding="utf-8") as file:
        try:
            return json.load(file)
        except ValueError as error:
            raise ValueError(f"{path}: not a JSON document: {error}") from None
