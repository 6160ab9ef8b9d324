"""GANs as Keras models: one class a loss."""

from kerasgan.gans.gan import GAN
from kerasgan.gans.hinge import HingeGAN
from kerasgan.gans.least_squares import LeastSquaresGAN
from kerasgan.gans.minimax import MinimaxGAN
from kerasgan.gans.non_saturating import NonSaturatingGAN
from kerasgan.gans.relativistic import RelativisticGAN
from kerasgan.gans.wasserstein import WassersteinGAN

__all__ = [
    "GAN",
    "HingeGAN",
    "LOSSES",
    "LeastSquaresGAN",
    "MinimaxGAN",
    "NonSaturatingGAN",
    "RelativisticGAN",
    "WassersteinGAN",
]

# The names that recipes use.
LOSSES = {"non_saturating": NonSaturatingGAN}
