"""The zoo: recipes, pretrained weights and cards by name."""

import warnings
from typing import TYPE_CHECKING

from kerasgan.recipes.build import (
    build_gan,
    build_networks,
    build_optimizer,
    prepare_images,
)
from kerasgan.recipes.recipe import Recipe
from kerasgan.utils.moved import at_old_path
from kerasgan.utils.typing import PathLike
from kerasgan.zoo import catalogue
from kerasgan.zoo.catalogue import find, names as list
from kerasgan.zoo.index import render_overview, write_overview
from kerasgan.zoo.model_card import card, render_card, write_card
from kerasgan.zoo.pretrained import check_weights, load
from kerasgan.zoo.publishing import push
from kerasgan.zoo.records import Metrics, read_metrics
from kerasgan.zoo.shipping import ship
from kerasgan.zoo.training_images import prepare_unseen

if not TYPE_CHECKING:

    def __getattr__(name):
        if name == "prepare_pictures":
            warnings.warn(
                "prepare_pictures is prepare_images now; the old name ends with "
                "kerasgan 0.4",
                DeprecationWarning,
                stacklevel=2,
            )
            return prepare_images
        return at_old_path(__name__, name)


def __dir__():
    return [*globals(), "prepare_pictures"]


def recipe(name: PathLike) -> Recipe:
    """Returns the `Recipe` of what `load` takes, or of a recipe file (`.yaml`).

    Args:
        name: as for `load`, or the path of a recipe file.

    Raises:
        FileNotFoundError: there is no such recipe file.
        ValueError: there is no such entry, or the recipe is not valid.

    Example:
        >>> recipe = kerasgan.zoo.recipe("dcgan-wn-celeba")
        >>> recipe.training.loss, recipe.architecture.normalization
        ('relativistic_pairing', 'weight-affine')
    """
    return catalogue.resolve(name).recipe


__all__ = [
    "Metrics",
    "Recipe",
    "build_gan",
    "build_networks",
    "build_optimizer",
    "card",
    "catalogue",
    "check_weights",
    "find",
    "list",
    "load",
    "prepare_images",
    "prepare_unseen",
    "push",
    "read_metrics",
    "recipe",
    "render_card",
    "render_overview",
    "ship",
    "write_card",
    "write_overview",
]
