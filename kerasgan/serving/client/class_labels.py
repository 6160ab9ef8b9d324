"""Labels in the requests of a client to conditional models."""

import contextlib
import operator

import numpy as np

from kerasgan.serving.client.error import ServingError
from kerasgan.utils.classes import Classes

_ANY = -1  # a class that is drawn


class ClassLabels:
    """Calls of signatures that may take labels.

    A model without classes is asked nothing more for it.

    Args:
        predict: a function of a signature's name and its inputs.
        metadata: a function that returns what `Client.metadata` does.
        model: the model's name.
    """

    def __init__(self, predict, metadata, model):
        self._predict, self._metadata, self._model = predict, metadata, model
        self._conditional, self._names = False, None

    def names(self):
        """Returns the classes' names, a tuple; empty if the model has none."""
        if self._names is None:
            texts = ()
            if "classes" in self._metadata()["signatures"]:
                every = {"label": np.int32(_ANY)}
                texts = self._predict("classes", every)["class_names"]
            # Over gRPC they are bytes.
            self._names = tuple(
                name.decode() if isinstance(name, bytes) else name
                for name in texts
            )
        return self._names

    def predict(self, signature, inputs, key, label, rows=None):
        """Call a signature, with labels as the input `key` if it has that.

        Args:
            label: the class, by name or index, or `rows` of them. `None` means
                any class, if the signature draws.
            rows: how many labels it takes; None for a scalar.
        """
        if label is None and not self._conditional:
            try:
                return self._predict(signature, inputs)
            except ServingError as error:
                if error.status not in (400, "INVALID_ARGUMENT"):
                    raise
                # What the server said counts, whatever it says of its inputs.
                with contextlib.suppress(ServingError, OSError, KeyError):
                    self._conditional = self._takes(signature, key)
                if not self._conditional:
                    raise
        if label is None and signature == "serving_default":
            raise ValueError(
                f"{self._model} is conditional: it needs one label per latent. "
                f"Received: {key}=None"
            )
        label = _ANY if label is None else self._indices(signature, key, label)
        if rows is None and np.ndim(label):
            raise ValueError(
                f"Expected one class for all images. Received: {key}={label}"
            )
        if np.ndim(label) and len(label) != rows:
            raise ValueError(
                f"Expected one class, or {rows}. Received: {key}={label}"
            )
        shape = () if rows is None else (rows,)
        label = np.broadcast_to(np.int32(label), shape)
        return self._predict(signature, {**inputs, key: label})

    def _takes(self, signature, key):
        known = self._metadata()["signatures"].get(signature)
        return known is not None and key in known["inputs"]

    def _indices(self, signature, key, label):
        if not isinstance(label, str) and np.ndim(label):
            return [self._indices(signature, key, item) for item in label]
        if self.names():
            return Classes(len(self._names), self._names).index(label)
        if signature not in self._metadata()["signatures"]:
            raise ValueError(
                f"{self._model} has no signature {signature} (one written for "
                "batching has none that draws): use generate(latents, labels). "
                f"Received: {key}={label!r}"
            )
        if not self._conditional and not self._takes(signature, key):
            raise ValueError(
                f"{self._model} is not conditional: it takes no labels. "
                f"Received: {key}={label!r}"
            )
        self._conditional = True
        # One that is written for batching does not tell its classes.
        try:
            number = operator.index(label)
        except TypeError:
            number = -1
        if not 0 <= number < 1 << 31:
            raise ValueError(
                f"{self._model} does not name its classes: expected an index. "
                f"Received: {key}={label!r}"
            )
        return number
