"""Normalization layers and the activations that go with them."""

from kerasgan.layers.affine import Affine
from kerasgan.layers.reparametrization import Reparametrization
from kerasgan.layers.reparametrization import shared_kernels
from kerasgan.layers.tprelu import TPReLU
from kerasgan.layers.trelu import TReLU
from kerasgan.layers.weight_normalized_add import WeightNormalizedAdd
from kerasgan.layers.weight_normalized_conv2d import WeightNormalizedConv2D
from kerasgan.layers.weight_normalized_conv2d_transpose import (
    WeightNormalizedConv2DTranspose,
)
from kerasgan.layers.weight_normalized_dense import WeightNormalizedDense

__all__ = [
    "Affine",
    "Reparametrization",
    "TPReLU",
    "TReLU",
    "WeightNormalizedAdd",
    "WeightNormalizedConv2D",
    "WeightNormalizedConv2DTranspose",
    "WeightNormalizedDense",
    "shared_kernels",
]
