"""The models of a folder, of which newer versions come while they serve."""

import os
import threading
from pathlib import Path

from kerasgan.serving.server.errors import RequestError, invalid
from kerasgan.serving.server.version import SAVED_MODEL, Version
from kerasgan.serving.versions import versions


class Models:
    """`FOLDER/NAME/VERSION`, as TensorFlow Serving has it.

    Of each model the newest version is served, and those that have a label. A
    folder counts once there is a `saved_model.pb` in it and nothing in it has
    changed between two looks, so that half-written ones are not seen. A newer
    version takes over when it is loaded, and what runs on the older one is
    finished.

    Args:
        folder: the folder of all models.
        labels: a dict of `(model, label)` to version numbers.
        report: called with a line when something is loaded, or cannot be.
    """

    def __init__(self, folder, labels=None, report=lambda line: None):
        self._folder, self._labels = Path(folder), dict(labels or {})
        self._report = report
        self._versions = {}  # (model, number) -> Version
        self._errors = {}  # (model, number) -> (what it looked like, message)
        self._seen = {}  # (model, number) -> what it looked like
        self._lock = threading.Lock()

    def load(self):
        """Load all; for the start.

        Raises:
            ValueError: there is no model that can be loaded, or a label is that
                of a version that is not there.
        """
        self._seen = self._look()
        self.refresh()
        if not self._versions:
            for _, message in self._errors.values():
                raise ValueError(message)
            raise ValueError(
                "expected a folder with NAME/VERSION/saved_model.pb, such as "
                f"kerasgan export makes. Received: folder={str(self._folder)!r}"
            )
        for (model, label), number in self._labels.items():
            if (model, number) not in self._versions:
                raise ValueError(
                    f"{model} has no version {number}. "
                    f"Received: label={label!r}"
                )

    def refresh(self):
        """Look at the folder once more, and load and drop what has changed."""
        with self._lock:
            try:
                looks = self._look()
            except OSError as error:
                # A network file system that is away for a moment.
                self._report(f"cannot look at {self._folder}: {error.strerror}")
                return
            settled = {
                key
                for key, look in looks.items()
                if key in self._versions or self._seen.get(key) == look
            }
            self._seen = looks
            self._errors = {
                key: error
                for key, error in self._errors.items()
                if key in looks
            }
            # One that cannot be loaded is not tried again as it is, and the one
            # before it serves.
            usable = {
                key
                for key in settled
                if self._errors.get(key, (None,))[0] != looks[key]
            }
            while missing := self._wanted(usable) - set(self._versions):
                for key in sorted(missing):
                    if not self._load(key, looks[key]):
                        usable.discard(key)
            kept = self._wanted(usable)
            for key in set(self._versions) - kept:
                self._report(f"dropped {key[0]} version {key[1]}")
            self._versions = {
                key: version
                for key, version in self._versions.items()
                if key in kept
            }

    def find(self, model, number=None, label=None):
        """The version that is asked for.

        Raises:
            RequestError: there is none.
        """
        loaded = self._versions
        if label is not None:
            number = self._labels.get((model, label))
            if number is None:
                raise invalid(f"Unrecognized servable version label: {label}")
        if number is None:
            numbers = [at for name, at in loaded if name == model]
            if not numbers:
                raise RequestError(
                    404, f"Servable not found for request: Latest({model})"
                )
            number = max(numbers)
        if (model, number) not in loaded:
            raise RequestError(
                404,
                f"Servable not found for request: Specific({model}, {number})",
            )
        return loaded[model, number]

    def status(self, model, number=None, label=None):
        """The states of a model's versions, the newest first.

        Returns:
            `{"model_version_status": [...]}` as TensorFlow Serving tells it.

        Raises:
            RequestError: there is no such model or version.
        """
        if label is not None:
            number = self.find(model, label=label).number
        states = {}
        for (name, at), (_, message) in list(self._errors.items()):
            if name == model:
                states[at] = _state(at, "END", "UNKNOWN", message)
        for name, at in list(self._versions):
            if name == model:
                states[at] = _state(at, "AVAILABLE", "OK", "")
        if not states:
            raise RequestError(
                404, f"Could not find any versions of model {model}"
            )
        if number is not None:
            if number not in states:
                raise RequestError(
                    404, f"Could not find version {number} of model {model}"
                )
            states = {number: states[number]}
        return {
            "model_version_status": [
                states[at] for at in sorted(states, reverse=True)
            ]
        }

    def newest(self):
        """The newest version of each model, in the order of their names."""
        names = sorted({name for name, _ in self._versions})
        return [self.find(name) for name in names]

    def _load(self, key, look):
        """Whether a version could be loaded."""
        model, number = key
        try:
            version = Version(model, number, self._folder / model / str(number))
        except ValueError as error:
            self._errors[key] = (look, str(error))
            self._report(str(error))
            return False
        self._errors.pop(key, None)
        # A new dict: others read the old one meanwhile.
        self._versions = {**self._versions, key: version}
        self._report(f"loaded {model} version {number}")
        return True

    def _wanted(self, keys):
        """Those of some versions that are to be served."""
        newest = {}
        for model, number in keys:
            newest[model] = max(number, newest.get(model, number))
        labelled = {(m, number) for (m, _), number in self._labels.items()}
        return set(newest.items()) | (set(keys) & labelled)

    def _look(self):
        """What each version's folder looks like."""
        return {
            (base.name, number): _look_of(base / str(number))
            for base in self._folder.iterdir()
            if base.is_dir() and not base.name.startswith(".")
            for number in versions(base)
            if (base / str(number) / SAVED_MODEL).is_file()
        }


def _look_of(path):
    found = []
    for folder, _, files in os.walk(path):
        for name in files:
            stat = os.stat(os.path.join(folder, name))
            found.append((folder, name, stat.st_size, stat.st_mtime_ns))
    return sorted(found)


def _state(number, state, code, message):
    return {
        "version": str(number),
        "state": state,
        "status": {"error_code": code, "error_message": message},
    }
