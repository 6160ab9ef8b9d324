"""Checks of a GAN's arguments, its networks left aside."""

import numbers

from kerasgan.gans.penalties.penalty import Penalty


def check_arguments(
    *,
    discriminator_steps,
    update,
    gradient_accumulation,
    ema_decay,
    penalties,
    augmentation,
):
    """Refuse arguments of `GAN` that are out of range or do not go together.

    Raises:
        ValueError: one of them is.
    """
    for name, count in (
        ("discriminator_steps", discriminator_steps),
        ("gradient_accumulation", gradient_accumulation),
    ):
        if not isinstance(count, int) or count is True or count < 1:
            raise ValueError(
                f"Argument `{name}` must be a positive integer. "
                f"Received: {name}={count}"
            )
    if update not in ("alternating", "simultaneous"):
        raise ValueError(
            "Argument `update` must be 'alternating' or 'simultaneous'. "
            f"Received: update={update!r}"
        )
    if update == "simultaneous" and discriminator_steps != 1:
        raise ValueError(
            "Simultaneous updates are one of each network. "
            f"Received: discriminator_steps={discriminator_steps}"
        )
    if ema_decay is not None and not (
        isinstance(ema_decay, numbers.Real) and 0 < ema_decay < 1
    ):
        raise ValueError(
            "Argument `ema_decay` must lie between 0 and 1, or be None. "
            f"Received: ema_decay={ema_decay!r}"
        )
    if not isinstance(penalties, (list, tuple)) or not all(
        isinstance(penalty, Penalty) for penalty in penalties
    ):
        raise ValueError(
            "Argument `penalties` must be a list of kerasgan.gans penalties, "
            f"such as [R1()]. Received: penalties={penalties!r}"
        )
    if augmentation is not None and (
        isinstance(augmentation, type)
        or not all(
            hasattr(augmentation, name) for name in ("draw", "apply", "update")
        )
    ):
        raise ValueError(
            "Argument `augmentation` must be a kerasgan.gans augmentation, "
            "such as DiffAugment(), or None. "
            f"Received: augmentation={augmentation!r}"
        )
