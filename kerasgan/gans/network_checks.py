"""Which generator and discriminator can be trained together."""

import keras

from kerasgan.utils import networks


def check_networks(generator, discriminator):
    """Refuse networks that a GAN cannot train, and build what is not built.

    Args:
        generator: a built `keras.Model`.
        discriminator: a `keras.Model`; one without weights yet gets them.

    Returns:
        `(latent_dim, image_shape)`: the length of the latents, and the shape
        `(None, ...)` of an image, None where neither network fixes a size.

    Raises:
        ValueError: they are no such networks.
    """
    for name, network in (
        ("generator", generator),
        ("discriminator", discriminator),
    ):
        if not isinstance(network, keras.Model):
            raise ValueError(
                f"Argument `{name}` must be a keras.Model. "
                f"Received: {name}={network!r}"
            )
    latent_dim = _latent_dim(generator)
    made = _called("generator", generator, (None, latent_dim))
    taken = networks.input_shape(discriminator)
    if taken is None:
        taken = made
    _check_single("discriminator", "input", taken)
    if not _compatible(made[1:], taken[1:]):
        raise ValueError(
            "The discriminator must take what the generator makes. "
            f"Received: generator.output_shape={made}, "
            f"discriminator.input_shape={taken}"
        )
    image_shape = tuple(
        one if other is None else other for one, other in zip(made, taken)
    )
    _check_logits(_called("discriminator", discriminator, image_shape))
    _check_apart(generator, discriminator)
    return latent_dim, image_shape


def _latent_dim(generator):
    shape = networks.input_shape(generator)
    if shape is None:
        raise ValueError(
            "The generator must be built, so that the size of its latents is "
            "known: call it once, as in generator(np.zeros((1, latent_dim))). "
            f"Received: generator={generator!r}"
        )
    _check_single("generator", "input", shape)
    if len(shape) != 2 or shape[1] is None:
        raise ValueError(
            "The generator must take latents of shape (None, latent_dim): "
            "begin it with a Reshape layer if it needs another one. "
            f"Received: generator.input_shape={shape}"
        )
    return shape[1]


def _called(name, network, shape):
    """The shape of the one output; weights of `network` are made by this."""
    if networks.is_graph(network) and networks.input_shape(network):
        made = networks.output_shape(network)
    else:
        try:
            made = networks.build(network, shape)
        except Exception as error:
            raise ValueError(
                f"The {name} could not be called on a symbolic input of shape "
                f"{shape}. Received: {type(error).__name__}: "
                f"{' '.join(str(error).split())[:200]}"
            ) from error
    _check_single(name, "output", made)
    return tuple(made)


def _check_single(name, end, shape):
    if not isinstance(shape, (list, tuple)) or not all(
        isinstance(size, (int, type(None))) for size in shape
    ):
        labels = "; labels are not supported" if end == "input" else ""
        raise ValueError(
            f"The {name} must have one {end}, a single tensor{labels}. "
            f"Received: {name}.{end}_shape={shape}"
        )


def _compatible(one, other):
    return len(one) == len(other) and all(
        None in sizes or sizes[0] == sizes[1] for sizes in zip(one, other)
    )


def _check_logits(shape):
    if len(shape) == 0 or (len(shape) > 1 and shape[-1] != 1):
        raise ValueError(
            "The discriminator must return one logit an image, of shape "
            "(None, 1), or one a patch, (None, height, width, 1). If it "
            "returns several logits side by side, average them, or end it with "
            "Reshape((-1, 1)) so that each counts as a patch. "
            f"Received: discriminator.output_shape={shape}"
        )


def _check_apart(generator, discriminator):
    own = {id(v) for v in generator.trainable_variables}
    shared = [v.path for v in discriminator.trainable_variables if id(v) in own]
    if shared:
        raise ValueError(
            "The two networks must not share weights that are trained, which "
            "each update would move for the other network: use a copy, or "
            f"freeze the shared layers. Received: shared={shared}"
        )


def check_augmentation(image_shape):
    """Refuse an augmentation of what is no image.

    Raises:
        ValueError: the shape is none of images.
    """
    if len(image_shape) != 4:
        raise ValueError(
            "An augmentation needs images [N, H, W, C]. Received: "
            f"discriminator.input_shape={image_shape}"
        )
