import math
import warnings

import keras
import numpy as np
from keras import ops

from kerasgan.utils.run_log import LOSS_HEALTH
from kerasgan.utils.typing import Any, Logs


class LossHealth(keras.callbacks.Callback):
    """Watches a GAN's losses and stops a training that has gone wrong.

    At the end of each epoch it adds `loss_health` to the logs:

    - 0, healthy.
    - 1, converged: the discriminator's loss is within 1% of c, the least that
      it can be where all logits are equal (such as log 4, or 2:
      docs/loss_curves.md has them), and the mean logits of real and of
      generated images differ by less than 0.05: the discriminator cannot tell
      them apart. Good images or a dead discriminator: look at them.
    - 2, the discriminator's loss vanishes: below 2% of c. The generator gets
      nearly no gradient from a saturating loss, and overfitting or a
      discriminator that is too strong from all the others. (Losses whose c is
      not positive, Wasserstein losses, have no such state.)
    - 3, exploding: a loss or a mean logit beyond `limit`, such as those of a
      discriminator without a Lipschitz constraint.
    - 4, not finite.

    After `patience` epochs in a row in state 2, and at once in state 3 or 4, it
    warns with the reason and sets `stop_training`. With `raises` it ends a
    training in state 3 or 4 by an error instead, so that behind it in the list
    a `kerasgan.callbacks.Checkpoint` keeps the last good one.

    Args:
        patience: epochs in state 2, at least 1. Defaults to 10.
        limit: largest absolute value of a loss or a mean logit, a positive
            number. Defaults to 1e5.
        stop: whether to stop; otherwise it only logs and warns. Defaults to
            True.
        raises: whether to raise a FloatingPointError in state 3 or 4 instead
            of setting `stop_training`. Defaults to False.

    Attributes:
        state: one of the numbers above, of the last epoch.
        reason: why it stopped, or None.

    Raises:
        ValueError: an argument is out of range.
        FloatingPointError: see `raises`.
    """

    def __init__(
        self,
        patience: int = 10,
        limit: float = 1e5,
        stop: bool = True,
        raises: bool = False,
    ) -> None:
        super().__init__()
        if not isinstance(patience, int) or patience < 1:
            raise ValueError(
                "Argument `patience` must be a positive integer. "
                f"Received: patience={patience}"
            )
        if not 0 < limit < math.inf:
            raise ValueError(
                "Argument `limit` must be a positive number. "
                f"Received: limit={limit}"
            )
        self.patience = patience
        self.limit = limit
        self.stop = stop
        self.raises = raises
        self.state = 0
        self.reason: str | None = None
        self.epochs = 0

    def on_train_begin(self, logs: Logs = None) -> None:
        from scipy.optimize import minimize_scalar

        minimum = minimize_scalar(self._equal, bounds=(-2, 2), method="bounded")
        self.constant = float(min(minimum.fun, self._equal(0.0)))

    def _equal(self, logit):
        """Computes the discriminator's loss where all logits are one number."""
        logits = np.full((2, 1), logit, "float32")
        loss = self.model.discriminator_loss(logits, logits)
        return float(ops.convert_to_numpy(loss))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = {} if logs is None else logs
        state, reason = self.judge(logs)
        self.epochs = self.epochs + 1 if state == self.state else 1
        self.state = state
        logs["loss_health"] = state
        if state > 2 or (state == 2 and self.epochs >= self.patience):
            self._stop(reason)

    def judge(self, logs: dict[str, Any]) -> tuple[int, str | None]:
        """Returns the state and what was seen, None in state 0 or 1.

        Args:
            logs: the numbers of an epoch by name.
        """
        values = {
            name: float(value)
            for name, value in logs.items()
            if name.endswith(("_loss", "_logits", "penalty"))
        }
        bad = [name for name, v in values.items() if not math.isfinite(v)]
        if bad:
            return 4, f"{', '.join(bad)} not finite"
        large = [name for name, v in values.items() if abs(v) > self.limit]
        if large:
            name = large[0]
            return 3, f"{name} is {values[name]:.3g}, beyond {self.limit:.3g}"
        loss = values.get("discriminator_loss")
        if loss is None or self.constant <= 0:
            return 0, None
        if loss < 0.02 * self.constant:
            return 2, (
                f"discriminator_loss is {loss:.3g}, below 2% of the "
                f"{self.constant:.3g} of a discriminator that cannot tell"
            )
        gap = abs(values.get("real_logits", 1) - values.get("fake_logits", 0))
        if abs(loss - self.constant) < 0.01 * self.constant and gap < 0.05:
            return 1, None
        return 0, None

    def _stop(self, reason):
        if not self.stop and self.epochs > max(self.patience, 1):
            # It has been reported.
            return
        step = int(self.model.steps)
        lasting = f" for {self.patience} epochs" if self.state == 2 else ""
        state = LOSS_HEALTH[self.state]
        self.reason = f"{state}: {reason}{lasting}, at step {step}"
        if self.stop and self.raises and self.state > 2:
            raise FloatingPointError(f"training stopped: {self.reason}")
        if self.stop:
            self.model.stop_training = True
        verb = "stopped" if self.stop else "is unhealthy"
        warnings.warn(f"training {verb}: {self.reason}", stacklevel=2)
