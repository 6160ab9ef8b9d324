"""The cells of a study: checked recipes, and the commands that train them."""

import dataclasses
import fnmatch
import itertools
import os
import re
from pathlib import Path

import yaml

from kerasgan.recipes.recipe import Recipe
from kerasgan.training.adaptation import adapt
from kerasgan.training.run_directory import check_run
from kerasgan.zoo.catalogue import RECIPE, NamedRecipe, resolve

# Lines of the log of a training, checkpoints, at least so many if it is long.
_LOG_EVERY = 100
_CHECKPOINTS = 5
_CHECKPOINT_EVERY = 1000


@dataclasses.dataclass(frozen=True)
class Cell:
    """One training of a study.

    Attributes:
        name: of its files, such as `"SN-A-seed0"`.
        labels: axis -> label.
        recipe: its `Recipe`.
        output: `pathlib.Path` of the study's folder.
        arguments: of `kerasgan train`, a tuple of texts.
    """

    name: str
    labels: dict
    recipe: Recipe
    output: Path
    arguments: tuple

    @property
    def seed(self):
        """That of its training."""
        return self.recipe.training.seed

    @property
    def steps(self):
        """Those of the whole training."""
        return self.recipe.training.steps

    @property
    def images(self):
        """The number of real images that the discriminator sees."""
        training = self.recipe.training
        return (
            training.steps * training.batch_size * training.discriminator_steps
        )

    @property
    def run(self):
        """Its run directory."""
        return self.output / "runs" / self.name

    @property
    def messages(self):
        """The file with what its process prints."""
        return self.output / "logs" / f"{self.name}.txt"

    @property
    def failure(self):
        """The file that says why its training ended early, if it did."""
        return self.output / "failures" / f"{self.name}.json"

    @property
    def lock(self):
        """The file that is locked by the processes that train it."""
        return self.output / "locks" / self.name


def base_recipe(study, file, data=None):
    """Returns the `Recipe` that the cells of a study change.

    Args:
        study: a `Study`.
        file: path of its file, which the recipe's path is relative to.
        data: source of the images; None for the study's, or the recipe's.
    """
    name = study.recipe
    if name.endswith((".yaml", ".yml")):
        name = Path(file).parent / name
    return adapt(resolve(name), {"data": data or study.data}).recipe


def plan_cells(study, recipe, output, data_dir=None):
    """Checks all cells of a study; Keras is not imported for it.

    Args:
        study: a `Study`.
        recipe: its `base_recipe`.
        output: folder of the study.
        data_dir: folder of TensorFlow Datasets, for `tfds:` sources.

    Returns:
        A list of `Cell`s, in the order of the grid, seed after seed.

    Raises:
        ValueError: a cell's recipe is not valid, or another one than that of
            its run directory. The first seed of all cells comes first.
    """
    axes = study.axes()
    cells = []
    for seed in study.seeds:
        for labels in itertools.product(*axes.values()):
            chosen = dict(zip(axes, labels))
            changes = dict(study.settings)
            for axis, label in chosen.items():
                # A later key counts, and stands behind the others.
                for key, value in axes[axis][label].items():
                    changes.pop(key, None)
                    changes[key] = value
            cells.append(_cell(study, recipe, output, chosen, changes, seed))
    names = [cell.name for cell in cells]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(
            "Expected labels that differ in letters and digits. Received: "
            f"several cells called {', '.join(sorted(twice))}"
        )
    if data_dir is not None:
        extra = ("--data-dir", os.fspath(data_dir))
        cells = [
            dataclasses.replace(cell, arguments=(*cell.arguments, *extra))
            for cell in cells
        ]
    return cells


def _cell(study, recipe, output, labels, changes, seed):
    name = "-".join(
        re.sub("[^A-Za-z0-9.+-]+", "_", text).strip("_.") or "_"
        for text in (*labels.values(), f"seed{seed}")
    )
    settings = [
        f"{key}={_yaml(value)}"
        for key, value in [*changes.items(), ("seed", seed)]
    ]
    cell = Cell(name, labels, recipe, Path(output), ())
    try:
        changed = recipe.override_all(
            [tuple(text.split("=", 1)) for text in settings]
        )
        steps, every = _steps(study, changed.training)
        # A decay ends with the training.
        adapted = adapt(
            NamedRecipe(recipe),
            {"steps": steps},
            settings,
            cell.run,
            resume=True,
        )
        if adapted.run.recipe is not None:
            check_run(adapted.run, adapted.recipe, resume=True)
    except ValueError as error:
        text = str(error).removeprefix(f"recipe {recipe.name}: ")
        raise ValueError(f"cell {name}: {text}") from None
    return dataclasses.replace(
        cell,
        recipe=adapted.recipe,
        arguments=_arguments(
            study, cell, adapted.recipe, settings, steps, every
        ),
    )


def _yaml(value):
    """Writes a value as YAML in one line."""
    text = yaml.safe_dump(
        value, default_flow_style=True, width=float("inf"), allow_unicode=True
    )
    return text.strip().removesuffix("...").strip()


def _steps(study, training):
    """Returns `(steps, steps between measurements)` of a cell."""
    count = study.measurements
    steps = study.budget.steps
    if steps is None:
        batch = training.batch_size * training.discriminator_steps
        target = study.budget.images / batch
        # The log has a line at each measurement: round ones have fewer.
        unit = count * (10 if target >= 1000 * count else 1)
        steps = unit * max(1, round(target / unit))
    return steps, steps // count


def _arguments(study, cell, recipe, settings, steps, every):
    log_every = max(
        n for n in range(1, min(_LOG_EVERY, every) + 1) if every % n == 0
    )
    checkpoints = min(_CHECKPOINT_EVERY, max(log_every, steps // _CHECKPOINTS))
    options = {
        "steps": steps,
        "output": cell.run,
        "log-every": log_every,
        "sample-every": steps,
        "checkpoint-every": checkpoints,
        "measure": ",".join(study.measure),
        "measure-every": every,
        "measure-data": study.measured_source(recipe),
        "measure-split": study.measure_split,
        "measure-count": study.measure_count,
    }
    words = ["train", os.fspath(cell.output / RECIPE), "--resume"]
    for text in settings:
        words += ["--set", text]
    for option, value in options.items():
        if value is not None:
            words += [f"--{option}", str(value)]
    return tuple(words)


def choose(cells, study, only=()):
    """Returns those cells that a study and a command are limited to.

    Args:
        cells: of `plan_cells`.
        study: its `Study`, whose `only` holds for each axis that the command
            does not limit itself.
        only: texts `AXIS=LABEL,...` with the wildcards of file names; the axis
            may be `seed`.

    Raises:
        ValueError: there is no such axis or label.
    """
    limits = {axis: list(labels) for axis, labels in study.only.items()}
    for text in only:
        axis, equals, labels = text.partition("=")
        if not equals:
            raise ValueError(
                f"Expected --only AXIS=LABEL. Received: --only {text}"
            )
        limits[axis] = labels.split(",")
    for axis, patterns in limits.items():
        labels = dict.fromkeys(_labels(cell).get(axis) for cell in cells)
        if None in labels:
            known = ", ".join([*study.grid, "seed"])
            raise ValueError(
                f"only: expected an axis of the study, one of {known}. "
                f"Received: {axis}"
            )
        for pattern in patterns:
            if not _matches([pattern], labels):
                raise ValueError(
                    f"only: expected some of {'; '.join(labels)} for {axis}. "
                    f"Received: {pattern}"
                )
    return [
        cell
        for cell in cells
        if all(
            _matches(patterns, [_labels(cell)[axis]])
            for axis, patterns in limits.items()
        )
    ]


def _labels(cell):
    return {**cell.labels, "seed": str(cell.seed)}


def _matches(patterns, labels):
    return any(
        fnmatch.fnmatchcase(label, pattern)
        for label in labels
        for pattern in patterns
    )
