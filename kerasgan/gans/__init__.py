"""GANs as Keras models, one class a loss; penalties and augmentation."""

from kerasgan.utils.backend import check_backend

check_backend()

from kerasgan.gans.augmentation import (
    AUGMENTATIONS,
    AdaptiveAugment,
    DiffAugment,
)
from kerasgan.gans.gan import GAN
from kerasgan.gans.hinge import HingeGAN
from kerasgan.gans.least_squares import LeastSquaresGAN
from kerasgan.gans.minimax import MinimaxGAN
from kerasgan.gans.non_saturating import NonSaturatingGAN
from kerasgan.gans.penalties import (
    DRAGAN,
    PENALTIES,
    R1,
    R2,
    GeneratorPenalty,
    GradientPenalty,
    Orthonormal,
    PathLength,
    Penalty,
)
from kerasgan.gans.relativistic import RelativisticGAN
from kerasgan.gans.relativistic_pairing import RelativisticPairingGAN
from kerasgan.gans.wasserstein import WassersteinGAN
from kerasgan.gans.wasserstein_gp import WassersteinGPGAN

__all__ = [
    "AUGMENTATIONS",
    "DRAGAN",
    "GAN",
    "LOSSES",
    "PENALTIES",
    "R1",
    "R2",
    "AdaptiveAugment",
    "DiffAugment",
    "GeneratorPenalty",
    "GradientPenalty",
    "HingeGAN",
    "LeastSquaresGAN",
    "MinimaxGAN",
    "NonSaturatingGAN",
    "Orthonormal",
    "PathLength",
    "Penalty",
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
