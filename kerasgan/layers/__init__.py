"""Normalization layers, the activations that go with them, and a resize."""

from kerasgan.utils.backend import check_backend

check_backend()

from kerasgan.layers.affine import Affine
from kerasgan.layers.bilinear_up_sampling2d import BilinearUpSampling2D
from kerasgan.layers.conditional_batch_normalization import (
    ConditionalBatchNormalization,
)
from kerasgan.layers.layer_normalization import LayerNormalization
from kerasgan.layers.one_hot import OneHot
from kerasgan.layers.prelu import PReLU
from kerasgan.layers.reparametrization import (
    Reparametrization,
    one_iteration,
    reparametrizations,
    shared_kernels,
)
from kerasgan.layers.reparametrization_wrapper import OUTPUT_AXES
from kerasgan.layers.scopes import substituted, unchanged
from kerasgan.layers.spectral_normalization import SpectralNormalization
from kerasgan.layers.tprelu import TPReLU
from kerasgan.layers.trelu import TReLU
from kerasgan.layers.weight_normalization import WeightNormalization
from kerasgan.layers.weight_normalized_add import WeightNormalizedAdd
from kerasgan.layers.weight_normalized_conv2d import WeightNormalizedConv2D
from kerasgan.layers.weight_normalized_conv2d_transpose import (
    WeightNormalizedConv2DTranspose,
)
from kerasgan.layers.weight_normalized_dense import WeightNormalizedDense

__all__ = [
    "OUTPUT_AXES",
    "Affine",
    "BilinearUpSampling2D",
    "ConditionalBatchNormalization",
    "LayerNormalization",
    "OneHot",
    "PReLU",
    "Reparametrization",
    "SpectralNormalization",
    "TPReLU",
    "TReLU",
    "WeightNormalization",
    "WeightNormalizedAdd",
    "WeightNormalizedConv2D",
    "WeightNormalizedConv2DTranspose",
    "WeightNormalizedDense",
    "one_iteration",
    "reparametrizations",
    "shared_kernels",
    "substituted",
    "unchanged",
]
