"""The checks of `fit` and `evaluate` of a GAN, before they begin."""

import inspect
import math

import keras
import numpy as np

from kerasgan.data.position import trained_by
from kerasgan.gans.first_batch import FirstBatch
from kerasgan.gans.keras_callbacks import for_gan
from kerasgan.gans.real_images import NO_IMAGE, check_unweighted
from kerasgan.gans.real_labels import check_label_values, check_labels


class Fitting:
    """The part of `GAN` in front of Keras's `fit` and `evaluate`.

    What is wrong is said before Keras hands its state to the compiled step.
    """

    def fit(self, x=None, *arguments, **options):
        run = super().fit
        given = _by_name(run, x, *arguments, **options)
        check_unweighted(
            sample_weight=given.get("sample_weight"),
            class_weight=given.get("class_weight"),
        )
        given["callbacks"] = for_gan(given.get("callbacks"), self.trackers)
        first, unseen = FirstBatch(self), FirstBatch(self, training=False)
        given["x"] = first.of(
            given["x"],
            _rows_of_batch(given),
            given.get("y"),
            given.get("steps_per_epoch"),
        )
        if given.get("validation_data") is not None:
            images, labels, weights = keras.utils.unpack_x_y_sample_weight(
                given["validation_data"]
            )
            check_unweighted(sample_weight=weights)
            rows = given.get("validation_batch_size") or _rows_of_batch(given)
            steps = given.get("validation_steps")
            images = unseen.of(images, rows, labels, steps)
            given["validation_data"] = images, labels
        if _keeps_order(given["x"]):
            # Keras would say that its default is ignored.
            given.setdefault("shuffle", False)
        before = self.steps.numpy()
        with trained_by(self):
            history = self._run(run, given, first, unseen)
        if history is None or (history.epoch and self.steps.numpy() == before):
            raise ValueError(NO_IMAGE)
        return history

    def evaluate(self, x=None, *arguments, **options):
        run = super().evaluate
        given = _by_name(run, x, *arguments, **options)
        first = FirstBatch(self, training=False)
        # Those of `fit` have been looked at.
        if "_use_cached_eval_dataset" not in options:
            check_unweighted(sample_weight=given.get("sample_weight"))
            given["x"] = first.of(
                given["x"],
                _rows_of_batch(given),
                given.get("y"),
                given.get("steps"),
            )
        with trained_by(None):
            logs = self._run(run, given, first)
        if not logs:
            raise ValueError(NO_IMAGE)
        return logs

    def train_on_batch(self, x, y=None, *arguments, **options):
        self._check_labels(y)
        return super().train_on_batch(x, y, *arguments, **options)

    def test_on_batch(self, x, y=None, *arguments, **options):
        self._check_labels(y)
        return super().test_on_batch(x, y, *arguments, **options)

    def predict(self, x, *arguments, **options):
        if isinstance(x, dict) or hasattr(x, "shape"):
            self.check_labelled(x)
        elif self.conditional and isinstance(x, (list, tuple)) and len(x) == 2:
            self._check_labels(x[1])
        return super().predict(x, *arguments, **options)

    def check_labelled(self, latents):
        """Raises a ValueError if a conditional GAN is given latents alone."""
        if self.conditional and not isinstance(latents, (list, tuple)):
            raise ValueError(
                "A conditional GAN makes images of [latents, labels]. Received: "
                + ("a dict" if isinstance(latents, dict) else "latents alone")
            )

    def _check_labels(self, labels):
        """Looks at the labels of one batch, if the GAN takes any."""
        if self.conditional:
            labels = np.asarray(check_labels(labels))
            check_label_values(labels, self.label_limit)

    def _run(self, run, given, *looks):
        """Returns what Keras returns; None if there was nothing to run on."""
        try:
            return run(**given)
        except Exception as error:
            # TensorFlow tells it in many lines.
            for look in looks:
                if look.error is not None:
                    raise look.error from None
            # Keras's `logs`, on JAX, of an epoch without a step.
            if isinstance(error, UnboundLocalError) and "'logs'" in str(error):
                return None
            raise


def _by_name(method, *arguments, **options):
    """Returns the arguments of a method of Keras, by their names."""
    given = inspect.signature(method).bind(*arguments, **options).arguments
    rest = given.pop("kwargs", {})
    return {**given, **rest}


def _keeps_order(data):
    """Returns whether Keras keeps the order of batches in spite of `shuffle`."""
    if isinstance(data, keras.utils.PyDataset):
        return data.num_batches is None
    return not hasattr(data, "shape")


def _rows_of_batch(given):
    """Returns how many rows of an array Keras puts into a batch."""
    steps = given.get("steps_per_epoch") or given.get("steps")
    if not given.get("batch_size") and steps and hasattr(given["x"], "shape"):
        return math.ceil(given["x"].shape[0] / steps)
    return given.get("batch_size") or 32
