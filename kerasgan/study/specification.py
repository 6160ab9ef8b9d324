"""The file of a study: what it asks, what it changes, what it measures."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import pydantic
from pydantic import Field

from kerasgan.callbacks.measures_table import MEASURED
from kerasgan.recipes.section import Positive, Section, validate
from kerasgan.recipes.yaml_documents import read_yaml

_Seed = Annotated[int, Field(ge=0, lt=2**31)]
if TYPE_CHECKING:
    _Measure: TypeAlias = str
else:
    # The names of a table, which are known when the program runs.
    _Measure = Literal[tuple(MEASURED)]
# A study sets these itself.
_RESERVED = {
    "seed": "seeds",
    "steps": "budget",
    "source": "data",
}


def _label(value):
    """Returns the text of a value in tables and names of cells."""
    if value is None or isinstance(value, bool):
        return {None: "none", True: "true", False: "false"}[value]
    if isinstance(value, (list, tuple)):
        return "+".join(map(_label, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(
            _label(v) if k == "name" else f"{k} {_label(v)}"
            for k, v in value.items()
        )
    return str(value)


def _axis(values, info=None):
    """Checks the values of an axis: a list, or label -> settings."""
    if isinstance(values, list) and values:
        labels = [_label(value) for value in values]
    elif isinstance(values, dict) and values:
        for label, settings in values.items():
            if not isinstance(settings, (dict, type(None))):
                raise ValueError(
                    f"expected a mapping of recipe keys for {label}, or null "
                    f"for no change. Received: {settings!r}"
                )
        labels = [_label(label) for label in values]
        values = {_label(k): v or {} for k, v in values.items()}
    else:
        raise ValueError(
            "expected a list of values of the key, or a mapping of labels to "
            f"mappings of recipe keys. Received: {values!r}"
        )
    if len(set(labels)) < len(labels):
        raise ValueError(f"expected different values. Received: {labels}")
    return values


class Budget(Section):
    """How long each cell is trained; one of the two.

    `steps` counts generator updates, `images` the real images that the
    discriminator sees: `batch_size` times `discriminator_steps` a step.
    """

    steps: Positive | None = None
    images: Positive | None = None

    @pydantic.model_validator(mode="after")
    def _one(self):
        if (self.steps is None) == (self.images is None):
            raise ValueError(
                "expected one of steps and images. Received: "
                f"steps={self.steps}, images={self.images}"
            )
        return self


class Study(Section):
    """A study.

    Each cell is the `recipe` (an entry of the zoo, or the path of a recipe,
    relative to this file) with the `settings`, one value of each axis of the
    `grid`, and one of the `seeds`. An axis is a key of the recipe with a list
    of values, or a name with labels that stand for several keys. `only` limits
    the axes to some labels.

    Each cell is measured by `measure` so many times (`measurements`), the last
    time at its end; the other keys of measures are options of `kerasgan train`.
    `groups` is the axis along the figure; the others have colours. A scale
    replaces keys of the study (and adds to its `settings`), by `--scale`.
    """

    title: str
    question: str
    recipe: str
    settings: dict[str, Any] = {}
    grid: Annotated[
        dict[str, Annotated[Any, pydantic.AfterValidator(_axis)]],
        Field(min_length=1),
    ]
    seeds: Annotated[list[_Seed], Field(min_length=1)] = [0]
    budget: Budget
    data: str | None = None
    measure: Annotated[list[_Measure], Field(min_length=1)]
    measurements: Positive = 1
    measure_data: str | None = None
    measure_split: str | None = None
    measure_count: Annotated[int, Field(ge=2)] | None = None
    groups: str | None = None
    only: dict[str, list[str]] = {}
    scales: dict[str, dict[str, Any]] = {}

    @pydantic.model_validator(mode="after")
    def _check(self):
        if self.groups is not None and self.groups not in self.grid:
            raise ValueError(
                f"groups: expected one of {', '.join(self.grid)}. "
                f"Received: {self.groups!r}"
            )
        if "seed" in self.grid:
            raise ValueError("grid.seed: list them in seeds instead")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError(
                f"seeds: expected different ones. Received: {self.seeds}"
            )
        if self.budget.steps and self.budget.steps % self.measurements:
            raise ValueError(
                "budget.steps: expected a multiple of measurements, so that "
                f"the end is measured. Received: {self.budget.steps}, "
                f"measurements={self.measurements}"
            )
        for keys in [self.settings, *self._changes()]:
            for key in keys:
                own = _RESERVED.get(key.rpartition(".")[2])
                if own:
                    raise ValueError(f"{key}: a study sets it with {own}")
        return self

    def _changes(self):
        for axis in self.axes().values():
            yield from axis.values()

    def axes(self):
        """Returns axis -> label -> the keys of the recipe that it sets."""
        return {
            name: values
            if isinstance(values, dict)
            else {_label(value): {name: value} for value in values}
            for name, values in self.grid.items()
        }

    @property
    def along(self):
        """The axis along the figure."""
        return self.groups or list(self.grid)[-1]

    def measured_source(self, recipe):
        """Returns the source of the images to measure on; None for `train`'s choice.

        A split without a source is one of the training's own source.

        Args:
            recipe: the `Recipe` that is trained.
        """
        own = None if self.measure_split is None else recipe.data.source
        return self.measure_data or own


def load_study(path, scale=None):
    """Reads and checks the file of a study.

    Args:
        path: of the file.
        scale: one of its scales, or None.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: one line that names the file, the key and what is allowed
            there.
    """
    source = os.fspath(path)
    content = read_yaml(Path(path).read_bytes(), source, "a study")
    study = validate(Study, content, source)
    scaled = {
        name: _scaled(content, changes, f"{source}: scales.{name}")
        for name, changes in study.scales.items()
    }
    if scale is None:
        return study
    if scale not in scaled:
        raise ValueError(
            f"{source}: expected a scale, one of "
            f"{', '.join(scaled) or 'none'}. Received: {scale}"
        )
    return scaled[scale]


def _scaled(content, changes, source):
    settings = {**content.get("settings", {}), **changes.get("settings", {})}
    merged = {**content, **changes, "settings": settings, "scales": {}}
    return validate(Study, merged, source)
