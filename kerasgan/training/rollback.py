"""The return of a training that diverged to its last good checkpoint.

`rollbacks.json` of a run says how often it did. From then on the run is one
that was resumed from that checkpoint with lower learning rates, whatever ends
and resumes it: the file is written before the training continues.
"""

import warnings

from kerasgan.training.run_directory import RESTORE
from kerasgan.utils.json_files import write_json
from kerasgan.zoo.records import Rollback, Rollbacks

FILE = "rollbacks.json"
# What both learning rates are multiplied by, and how often.
FACTOR = 0.5
MOST = 5


def read_rollbacks(folder):
    """Returns the list of a run's `Rollback`s, in their order.

    Args:
        folder: `pathlib.Path` of the run.

    Raises:
        ValueError: the file is damaged.
    """
    try:
        return Rollbacks.from_json(folder / FILE, RESTORE).rollbacks
    except FileNotFoundError:
        return []


def roll_back(folder, step, reason):
    """Notes that a run returns to its last checkpoint, and says it.

    Args:
        folder: `pathlib.Path` of the run.
        step: of the checkpoint; 0 if there is none.
        reason: why, in a line.

    Raises:
        FloatingPointError: it did so `MOST` times already.
    """
    before = read_rollbacks(folder)
    if len(before) == MOST:
        raise FloatingPointError(
            f"{reason}; it returned to a checkpoint {MOST} times, and the learning "
            f"rates are {FACTOR**MOST:g} of the recipe's"
        )
    factor = FACTOR ** (len(before) + 1)
    # Without the folder, which is one of this machine.
    cause = reason.partition(";")[0]
    this = Rollback(step=step, factor=factor, reason=cause)
    content = Rollbacks(rollbacks=[*before, this])
    write_json(folder / FILE, content.model_dump(mode="json"))
    warnings.warn(
        f"{reason}; the training continues from step {step} with {factor:g} of "
        f"the recipe's learning rates ({len(before) + 1} of {MOST})",
        stacklevel=2,
    )


def lowered(recipe, rollbacks):
    """Returns a recipe with the learning rates after the rollbacks of its run."""
    if not rollbacks:
        return recipe
    rates = {
        f"training.{name}.learning_rate": rollbacks[-1].factor
        * getattr(recipe.training, name).learning_rate
        for name in ("generator_optimizer", "discriminator_optimizer")
    }
    return recipe.override_all(rates.items())


def set_rates(gan, training):
    """Gives the optimizers of a GAN their learning rates.

    A checkpoint has those that do not change, as they were before.

    Args:
        gan: the compiled GAN, of the section `training` of a recipe.
        training: that section.
    """
    for network in ("generator", "discriminator"):
        settings = getattr(training, f"{network}_optimizer")
        if settings.decay is None and not settings.warmup_steps:
            optimizer = getattr(gan.optimizer, network)
            optimizer.learning_rate = settings.learning_rate
