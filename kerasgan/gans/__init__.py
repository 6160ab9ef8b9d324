"""GANs as Keras models: one class a loss."""

from kerasgan.gans.gan import GAN
from kerasgan.gans.non_saturating import NonSaturatingGAN

__all__ = ["GAN", "NonSaturatingGAN"]
