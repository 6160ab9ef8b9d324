"""The sources of the models that are served."""

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path

from kerasgan import zoo
from kerasgan.data.cache import default_folder
from kerasgan.serving.exports import export_origin
from kerasgan.serving.tf_serving.served_models import find_models
from kerasgan.serving.tf_serving.versions import new_version, versions
from kerasgan.zoo import catalogue
from kerasgan.zoo.pretrained import load_verified, verify

SAVED_MODEL = "saved_model.pb"


@dataclasses.dataclass(frozen=True)
class Source:
    """A folder of models, or one model of it.

    Attributes:
        folder: `pathlib.Path` of `FOLDER/NAME/VERSION`.
        name: the model; None for all that are there, now or later.
        version: the only version that is meant; None for those that are there.
        export: writes the version, with a line to its argument before the work,
            and returns its number; None if it need not be written.
    """

    folder: Path
    name: str | None = None
    version: int | None = None
    export: Callable | None = None

    def models(self):
        """Returns the folders of the models, the best models first.

        Returns:
            A dict of names to `pathlib.Path`.
        """
        if self.name is not None:
            return {self.name: self.folder / self.name}
        names = [
            base.name
            for base in self.folder.iterdir()
            if base.is_dir() and not base.name.startswith(".")
        ]
        return {name: self.folder / name for name in sorted(names, key=_rank)}

    def versions(self, name):
        """Returns the versions of a model, the newest first."""
        if self.export is not None:
            return []
        base = self.folder / name
        return [
            number
            for number in reversed(versions(base))
            if self.version in (None, number)
            and (base / str(number) / SAVED_MODEL).is_file()
        ]

    def planned(self):
        """Returns the version that an export will have."""
        return int(new_version(self.folder / self.name).name)


def find(arguments):
    """Returns the sources that the arguments of `kerasgan serve` mean.

    Args:
        arguments: folders of SavedModels, folders of one model, entries of the
            zoo and run directories. Without any, `savedmodels`, or the
            pretrained entries if there is no such folder.

    Returns:
        A list of `Source`.

    Raises:
        ValueError: an argument is none of these, an entry has no weights, or
            two models have one name.
    """
    if not arguments and Path("savedmodels").is_dir():
        arguments = ["savedmodels"]
    if not arguments:
        arguments = sorted(zoo.list(pretrained=True), key=_rank)
        if not arguments:
            raise ValueError(
                "there are no pretrained entries to serve; give a folder of "
                "SavedModels, such as kerasgan export makes"
            )
    sources = [_find(str(argument)) for argument in arguments]
    where = {}
    for argument, source in zip(arguments, sources, strict=True):
        for name in model_versions([source]):
            if where.setdefault(name, argument) != argument:
                raise ValueError(
                    f"{where[name]} and {argument} both have a model called "
                    f"{name}: serve them one by one. Received: {argument}"
                )
    return sources


def model_versions(sources):
    """Returns the models there are: names to versions in ascending order."""
    by_model = {}
    for source in sources:
        if source.export is not None:
            by_model[source.name] = [source.planned()]
        elif source.name is not None:
            by_model[source.name] = source.versions(source.name)[::-1]
        else:
            by_model.update(find_models(source.folder))
    return by_model


def _find(argument):
    path = Path(argument)
    if argument not in zoo.list() and path.is_dir():
        if not (path / catalogue.RECIPE).is_file():
            return _saved_models(path)
    entry = zoo.find(argument)
    verify(entry, entry.recipe())
    folder = default_folder().parent / "savedmodels"
    name = entry.model_name
    text = export_origin.describe(entry)
    number = export_origin.find(folder / name, text)
    export = functools.partial(_export, entry, folder, name, text)
    return Source(folder, name, number, export if number is None else None)


def _saved_models(path):
    model = Source(path.resolve().parent, path.resolve().name)
    if model.versions(model.name):
        return model
    find_models(path)
    return Source(path)


def _export(entry, folder, name, text, report):
    from kerasgan.serving.exports.exporting import export

    report(
        f"exporting {entry.name} to {folder / name}, once: the export is reused "
        "until the weights change"
    )
    generator = load_verified(entry, entry.recipe())
    path = export(generator, folder, name, documents={export_origin.FILE: text})
    return int(path.name)


@functools.cache
def _rank(name):
    """Returns what orders models: the best by FID-768 first, unknown ones last.

    It is read as one list, although FIDs of other data are no comparison: all
    that hangs on it is who is loaded and shown first.
    """
    try:
        metrics = zoo.read_metrics(name) if name in zoo.list() else None
    except ValueError:
        metrics = None
    for item in metrics.metrics if metrics else ():
        # The first one is by the protocol of the recipe.
        if item.name == "fid768":
            return item.value, name
    return float("inf"), name
