import keras

from kerasgan.architectures import sizes
from kerasgan.architectures.normalizations import activation as _activation
from kerasgan.architectures.normalizations import normalization as _normalization

UPSAMPLINGS = ("transposed", "nearest", "bilinear")


def dcgan(
    image_shape=(64, 64, 3),
    latent_dim=128,
    features=64,
    normalization="weight",
    generator_normalization=None,
    discriminator_normalization=None,
    upsampling="transposed",
    dropout=0.0,
    activation=None,
):
    """A DCGAN generator and discriminator.

    The discriminator halves the image with 4x4 stride-2 convolutions while it
    has at least 8 pixels a side (32 pixels: 3 levels; 64: 4; 128 and 160: 5),
    doubling the features at each level, and ends in a convolution over the
    whole remaining map. The generator is its mirror image, from a dense layer.

    Args:
        image_shape: `(height, width, channels)`, height and width even and at
            least 8. Defaults to `(64, 64, 3)`.
        latent_dim: number of latents. Defaults to 128.
        features: channels of the level next to the picture. Defaults to 64.
        normalization: one of `none`, `batch`, `weight` (strict weight
            normalization with TPReLU) and `weight-affine`. Defaults to
            `"weight"`.
        generator_normalization: overrides `normalization` in the generator.
        discriminator_normalization: overrides it in the discriminator.
        upsampling: `transposed`, or `nearest` or `bilinear` (resize, then a
            3x3 convolution: no checkerboard). Defaults to `"transposed"`.
        dropout: rate of the dropout behind each activation of the
            discriminator. Defaults to 0.
        activation: `relu`, `leaky_relu`, `prelu`, `trelu` or `tprelu`.
            Defaults to `None`: what belongs to the normalization.

    Returns:
        `(generator, discriminator)`, two Functional models: latents
        `[N, latent_dim]` to float32 images `[N, H, W, C]` in [-1, 1], and
        images to float32 logits `[N, 1]`.

    Raises:
        ValueError: for an argument outside what is said above.

    References:
        Radford et al., arXiv 1511.06434; Xiang & Li, arXiv 1704.03971.
    """
    image_shape = sizes.check_image_shape(image_shape)
    sizes.check_positive(latent_dim=latent_dim, features=features)
    sizes.check_choice(UPSAMPLINGS, upsampling=upsampling)
    sizes.check_rate(dropout=dropout)
    return (
        _generator(
            image_shape,
            latent_dim,
            features,
            _normalization(generator_normalization or normalization),
            upsampling,
            activation,
        ),
        _discriminator(
            image_shape,
            features,
            _normalization(discriminator_normalization or normalization),
            dropout,
            activation,
        ),
    )


def _generator(
    image_shape, latent_dim, features, norm, upsampling, activation
):
    activate = _activation(activation or norm.generator_activation)
    steps, (height, width) = sizes.levels(*image_shape[:2])

    def finish(x, name):
        if norm.normalize is not None:
            x = norm.normalize(f"{name}_normalization")(x)
        return activate(f"{name}_activation")(x)

    channels = features * 2 ** (len(steps) - 1)
    latents = keras.Input((latent_dim,), name="latents")
    x = norm.dense(height * width * channels, name="stem")(latents)
    x = keras.layers.Reshape((height, width, channels), name="stem_map")(x)
    x = finish(x, "stem")
    for level, (_, pad) in reversed(list(enumerate(steps))):
        last = level == 0
        name = f"level_{level}"
        channels = image_shape[2] if last else features * 2 ** (level - 1)
        if upsampling == "transposed":
            x = norm.transposed(
                channels, 4, 2, "same", last=last, name=f"{name}_transposed"
            )(x)
        else:
            x = keras.layers.UpSampling2D(
                2, interpolation=upsampling, name=f"{name}_resize"
            )(x)
            x = norm.convolution(
                channels, 3, 1, "same", last=last, name=f"{name}_convolution"
            )(x)
        if any(pad):
            x = keras.layers.Cropping2D(pad, name=f"{name}_crop")(x)
        if not last:
            x = finish(x, name)
    # Pictures are float32 also where the network computes in half precision.
    if norm.picture_scale != 1:
        x = keras.layers.Rescaling(
            norm.picture_scale, dtype="float32", name="picture_scale"
        )(x)
    images = keras.layers.Activation("tanh", dtype="float32", name="images")(x)
    return keras.Model(latents, images, name="generator")


def _discriminator(image_shape, features, norm, dropout, activation):
    activate = _activation(activation or norm.discriminator_activation)
    steps, (height, width) = sizes.levels(*image_shape[:2])
    images = x = keras.Input(image_shape, name="images")
    for level, (_, pad) in enumerate(steps):
        first = level == 0
        name = f"level_{level}"
        if any(pad):
            x = keras.layers.ZeroPadding2D(pad, name=f"{name}_pad")(x)
        x = norm.convolution(
            features * 2**level,
            4,
            2,
            "same",
            first=first and not norm.normalize_first,
            name=f"{name}_convolution",
        )(x)
        if norm.normalize is not None and (norm.normalize_first or not first):
            x = norm.normalize(f"{name}_normalization")(x)
        x = activate(f"{name}_activation")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"{name}_dropout")(x)
    x = norm.convolution(
        1, (height, width), 1, "valid", last=True, name="head"
    )(x)
    logits = keras.layers.Reshape((1,), dtype="float32", name="logits")(x)
    return keras.Model(images, logits, name="discriminator")
