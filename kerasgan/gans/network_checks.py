"""The checks that a generator and a discriminator fit together."""

import keras

from kerasgan.utils import networks
from kerasgan.utils.classes import classes_of, is_conditional, short_list


def check_networks(generator, discriminator, augmentation=None):
    """Reject networks that a GAN cannot train, and build what is not built.

    Args:
        generator: a built `keras.Model`.
        discriminator: a `keras.Model`; one without weights yet gets them. Both
            take labels `[N]` as a second input, or neither.
        augmentation: what the discriminator's images pass, or None.

    Returns:
        `(latent_dim, image_shape)`: the length of the latents, and the shape
        `(None, ...)` of an image, None if neither network fixes a size.

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
    conditional = is_conditional(generator)
    latent_dim = _latent_dim(generator)
    made = _called("generator", generator, (None, latent_dim), conditional)
    taken = networks.input_shape(discriminator)
    if taken is None:
        taken = made
    else:
        of_labels = is_conditional(discriminator)
        taken = taken[0] if of_labels else taken
        _check_single("discriminator", "input", taken)
        _check_same_labels(generator, discriminator)
        _check_labels_dtype("discriminator", discriminator, of_labels)
    if not _compatible(made[1:], taken[1:]):
        raise ValueError(
            "The discriminator must take what the generator makes. "
            f"Received: generator.output_shape={made}, "
            f"discriminator.input_shape={taken}"
        )
    image_shape = tuple(
        made_size if size is None else size
        for made_size, size in zip(made, taken)
    )
    _check_logits(
        _called("discriminator", discriminator, image_shape, conditional)
    )
    _check_apart(generator, discriminator)
    if augmentation is not None and len(image_shape) != 4:
        raise ValueError(
            "An augmentation needs images [N, H, W, C]. Received: "
            f"discriminator.input_shape={image_shape}"
        )
    return latent_dim, image_shape


def _latent_dim(generator):
    shape = networks.input_shape(generator)
    if shape is None:
        raise ValueError(
            "The generator must be built, so that the size of its latents is "
            "known: call it once, as in generator(np.zeros((1, latent_dim))). "
            f"Received: generator={generator!r}"
        )
    received = shape
    if is_conditional(generator):
        shape = shape[0]
    _check_single("generator", "input", shape)
    _check_labels_dtype("generator", generator, shape is not received)
    if len(shape) != 2 or shape[1] is None:
        raise ValueError(
            "The generator must take latents of shape (None, latent_dim): "
            "begin it with a Reshape layer if it needs another shape. "
            f"Received: generator.input_shape={received}"
        )
    return shape[1]


def _check_same_labels(generator, discriminator):
    of_both = is_conditional(generator), is_conditional(discriminator)
    if of_both[0] != of_both[1]:
        raise ValueError(
            "Both networks must take labels [N] as a second input, or neither: "
            "give num_classes to both. Received: generator.input_shape="
            f"{networks.input_shape(generator)}, discriminator.input_shape="
            f"{networks.input_shape(discriminator)}"
        )
    classes = classes_of(generator), classes_of(discriminator)
    if (
        of_both[0]
        and None not in classes
        and classes[0].count != classes[1].count
    ):
        raise ValueError(
            "Both networks must have the same classes. Received: "
            f"{classes[0].count} classes of the generator, {classes[1].count} of "
            "the discriminator"
        )
    if (
        of_both[0]
        and None not in classes
        and classes[0].named
        and classes[1].named
        and classes[0] != classes[1]
    ):
        raise ValueError(
            "Both networks must have the same classes in the same order. "
            f"Received: {short_list(classes[0].names)} of the generator, "
            f"{short_list(classes[1].names)} of the discriminator"
        )


def _called(name, network, shape, conditional):
    """Returns the shape of the one output; this builds the weights."""
    if networks.is_graph(network) and networks.input_shape(network):
        made = networks.output_shape(network)
    else:
        try:
            made = networks.build(
                network, [shape, (None,)] if conditional else shape
            )
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
        first = "latents" if name == "generator" else "images"
        labels = (
            f", or the list [{first}, labels] with labels of shape (None,): "
            f'keras.Input((), dtype="int32")'
        )
        raise ValueError(
            f"The {name} must have one {end}, a single tensor"
            f"{labels if end == 'input' else ''}. "
            f"Received: {name}.{end}_shape={shape}"
        )


def _check_labels_dtype(name, network, conditional):
    # Floats of half precision would round labels from 257 on.
    if not conditional or not networks.is_graph(network):
        return
    dtype = network.inputs[1].dtype
    if "int" not in dtype:
        raise ValueError(
            f"The labels of the {name} must be integers: keras.Input((), "
            f'dtype="int32"). Received: {name}.inputs[1].dtype={dtype}'
        )


def _compatible(made, taken):
    return len(made) == len(taken) and all(
        None in sizes or sizes[0] == sizes[1] for sizes in zip(made, taken)
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
            "The two networks must not share trainable weights, since each "
            "update of one would change the other: use a copy, or "
            f"freeze the shared layers. Received: shared={shared}"
        )
