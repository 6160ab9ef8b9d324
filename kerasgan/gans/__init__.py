"""GANs as Keras models: one class a loss."""

from kerasgan.gans.gan import GAN
from kerasgan.gans.non_saturating import NonSaturatingGAN

__all__ = ["GAN", "LOSSES", "NonSaturatingGAN"]

# The names that recipes use.
LOSSES = {"non_saturating": NonSaturatingGAN}
