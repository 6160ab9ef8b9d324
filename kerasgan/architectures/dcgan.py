import keras

from kerasgan.architectures import parts, sizes
from kerasgan.architectures.normalizations import check_logit_scale, pair
from kerasgan.architectures.tables import ARCHITECTURES
from kerasgan.utils.typing import Sequence


def dcgan(
    image_shape: Sequence[int] = (64, 64, 3),
    latent_dim: int = 128,
    features: int = 64,
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
    """Makes a DCGAN generator and discriminator.

    The discriminator halves the image with 4x4 stride-2 convolutions while it
    has at least 8 pixels a side (32 pixels: 3 levels; 64: 4; 128 and 160: 5),
    doubling the features at each level, and ends in a convolution over the
    whole remaining map. The generator is its mirror image, from a dense layer.

    Args:
        image_shape: `(height, width, channels)`, height and width even and at
            least 8. Defaults to `(64, 64, 3)`.
        latent_dim: number of latents, at least 1. Defaults to 128.
        features: channels of the level next to the image, at least 1. Defaults
            to 64.
        normalization: one of `none`, `batch`, `layer` (each example over all
            its elements), `weight` (strict weight normalization of Xiang & Li
            with TPReLU), `weight-affine` (with scale and bias in every layer
            and PReLU) and `spectral` (with `batch` in the generator). Defaults
            to `"weight"`.
        generator_normalization: overrides `normalization` in the generator.
        discriminator_normalization: overrides it in the discriminator.
        upsampling: `transposed`, or `nearest` or `bilinear` (resize, then a
            3x3 convolution: no checkerboard). Defaults to `"transposed"`.
        dropout: rate of the dropout behind each activation of the
            discriminator, at least 0 and below 1. Defaults to 0.
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
        >>> generator, discriminator = kerasgan.architectures.dcgan(
        ...     image_shape=(32, 32, 3), features=64, normalization="weight"
        ... )
        >>> generator.count_params(), discriminator.count_params()
        (1183622, 663426)

    References:
        Radford et al., arXiv 1511.06434; Xiang & Li, arXiv 1704.03971; for
        `spectral` Miyato et al., arXiv 1802.05957; for classes Miyato &
        Koyama, arXiv 1802.05637.
    """
    image_shape = sizes.check_image_shape(image_shape)
    ARCHITECTURES["dcgan"].check(
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
    )
    norms = pair(
        normalization, generator_normalization, discriminator_normalization
    )
    check_logit_scale(logit_scale, norms[1])
    labelled = parts.classes(num_classes, class_names)
    margins, _ = sizes.levels(*image_shape[:2])
    widths = [features * 2**level for level in range(len(margins))]
    widths = sizes.capped(widths, max_features)
    return (
        _generator(
            image_shape,
            latent_dim,
            widths,
            norms[0],
            upsampling,
            activation,
            labelled,
        ),
        _discriminator(
            image_shape,
            widths,
            norms[1],
            dropout,
            activation,
            logit_scale,
            labelled,
        ),
    )


def _generator(
    image_shape, latent_dim, widths, norm, upsampling, activation, labelled
):
    activate = norm.activation(activation or norm.generator_activation)
    margins, size = sizes.levels(*image_shape[:2])
    inputs, latents, norm = parts.latents(latent_dim, norm, labelled)
    shape = (*size, widths[-1])
    x = parts.stem(latents, norm, shape, activate)
    for level, margin in reversed(list(enumerate(margins))):
        last = level == 0
        name = f"level_{level}"
        channels = image_shape[2] if last else widths[level - 1]
        x = parts.double(x, channels, norm, upsampling, name, affine=last)
        x = parts.crop(x, margin, name)
        if not last:
            x = parts.normalized(x, norm, name)
            x = activate(f"{name}_activation")(x)
    return keras.Model(inputs, parts.images(x, norm), name="generator")


def _discriminator(
    image_shape, widths, norm, dropout, activation, logit_scale, labelled
):
    activate = norm.activation(activation or norm.discriminator_activation)
    margins, _ = sizes.levels(*image_shape[:2])
    images = x = keras.Input(image_shape, name="images")
    for level, margin in enumerate(margins):
        name = f"level_{level}"
        bare = level == 0 and not norm.normalize_first
        x = parts.pad(x, margin, name)
        x = norm.convolution(
            widths[level],
            4,
            2,
            "same",
            bare=bare,
            name=f"{name}_convolution",
        )(x)
        x = parts.normalized(x, norm, name, bare)
        x = activate(f"{name}_activation")(x)
        if dropout:
            x = keras.layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return parts.discriminator(images, x, norm, logit_scale, labelled)
