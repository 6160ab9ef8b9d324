"""Checks of a GAN's arguments other than its networks."""

from kerasgan.gans import losses_table as table
from kerasgan.gans.penalties.penalty import Penalty


def check_arguments(penalties, augmentation, **arguments):
    """Reject arguments of `GAN` that are out of range or do not go together.

    Args:
        penalties, augmentation: see `GAN`.
        **arguments: those that its row in `kerasgan.gans.losses_table` has.

    Raises:
        ValueError: one of them is.
    """
    table.GAN.check(**arguments)
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
