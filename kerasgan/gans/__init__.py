"""GANs as Keras models, one class a loss; penalties and augmentation."""

from typing import TYPE_CHECKING

from kerasgan.gans import losses_table
from kerasgan.gans.augmentation import table as augmentation_table
from kerasgan.gans.penalties import table as penalties_table
from kerasgan.utils import lazy, registry

__all__ = lazy.export(
    __name__,
    {
        "GAN": "kerasgan.gans.gan",
        "GeneratorPenalty": "kerasgan.gans.penalties.generator_penalty",
        "Penalty": "kerasgan.gans.penalties.penalty",
        **registry.exports(
            # The names that recipes use -> classes.
            {
                "AUGMENTATIONS": augmentation_table.AUGMENTATIONS,
                "LOSSES": losses_table.LOSSES,
                "PENALTIES": penalties_table.PENALTIES,
            }
        ),
    },
)

if TYPE_CHECKING:
    from kerasgan.gans.augmentation.adaptive_augment import (
        AdaptiveAugment as AdaptiveAugment,
    )
    from kerasgan.gans.augmentation.diff_augment import (
        DiffAugment as DiffAugment,
    )
    from kerasgan.gans.gan import GAN as GAN
    from kerasgan.gans.losses import (
        HingeGAN as HingeGAN,
        LeastSquaresGAN as LeastSquaresGAN,
        MinimaxGAN as MinimaxGAN,
        NonSaturatingGAN as NonSaturatingGAN,
    )
    from kerasgan.gans.losses_relativistic import (
        RelativisticGAN as RelativisticGAN,
        RelativisticPairingGAN as RelativisticPairingGAN,
    )
    from kerasgan.gans.losses_wasserstein import (
        WassersteinGAN as WassersteinGAN,
        WassersteinGPGAN as WassersteinGPGAN,
    )
    from kerasgan.gans.penalties.dragan import DRAGAN as DRAGAN
    from kerasgan.gans.penalties.generator_penalty import (
        GeneratorPenalty as GeneratorPenalty,
    )
    from kerasgan.gans.penalties.gradient_penalty import (
        GradientPenalty as GradientPenalty,
    )
    from kerasgan.gans.penalties.orthonormal import Orthonormal as Orthonormal
    from kerasgan.gans.penalties.path_length import PathLength as PathLength
    from kerasgan.gans.penalties.penalty import Penalty as Penalty
    from kerasgan.gans.penalties.r1 import R1 as R1
    from kerasgan.gans.penalties.r2 import R2 as R2

    AUGMENTATIONS: dict[str, type[AdaptiveAugment | DiffAugment]]
    LOSSES: dict[str, type[GAN]]
    PENALTIES: dict[str, type[Penalty | GeneratorPenalty]]
