"""A data set of TensorFlow Datasets, read by TensorFlow."""

import sys

import numpy as np

from kerasgan.data.opened_source import OpenedSource
from kerasgan.utils.tf_data import untuned_options


class TFDSSource(OpenedSource):
    """The images of one split, in the order of the files on disk.

    The data set is used as it lies on disk when it has been prepared there;
    otherwise a line on stderr announces how much is downloaded, and TFDS
    prepares it. Only the image is read of each example, still encoded, so that
    all sources are decoded by the same code, and the label once the classes
    were requested.

    Args:
        name: the data set as TFDS names it: `"cifar10"`, `"lsun/bedroom"`,
            `"celeb_a:2.1.0"`; with or without `tfds:`.
        split: the split as TFDS names it: `"train"`, `"test[:10%]"`; None for
            `"test"`.
        data_dir: TFDS's folder of data sets. Defaults to TFDS's own default.

    Raises:
        ValueError: TFDS or the data set cannot be had, or it has no such split
            or no images.
    """

    CLASSES_ARE = "those of a label feature"

    def __init__(self, name, split, data_dir=None):
        name, split = name.removeprefix("tfds:"), split or "test"
        received = f"Received: source=tfds:{name}"
        try:
            import tensorflow  # noqa: F401  TFDS reads through it
            import tensorflow_datasets as tfds
        except ImportError as error:
            raise ValueError(
                "Expected the packages tensorflow and tensorflow-datasets, "
                "which a 'tfds:' source needs (pip install tensorflow "
                f"tensorflow-datasets): {_line(error)}. {received}"
            ) from error
        try:
            builder = tfds.builder(name, data_dir=data_dir)
        except Exception as error:
            raise ValueError(
                "Expected a data set that TensorFlow Datasets knows, but it "
                f"says: {_line(error)}. {received}"
            ) from error
        if not builder.info.splits:
            print(_download_notice(name, builder), file=sys.stderr, flush=True)
            try:
                builder.download_and_prepare()
            except Exception as error:
                raise ValueError(
                    f"Expected the data set in {builder.data_path}, and it "
                    "could not be downloaded and prepared there: "
                    f"{_line(error)}. {received}"
                ) from error
        self.tfds = tfds
        self.builder = builder
        self.split = split
        self.skipped = []
        self.label_key = None
        self.key = _image_key(tfds, builder.info.features, received)
        try:
            info = builder.info.splits[split]
        except (KeyError, ValueError) as error:
            raise ValueError(
                "Expected a split of the data set. Available splits: "
                f"{', '.join(sorted(builder.info.splits))}. "
                f"Received: split={split}, source=tfds:{name}"
            ) from error
        self.count = info.num_examples
        self.unknown, self.others = frozenset(), {}
        self.identity = {
            "kind": "tfds",
            "name": builder.info.full_name,
            "folder": str(builder.data_path),
            "count": self.count,
        }
        if not self.count:
            raise ValueError(
                "Expected a split with images, but it has none. "
                f"Received: split={split}, source=tfds:{name}"
            )

    def __len__(self):
        return self.count

    def classes(self):
        """Returns the names of the label feature, which is read from here on."""
        info = self.builder.info
        keys = [
            key
            for key, feature in info.features.items()
            if isinstance(feature, self.tfds.features.ClassLabel)
        ]
        if not keys:
            return []
        usual = ("label", *(info.supervised_keys or ()))
        self.label_key = next((k for k in usual if k in keys), keys[0])
        feature = info.features[self.label_key]
        self._names = [*(feature.names or map(str, range(feature.num_classes)))]
        return self._names

    def class_of(self, name, read):
        """Returns the class of an example, None if it has none (-1)."""
        return None if read.label < 0 else self._names[read.label]

    def classes_of_members(self):
        """Returns an empty dictionary: nothing is known without reading."""
        return {}

    def __iter__(self):
        tfds = self.tfds
        dataset = self.builder.as_dataset(
            split=self.split,
            shuffle_files=False,
            decoders=tfds.decode.PartialDecoding(
                {key: True for key in (self.key, self.label_key) if key},
                decoders={self.key: tfds.decode.SkipDecoding()},
            ),
            # One file after the other: the same order on every machine.
            read_config=tfds.ReadConfig(
                options=untuned_options(),
                interleave_cycle_length=1,
                try_autocache=False,
            ),
        )
        examples = dataset.as_numpy_iterator()
        for index, example in enumerate(examples):
            label = example[self.label_key] if self.label_key else None
            name = f"{self.split}/{index:07d}"
            yield name, _Reader(example[self.key], label)


class _Reader:
    def __init__(self, data, label):
        self.data = data
        self.label = label
        self.size = len(data)

    def __call__(self):
        return self.data


def _image_key(tfds, features, received):
    """Returns the name of the feature that holds the image."""
    keys = [
        key
        for key, feature in features.items()
        if isinstance(feature, tfds.features.Image)
        and np.dtype(feature.np_dtype) != np.float32  # its bytes are no image
    ]
    if not keys:
        raise ValueError(
            "Expected a data set with an image feature; its features are: "
            f"{', '.join(features)}. {received}"
        )
    return "image" if "image" in keys else keys[0]


def _download_notice(name, builder):
    """Returns what is about to be downloaded, where to, and how to avoid it."""
    config = builder.builder_config and builder.builder_config.name
    # The former is known of data sets that TFDS has prepared in its cloud.
    size = builder.info.download_size or sum(
        info.size
        for url, info in builder.url_infos.items()
        # A data set of several configurations lists the files of all.
        if config is None or config in url
    )
    # Two digits.
    amount = (
        f"{float(f'{size / 1e9:.2g}'):g} GB" if size else "an unknown amount"
    )
    return (
        f"tfds:{name} is not in {builder.data_path}: TensorFlow Datasets "
        f"downloads {amount} and prepares it there, once. --data FOLDER takes "
        "your own images instead"
    )


def _line(error):
    """Returns the first line of an error, without its full stop."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(". ") if lines else type(error).__name__
