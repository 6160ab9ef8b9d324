"""The losses, and the arguments that a GAN takes with any of them."""

import dataclasses

from kerasgan.utils.registry import Choice, Integer, Number, Row


@dataclasses.dataclass(frozen=True)
class LossRow(Row):
    """The row of a loss.

    Attributes:
        has_zero: whether a logit of 0 separates what the discriminator takes
            for real from what it takes for generated.
        penalty: name of the penalty that the loss has if none is given.
    """

    has_zero: bool = True
    penalty: str | None = None


LOSSES = {
    "minimax": LossRow(
        "kerasgan.gans.losses:MinimaxGAN",
        "The game of Goodfellow et al., whose generator saturates",
    ),
    "non_saturating": LossRow(
        "kerasgan.gans.losses:NonSaturatingGAN",
        "The cross entropy with the generator's labels swapped",
        {"label_smoothing": Number(0.0, least=0, below=1)},
    ),
    "least_squares": LossRow(
        "kerasgan.gans.losses:LeastSquaresGAN",
        "Squared distances of the logits from 1 and 0",
    ),
    "wasserstein": LossRow(
        "kerasgan.gans.losses_wasserstein:WassersteinGAN",
        "Differences of mean logits, with clipped weights",
        {"clip": Number(0.01, above=0)},
        has_zero=False,
    ),
    "wasserstein_gp": LossRow(
        "kerasgan.gans.losses_wasserstein:WassersteinGPGAN",
        "Differences of mean logits, with a gradient penalty",
        has_zero=False,
        penalty="gradient_penalty",
    ),
    "hinge": LossRow(
        "kerasgan.gans.losses:HingeGAN",
        "Margins of 1 and -1 for the discriminator",
    ),
    "relativistic": LossRow(
        "kerasgan.gans.losses_relativistic:RelativisticGAN",
        "The cross entropy against the mean logit of the other kind",
        has_zero=False,
    ),
    "relativistic_pairing": LossRow(
        "kerasgan.gans.losses_relativistic:RelativisticPairingGAN",
        "The cross entropy of pairs of a real and a generated image",
        has_zero=False,
    ),
}


def _one_update(values):
    steps = values["discriminator_steps"]
    if values["update"] == "simultaneous" and steps != 1:
        return (
            "Simultaneous updates need discriminator_steps: 1. "
            f"Received: discriminator_steps={steps}"
        )
    return None


GAN = Row(
    "kerasgan.gans.gan:GAN",
    "A generator and a discriminator that are trained together",
    {
        "discriminator_steps": Integer(1, least=1),
        "update": Choice(
            "alternating", choices=("alternating", "simultaneous")
        ),
        "gradient_accumulation": Integer(1, least=1),
        "ema_decay": Number(0.999, optional=True, above=0, below=1),
    },
    rule=_one_update,
)
