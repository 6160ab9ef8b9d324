"""Generators and discriminators."""

from kerasgan.architectures.dcgan import UPSAMPLINGS
from kerasgan.architectures.dcgan import dcgan
from kerasgan.architectures.normalizations import ACTIVATIONS
from kerasgan.architectures.normalizations import NORMALIZATIONS

__all__ = ["ACTIVATIONS", "NORMALIZATIONS", "UPSAMPLINGS", "dcgan"]
