"""The entries of the zoo, and the places of their files.

An entry is a folder with a `recipe.yaml`. A run directory of `kerasgan train`
and a repository of the Hugging Face Hub (`hf://user/name`) hold the same files
and can be used wherever a name is expected.
"""

import dataclasses
import difflib
import fnmatch
import os
from pathlib import Path

from kerasgan.recipes.choices import did_you_mean
from kerasgan.recipes.recipe import Recipe
from kerasgan.utils.typing import Any
from kerasgan.zoo import hub

RECIPE = "recipe.yaml"
CARD = "README.md"
METRICS = "metrics.json"
TRAINING = "training.json"
CHECKSUMS = "SHA256SUMS"
SAMPLES = "samples.png"
WEIGHTS = {
    "generator": "generator.weights.h5",
    "discriminator": "discriminator.weights.h5",
}
# The generator's in a repository of the Hub: Keras itself reads this name.
HUB_WEIGHTS = "model.weights.h5"
# What is read of a repository. Nothing in it is code.
HUB_FILES = (
    *(RECIPE, CARD, METRICS, TRAINING, CHECKSUMS),
    *(SAMPLES, HUB_WEIGHTS, WEIGHTS["discriminator"]),
)


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry of the zoo, a run directory, or a repository of the Hub.

    Attributes:
        name: the entry's name, or the folder or repository as it was given.
        folder: `pathlib.Path` of its files.
        shipped: whether it is part of the zoo.
        hub: whether its files are in the cache of the Hub's client, where
            nothing may be written.
    """

    name: str
    folder: Path
    shipped: bool
    hub: bool = False

    @property
    def is_run(self):
        """Whether it is a run directory."""
        return not (self.shipped or self.hub)

    def weights_file(self, part="generator"):
        """Returns the path of the weights of `part`, whether it exists or not."""
        path, of_hub = self.folder / WEIGHTS[part], self.folder / HUB_WEIGHTS
        # Also in a clone of a repository.
        if part == "generator" and of_hub.exists() and not path.exists():
            return of_hub
        return path

    @property
    def pretrained(self):
        """Whether the generator's weights are there."""
        return self.weights_file().is_file()

    @property
    def repository(self):
        """The name of a repository of the Hub without its user, or None."""
        if not self.hub:
            return None
        return hub.parse(self.name)[0].rpartition("/")[2]

    @property
    def model_name(self):
        """What an export is called, and what serves it.

        An entry's name, a run directory's without its path (that of the best
        networks, `RUN/best`, is `RUN-best`), a repository's without its user.
        """
        if self.shipped:
            return self.name
        if self.hub:
            return self.repository
        folder = self.folder.resolve()
        # Every run that chooses its best networks has a folder of that name.
        if folder.name == "best":
            return f"{folder.parent.name}-best"
        return folder.name

    def recipe(self):
        """Returns the entry's `Recipe`; errors as of `Recipe.load`."""
        return Recipe.load(self.folder / RECIPE)


@dataclasses.dataclass(frozen=True)
class NamedRecipe:
    """What a name stands for.

    Attributes:
        recipe: the `Recipe`.
        entry: the `Entry` that it is of; None for a recipe file.
    """

    recipe: Recipe
    entry: Entry | None = None


def folder():
    """Returns the folder of the entries: in the package, or at the top of a checkout."""
    installed = Path(__file__).parent / "entries"
    return (
        installed if installed.is_dir() else Path(__file__).parents[2] / "zoo"
    )


def names(
    pattern: str | None = None, pretrained: bool | None = None
) -> list[str]:
    """Returns the names of the entries, sorted.

    Args:
        pattern: if given, only names that match it as file names match in a
            shell, such as `"*-wn-*"`.
        pretrained: `True` for entries with weights only, `False` for those
            without.

    Example:
        >>> kerasgan.zoo.list("*-wn-celeba", pretrained=True)
        ['dcgan-wn-celeba', 'resnet21-wn-celeba']
    """
    return [
        entry.name
        for entry in entries()
        if (pattern is None or fnmatch.fnmatchcase(entry.name, pattern))
        and (pretrained is None or entry.pretrained is pretrained)
    ]


def entries():
    """Returns every `Entry` of the zoo, sorted by name."""
    paths = [path.parent for path in folder().glob(f"*/{RECIPE}")]
    return [Entry(path.name, path, shipped=True) for path in sorted(paths)]


def resolve(name: Any) -> NamedRecipe:
    """Returns the recipe of an entry, a run directory, or a recipe file.

    Args:
        name: as of `find`, or the path of a recipe (`.yaml`).

    Raises:
        FileNotFoundError: there is no such recipe file.
        ValueError: there is no such entry, or the recipe is not valid.
    """
    if str(name).endswith((".yaml", ".yml")):
        return NamedRecipe(Recipe.load(name))
    entry = find(name)
    return NamedRecipe(entry.recipe(), entry)


def find(name: Any) -> Entry:
    """Returns the entry of a name, or of the path of a run directory.

    Args:
        name: an entry's name, a folder that holds a `recipe.yaml`, a repository
            of the Hugging Face Hub (`"hf://user/name"`, or with `@revision` a
            branch, tag or commit of it), or an `Entry`. A name of the zoo comes
            before a folder called the same; `./name` is the folder. Of a
            repository its newest files are downloaded into the cache of
            `huggingface_hub`, or without a network taken from there.

    Raises:
        ConnectionError: the repository cannot be reached and is not in the cache.
        ValueError: there is none; the nearest names are offered.
    """
    if isinstance(name, Entry):
        return name
    if hub.is_reference(name):
        return _find_in_hub(name)
    known = {entry.name: entry for entry in entries()}
    if name in known:
        return known[name]
    path = Path(name)
    if (path / RECIPE).is_file():
        return Entry(os.fspath(name), path, shipped=False)
    if path.is_dir():
        raise ValueError(
            f"Expected an entry of the zoo or a run directory with {RECIPE}. "
            f"Received: name={os.fspath(name)!r}, a folder without one"
        )
    nearest = difflib.get_close_matches(os.fspath(name), known, n=3, cutoff=0.4)
    offer = f"{did_you_mean(nearest)} " if nearest else ""
    raise ValueError(
        f"no such entry in the zoo and no run directory: {offer}"
        f"`kerasgan list` shows all {len(known)}. Received: name={os.fspath(name)!r}"
    )


def _find_in_hub(reference):
    folder = hub.download(reference, HUB_FILES)
    if not (folder / RECIPE).is_file():
        raise ValueError(
            f"{reference} has no {RECIPE}: `kerasgan push` did not make it. "
            "keras.saving.load_model reads any Keras model of the Hub. "
            f"Received: name={reference!r}"
        )
    return Entry(reference, folder, shipped=False, hub=True)
