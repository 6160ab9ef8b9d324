"""Directions of the latent space that change much, found without training."""

import keras
import numpy as np

from kerasgan import layers
from kerasgan.sampling import normal_latents
from kerasgan.sampling.class_labels import labels as draw_labels
from kerasgan.sampling.direction_methods import check_method
from kerasgan.sampling.inference import compile_inference
from kerasgan.sampling.normal_latents import check_integer
from kerasgan.sampling.sampler import latent_size, sample
from kerasgan.utils import networks
from kerasgan.utils.classes import is_conditional, label_limit
from kerasgan.utils.typing import Any, Sequence

# Latents whose activations are analysed. Of 4,096 the first four directions of
# dcgan-wn-celeba have cosines of 0.86 to 0.997 with these, in twice the time.
_SAMPLES = 2048

# Affine maps of one input in inference, and what adds a class to latents.
_AFFINE = (
    keras.layers.BatchNormalization,
    keras.layers.Concatenate,
    keras.layers.Dense,
    keras.layers.Dropout,
    keras.layers.Flatten,
    keras.layers.GaussianNoise,
    keras.layers.Identity,
    keras.layers.Permute,
    keras.layers.Rescaling,
    keras.layers.Reshape,
    layers.Affine,
    layers.WeightNormalizedDense,
)


def directions(
    generator: keras.Model, method: str = "sefa", count: int = 8
) -> np.ndarray:
    """Computes the latent directions that change a generator's images most.

    `"sefa"`: with the first layer `y = A z + b`, the kernel as inference has it
    (weight or spectral normalization applied, a batch normalization folded in),
    the eigenvectors of `A^T A` by falling eigenvalue: `|A n|` is the largest for
    unit vectors n at right angles to those before. They are orthonormal.

    `"pca"`: the principal components of the first layer's activations (behind
    its normalization and activation; where several layers take its output, that
    output) of 2,048 latents of seed 0; and for each, by least squares, the
    direction along which its coordinate grows. They have unit length, and need
    not be at right angles. Classes are drawn uniformly, and the mean of each is
    subtracted.

    Latents are standard normal, so `z + a * direction` moves z by `a` of their
    standard deviations. Of `n` and `-n`, the one whose element of largest
    magnitude is positive is returned. Both backends give the same up to
    rounding, which matters where two directions change as much.

    Args:
        generator: a built Functional or Sequential model from latents
            `[N, latent_dim]`, or latents and labels, that begins with a dense
            layer, which may be normalized.
        method: `"sefa"` or `"pca"`.
        count: how many, from the strongest on; at most `latent_dim` and the
            units of the first layer.

    Returns:
        float32 array of shape `[count, latent_dim]`, rows of unit length.
        Classes share it.

    Raises:
        ValueError: an argument out of range, or another model.

    Example:
        >>> generator = kerasgan.zoo.load("dcgan-wn-celeba")
        >>> kerasgan.directions(generator, count=8).shape
        (8, 128)

    References:
        Shen & Zhou, Closed-Form Factorization of Latent Semantics in GANs, arXiv
        2007.06600, equation 6 (without the scaling of units in its code);
        Harkonen et al., GANSpace, arXiv 2004.02546, section 2.2 (which
        regresses latents on coordinates: the same direction for many samples,
        with more noise).
    """
    check_method(method)
    width = latent_size(generator)
    kernel, activations = _first_layer(generator, width)
    count = check_integer("count", count, 1, min(width, len(kernel)))
    if method == "sefa":
        return of_kernel(kernel, count)
    return _signed(_components(generator, activations, width, count))


def of_kernel(kernel, count):
    """Returns the directions that change `kernel @ z` most, for `"sefa"`.

    Args:
        kernel: float64 `[units, latent_dim]`.
        count: how many.

    Returns:
        float32 `[count, latent_dim]`.
    """
    return _signed(_strongest(kernel.T @ kernel, count))


def _signed(vectors):
    largest = np.abs(vectors).argmax(axis=1)
    vectors *= np.sign(vectors[np.arange(len(vectors)), largest])[:, None]
    return vectors.astype(np.float32)


def traverse(
    generator: keras.Model,
    latents: Any,
    direction: Any,
    amounts: Sequence[float],
    seed: int = 0,
    label: Any = None,
) -> np.ndarray:
    """Draws images of latents that move along a direction.

    Args:
        generator, seed, label: as of `kerasgan.sample`.
        latents: finite floats `[N, latent_dim]`.
        direction: floats `[latent_dim]`, one of `directions`, of unit length.
        amounts: how far, any numbers, in standard deviations of the latents.

    Returns:
        uint8 array of shape `[N, len(amounts), height, width, channels]`; of the
        amount 0 the images are `sample(generator, latents=latents)`, pixel by
        pixel. With `label="all"` N is that times the number of classes.

    Raises:
        ValueError: as `kerasgan.sample`.
    """
    moved = [
        np.asarray(latents, np.float64) + amount * np.asarray(direction)
        for amount in amounts
    ]
    images = [
        sample(generator, seed=seed, label=label, latents=z) for z in moved
    ]
    return np.stack(images, axis=1)


def _first_layer(generator, width):
    """Returns the first layer's kernel, and the tensor of its activations.

    Returns:
        float64 `[units, latent_dim]`, and a symbolic tensor of the generator.
    """
    received = f"Received: generator={generator.name!r}"
    try:
        if not networks.is_graph(generator):
            raise AttributeError("no graph")
        x, dense, layer = generator.inputs[0], False, None
        users = _users(generator, x)
        while len(users) == 1:
            (layer,) = users
            if not (isinstance(_inner(layer), _AFFINE) and _is_linear(layer)):
                break
            dense = dense or _is_dense(layer)
            x, layer = layer.output, None
            users = _users(generator, x)
        own = layer is not None and not dense and _is_dense(layer)
        if not (dense or own):
            raise AttributeError("no dense layer")
        activations = x
        while len(users) == 1:
            (layer,) = users
            activations = layer.output
            # Those of classes come before an activation.
            if not isinstance(layer, layers.ConditionalBatchNormalization):
                break
            users = _users(generator, activations)
    except AttributeError as error:
        raise ValueError(
            "Directions need a Functional or Sequential generator that "
            f"begins with a dense layer. {received}"
        ) from error
    zero_and_units = np.concatenate([np.zeros((1, width)), np.eye(width)])
    classes = None
    if is_conditional(generator):
        classes = np.zeros(width + 1, np.int32)
    outputs = _values(generator, x, zero_and_units, classes)
    kernel = (outputs[1:] - outputs[0]).T
    if own:
        # Its own activation follows, so that its output is not affine.
        kernel = _kernel(layer).T @ kernel
    return kernel, activations


def _users(generator, tensor):
    """Returns the layers that take a tensor."""
    users = []
    for layer in generator.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if any(x is tensor for x in keras.tree.flatten(layer.input)):
            users.append(layer)
    return users


def _inner(layer):
    return getattr(layer, "layer", layer)


def _is_linear(layer):
    activation = getattr(_inner(layer), "activation", None)
    return activation in (None, keras.activations.linear)


def _is_dense(layer):
    kinds = (keras.layers.Dense, layers.WeightNormalizedDense)
    return isinstance(_inner(layer), kinds)


def _kernel(layer):
    is_raw = isinstance(layer, layers.Reparametrization)
    kernel = layer.effective_kernel() if is_raw else layer.kernel
    return np.asarray(keras.ops.convert_to_numpy(kernel), np.float64)


def _values(generator, tensor, latents, classes=None):
    """Computes a tensor of the generator: float64 `[N, D]`."""
    if tensor is generator.inputs[0]:
        return np.asarray(latents, np.float64)
    inputs = generator.inputs
    model = keras.Model(inputs if len(inputs) > 1 else inputs[0], tensor)
    rows = [np.asarray(latents, np.float32)]
    if classes is None:
        outputs = compile_inference(model, _forward)(*rows)
    else:
        outputs = compile_inference(model, _forward_classes)(*rows, classes)
    return outputs.reshape(len(outputs), -1).astype(np.float64)


def _forward(forward, latents):
    return keras.ops.cast(forward(latents), "float32")


def _forward_classes(forward, latents, classes):
    return keras.ops.cast(forward([latents, classes]), "float32")


def _components(generator, activations, width, count):
    z = normal_latents.latents(_SAMPLES, width).astype(np.float64)
    classes = None
    if is_conditional(generator):
        number = label_limit(generator) or 1
        classes = draw_labels(_SAMPLES, number)
    y = _values(generator, activations, z, classes)
    if classes is None:
        classes = np.zeros(_SAMPLES, int)
    for label in np.unique(classes):
        y[classes == label] -= y[classes == label].mean(axis=0)
    if y.shape[1] <= len(y):
        coordinates = y @ _strongest(y.T @ y, count).T
    else:
        # The same up to their lengths, from the smaller matrix.
        coordinates = _strongest(y @ y.T, count).T
    z -= z.mean(axis=0)
    regressed = np.linalg.lstsq(z, coordinates, rcond=None)[0].T
    return regressed / np.linalg.norm(regressed, axis=1, keepdims=True)


def _strongest(matrix, count):
    """Returns the eigenvectors of the largest eigenvalues, as rows."""
    from scipy.linalg import eigh

    size = len(matrix)
    _, vectors = eigh(matrix, subset_by_index=(size - count, size - 1))
    return np.ascontiguousarray(vectors[:, ::-1].T)
