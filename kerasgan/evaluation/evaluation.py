"""The images, samples and features of an evaluation."""

import functools

import numpy as np

from kerasgan._version import __version__
from kerasgan.data.sources import source_name
from kerasgan.evaluation.feature_store import (
    stored_features,
    stream_stored_features,
)


class Evaluation:
    """A generator and the real images it is measured against.

    Args:
        subject: a `kerasgan.evaluation.inputs.Subject`.
        prepare: a function of a split that returns
            `kerasgan.data.PreparedImages`.
        data: what the source of the images is called.
        cut: how they are cut and resized, for the record.
        split: that of images which the training did not see; None for what
            `prepare(None)` takes: those held out, a test split, or everything.
        references: the splits whose distribution samples are compared with.
        samples: how many are drawn.
        seed: seed of the first samples.
        repeats: number of repetitions, with consecutive seeds.
        weights: file of the Inception network's weights; None for the usual
            place.
        resize: `"legacy"`, `"clean"` or `"pytorch"`, for the Inception network.
        training: a function that returns the
            `kerasgan.zoo.training_images.TrainingImages`; None if no measure
            needs them.
        bar: a function of a title and a total that returns a progress bar's
            context manager.
    """

    def __init__(
        self,
        subject,
        prepare,
        *,
        data,
        cut,
        split,
        references,
        samples,
        seed,
        repeats,
        weights,
        resize,
        bar,
        training=None,
    ):
        self.subject = subject
        self.data = data
        self.cut = cut
        self.split = split
        self.references = references
        self.samples = samples
        self.seed = seed
        self.repeats = repeats
        self.weights = weights
        from kerasgan.metrics.inception.resize import check_resize

        check_resize(resize)
        self.resize = resize
        self.bar = bar
        self._training = training
        self.real_images = functools.cache(prepare)
        self.drawn = functools.cache(self._drawn)
        self.features = functools.cache(self._features)
        self.sampled_features = functools.cache(self._sampled_features)

    @functools.cached_property
    def generator(self):
        return self.subject.load()

    @property
    def classes(self):
        """The `Classes` of a conditional generator, or None."""
        from kerasgan.utils.classes import classes_of, is_conditional

        conditional = is_conditional(self.generator)
        return classes_of(self.generator) if conditional else None

    def labels(self, split):
        """Returns the labels of the images of a split: int32 `[N]`, or None without."""
        return self.real_images(split).labels

    def labels_protocol(self, split):
        """Returns where the labels of reconstructed images are from, for the record."""
        from kerasgan.utils.classes import is_conditional

        if not is_conditional(self.generator):
            return {}
        return {"labels": "drawn" if self.labels(split) is None else "given"}

    def sampled_labels(self, seed):
        """Returns the labels of the samples of a seed: int32 `[samples]`."""
        from kerasgan import sampling

        return sampling.chosen_labels(self.generator, self.samples, seed)

    @property
    def seeds(self):
        return range(self.seed, self.seed + self.repeats)

    @functools.cached_property
    def training(self):
        """The `TrainingImages` of the generator."""
        return self._training()

    def training_protocol(self):
        """Returns which training images, or why there are none, for the record."""
        training = self.training
        if training.missing is not None:
            return {"memorized": f"left out: {training.missing}"}
        return self._protocol(training.prepared, source_name(training.source))

    def protocol(self, split):
        """Returns which real images, for the record."""
        return self._protocol(self.real_images(split), self.data)

    def _protocol(self, prepared, data):
        return {
            "images": len(prepared),
            "data": data,
            "split": prepared.split,
            **self.cut,
            "fingerprint": prepared.fingerprint[:16],
        }

    def sample_protocol(self):
        """Returns which samples, for the record."""
        return {
            "samples": self.samples,
            "seed": self.seed,
            "repeats": self.repeats,
            "kerasgan": __version__,
        }

    def _drawn(self, seed):
        from kerasgan import sampling

        images = []
        with self.bar("Drawing", -(-self.samples // 64)) as advance:
            for batch in sampling.stream(
                self.generator, self.samples, seed=seed
            ):
                images.append(batch)
                advance()
        return np.concatenate(images)

    def _features(self, split, kind, store=stored_features):
        """Features of the real images of a split: float32 `[N, D]`."""
        prepared = self.real_images(split)
        return self._stored(
            f"Features of {split or 'real'} images",
            {"pictures": prepared.fingerprint},
            len(prepared),
            kind,
            lambda start, stop: prepared.images[start:stop],
            store,
        )

    def stream_features(self, split, kind):
        """Yields the features of a split's real images, 1,024 rows at a time."""
        return self._features(split, kind, stream_stored_features)

    def _sampled_features(self, seed, kind):
        """Features of the samples of a seed: float32 `[samples, D]`."""
        from kerasgan import sampling

        return self._stored(
            "Features of samples",
            {"generator": self.subject.digest, "seed": seed},
            self.samples,
            kind,
            lambda start, stop: sampling.stream(
                self.generator, stop - start, seed=seed, start=start
            ),
        )

    def statistics(self, split, kind):
        """Returns the `FeatureStatistics` of the real images of a split."""
        return self.gathered(self.features(split, kind), kind)

    def gathered(self, features, kind):
        """Returns the `FeatureStatistics` of features, with their protocol."""
        from kerasgan.metrics import FeatureStatistics

        made = self.feature_protocol(kind)
        return FeatureStatistics(
            feature=f"inception-{made['dimensions']}",
            resize=made["inception_resize"],
            weights=made["weights_sha256"],
        ).update(features)

    def feature_protocol(self, kind):
        """Returns how features are made, for the record."""
        from kerasgan.metrics import inception_protocol

        made = inception_protocol(kind, self.weights, self.resize)
        # `resize` is that of the images.
        made["inception_resize"] = made.pop("resize")
        return made

    def _stored(
        self, title, source, count, kind, images, store=stored_features
    ):
        from kerasgan.metrics import inception_features

        batch_size = 32
        key = {**source, **self.feature_protocol(kind)}

        def compute(start, stop, advance):
            return inception_features(
                images(start, stop),
                features=kind,
                weights=self.weights,
                resize=self.resize,
                batch_size=batch_size,
                progress=lambda done, total: advance(),
            )

        return store(
            key,
            count,
            compute,
            lambda missing: self.bar(title, -(-missing // batch_size)),
        )


def rounded(value):
    """Returns a number rounded to its significant digits."""
    return float(f"{value:.6g}")
