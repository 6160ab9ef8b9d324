"""The zoo: recipes, pretrained weights and cards by name."""

from kerasgan.zoo.build import build_networks, build_optimizer
from kerasgan.zoo.recipe import Recipe
