"""A check that wandb can be used, before a training is prepared."""

import os

from kerasgan.utils.extras import require
from kerasgan.utils.typing import Any


def check_wandb() -> Any:
    """Returns the module wandb; Keras is not imported for it.

    Raises:
        ValueError: it is not installed, or has no account.
    """
    wandb = require("wandb", "track", "tracking by wandb")
    if mode() == "online" and wandb.run is None and not wandb.api.api_key:
        raise ValueError(
            "wandb has no account here: run `wandb login`, or set "
            "WANDB_MODE=offline. Received: track=wandb"
        )
    return wandb


def mode() -> str:
    """Returns the mode of wandb, `"online"` by default."""
    return os.environ.get("WANDB_MODE", "online")
