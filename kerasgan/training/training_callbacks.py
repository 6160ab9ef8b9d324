"""The callbacks of `kerasgan train`: logs, measurements, reports."""

import dataclasses
from typing import Any

from kerasgan.callbacks.best_checkpoint import RECORD, REMEDY
from kerasgan.callbacks.measures_table import MEASURED, MEASURES
from kerasgan.data.sources import source_name
from kerasgan.recipes.build import prepare_images
from kerasgan.training.plan import Plan
from kerasgan.training.rollback import read_rollbacks
from kerasgan.utils.files import write_file
from kerasgan.utils.json_files import read_json
from kerasgan.utils.run_log import LOG, read_log
from kerasgan.zoo.catalogue import METRICS, RECIPE, TRAINING
from kerasgan.zoo.records import Selection, read_training

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
        lock: the `kerasgan.utils.locks.FolderLock` of the run directory.
        agree: as of `kerasgan.callbacks.GracefulStop`.

    Attributes:
        callbacks: a list of Keras callbacks.

    Raises:
        ValueError, FileNotFoundError: something cannot be measured.
    """

    def __init__(self, plan, prepared, record, progress, lock, agree=None):
        from kerasgan import callbacks
        from kerasgan.training import run_callbacks

        recipe, output = plan.recipe, plan.output
        diagnostics = plan.diagnostics
        self._interrupt = callbacks.GracefulStop(agree)
        self._health = run_callbacks.Health(diagnostics.stop_unhealthy)
        self._log = callbacks.JSONLog(output / LOG)
        self._bar = callbacks.Progress(recipe.training.steps)
        self._closed = [self._bar]
        self._output = output
        self._diagnostics = diagnostics
        self._checkpoint = checkpoint = run_callbacks.RunCheckpoint(
            output,
            plan.checkpoint_every,
            lambda folder: record(folder, self.seconds),
        )
        rollbacks = read_rollbacks(output)
        self._every = every = diagnostics.every
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
            run_callbacks.CheckFolder(lock),
            # These add to the logs, which the next ones write down.
            *measures,
            self._health,
            *[run_callbacks.RateFactor(r.factor) for r in rollbacks[-1:]],
            self._log,
            run_callbacks.EndDiverged(self._health, checkpoint),
        ]
        self.callbacks += self._writers(plan, record, checkpoint)
        if progress:
            self.callbacks.append(self._bar)

    def _writers(self, plan, record, checkpoint):
        """Returns the callbacks that write what the others logged."""
        import keras

        from kerasgan import callbacks
        from kerasgan.training import run_callbacks

        output, recipe, best = plan.output, plan.recipe, plan.diagnostics.best
        writers = []
        if best:
            writers.append(
                run_callbacks.BestEntry(
                    output / "best",
                    MEASURED[best].number,
                    MEASURED[best].better,
                    lambda folder: self._write_entry(folder, recipe, record),
                )
            )
        grid = callbacks.SampleGrid(output / "samples", plan.sample_every)
        writers.append(grid)
        tracked = {
            "log": self._log,
            "samples": grid,
            "config": recipe.model_dump(mode="json"),
        }
        for name in plan.diagnostics.trackers:
            tracker = run_callbacks.make_tracker(name, output, tracked)
            self._closed += [tracker] if hasattr(tracker, "close") else []
            writers.append(tracker)
        return [
            *writers,
            callbacks.Report(
                output, plan.checkpoint_every, recipe.name, recipe.summary
            ),
            keras.callbacks.LambdaCallback(
                on_train_end=lambda logs: self._select()
            ),
            # The last one: what a killed training has not written of a step,
            # the resumed one does, because it begins before it.
            checkpoint,
        ]

    @property
    def stopped(self):
        """Whether the training must end before its last step."""
        return self.interrupted or self.unhealthy is not None

    @property
    def interrupted(self):
        """Whether a signal ended the training, here or in another process."""
        return self._interrupt.stopped

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
                    f"Expected the lines of a training in {self._log.path}, "
                    "which say how long it took"
                )
            return lines[-1]["seconds"]
        return self._log.seconds

    def close(self):
        """Take down what outlives a training that ended by an error."""
        for callback in self._closed:
            callback.close()
        self._interrupt.restore()

    def _select(self):
        best = self._diagnostics.best
        if best:
            count = self._diagnostics.count or MEASURED[best].count
            if MEASURES[best].unseen and self._unseen:
                # There may be fewer than were asked for.
                count = self._unseen
            write_selection(self._output, best, self._every, count)

    def _write_entry(self, folder, recipe, record):
        # Of other weights.
        (folder / METRICS).unlink(missing_ok=True)
        recipe.save(folder / RECIPE)
        record(folder, self.seconds)


def write_selection(output, measure, every, count):
    """Say in the best networks' `training.json` how they were chosen.

    Args:
        output: `pathlib.Path` of the run, with the best in `best/`.
        measure: name of the measure that chose, of `MEASURED`.
        every: steps between two measurements.
        count: images or samples of each.
    """
    number = MEASURED[measure].number
    known = {row.number for row in MEASURED.values()}
    lines = [line for line in read_log(output / LOG) if line.get(number)]
    folder = output / "best"
    if not lines or not (folder / RECORD).exists():
        return
    best = read_json(folder / RECORD, REMEDY)
    chosen = [line for line in lines if line["step"] == best["step"]]
    if not chosen:
        return
    numbers = [
        {key: line[key] for key in line if key in known}
        for line in (chosen[0], lines[-1])
    ]
    selection = Selection(
        measure=measure,
        every=every,
        count=count,
        numbers=numbers[0],
        last_steps=lines[-1]["step"],
        last_numbers=numbers[1],
    )
    record = read_training(folder).model_copy(update={"selection": selection})
    write_file(folder / TRAINING, record.to_json())


@dataclasses.dataclass(frozen=True)
class _Measures:
    """Makes the callback of a measure.

    The arguments are those of `TrainingCallbacks`.
    """

    plan: Plan
    prepared: Any
    progress: bool

    def __call__(self, name, every):
        row = MEASURED[name]
        callback = row.load()
        count = self.plan.diagnostics.count or row.count
        if MEASURES[name].unseen:
            unseen, options = self._unseen(), {}
            if self.prepared.labels is not None:
                if unseen.labels is None:
                    raise ValueError(
                        "the reconstruction error of a conditional GAN needs "
                        "images in folders of its classes. Received: "
                        f"measure-data={self.plan.diagnostics.data}"
                    )
                options["labels"] = _spread(unseen.labels, count)
            return callback(
                _spread(unseen.images, count),
                every,
                folder=self.plan.output / "pairs",
                **options,
            )
        if MEASURES[name].training_images:
            return callback(
                _spread(self.prepared.images, _MOST_REFERENCES),
                every,
                count,
                flip=self.plan.recipe.data.flip,
            )
        statistics = self._statistics(row.features)
        return callback(statistics, every, count, features=row.features)

    def _unseen(self):
        """Returns images that the training does not see."""
        from kerasgan.data.sources import same_source

        source = self.plan.diagnostics.data
        if source is not None:
            own = same_source(source, self.plan.data)
            unseen = prepare_images(
                self.plan.recipe,
                source,
                self.plan.diagnostics.split,
                self.plan.data_dir,
                own,
            )
            same = unseen.fingerprint == self.prepared.fingerprint
            if same or (own and unseen.split in (self.prepared.split, "all")):
                raise ValueError(
                    "Expected images to measure with that are not trained on: "
                    "hold some out with --hold-out 5%. "
                    f"Received: measure-data={source}"
                )
            return unseen
        reason = (
            f"{source_name(self.plan.data)} has no split but the training's"
        )
        try:
            unseen = prepare_images(
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
        return evaluation.statistics(split, kind)


def _spread(images, count):
    """Selects images from all over them: names come in order of classes."""
    if len(images) <= count:
        return images
    return images[:: -(-len(images) // count)]
