"""What watches a training of `kerasgan train`: logs, measures, reports."""

import dataclasses
from typing import Any

from kerasgan.data.sources import source_name
from kerasgan.recipes.build import prepare_pictures
from kerasgan.training.diagnostics import MEASURES
from kerasgan.training.plan import Plan
from kerasgan.training.rollback import read_rollbacks
from kerasgan.training.selection import write_selection
from kerasgan.utils.run_log import LOG, read_log
from kerasgan.zoo.catalogue import METRICS, RECIPE

_KINDS = {"fid768": "mixed_7", "fid": "pool"}
# Samples or images of a measurement that takes some seconds of a training's
# minutes on two cores (but for FID, which is for a GPU).
_COUNTS = {"reconstruction": 128, "fid768": 2000, "fid": 2000, "diversity": 256}
# Training images among which `diversity` looks for copies: seconds, too.
_MOST_REFERENCES = 20_000


class TrainingCallbacks:
    """The callbacks of a training.

    Args:
        plan: the `kerasgan.training.plan.Plan`.
        prepared: its images, `kerasgan.data.PreparedImages`.
        record: a function of a folder and the seconds of training so far that
            writes what the training took into the folder.
        progress: whether to draw progress bars on stderr.

    Attributes:
        callbacks: a list of Keras callbacks.

    Raises:
        ValueError, FileNotFoundError: something cannot be measured.
    """

    def __init__(self, plan, prepared, record, progress):
        from kerasgan import callbacks
        from kerasgan.training import run_callbacks

        recipe, output = plan.recipe, plan.output
        diagnostics = plan.diagnostics
        self._interrupt = callbacks.GracefulStop()
        self._health = run_callbacks.Health(diagnostics.stop_unhealthy)
        self._log = callbacks.JSONLog(output / LOG)
        self._bar = callbacks.Progress(recipe.training.steps)
        self._output = output
        self._diagnostics = diagnostics
        self._checkpoint = callbacks.Checkpoint(output, plan.checkpoint_every)
        checkpoint = self._checkpoint
        rollbacks = read_rollbacks(output)
        self._every = every = plan.measure_every
        measures = []
        if every <= recipe.training.steps:
            make = _Measures(plan, prepared, progress)
            measures = [make(name, every) for name in diagnostics.names]
        self._unseen = sum(
            len(measure.images)
            for measure in measures
            if isinstance(measure, callbacks.ReconstructionError)
        )
        self.callbacks = [
            self._interrupt,
            # These add to the logs, which the next ones write down.
            *measures,
            self._health,
            *[run_callbacks.RateFactor(r.factor) for r in rollbacks[-1:]],
            self._log,
            run_callbacks.EndDiverged(self._health, checkpoint),
        ]
        if diagnostics.best:
            number, mode = MEASURES[diagnostics.best]
            self.callbacks.append(
                run_callbacks.BestEntry(
                    output / "best",
                    number,
                    mode,
                    lambda folder: self._write_entry(folder, recipe, record),
                )
            )
        self.callbacks += [
            checkpoint,
            callbacks.SampleGrid(output / "samples", plan.sample_every),
        ]
        if diagnostics.tensorboard:
            self.callbacks.append(
                run_callbacks.StepBoard(output / "tensorboard")
            )
        self.callbacks.append(
            callbacks.Report(
                output, plan.checkpoint_every, recipe.name, recipe.summary
            )
        )
        if progress:
            self.callbacks.append(self._bar)

    @property
    def stopped(self):
        """Whether the training must end before its last step."""
        return self._interrupt.stopped or self.unhealthy is not None

    @property
    def unhealthy(self):
        """Why a training that is not well was stopped, or None."""
        return self._health.reason if self._health.stopped else None

    @property
    def saved(self):
        """The step of the last checkpoint, 0 without one."""
        return self._checkpoint.saved or 0

    @property
    def seconds(self):
        """Of training so far."""
        if self._log.seconds is None:
            # All steps were done already: nothing was left to train.
            lines = read_log(self._log.path)
            if not lines:
                raise ValueError(
                    f"expected the lines of a training in {self._log.path}, "
                    "which say how long it took"
                )
            return lines[-1]["seconds"]
        return self._log.seconds

    def close(self):
        """Take down what outlives a training that ended by an error."""
        self._bar.close()
        self._interrupt.restore()

    def finish(self):
        """Write down what is known at the end of a training."""
        best = self._diagnostics.best
        if best:
            count = self._diagnostics.count or _COUNTS[best]
            if best == "reconstruction" and self._unseen:
                # There may be fewer than were asked for.
                count = self._unseen
            write_selection(self._output, best, self._every, count)

    def _write_entry(self, folder, recipe, record):
        # Of other weights.
        (folder / METRICS).unlink(missing_ok=True)
        recipe.save(folder / RECIPE)
        record(folder, self.seconds)


@dataclasses.dataclass(frozen=True)
class _Measures:
    """Makes the callback of a measure.

    The arguments are those of `TrainingCallbacks`.
    """

    plan: Plan
    prepared: Any
    progress: bool

    def __call__(self, name, every):
        from kerasgan import callbacks

        count = self.plan.diagnostics.count or _COUNTS[name]
        if name == "reconstruction":
            unseen, options = self._unseen(), {}
            if self.prepared.labels is not None:
                if unseen.labels is None:
                    raise ValueError(
                        "the reconstruction error of a conditional GAN needs "
                        "images in folders of its classes. Received: "
                        f"measure-data={self.plan.diagnostics.data}"
                    )
                options["labels"] = _spread(unseen.labels, count)
            return callbacks.ReconstructionError(
                _spread(unseen.images, count),
                every,
                folder=self.plan.output / "pairs",
                **options,
            )
        if name == "diversity":
            return callbacks.ModeCollapse(
                _spread(self.prepared.images, _MOST_REFERENCES),
                every,
                count,
                flip=self.plan.recipe.data.flip,
            )
        return callbacks.FrechetDistance(
            self._statistics(_KINDS[name]), every, count, features=_KINDS[name]
        )

    def _unseen(self):
        """Images that the training does not see."""
        from kerasgan.data.sources import same_source

        source = self.plan.diagnostics.data
        if source is not None:
            own = same_source(source, self.plan.data)
            unseen = prepare_pictures(
                self.plan.recipe,
                source,
                self.plan.diagnostics.split,
                self.plan.data_dir,
                own,
            )
            same = unseen.fingerprint == self.prepared.fingerprint
            if same or (own and unseen.split in (self.prepared.split, "all")):
                raise ValueError(
                    "expected images that are not trained on, to measure with: "
                    "hold some out with --hold-out 5%. "
                    f"Received: measure-data={source}"
                )
            return unseen
        reason = (
            f"{source_name(self.plan.data)} has no split but the training's"
        )
        try:
            unseen = prepare_pictures(
                self.plan.recipe,
                self.plan.data,
                None,
                self.plan.data_dir,
                own=True,
            )
            if unseen.split != self.prepared.split:
                return unseen
        except ValueError as error:
            reason = str(error)
        raise ValueError(
            "the reconstruction error needs images that are not trained on: hold "
            "some out with --hold-out 5%, name some with --measure-data, or put "
            f"some into a folder `test` ({reason})"
        )

    def _statistics(self, kind):
        """Returns statistics of the features of real images.

        They are those that `--measure-data` names, else the training's. The
        features come from the cache of `kerasgan evaluate`, or go there.
        """
        from kerasgan.evaluation.evaluation import Evaluation
        from kerasgan.metrics import FeatureStatistics
        from kerasgan.utils.progress_bars import progress_bar

        source = self.plan.diagnostics.data
        real, split = self.prepared, self.plan.recipe.data.split
        if source is not None:
            real = self._unseen()
            split = real.split
        evaluation = Evaluation(
            None,
            lambda split: real,
            data=source_name(source or self.plan.data),
            cut=None,
            split=None,
            references=(split,),
            samples=0,
            seed=0,
            repeats=0,
            weights=None,
            resize="legacy",
            bar=lambda title, total: progress_bar(title, total, self.progress),
        )
        protocol = evaluation.feature_protocol(kind)
        statistics = FeatureStatistics(
            feature=f"inception-{protocol['dimensions']}",
            resize=protocol["inception_resize"],
            weights=protocol["weights_sha256"],
        )
        return statistics.update(evaluation.features(split, kind))


def _spread(images, count):
    """Some of the images, from all over them: names come in order of classes."""
    if len(images) <= count:
        return images
    return images[:: -(-len(images) // count)]
