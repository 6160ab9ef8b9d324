"""From a generator and a seed to images."""

from kerasgan.utils.backend import check_backend

check_backend()

from kerasgan.sampling.class_labels import ALL, chosen_labels, labels
from kerasgan.sampling.given_latents import read_latents, save_latents
from kerasgan.sampling.interpolation import interpolate
from kerasgan.sampling.latent_directions import directions, traverse
from kerasgan.sampling.normal_latents import latents, slerp, threefry
from kerasgan.sampling.sampler import (
    compiled,
    latent_size,
    sample,
    stream,
    to_uint8,
)

__all__ = [
    "ALL",
    "chosen_labels",
    "compiled",
    "directions",
    "interpolate",
    "labels",
    "latent_size",
    "latents",
    "read_latents",
    "sample",
    "save_latents",
    "slerp",
    "stream",
    "threefry",
    "to_uint8",
    "traverse",
]
