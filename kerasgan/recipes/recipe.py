"""Recipes: everything that is needed to reproduce an entry of the zoo."""

import hashlib
import json
import os
from typing import Annotated

import pydantic
import yaml
from pydantic import Field

from kerasgan.recipes import dotted_keys, legacy
from kerasgan.recipes.section import Section, one_of, validate
from kerasgan.recipes.settings.architecture import (
    ARCHITECTURES,
    DISCRIMINATORS,
)
from kerasgan.recipes.settings.augmentation import AUGMENTATIONS
from kerasgan.recipes.settings.data import Data
from kerasgan.recipes.settings.optimizers import DECAYS, OPTIMIZERS
from kerasgan.recipes.settings.penalties import PENALTIES
from kerasgan.recipes.settings.training import Training, expand
from kerasgan.recipes.yaml_documents import read_yaml
from kerasgan.utils.files import write_file
from kerasgan.utils.typing import Any, Iterable, PathLike

# The keys that choose the kind of their section.
_KINDS = {
    "name": {**OPTIMIZERS, **DECAYS, **PENALTIES, **AUGMENTATIONS},
    "kind": ARCHITECTURES,
    "discriminator.kind": DISCRIMINATORS,
}
# The comment behind a document that `Recipe.save` wrote; a digest follows.
_SUM = b"# SHA-256 of the lines above (to change them, delete this line): "
# What a recipe does with the images, whatever they are.
_OF_IMAGES = {
    *("split", "hold_out", "image_size", "crop", "resize", "background"),
    *("flip", "classes"),
}


class Recipe(Section):
    """A recipe, as in an entry's `recipe.yaml`.

    `licence` is that of the weights, `data.licence` that of the images.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
    summary: Annotated[str, Field(pattern=r"^[^\n]+$")]
    architecture: one_of(ARCHITECTURES, "kind")
    data: Data
    training: Training
    licence: str = "not stated"
    intended_use: str = "not stated"
    limits: Annotated[list[str], Field(min_length=1)] = ["not stated"]

    @pydantic.model_validator(mode="after")
    def _check_sizes(self):
        shape = self.data.image_shape
        if self.architecture.image_shape != shape:
            raise ValueError(
                "data.image_size and architecture.image_shape disagree: "
                f"{list(shape)} against {list(self.architecture.image_shape)}"
            )
        return self

    @classmethod
    def load(cls, path: PathLike) -> "Recipe":
        """Read and check a recipe file.

        Args:
            path: the file.

        Returns:
            The `Recipe`.

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: one line that names the file, the key and what is
                allowed there.
        """
        with open(path, "rb") as file:
            return cls.from_yaml(file.read(), source=os.fspath(path))

    @classmethod
    def from_yaml(cls, text: str | bytes, source: str = "recipe") -> "Recipe":
        """Read and check a recipe from YAML.

        Args:
            text: the YAML document.
            source: what errors call it.

        Returns:
            The `Recipe`.

        Raises:
            ValueError: one line that names `source`, the key and what is
                allowed there.
        """
        _check(text, source)
        content = read_yaml(text, source, "a recipe")
        return validate(cls, legacy.upgrade_recipe(content, source), source)

    @classmethod
    def from_dict(
        cls, content: dict[str, Any], source: str = "recipe"
    ) -> "Recipe":
        """Returns the recipe of a nested dictionary; errors as in `from_yaml`.

        Args:
            content: the dictionary, by the keys of a recipe.
            source: what errors call it.
        """
        return validate(cls, content, source)

    def to_yaml(self) -> str:
        """Returns the recipe as a YAML document with every key, defaults too."""
        return yaml.safe_dump(
            self.model_dump(mode="json"),
            sort_keys=False,
            allow_unicode=True,
            width=80,
        )

    def save(self, path: PathLike) -> None:
        """Writes the recipe, with the SHA-256 of the document as a comment.

        What `load` reads is then what was written: a recipe that was damaged,
        or changed without deleting the comment, is rejected.

        Args:
            path: the file.
        """
        text = self.to_yaml().encode()
        write_file(path, text + _SUM + _digest(text) + b"\n")

    @property
    def digest(self) -> str:
        """The SHA-256 of what decides how networks are trained.

        Not of where the images are, nor of their description. Defaults
        are left out: a new key changes no digest.
        """
        content = self.model_dump(
            mode="json",
            exclude_defaults=True,
            include={
                "architecture": True,
                "training": True,
                "data": _OF_IMAGES,
            },
        )
        text = json.dumps(content, sort_keys=True)
        return _digest(text.encode()).decode()

    def override(self, key: str, value: Any) -> "Recipe":
        """Returns a copy with one value replaced, as by `--set key=value`.

        Args:
            key: dotted, such as `"training.batch_size"`. The section may be
                left out where the rest names one key only (`"batch_size"`).
            value: the value, or its YAML text.

        Raises:
            ValueError: the key does not exist or the value is not allowed.
        """
        return self.override_all([(key, value)])

    def override_all(self, pairs: Iterable[tuple[str, Any]]) -> "Recipe":
        """Returns a copy with several `(key, value)` pairs replaced at once.

        Only the outcome is checked, so that values which depend on each
        other, such as the image sizes, can change together.

        Args:
            pairs: as many `(key, value)` as are replaced, each as of `override`.
        """
        content = self.model_dump(mode="json")
        for key, value in pairs:
            # A recipe does not keep it.
            if isinstance(content["training"], dict):
                content["training"].setdefault("preset", None)
            dotted_keys.replace(content, key, value, _KINDS)
            expand(content["training"], key.removeprefix("training."))
        return type(self).from_dict(content, source=f"recipe {self.name}")


def is_signed(path: PathLike) -> bool:
    """Returns whether a recipe file has the checksum of `Recipe.save`."""
    with open(path, "rb") as file:
        return _SUM in file.read()


def _check(text, source):
    """Rejects a document that is not what the checksum at its end is of."""
    if isinstance(text, str):
        text = text.encode()
    # As it was before an editor or Git changed the ends of its lines.
    body, _, expected = text.replace(b"\r\n", b"\n").rpartition(_SUM)
    actual = _digest(body)
    if body and expected.strip() != actual:
        raise ValueError(
            f"{source} was changed after it was written: its SHA-256 is "
            f"{actual.decode()}. If the change was intended, delete the comment in "
            "its last line; otherwise restore it from a copy. "
            f"Received: {expected.strip().decode(errors='replace')}"
        )


def _digest(data):
    return hashlib.sha256(data).hexdigest().encode()


def differences(recipe, other):
    """Returns what differs between two recipes: a list of `(key, value, value)`."""
    values = [
        dict(dotted_keys.items(r.model_dump(mode="json")))
        for r in (recipe, other)
    ]
    return [
        (key, values[0].get(key), values[1].get(key))
        for key in dict.fromkeys([*values[0], *values[1]])
        if values[0].get(key) != values[1].get(key)
    ]
