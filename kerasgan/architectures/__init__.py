"""Generators and discriminators."""

from kerasgan.utils.backend import check_backend

check_backend()

from kerasgan.architectures.dcgan import dcgan
from kerasgan.architectures.normalizations import ACTIVATIONS, NORMALIZATIONS
from kerasgan.architectures.parts import UPSAMPLINGS
from kerasgan.architectures.resnet import resnet
from kerasgan.architectures.sngan import sngan

__all__ = [
    "ACTIVATIONS",
    "NORMALIZATIONS",
    "UPSAMPLINGS",
    "dcgan",
    "resnet",
    "sngan",
]
