"""GANs as Keras models, one class a loss; penalties and augmentation."""

from kerasgan.backend import check_backend

check_backend()

from kerasgan.gans.augmentation import AUGMENTATIONS
from kerasgan.gans.augmentation import AdaptiveAugment, DiffAugment
from kerasgan.gans.gan import GAN
from kerasgan.gans.hinge import HingeGAN
from kerasgan.gans.least_squares import LeastSquaresGAN
from kerasgan.gans.minimax import MinimaxGAN
from kerasgan.gans.non_saturating import NonSaturatingGAN
from kerasgan.gans.penalties import DRAGAN, PENALTIES, R1, R2, Distillation
from kerasgan.gans.penalties import GeneratorPenalty, GradientPenalty
from kerasgan.gans.penalties import Orthonormal, PathLength, Penalty
from kerasgan.gans.relativistic import RelativisticGAN
from kerasgan.gans.relativistic_pairing import RelativisticPairingGAN
from kerasgan.gans.wasserstein import WassersteinGAN
from kerasgan.gans.wasserstein_gp import WassersteinGPGAN

__all__ = [
    "AUGMENTATIONS",
    "AdaptiveAugment",
    "DRAGAN",
    "DiffAugment",
    "Distillation",
    "GAN",
    "GeneratorPenalty",
    "GradientPenalty",
    "HingeGAN",
    "LOSSES",
    "LeastSquaresGAN",
    "MinimaxGAN",
    "NonSaturatingGAN",
    "Orthonormal",
    "PENALTIES",
    "PathLength",
    "Penalty",
    "R1",
    "R2",
    "RelativisticGAN",
    "RelativisticPairingGAN",
    "WassersteinGAN",
    "WassersteinGPGAN",
]

# The names that recipes use.
LOSSES = {
    "minimax": MinimaxGAN,
    "non_saturating": NonSaturatingGAN,
    "least_squares": LeastSquaresGAN,
    "wasserstein": WassersteinGAN,
    "wasserstein_gp": WassersteinGPGAN,
    "hinge": HingeGAN,
    "relativistic": RelativisticGAN,
    "relativistic_pairing": RelativisticPairingGAN,
}
