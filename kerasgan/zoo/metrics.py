"""`metrics.json`: how an entry was trained and what was measured on it."""

import json
import os
from typing import Annotated, Optional

from pydantic import Field, JsonValue

from kerasgan.zoo.recipe import Positive, Rate, Section, validate

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class TrainingRecord(Section):
    """What the training took.

    `steps` were run on batches of `batch_size` out of `images` pictures, on
    `device`, in `wall_time_s` seconds of training.
    """

    steps: Positive
    batch_size: Positive
    images: Positive
    device: str
    wall_time_s: Rate
    steps_per_s: Rate
    kerasgan: str
    keras: str
    backend: str


class Measurement(Section):
    """One number with its spread and the protocol that it belongs to."""

    name: str
    value: float
    spread: dict[str, float] = {}
    protocol: dict[str, JsonValue]


class Metrics(Section):
    """The contents of `metrics.json`, written by the evaluation.

    `weights` are the SHA-256 digests of the files that were measured,
    `command` is the one that measured them.
    """

    name: str
    weights: dict[str, Digest]
    training: TrainingRecord
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
        source = os.fspath(path)
        with open(path, encoding="utf-8") as file:
            try:
                content = json.load(file)
            except ValueError as error:
                raise ValueError(
                    f"{source}: not a JSON document: {error}"
                ) from None
        return validate(cls, content, source)

    def to_json(self):
        """The measurements as a JSON document."""
        return json.dumps(self.model_dump(mode="json"), indent=2) + "\n"

    def find(self, name) -> Optional[Measurement]:
        """The measurement called `name`, or None."""
        return next((item for item in self.metrics if item.name == name), None)
