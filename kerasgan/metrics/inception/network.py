"""The Inception network of 2015-12-05, on which FID and IS are defined."""

import keras
from keras import layers

from kerasgan.metrics.inception.dimensions import FEATURES

# Height and width of what the network sees.
INPUT_SIZE = 299


def inception(features="mixed_7"):
    """Build the network as far as it is needed, with weights of zero.

    The network of `classify_image_graph_def.pb` in the archive
    inception-2015-12-05, after Szegedy et al., with batch normalization folded
    into kernels and biases. It differs from other Inception-v3 networks: its
    average pools do not count what lies outside of the borders, and the last
    block, `mixed_10`, has a max pool where `mixed_9` has an average pool
    (documented in pytorch-fid's `inception.py`).

    Layers are named as in that graph, with `_` for `/`; each convolution is
    followed by ReLU. Everything is float32 and channels last.

    Args:
        features: `"mixed_7"` for the mean of the last 17x17 map, 768 channels;
            `"pool"` for `pool_3`, the mean of the last 8x8 map, 2048 channels,
            which FID and KID are defined on; `"logits"` for the 1008 logits
            without their bias, as the Inception score's own code uses them
            (openai/improved-gan multiplies the pool with the graph's
            `softmax/weights` and leaves `softmax/biases` out).

    Returns:
        A Functional `keras.Model`: float32 `[N, 299, 299, 3]`, RGB scaled as
        (x - 128) / 128 -> float32 `[N, 768 | 2048 | 1008]`.

    Raises:
        ValueError: another name.

    Reference:
        Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, "Rethinking the Inception
        Architecture for Computer Vision", arXiv 1512.00567.
    """
    check_features(features)
    images = keras.Input((INPUT_SIZE, INPUT_SIZE, 3), dtype="float32")
    x = _conv(images, "conv", 32, 3, 2, "valid")
    x = _conv(x, "conv_1", 32, 3, padding="valid")
    x = _conv(x, "conv_2", 64, 3)
    x = _max_pool(x, "pool")
    x = _conv(x, "conv_3", 80, 1, padding="valid")
    x = _conv(x, "conv_4", 192, 3, padding="valid")
    x = _max_pool(x, "pool_1")
    x = _block_35(x, "mixed", 32)
    x = _block_35(x, "mixed_1", 64)
    x = _block_35(x, "mixed_2", 64)
    x = _block_35_to_17(x, "mixed_3")
    x = _block_17(x, "mixed_4", 128)
    x = _block_17(x, "mixed_5", 160)
    x = _block_17(x, "mixed_6", 160)
    x = _block_17(x, "mixed_7", 192)
    if features != "mixed_7":
        x = _block_17_to_8(x, "mixed_8")
        x = _block_8(x, "mixed_9", _average_pool)
        x = _block_8(x, "mixed_10", _max_pool_same)
    name = "mixed_7_mean" if features == "mixed_7" else "pool_3"
    x = layers.GlobalAveragePooling2D(
        name=name, data_format="channels_last", dtype="float32"
    )(x)
    if features == "logits":
        x = layers.Dense(
            FEATURES["logits"],
            use_bias=False,
            kernel_initializer="zeros",
            name="logits",
            dtype="float32",
        )(x)
    return keras.Model(images, x, name=f"inception_{features}", trainable=False)


def check_features(features):
    """Raises a ValueError unless `features` is a name in `FEATURES`."""
    if features not in FEATURES:
        raise ValueError(
            f"Expected one of {', '.join(FEATURES)}. "
            f"Received: features={features!r}"
        )


def _block_35(x, name, pool_filters):
    return _join(
        name,
        _conv(x, f"{name}_conv", 64, 1),
        _chain(x, f"{name}_tower", (48, 1), (64, 5)),
        _chain(x, f"{name}_tower_1", (64, 1), (96, 3), (96, 3)),
        _pool_branch(x, name, pool_filters, _average_pool),
    )


def _block_35_to_17(x, name):
    tower = _chain(x, f"{name}_tower", (64, 1), (96, 3))
    return _join(
        name,
        _conv(x, f"{name}_conv", 384, 3, 2, "valid"),
        _conv(tower, f"{name}_tower_conv_2", 96, 3, 2, "valid"),
        _max_pool(x, f"{name}_pool"),
    )


def _block_17(x, name, width):
    row, column = (1, 7), (7, 1)
    return _join(
        name,
        _conv(x, f"{name}_conv", 192, 1),
        _chain(x, f"{name}_tower", (width, 1), (width, row), (192, column)),
        _chain(
            x,
            f"{name}_tower_1",
            (width, 1),
            (width, column),
            (width, row),
            (width, column),
            (192, row),
        ),
        _pool_branch(x, name, 192, _average_pool),
    )


def _block_17_to_8(x, name):
    tower = _chain(x, f"{name}_tower", (192, 1))
    tower_1 = _chain(
        x, f"{name}_tower_1", (192, 1), (192, (1, 7)), (192, (7, 1))
    )
    return _join(
        name,
        _conv(tower, f"{name}_tower_conv_1", 320, 3, 2, "valid"),
        _conv(tower_1, f"{name}_tower_1_conv_3", 192, 3, 2, "valid"),
        _max_pool(x, f"{name}_pool"),
    )


def _block_8(x, name, pool):
    tower = _chain(x, f"{name}_tower", (384, 1))
    tower_1 = _chain(x, f"{name}_tower_1", (448, 1), (384, 3))
    return _join(
        name,
        _conv(x, f"{name}_conv", 320, 1),
        _conv(tower, f"{name}_tower_mixed_conv", 384, (1, 3)),
        _conv(tower, f"{name}_tower_mixed_conv_1", 384, (3, 1)),
        _conv(tower_1, f"{name}_tower_1_mixed_conv", 384, (1, 3)),
        _conv(tower_1, f"{name}_tower_1_mixed_conv_1", 384, (3, 1)),
        _pool_branch(x, name, 192, pool),
    )


def _chain(x, name, *convolutions):
    """Returns `<name>_conv`, `<name>_conv_1`, ... of `(filters, kernel_size)`."""
    for i, (filters, size) in enumerate(convolutions):
        x = _conv(x, f"{name}_conv_{i}" if i else f"{name}_conv", filters, size)
    return x


def _pool_branch(x, name, filters, pool):
    pooled = pool(x, f"{name}_tower_2_pool")
    return _conv(pooled, f"{name}_tower_2_conv", filters, 1)


def _conv(x, name, filters, size, strides=1, padding="same"):
    return layers.Conv2D(
        filters,
        size,
        strides,
        padding,
        activation="relu",
        # Quicker than random numbers that the file replaces.
        kernel_initializer="zeros",
        data_format="channels_last",
        name=name,
        dtype="float32",
    )(x)


def _max_pool(x, name):
    return layers.MaxPooling2D(
        3, 2, data_format="channels_last", name=name, dtype="float32"
    )(x)


def _max_pool_same(x, name):
    return layers.MaxPooling2D(
        3, 1, "same", data_format="channels_last", name=name, dtype="float32"
    )(x)


def _average_pool(x, name):
    # On both backends Keras counts what lies inside of the borders alone.
    return layers.AveragePooling2D(
        3, 1, "same", data_format="channels_last", name=name, dtype="float32"
    )(x)


def _join(name, *branches):
    return layers.Concatenate(-1, name=f"{name}_join", dtype="float32")(
        branches
    )
