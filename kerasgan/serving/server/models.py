"""The models that are served, with newer versions as they appear."""

import dataclasses
import os
import threading

from kerasgan.serving.server.errors import RequestError, invalid


class Models:
    """`FOLDER/NAME/VERSION`, as TensorFlow Serving has it.

    Of each model the newest version is served, and those that have a label. A
    folder counts once there is a `saved_model.pb` in it and nothing in it has
    changed between two looks, so that half-written ones are not seen. A newer
    version takes over when it is loaded, and what runs on the older one is
    finished.

    Nothing is loaded at first: `load` does that, in a thread of its own, while
    the other methods answer what they know.

    Args:
        sources: a list of `Source`.
        labels: a dict of `(model, label)` to version numbers.
        report: called with a line when something is loaded, or cannot be.
        prepare: called before anything is loaded, in the thread of `load`.

    Attributes:
        prepared: whether `prepare` has ended.
        loaded: whether `load` has ended.
    """

    def __init__(
        self,
        sources,
        labels=None,
        report=lambda line: None,
        prepare=lambda: None,
    ):
        self._sources, self._labels = list(sources), dict(labels or {})
        self._report, self._prepare = report, prepare
        self._versions = {}  # (model, number) -> Version
        self._errors = {}  # (model, number) -> (what it looked like, message)
        self._seen = self._look()  # (model, number) -> what it looks like
        self._exports = {
            (source.name, source.planned()): source
            for source in self._sources
            if source.export is not None
        }
        self._loading = self._wanted(self._seen) | set(self._exports)
        self._asked = list(dict.fromkeys(name for name, _ in self._keys()))
        self._lock = threading.Lock()
        self.prepared = self.loaded = False

    def load(self):
        """Load all that is there, the best models first, and export the rest.

        Raises:
            ValueError: nothing could be loaded.
        """
        self._prepare()
        self.prepared = True
        self._seen = self._look()
        self.refresh()
        for key, source in list(self._exports.items()):
            self._export(key, source)
            self._seen = self._look()
            self.refresh()
        self.loaded = True
        failures = [message for _, message in self._errors.values()]
        # Without a model the last one is the error.
        error = failures.pop() if failures and not self._versions else None
        for message in failures:
            self._report(message)
        if error is not None:
            raise ValueError(error)
        if not self._versions:
            folders = ", ".join(str(source.folder) for source in self._sources)
            raise ValueError(
                "Expected a folder with NAME/VERSION/saved_model.pb, such as "
                f"kerasgan export makes. Received: {folders}"
            )
        missing = self.missing()
        ready = len(self._asked) - len(missing)
        lacking = f"; not served: {', '.join(missing)}" if missing else ""
        self._report(f"{ready} model{'' if ready == 1 else 's'} ready{lacking}")

    def refresh(self):
        """Look at the folders once more, and load and drop what has changed."""
        with self._lock:
            try:
                looks = self._look()
            except OSError as error:
                # A network file system that is away for a moment.
                self._report(
                    f"cannot look at {error.filename}: {error.strerror}"
                )
                return
            settled = {
                key
                for key, look in looks.items()
                if key in self._versions or self._seen.get(key) == look
            }
            self._seen = looks
            self._errors = {
                key: (look, message)
                for key, (look, message) in self._errors.items()
                # Of what could not be exported there is nothing to see.
                if key in looks or look is None
            }
            # One that cannot be loaded is not tried again as it is, and the one
            # before it serves.
            usable = {
                key
                for key in settled
                if self._errors.get(key, (None,))[0] != looks[key]
            }
            while missing := self._wanted(usable) - set(self._versions):
                self._loading = missing | set(self._exports)
                for key in looks:
                    if key in missing and not self._load(key, looks[key]):
                        usable.discard(key)
            self._loading = set(self._exports)
            kept = self._wanted(usable)
            for key in set(self._versions) - kept:
                self._report(f"dropped {key[0]} version {key[1]}")
            self._versions = {
                key: version
                for key, version in self._versions.items()
                if key in kept
            }

    def find(self, model, number=None, label=None):
        """Returns the version that is asked for.

        Raises:
            RequestError: there is none, or it is still loading.
        """
        loaded = self._versions
        if label is not None:
            number = self._labels.get((model, label))
            if number is None:
                raise invalid(f"Unrecognized servable version label: {label}")
        if number is None:
            numbers = [at for name, at in loaded if name == model]
            if not numbers:
                raise self._absent(model, None, f"Latest({model})")
            number = max(numbers)
        if (model, number) not in loaded:
            raise self._absent(model, number, f"Specific({model}, {number})")
        return loaded[model, number]

    def _absent(self, model, number, which):
        def concerns(key):
            return key[0] == model and number in (None, key[1])

        if any(map(concerns, self._loading)):
            return RequestError(
                503,
                f"{model} is still loading. Try again in a moment: GET "
                f"/v1/models/{model} says when it is AVAILABLE",
                {"Retry-After": "1"},
            )
        for key, (_, message) in list(self._errors.items()):
            if concerns(key):
                which += f": {message}"
        return RequestError(404, f"Servable not found for request: {which}")

    def status(self, model, number=None, label=None):
        """Returns the states of a model's versions, the newest first.

        Returns:
            `{"model_version_status": [...]}` as TensorFlow Serving tells it.

        Raises:
            RequestError: there is no such model or version.
        """
        if label is not None:
            number = self._labels.get((model, label))
            if number is None:
                raise invalid(f"Unrecognized servable version label: {label}")
        states = {}
        for (name, at), (_, message) in list(self._errors.items()):
            if name == model:
                states[at] = _state(at, "END", "UNKNOWN", message)
        for name, at in self._loading:
            if name == model:
                states[at] = _state(at, "LOADING", "OK", "")
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
        """Returns the newest version of each model, the best model first."""
        loaded = {name for name, _ in list(self._versions)}
        names = dict.fromkeys(name for name, _ in self._keys())
        return [self.find(name) for name in names if name in loaded]

    def missing(self):
        """Returns what was asked for at the start and is not served.

        What has been taken out of its folder is not asked for any longer.

        Returns:
            A dict of names to why, None for those that are loading.
        """
        loaded = {name for name, _ in list(self._versions)}
        loading = {name for name, _ in self._loading}
        there = {name for name, _ in self._keys()}
        messages = {
            name: message
            for (name, _), (_, message) in list(self._errors.items())
        }
        return {
            name: None if name in loading else messages.get(name)
            for name in self._asked
            if name in there and name not in loaded
        }

    def _keys(self):
        """Returns all versions that are there or will be, the best models first."""
        return [*self._seen, *self._exports, *list(self._errors)]

    def _export(self, key, source):
        """Write a version that there is not yet."""
        try:
            number = source.export(self._report)
        except Exception as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            message = f"{source.name} cannot be exported: {reason}"
            self._failed(key, None, message)
        else:
            at = self._sources.index(source)
            self._sources[at] = dataclasses.replace(
                source, version=number, export=None
            )
        # A new dict: others read the old one meanwhile.
        self._exports = {k: v for k, v in self._exports.items() if k != key}

    def _load(self, key, look):
        """Returns whether a version could be loaded."""
        # Imports TensorFlow, which takes seconds: not at the top.
        from kerasgan.serving.server.version import Version

        model, number = key
        path, _ = look
        try:
            version = Version(model, number, path)
        except ValueError as error:
            self._failed(key, look, str(error))
        else:
            self._errors.pop(key, None)
            self._versions = {**self._versions, key: version}
            self._report(f"loaded {model} version {number}")
        self._loading = self._loading - {key}
        return key in self._versions

    def _failed(self, key, look, message):
        """Keeps why there is no such version; `load` reports it at its end."""
        self._errors[key] = (look, message)
        if self.loaded:
            self._report(message)

    def _wanted(self, keys):
        """Returns those of some versions that are to be served."""
        newest = {}
        for model, number in keys:
            newest[model] = max(number, newest.get(model, number))
        labelled = {(m, number) for (m, _), number in self._labels.items()}
        return set(newest.items()) | (set(keys) & labelled)

    def _look(self):
        """Returns what each version's folder looks like, the best models first."""
        looks, owners = {}, {}
        for source in self._sources:
            for name, base in source.models().items():
                # Of two that have one name the first counts.
                if owners.setdefault(name, source) is source:
                    for number in source.versions(name):
                        looks[name, number] = _look_of(base / str(number))
        return looks


def _look_of(path):
    """Returns `(path, what os.stat tells of its files)`."""
    stats = []
    for folder, _, files in os.walk(path):
        for name in files:
            stat = os.stat(os.path.join(folder, name))
            stats.append((folder, name, stat.st_size, stat.st_mtime_ns))
    return path, sorted(stats)


def _state(number, state, code, message):
    return {
        "version": str(number),
        "state": state,
        "status": {"error_code": code, "error_message": message},
    }
