"""The kinds of sources of images, for help and messages."""

# Not in `kerasgan.data`, whose import would double the time of `kerasgan --help`.
SOURCES = (
    "a folder, a zip, a tar or shards{000..009}.tar, an .npy or .npz of images, "
    "tfds:NAME or hf-dataset:NAME"
)
