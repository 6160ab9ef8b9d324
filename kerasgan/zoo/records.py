"""`metrics.json`: how an entry was trained and what was measured on it."""

from typing import Annotated

import pydantic
from pydantic import Field, JsonValue

from kerasgan.recipes import legacy
from kerasgan.recipes.section import Positive, Rate, Section
from kerasgan.utils.json_files import to_json
from kerasgan.utils.typing import Any, PathLike
from kerasgan.zoo.catalogue import METRICS, TRAINING, find
from kerasgan.zoo.metric_names import HEADLINE, REAL

# How what is damaged is written again.
_RESUME = "delete it and resume the run, which writes it again"
_EVALUATE = "delete it, and kerasgan evaluate writes it again"

Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Selection(Section):
    """How the networks were chosen among those of a training.

    By the best `measure`, taken every `every` steps on `count` images or
    samples. `numbers` were measured on them in the training, `last_numbers` on
    its last networks, after `last_steps` steps. Records before 0.2 have the
    `rule` in words.
    """

    measure: str | None = None
    every: Positive | None = None
    count: Positive | None = None
    numbers: dict[str, float]
    last_steps: Positive
    last_numbers: dict[str, float]
    rule: str | None = None


class Images(Section):
    """Which images a training saw; the first 16 digits of their fingerprint."""

    source: str
    split: str | None = None
    fingerprint: str | None = None


class Parent(Section):
    """The weights that a training was fine-tuned from.

    `weights` is the SHA-256 digest of the generator's file, `steps` and
    `fingerprints` (of the training images) those of all trainings that led to
    them.
    """

    name: str
    weights: Digest
    steps: Positive
    licence: str = "not stated"
    fingerprints: list[str] = []

    _upgrade = pydantic.model_validator(mode="before")(legacy.upgrade_parent)


class Rollback(Section):
    """A return of a training that diverged to its checkpoint of step `step`.

    From there on both learning rates were `factor` times the recipe's.
    """

    step: Annotated[int, Field(ge=0)]
    factor: Rate
    reason: str


class Rollbacks(Section):
    """The contents of a run's `rollbacks.json`."""

    rollbacks: list[Rollback]


class TrainingRecord(Section):
    """What the training took, as in a run's `training.json`.

    `steps` were run on batches of `batch_size` out of `images` images of
    `data`, on `device`, in `wall_time_s` seconds of training. `command` has the
    commands, one a line: the first and those that resumed it. `recipe_sha256`
    is `Recipe.digest`. `selection` describes how networks were chosen among
    several, `began_from` what they were fine-tuned from, `rollbacks` where the
    training diverged; the other numbers are of the training's own steps.
    """

    steps: Positive
    batch_size: Positive
    images: Positive
    data: Annotated[Images, pydantic.BeforeValidator(legacy.upgrade_images)]
    device: str
    wall_time_s: Rate
    steps_per_s: Rate
    kerasgan: str
    keras: str
    backend: str
    command: str | None = None
    recipe_sha256: Digest | None = None
    selection: Selection | None = None
    began_from: Parent | None = None
    rollbacks: list[Rollback] | None = None

    _upgrade = pydantic.model_validator(mode="before")(legacy.upgrade_record)

    @property
    def fingerprint(self):
        """The first 16 digits of that of the images; None in old records."""
        return self.data.fingerprint

    @property
    def fingerprints(self):
        """Those of all images that the weights were trained on."""
        parents = self.began_from.fingerprints if self.began_from else []
        own = [self.fingerprint] if self.fingerprint else []
        return list(dict.fromkeys([*own, *parents]))

    @property
    def total_steps(self):
        """The steps of all trainings that led to the weights."""
        return self.steps + (self.began_from.steps if self.began_from else 0)

    def to_json(self):
        """Returns the record as a JSON document, without what is not known."""
        return to_json(self.to_dict())

    def to_dict(self):
        """Returns the record as JSON has it, without what is not known."""
        return self.model_dump(mode="json", exclude_none=True)


def read_training(folder):
    """Returns the `TrainingRecord` of a run directory or an entry.

    A run has it in `training.json`, an entry in its `metrics.json`.

    Raises:
        ValueError: it has neither, or one that is not valid.
    """
    try:
        return TrainingRecord.from_json(folder / TRAINING, _RESUME)
    except FileNotFoundError:
        pass
    try:
        training = Metrics.load(folder / METRICS).training
    except FileNotFoundError:
        training = None
    if training is None:
        raise ValueError(
            f"Expected {TRAINING} or {METRICS} in {folder}, which say how it "
            "was trained"
        )
    return training


def find_training(folder):
    """Returns the `TrainingRecord` as `read_training`, or None without one."""
    try:
        return read_training(folder)
    except ValueError:
        return None


class Measurement(Section):
    """One number with its spread and the protocol that it belongs to.

    `classes` has numbers of each class of a conditional generator, by its name:
    the `value`, and of how many `samples` (the fewest of the repeats) and real
    `images`. Too few have no value.
    """

    name: str
    value: float
    spread: dict[str, float] = {}
    protocol: Annotated[
        dict[str, JsonValue], pydantic.BeforeValidator(legacy.upgrade_protocol)
    ]
    classes: dict[str, dict[str, int | float]] = {}

    @pydantic.model_serializer(mode="wrap")
    def _without_empty_classes(self, handler):
        content = handler(self)
        if not content["classes"]:
            del content["classes"]
        return content


class Metrics(Section):
    """The contents of `metrics.json`, written by the evaluation.

    `weights` are the SHA-256 digests of the files that were measured,
    `command` is the one that measured them, or one a line. Of a SavedModel
    there is no record of its training.
    """

    name: str
    weights: dict[str, Digest]
    training: TrainingRecord | None = None
    metrics: list[Measurement]
    command: str

    @classmethod
    def load(cls, path: PathLike) -> "Metrics":
        """Read and check a `metrics.json`.

        Args:
            path: the file.

        Returns:
            The `Metrics`.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: one line that names the file, the key and what is
                expected there.
        """
        return cls.from_json(path, _EVALUATE)

    def to_json(self) -> str:
        """Returns the measurements as a JSON document."""
        content = self.model_dump(mode="json")
        if self.training is not None:
            content["training"] = self.training.to_dict()
        return to_json(content)

    def find(self, name: str, split: str | None = None) -> Measurement | None:
        """Returns the measurement called `name`, or None.

        Args:
            name: that of the metric.
            split: that of the images, if it matters.
        """
        for item in self.metrics:
            if item.name == name and split in (
                None,
                item.protocol.get("split"),
            ):
                return item
        return None

    def headline(self) -> dict[str, Measurement]:
        """Returns the numbers that a short view shows: name -> `Measurement`."""
        return self._headline("")

    def floor(self) -> dict[str, Measurement]:
        """Returns what real images get instead of samples, as `headline`."""
        return self._headline(REAL)

    def _headline(self, ending):
        return {
            name: measurement
            for name, split in HEADLINE.items()
            if (measurement := self.find(f"{name}{ending}", split))
        }


def read_metrics(name: Any) -> Metrics | None:
    """Returns the `Metrics` of an entry or a run directory, or None.

    Args:
        name: as for `load`.
    """
    try:
        return Metrics.load(find(name).folder / METRICS)
    except FileNotFoundError:
        return None
