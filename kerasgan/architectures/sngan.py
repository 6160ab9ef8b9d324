import keras

from kerasgan.architectures import parts, sizes
from kerasgan.architectures.normalizations import check_logit_scale, pair
from kerasgan.architectures.tables import ARCHITECTURES
from kerasgan.architectures.upsamplings import RESIZES
from kerasgan.utils.typing import Sequence


def sngan(
    image_shape: Sequence[int] = (32, 32, 3),
    latent_dim: int = 128,
    network: str = "resnet",
    features: int | None = None,
    normalization: str = "spectral",
    generator_normalization: str | None = None,
    discriminator_normalization: str | None = None,
    upsampling: str | None = None,
    dropout: float = 0.0,
    activation: str | None = None,
    logit_scale: float | None = None,
    num_classes: int | None = None,
    class_names: Sequence[str] | None = None,
    max_features: int | None = None,
) -> tuple[keras.Model, keras.Model]:
    """Builds the networks of the SN-GAN paper.

    The `cnn` is that of table 3. Its discriminator has three pairs of a 3x3
    convolution and a 4x4 one of stride 2, whose channels double from pair to
    pair, another 3x3 convolution, and a dense layer on the flat map. Its
    generator has a dense layer, three transposed 4x4 convolutions of stride 2
    and a 3x3 convolution.

    The `resnet` is that of table 4 at 32 pixels: blocks of two 3x3
    convolutions with the activation before each, three nearest-neighbour
    upsampling blocks of one width in the generator; two blocks that halve the
    map and two that do not in the discriminator, a sum over the last map and a
    dense layer. At 64 pixels it has the blocks of mimicry (Lee & Town, arXiv
    2005.02494), which resizes bilinearly where this follows the paper: four in
    the generator, from 16 times `features` down to `features`, and five that
    halve the map in the discriminator. At 128 pixels and more it is that of
    table 6: one block more in the generator and one that keeps the size at the
    discriminator's end, channels up to 16 times `features`.

    Args:
        image_shape: `(height, width, channels)`. For the `cnn` height and
            width are even and at least 8; for the `resnet` they are equal, 32
            or a larger power of two. Defaults to `(32, 32, 3)`.
        latent_dim: number of latents, at least 1. Defaults to 128.
        network: `cnn` or `resnet`. Defaults to `"resnet"`.
        features: channels of the discriminator's first layer, at least 1.
            Defaults to `None`: those of the paper and of mimicry, 64 for the `cnn` and the
            `resnet` of 64 pixels, 128 for the `resnet` of 32 pixels, whose
            generator has twice as many.
        normalization: as in `dcgan`. Defaults to `"spectral"`: spectral
            normalization in the discriminator, batch normalization in the
            generator.
        generator_normalization: overrides `normalization` in the generator.
        discriminator_normalization: overrides it in the discriminator.
        upsampling: as in `dcgan`. Defaults to `None`: those of the paper,
            `transposed` in the `cnn` and `nearest` in the `resnet`.
        dropout: rate of the dropout behind each activation of the
            discriminator's `cnn`, and each block of its `resnet`, at least 0
            and below 1. Defaults to 0.
        activation: as in `dcgan`. Defaults to `None`: what belongs to the
            normalization, but ReLU for LeakyReLU in the `resnet`.
        logit_scale: as in `dcgan`. Defaults to `None`.
        num_classes: as in `dcgan`. Defaults to `None`: unconditional networks.
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

    Reference:
        Miyato et al., Spectral Normalization for Generative Adversarial
        Networks, arXiv 1802.05957, appendix B.4.
    """
    ARCHITECTURES["sngan"].check(
        latent_dim=latent_dim,
        network=network,
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
    image_shape = sizes.check_image_shape(image_shape)
    cnn = network == "cnn"
    if features is None:
        features = 128 if not cnn and image_shape[0] <= 32 else 64
    if upsampling is None:
        upsampling = "transposed" if cnn else "nearest"
    generator_norm, discriminator_norm = pair(
        normalization, generator_normalization, discriminator_normalization
    )
    check_logit_scale(logit_scale, discriminator_norm)
    if cnn:
        sizes.check_image_shape(image_shape, 3)
        widths = [features * 2**level for level in range(4)]
        widths = blocks = sizes.capped(widths, max_features)
    else:
        sizes.check_power_of_two(image_shape)
        widths, blocks = _resnet_widths(image_shape[0], features, max_features)
    labelled = parts.classes(num_classes, class_names)
    return (
        (_cnn_generator if cnn else _resnet_generator)(
            image_shape,
            latent_dim,
            widths,
            generator_norm,
            upsampling,
            activation,
            labelled,
        ),
        (_cnn_discriminator if cnn else _resnet_discriminator)(
            image_shape,
            blocks,
            discriminator_norm,
            dropout,
            activation,
            logit_scale,
            labelled,
        ),
    )


def _cnn_generator(
    image_shape, latent_dim, widths, norm, upsampling, activation, labelled
):
    activate = norm.activation(activation or norm.generator_activation)
    margins, size = sizes.levels(*image_shape[:2], count=3)
    inputs, latents, norm = parts.latents(latent_dim, norm, labelled)
    shape = (*size, widths[3])
    x = parts.stem(latents, norm, shape, activate)
    for level in (2, 1, 0):
        name = f"level_{level}"
        x = parts.double(x, widths[level], norm, upsampling, name)
        x = parts.crop(x, margins[level], name)
        x = parts.normalized(x, norm, name)
        x = activate(f"{name}_activation")(x)
    x = norm.convolution(
        image_shape[2], 3, 1, "same", affine=True, name="image_convolution"
    )(x)
    return keras.Model(inputs, parts.images(x, norm), name="generator")


def _cnn_discriminator(
    image_shape, widths, norm, dropout, activation, logit_scale, labelled
):
    activate = norm.activation(activation or norm.discriminator_activation)
    margins, _ = sizes.levels(*image_shape[:2], count=3)
    images = x = keras.Input(image_shape, name="images")
    layers = [
        layer
        for level in range(3)
        for layer in ((level, 3, 1, "first"), (level, 4, 2, "second"))
    ]
    for level, size, stride, place in [*layers, (3, 3, 1, "first")]:
        name = f"level_{level}_{place}"
        bare = name == "level_0_first" and not norm.normalize_first
        if stride == 2:
            x = parts.pad(x, margins[level], name)
        x = norm.convolution(
            widths[level],
            size,
            stride,
            "same",
            bare=bare,
            name=f"{name}_convolution",
        )(x)
        x = parts.normalized(x, norm, name, bare)
        x = activate(f"{name}_activation")(x)
        x = _dropped(x, dropout, name)
    return parts.discriminator(images, x, norm, logit_scale, labelled)


def _resnet_widths(size, features, most):
    """Returns the channels of the ResNets at that size.

    Returns:
        Those of the generator's stem and blocks, and of each block of the
        discriminator with whether it halves the map.
    """
    doublings = size.bit_length() - 3
    if doublings == 3:
        up, down = [2 * features] * 4, [features] * 4
        return sizes.capped(up, most), [
            (channels, n < 2)
            for n, channels in enumerate(sizes.capped(down, most))
        ]
    widths = [features * min(2**n, 16) for n in range(doublings + 1)]
    widths = sizes.capped(widths, most)
    blocks = [(channels, True) for channels in widths[: max(5, doublings)]]
    if doublings > 4:
        blocks.append((blocks[-1][0], False))
    return widths[::-1], blocks


def _resnet_generator(
    image_shape, latent_dim, widths, norm, upsampling, activation, labelled
):
    usual = norm.residual or norm
    activate = usual.activation(activation or usual.generator_activation)
    inputs, latents, norm = parts.latents(latent_dim, usual, labelled)
    x = norm.dense(16 * widths[0], affine=True, name="stem")(latents)
    x = keras.layers.Reshape((4, 4, widths[0]), name="stem_map")(x)
    for number, channels in enumerate(widths[1:]):
        name = f"block_{number}"
        residue = _activated(x, norm, activate, f"{name}_first")
        residue = parts.double(
            residue, channels, norm, upsampling, f"{name}_first", bare=True
        )
        residue = _activated(residue, norm, activate, f"{name}_second")
        residue = _convolution(residue, channels, norm, f"{name}_second")
        resize = RESIZES[
            "nearest" if upsampling == "transposed" else upsampling
        ]
        shortcut = resize(2, name=f"{name}_shortcut_resize")(x)
        shortcut = _convolution(shortcut, channels, norm, f"{name}_shortcut", 1)
        x = norm.join(f"{name}_join")([residue, shortcut])
    # Miyato & Koyama condition the blocks, not what follows them.
    x = _activated(x, usual, activate, "image")
    x = norm.convolution(
        image_shape[2], 3, 1, "same", affine=True, name="image_convolution"
    )(x)
    return keras.Model(inputs, parts.images(x, norm), name="generator")


def _resnet_discriminator(
    image_shape, blocks, norm, dropout, activation, logit_scale, labelled
):
    norm = norm.residual or norm
    usual = norm.discriminator_activation
    activate = norm.activation(
        activation or ("relu" if usual == "leaky_relu" else usual)
    )
    images = x = keras.Input(image_shape, name="images")
    for number, (channels, halves) in enumerate(blocks):
        name = f"block_{number}"
        first = number == 0
        residue = x
        if not first:
            residue = _activated(residue, norm, activate, f"{name}_first")
        # The paper's code: blocks widen at their end, the first at once.
        middle = channels if first else x.shape[-1]
        residue = _convolution(residue, middle, norm, f"{name}_first")
        residue = _activated(residue, norm, activate, f"{name}_second")
        residue = _convolution(residue, channels, norm, f"{name}_second")
        shortcut = x
        if first:
            shortcut = _halved(shortcut, f"{name}_shortcut_pool")
        if halves or x.shape[-1] != channels:
            shortcut = _convolution(
                shortcut, channels, norm, f"{name}_shortcut", 1
            )
        if halves:
            residue = _halved(residue, f"{name}_pool")
            if not first:
                shortcut = _halved(shortcut, f"{name}_shortcut_pool")
        x = norm.join(f"{name}_join")([residue, shortcut])
        x = _dropped(x, dropout, name)
    x = _activated(x, norm, activate, "head")
    x = parts.summed(x, "head")
    return parts.discriminator(images, x, norm, logit_scale, labelled)


def _activated(x, norm, activate, name):
    """Normalizes, if the normalization has a layer for it, and activates."""
    return activate(f"{name}_activation")(parts.normalized(x, norm, name))


def _convolution(x, channels, norm, name, size=3):
    return norm.convolution(
        channels, size, 1, "same", bare=True, name=f"{name}_convolution"
    )(x)


def _dropped(x, rate, name):
    if not rate:
        return x
    return keras.layers.Dropout(rate, name=f"{name}_dropout")(x)


def _halved(x, name):
    return keras.layers.AveragePooling2D(
        2, data_format="channels_last", name=name
    )(x)
