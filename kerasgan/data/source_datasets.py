"""A data set of Hugging Face's library `datasets`."""

import functools
import hashlib
import os

from kerasgan.data.opened_source import OpenedSource
from kerasgan.data.splits import select_split
from kerasgan.utils.extras import require

PREFIX = "hf-dataset:"
_STATE, _SPLITS = "state.json", "dataset_dict.json"
_LABELS = ("label", "labels", "class")


class DatasetsSource(OpenedSource):
    """The images of a split, in the order of its rows.

    Rows are read from memory-mapped Arrow files, and images still encoded, so
    that all sources are decoded by the same code.

    Args:
        name: a folder that `save_to_disk` wrote; a `.parquet` file; a folder of
            such or of images that the library knows how to load; or a data set
            of the Hub, `user/name[:config][@revision]`, downloaded by the library
            unless it is in its cache. All may begin with `PREFIX`.
        split: a split, see `kerasgan.data.splits.select_split`, as if each were
            a folder.

    Raises:
        ValueError: the library or the data set is missing, or it has no such
            split, or no images.
    """

    CLASSES_ARE = "those of a ClassLabel, or the values of a column `label`"

    def __init__(self, name, split):
        name = name.removeprefix(PREFIX)
        self.received = f"Received: source={PREFIX}{name}, split={split}"
        library = require("datasets", "datasets", f"{PREFIX} as a source")
        splits = _load(library, name, self.received)
        places = {f"{key}/row" if key else "row": key for key in splits}
        chosen, self.split = select_split(places, split, f"{PREFIX}{name}")
        self.every = splits
        self.parts = {places[place]: splits[places[place]] for place in chosen}
        self.image = _image_column(library, self.parts, self.received)
        self.label = None
        self.skipped, self.unknown, self.others = [], frozenset(), {}
        path = os.path.expanduser(name)
        local = os.path.exists(path)
        self.identity = {
            "kind": "datasets",
            "path": os.path.realpath(path) if local else PREFIX + name,
            "splits": _digest(self.parts),
        }

    def __len__(self):
        return sum(map(len, self.parts.values()))

    def __iter__(self):
        for key, part in self.parts.items():
            columns = [c for c in (self.image, self.label) if c]
            rows = part.select_columns(columns).with_format("arrow")
            for name, index in zip(_names(key, part), range(len(part))):
                yield name, _Reader(rows, index, self.image, self.label)

    def classes(self):
        """Returns the names of the classes, which are read from here on."""
        features = next(iter(self.parts.values())).features
        named = [k for k, f in features.items() if hasattr(f, "int2str")]
        known = [k for k in _LABELS if k in features]
        # A ClassLabel has names; of those the usual one.
        usual = [*(k for k in known if k in named), *named, *known]
        if not usual:
            return []
        self.label = usual[0]
        feature = features[self.label]
        if hasattr(feature, "int2str"):
            self._names = dict(enumerate(feature.names))
        else:
            values = {
                v
                for part in self.every.values()
                for v in _column(part, self.label)
            }
            self._names = {
                value: str(value) for value in sorted(values.difference([None]))
            }
        return [*self._names.values()]

    def class_of(self, name, read):
        """Returns the class of an image, None if it has none (null, -1)."""
        return self._names.get(read.label)

    def classes_of_members(self):
        """Returns name -> class of all images."""
        return {
            name: self._names.get(value)
            for key, part in self.parts.items()
            for name, value in zip(_names(key, part), _column(part, self.label))
        }


class _Reader:
    """Reads a row when it is needed, as a view of the file."""

    def __init__(self, rows, index, image, label):
        self.rows, self.index = rows, index
        self.image_column, self.label_column = image, label

    @functools.cached_property
    def row(self):
        return self.rows[self.index]

    @functools.cached_property
    def image(self):
        """The bytes as a buffer, or the path of a file."""
        image = self.row[self.image_column][0]
        data = image["bytes"] if image.is_valid else image
        if data.is_valid:
            return data.as_buffer()
        path = image["path"].as_py() if image.is_valid else None
        if not path:
            raise ValueError("no image in this row")
        if not os.path.isfile(path):
            raise ValueError("its file is missing")
        return path

    @property
    def label(self):
        return self.row[self.label_column][0].as_py()

    @property
    def size(self):
        if isinstance(self.image, str):
            return os.path.getsize(self.image)
        return self.image.size

    def __call__(self, size=None):
        if isinstance(self.image, str):
            with open(self.image, "rb") as file:
                return file.read(size)
        return self.image.slice(0, size).to_pybytes()


def is_saved(path):
    """Returns whether a path is what `save_to_disk` wrote, or a Parquet file."""
    return (
        path.lower().endswith(".parquet")
        or os.path.isfile(os.path.join(path, _SPLITS))
        or (
            os.path.isfile(os.path.join(path, _STATE))
            and os.path.isfile(os.path.join(path, "dataset_info.json"))
        )
    )


def _load(library, name, received):
    """Returns split -> its data; `""` for what has no splits."""
    path = os.path.expanduser(name)
    try:
        if not os.path.exists(path):
            plain, _, revision = name.partition("@")
            plain, _, config = plain.partition(":")
            loaded = library.load_dataset(
                plain, config or None, revision=revision or None
            )
        elif os.path.isfile(path):
            loaded = library.load_dataset("parquet", data_files=path)["train"]
        elif is_saved(path):
            loaded = library.load_from_disk(path)
        else:
            loaded = library.load_dataset(path)
    # It raises nearly every kind of error, of its own and of others.
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise ValueError(
            "Expected a data set that the library datasets can load, but it "
            f"says: {lines[0].rstrip('. ')}. {received}"
        ) from error
    return dict(loaded) if isinstance(loaded, dict) else {"": loaded}


def _image_column(library, parts, received):
    """Returns the name of the column of images."""
    features = next(iter(parts.values())).features if parts else {}
    columns = [
        key
        for key, feature in features.items()
        if isinstance(feature, library.Image)
        # A Parquet file that does not say what its columns are.
        or (isinstance(feature, dict) and {"bytes", "path"} == {*feature})
    ]
    if not columns or not any(map(len, parts.values())):
        raise ValueError(
            "Expected a data set with images, in a column of the feature Image; "
            f"its columns are: {', '.join(features) or 'none'}. {received}"
        )
    return "image" if "image" in columns else columns[0]


def _names(split, part):
    return (f"{split}/{i:07d}".lstrip("/") for i in range(len(part)))


def _column(part, name):
    rows = part.select_columns([name]).with_format("arrow")[:]
    return rows[name].to_pylist()


def _digest(parts):
    """Returns the SHA-256 of what changes when the data do."""
    digest = hashlib.sha256()
    for key, part in parts.items():
        digest.update(f"{key}\0{len(part)}\n".encode())
        for file in part.cache_files:
            status = os.stat(file["filename"])
            line = f"{file['filename']}\0{status.st_size}\0{status.st_mtime_ns}"
            digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
