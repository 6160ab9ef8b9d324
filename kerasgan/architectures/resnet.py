import keras

from kerasgan.architectures import parts, sizes
from kerasgan.architectures.normalizations import check_logit_scale, pair
from kerasgan.architectures.tables import ARCHITECTURES
from kerasgan.utils.typing import Sequence


def resnet(
    image_shape: Sequence[int] = (64, 64, 3),
    latent_dim: int = 128,
    features: Sequence[int] = (64, 128, 256, 384, 512),
    blocks: Sequence[int] | int = (2, 2, 2, 2, 2),
    normalization: str = "weight",
    generator_normalization: str | None = None,
    discriminator_normalization: str | None = None,
    upsampling: str = "transposed",
    dropout: float = 0.0,
    activation: str | None = None,
    logit_scale: float | None = None,
    num_classes: int | None = None,
    class_names: Sequence[str] | None = None,
    max_features: int | None = None,
) -> tuple[keras.Model, keras.Model]:
    """Makes a residual generator and discriminator.

    The discriminator halves the image once a level. Its block adds a residue
    (a convolution of stride + 2 pixels a side, an activation, a 3x3
    convolution) and a shortcut (an average pool where the stride is 2, a 1x1
    convolution where the channels change); an activation follows the sum. The
    first block of a level has stride 2. It ends in a convolution over the
    whole remaining map. The generator is the mirror image, from a dense layer:
    a 3x3 and a (stride + 2) transposed convolution, and as its shortcut a 1x1
    convolution and a nearest-neighbour resize, the last block of a level with
    stride 2; the sum of the very last one is the image.

    With `weight` it is the network of Xiang & Li: strictly weight-normalized
    convolutions and a `WeightNormalizedAdd` that starts with the shortcut
    alone; in the generator an affine first layer with PReLU, and an `Affine`
    behind the last sum; in the discriminator an affine last layer. Five levels
    of two blocks have 21 layers with weights (shortcuts not counted). What such
    a discriminator says of two images at the start differs little: with few
    features its updates move the logits much less than the generator's move the
    images, and a `logit_scale` of 20 to 30 evens them out. Sums are
    plain ones under `none`, `batch`, `layer` and `spectral`; `batch` and
    `layer` follow both convolutions of a residue, but not in the block
    that makes the image, and `batch` does not follow the discriminator's very
    first convolution.

    Args:
        image_shape: `(height, width, channels)`, height and width even and at
            least 8 and 2 to the power of the number of levels. Defaults to
            `(64, 64, 3)`.
        latent_dim: number of latents, at least 1. Defaults to 128.
        features: channels of each level, at least 1, from the one next to the
            image on. Defaults to `(64, 128, 256, 384, 512)`.
        blocks: number of blocks of each level, at least 1. Defaults to two
            each.
        normalization: one of `none`, `batch`, `layer`, `weight`,
            `weight-affine` and `spectral`, as in `dcgan`. Defaults to
            `"weight"`.
        generator_normalization: overrides `normalization` in the generator.
        discriminator_normalization: overrides it in the discriminator.
        upsampling: `transposed`, or `nearest` or `bilinear` (resize, then a
            3x3 convolution, instead of a transposed convolution of stride 2).
            Defaults to `"transposed"`.
        dropout: rate of the dropout behind each block of the discriminator, at
            least 0 and below 1. Defaults to 0.
        activation: `relu`, `leaky_relu`, `prelu`, `trelu` or `tprelu`.
            Defaults to `None`: what belongs to the normalization.
        logit_scale: the first value of the weight that logits are multiplied
            by, a positive number, in weight-normalized discriminators. Defaults
            to `None`: 1.
        num_classes: the number of classes of conditional networks, at least 1.
            A batch normalization of the generator has a scale and an offset a class
            (`ConditionalBatchNormalization`), a generator without one takes the
            label's embedding with the latents; the discriminator projects its
            features on the class. Defaults to `None`: unconditional networks.
        class_names: their names, in the order of the labels. Defaults to
            `None`.
        max_features: the most channels of a level, at least 1. Defaults to
            `None`: no limit.

    Returns:
        `(generator, discriminator)`, two Functional models: latents
        `[N, latent_dim]` to float32 images `[N, H, W, C]` in [-1, 1], and
        images to float32 logits `[N, 1]`. With `num_classes` the inputs are
        `[latents, labels]` and `[images, labels]`, labels int32 `[N]`.

    Raises:
        ValueError: if an argument is out of range.

    Example:
        >>> generator, discriminator = kerasgan.architectures.resnet(
        ...     image_shape=(16, 16, 3), features=(8, 16), blocks=(1, 1)
        ... )
        >>> generator.input_shape, discriminator.output_shape
        ((None, 128), (None, 1))

    Reference:
        Xiang & Li, arXiv 1704.03971.
    """
    ARCHITECTURES["resnet"].check(
        latent_dim=latent_dim,
        features=features,
        normalization=normalization,
        generator_normalization=generator_normalization,
        discriminator_normalization=discriminator_normalization,
        upsampling=upsampling,
        dropout=dropout,
        activation=activation,
        logit_scale=logit_scale,
        max_features=max_features,
        blocks=blocks,
    )
    image_shape = sizes.check_image_shape(image_shape, len(features))
    norms = [
        norm.residual or norm
        for norm in pair(
            normalization, generator_normalization, discriminator_normalization
        )
    ]
    check_logit_scale(logit_scale, norms[1])
    labelled = parts.classes(num_classes, class_names)
    features = sizes.capped(features, max_features)
    return (
        _generator(
            image_shape,
            latent_dim,
            features,
            blocks,
            norms[0],
            upsampling,
            activation,
            labelled,
        ),
        _discriminator(
            image_shape,
            features,
            blocks,
            norms[1],
            dropout,
            activation,
            logit_scale,
            labelled,
        ),
    )


def _generator(
    image_shape,
    latent_dim,
    features,
    blocks,
    norm,
    upsampling,
    activation,
    labelled,
):
    usual = norm.generator_activation
    activate = norm.activation(activation or usual)
    activate_stem = norm.activation(activation or norm.stem_activation or usual)
    margins, size = sizes.levels(*image_shape[:2], count=len(features))
    inputs, latents, norm = parts.latents(latent_dim, norm, labelled)
    shape = (*size, features[-1])
    x = parts.stem(latents, norm, shape, activate_stem, norm.affine_stem)
    for level, margin in reversed(list(enumerate(margins))):
        for block in range(blocks[level]):
            name = f"level_{level}_block_{block}"
            widens = block == blocks[level] - 1
            makes_image = widens and level == 0
            channels = x.shape[-1]
            if widens:
                channels = (
                    image_shape[2] if makes_image else features[level - 1]
                )
            x = _generator_block(
                x,
                channels,
                widens,
                norm,
                activate,
                upsampling,
                # No normalization may fix what values images have.
                bare=makes_image,
                name=name,
            )
            if widens:
                x = parts.crop(x, margin, name)
            if not makes_image:
                x = activate(f"{name}_activation")(x)
            elif norm.finish is not None:
                x = norm.finish(f"{name}_finish")(x)
    return keras.Model(inputs, parts.images(x, norm), name="generator")


def _generator_block(
    x, channels, widens, norm, activate, upsampling, bare, name
):
    before = x.shape[-1]
    first, second = f"{name}_first", f"{name}_second"

    residue = norm.transposed(
        before, 3, 1, "same", bare=bare, name=f"{first}_transposed"
    )(x)
    residue = parts.normalized(residue, norm, first, bare)
    residue = activate(f"{first}_activation")(residue)
    if widens:
        residue = parts.double(
            residue, channels, norm, upsampling, second, bare=bare
        )
    else:
        residue = norm.transposed(
            channels, 3, 1, "same", bare=bare, name=f"{second}_transposed"
        )(residue)
    residue = parts.normalized(residue, norm, second, bare)

    shortcut = _shortcut(x, channels, norm, name)
    if widens:
        shortcut = keras.layers.UpSampling2D(
            2,
            data_format="channels_last",
            interpolation="nearest",
            name=f"{name}_shortcut_resize",
        )(shortcut)
    return norm.join(f"{name}_join")([residue, shortcut])


def _discriminator(
    image_shape,
    features,
    blocks,
    norm,
    dropout,
    activation,
    logit_scale,
    labelled,
):
    activate = norm.activation(activation or norm.discriminator_activation)
    margins, _ = sizes.levels(*image_shape[:2], count=len(features))
    images = x = keras.Input(image_shape, name="images")
    for level, channels in enumerate(features):
        for block in range(blocks[level]):
            name = f"level_{level}_block_{block}"
            halves = block == 0
            if halves:
                x = parts.pad(x, margins[level], name)
            x = _discriminator_block(
                x,
                channels,
                halves,
                norm,
                activate,
                bare=level == block == 0 and not norm.normalize_first,
                name=name,
            )
            x = activate(f"{name}_activation")(x)
            if dropout:
                x = keras.layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return parts.discriminator(images, x, norm, logit_scale, labelled)


def _discriminator_block(x, channels, halves, norm, activate, bare, name):
    first, second = f"{name}_first", f"{name}_second"
    stride = 2 if halves else 1

    residue = norm.convolution(
        channels,
        stride + 2,
        stride,
        "same",
        bare=bare,
        name=f"{first}_convolution",
    )(x)
    residue = parts.normalized(residue, norm, first, bare)
    residue = activate(f"{first}_activation")(residue)
    residue = norm.convolution(
        channels, 3, 1, "same", name=f"{second}_convolution"
    )(residue)
    residue = parts.normalized(residue, norm, second)

    shortcut = x
    if halves:
        shortcut = keras.layers.AveragePooling2D(
            2, data_format="channels_last", name=f"{name}_shortcut_pool"
        )(shortcut)
    shortcut = _shortcut(shortcut, channels, norm, name)
    return norm.join(f"{name}_join")([residue, shortcut])


def _shortcut(x, channels, norm, name):
    """Applies a 1x1 convolution if `x` has another number of channels."""
    if x.shape[-1] == channels:
        return x
    return norm.convolution(
        channels, 1, 1, "same", bare=True, name=f"{name}_shortcut_convolution"
    )(x)
