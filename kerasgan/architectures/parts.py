"""Parts of all architectures: both ends, and doubling a feature map."""

import keras

from kerasgan import layers
from kerasgan.architectures.tables import UPSAMPLINGS


def normalized(x, norm, name, bare=False):
    """Applies the normalization layer of `norm`, if it has one."""
    if bare or norm.normalize is None:
        return x
    return norm.normalize(f"{name}_normalization")(x)


def classes(num_classes, class_names=None):
    """Returns what makes the input of labels and the weights of classes.

    Returns:
        A function that returns both, or None without classes.

    Raises:
        ValueError: there are names without classes, or as `OneHot`.
    """
    if num_classes is None:
        if class_names is not None:
            raise ValueError(
                "Argument `class_names` must be None without `num_classes`. "
                f"Received: class_names={class_names}"
            )
        return None

    def make():
        labels = keras.Input((), dtype="int32", name="labels")
        one_hot = layers.OneHot(num_classes, class_names, name="classes")
        return labels, one_hot(labels)

    return make


def latents(count, norm, labelled):
    """Makes a generator's inputs.

    Args:
        count: the number of latents.
        norm: its `Normalization`.
        labelled: what `classes` returned.

    Returns:
        The inputs of the model, what its stem takes, and its `Normalization`
        with the classes in it.
    """
    inputs = keras.Input((count,), name="latents")
    if labelled is None:
        return inputs, inputs, norm
    labels, class_weights = labelled()
    if norm.normalize_classes is not None:
        return [inputs, labels], inputs, norm.of_classes(class_weights)
    embedding = keras.layers.Dense(
        count,
        use_bias=False,
        # As large as latents.
        kernel_initializer=keras.initializers.RandomNormal(stddev=1.0),
        name="class_embedding",
    )(class_weights)
    x = keras.layers.Concatenate(name="latents_and_class")([inputs, embedding])
    return [inputs, labels], x, norm


def stem(latents, norm, shape, activate, affine=False):
    """Makes a generator's first map, of that shape, from the latents."""
    height, width, channels = shape
    x = norm.dense(height * width * channels, affine=affine, name="stem")(
        latents
    )
    x = keras.layers.Reshape(shape, name="stem_map")(x)
    return activate("stem_activation")(normalized(x, norm, "stem"))


def double(x, channels, norm, upsampling, name, **flags):
    """Doubles the size of a map, by the upsampling of that name."""
    return UPSAMPLINGS[upsampling].load()(x, channels, norm, name, **flags)


def pad(x, margin, name):
    """Adds `(rows, columns)` of zeros at either end."""
    if not any(margin):
        return x
    return keras.layers.ZeroPadding2D(
        margin, data_format="channels_last", name=f"{name}_pad"
    )(x)


def crop(x, margin, name):
    """Cuts `(rows, columns)` off at either end."""
    if not any(margin):
        return x
    return keras.layers.Cropping2D(
        margin, data_format="channels_last", name=f"{name}_crop"
    )(x)


def images(x, norm):
    """Maps the output of a generator's last layer to images in [-1, 1]."""
    # Images are float32 also where the network computes in half precision.
    if norm.image_scale != 1:
        # The layer keeps its name of kerasgan 0.1: weights files and `.keras`
        # files have it.
        x = keras.layers.Rescaling(
            norm.image_scale, dtype="float32", name="picture_scale"
        )(x)
    return keras.layers.Activation("tanh", dtype="float32", name="images")(x)


def summed(x, name):
    """Sums over a map, which becomes a map of one pixel."""
    area = x.shape[1] * x.shape[2]
    x = keras.layers.GlobalAveragePooling2D(
        data_format="channels_last", keepdims=True, name=f"{name}_mean"
    )(x)
    return keras.layers.Rescaling(area, name=f"{name}_sum")(x)


def discriminator(images, x, norm, scale=None, labelled=None):
    """Makes a discriminator from the logits of its last map, times `scale`.

    Of a conditional one they are `psi(phi) + y^T V phi` (Miyato & Koyama, arXiv
    1802.05637): psi is what an unconditional one has, phi the sum over the map,
    y the class weights, V the projection, a row a class.
    """
    size = x.shape[1:3]
    inputs, last = images, x
    gain = {} if scale is None else {"gain": scale}
    x = norm.convolution(1, size, 1, "valid", affine=True, name="head", **gain)(
        x
    )
    name = "logits" if labelled is None else "head_logits"
    x = keras.layers.Reshape((1,), dtype="float32", name=name)(x)
    if labelled is not None:
        labels, class_weights = labelled()
        inputs = [images, labels]
        if size != (1, 1):
            last = summed(last, "projection")
        phi = keras.layers.Flatten(
            data_format="channels_last", name="projection_features"
        )(last)
        # Weight normalization gives each class a vector of its length.
        each = norm.projection(
            class_weights.shape[-1], name="projection", **gain
        )(phi)
        of_class = keras.layers.Dot(1, dtype="float32", name="class_logits")(
            [each, class_weights]
        )
        x = keras.layers.Add(dtype="float32", name="logits")([x, of_class])
    return keras.Model(inputs, x, name="discriminator")
