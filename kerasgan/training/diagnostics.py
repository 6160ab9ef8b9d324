"""Settings of the measurements during `kerasgan train`, checked at once."""

import dataclasses
import math
from typing import Any

from kerasgan.callbacks.measures_table import CHOOSERS, MEASURED
from kerasgan.callbacks.trackers_table import TRACKERS
from kerasgan.utils.extras import check_installed

EVERY = 5000
# What is measured unless something else is asked for.
DEFAULT = "diversity"


@dataclasses.dataclass(frozen=True)
class Diagnostics:
    """What is measured during training, and what comes of it.

    Attributes:
        measure: names of `MEASURED`; None for `DEFAULT` alone, which takes
            less than a hundredth of a training's time.
        every: steps between two measurements, a multiple of those between two
            lines of the log; None for the first one from `EVERY` on.
        data: source of images that the training does not see, which
            `"reconstruction"`, `"fid768"` and `"fid"` compare with; None for
            those that the recipe holds out, or else the test split of the
            training's (`"fid768"` and `"fid"`: for the training images).
        count: images that are reconstructed and samples that are drawn; None
            for the count of each measure's row in `MEASURED`.
        best: name of a measure, whose best networks are kept in `best/` of the
            run directory; it is measured in any case. None for that of the
            recipe.
        track: names of `TRACKERS`: `"tensorboard"` writes to `tensorboard/`
            of the run directory, `"wandb"` to a run of Weights & Biases.
        tensorboard: whether `"tensorboard"` is one of them.
        stop_unhealthy: whether to stop a training whose discriminator's loss
            has vanished; otherwise there is a warning.
        split: of `data`; None for `"test"` if it has one, and everything
            if it has no splits.

        on_divergence: what becomes of a training whose losses or weights
            explode or are not finite any more: `"stop"` ends it by an error;
            `"rollback"` returns to the last checkpoint and halves both learning
            rates, five times at most.

    Raises:
        ValueError: an argument is not one of these.
    """

    measure: tuple | None = None
    every: int | None = None
    data: Any = None
    count: int | None = None
    best: str | None = None
    tensorboard: bool = False
    stop_unhealthy: bool = False
    split: str | None = None
    on_divergence: str = "stop"
    track: tuple = ()

    def __post_init__(self):
        if self.best is not None and self.best not in CHOOSERS:
            raise ValueError(
                f"Expected one of {', '.join(CHOOSERS)}. "
                f"Received: best={self.best!r}"
            )
        if self.on_divergence not in ("stop", "rollback"):
            raise ValueError(
                "Expected stop or rollback. "
                f"Received: on-divergence={self.on_divergence!r}"
            )
        for name in self.measure or ():
            if name not in MEASURED:
                raise ValueError(
                    f"Expected some of {', '.join(MEASURED)}. "
                    f"Received: measure={name!r}"
                )
        for name, least in (("every", 1), ("count", 2)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ValueError(
                    f"Expected at least {least}. Received: {name}={value}"
                )
        if self.split is not None and self.data is None:
            raise ValueError(
                "--measure-split needs --measure-data. "
                f"Received: data=None, split={self.split!r}"
            )
        for name in self.trackers:
            if name not in TRACKERS:
                raise ValueError(
                    f"Expected some of {', '.join(TRACKERS)}. "
                    f"Received: track={name!r}"
                )
            for module in TRACKERS[name]:
                check_installed(module, "track", f"tracking by {name}")

    @property
    def trackers(self):
        """The trackers, each once."""
        both = ("tensorboard",) * self.tensorboard + tuple(self.track)
        return tuple(dict.fromkeys(both))

    @property
    def names(self):
        """The measures, each once."""
        asked = (DEFAULT,) if self.measure is None else self.measure
        best = () if self.best is None else (self.best,)
        return tuple(dict.fromkeys([*asked, *best]))

    def settle(self, training, log_every):
        """Settles what a training measures, which its recipe has a part in.

        A resumed training has to measure where the one that was not stopped
        does; so it measures where that one has a line in its log.

        Args:
            training: the section of its recipe.
            log_every: steps between two lines of the log.

        Returns:
            `(best, diagnostics, log_every, notes)`: the rule for the best
            networks, for the recipe; the `Diagnostics` with all steps between
            two measurements; steps between two lines, which the rule may need
            more of; a line for each request that does nothing.

        Raises:
            ValueError: no measurement that was asked for would happen, or not
                at a line of the log.
        """
        steps, best, settled = training.steps, training.best, self
        rule = {} if best is None else best.model_dump()
        if self.best not in (None, rule.get("name")):
            rule = {}
        for key, value in (
            ("name", self.best),
            ("every", self.every),
            ("count", self.count),
        ):
            if value is not None:
                rule[key] = value
        every = rule.get("every")
        # Otherwise the recipe's rule is for its own, longer training.
        if self.best or (best and (every or EVERY) <= steps):
            best = rule
            if every is not None and self.every is None:
                # It measures where the log has a line.
                log_every = math.gcd(log_every, every)
            settled = dataclasses.replace(
                self, best=rule["name"], every=every, count=rule.get("count")
            )
        notes = [*settled._idle(steps)]
        every = settled.every or -(-EVERY // log_every) * log_every
        if every % log_every:
            raise ValueError(
                "Expected steps between measurements that are a multiple of "
                f"those between lines of the log, {log_every}. "
                f"Received: every={every}"
            )
        if every > steps and (settled.measure or settled.best):
            raise ValueError(
                f"nothing would be measured in {steps} steps. "
                f"Received: every={every}"
            )
        settled = dataclasses.replace(settled, every=every)
        return best, settled, log_every, notes

    def _idle(self, steps):
        """Returns a line for each request that does nothing in so many steps."""
        if not self.names:
            for name in ("every", "data", "count"):
                if getattr(self, name) is not None:
                    yield f"measure-{name} does nothing with --measure none"
            return
        if self.data is not None and self.names == (DEFAULT,):
            yield (
                f"measure-data does nothing for {DEFAULT}, which compares with "
                f"the training images: ask for --measure reconstruction,{DEFAULT}"
            )
        if self.every is not None and self.every > steps:
            yield (
                f"nothing will be measured: the training ends at step {steps:,}"
                f", and measure-every is {self.every:,}"
            )
