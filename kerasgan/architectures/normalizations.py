"""The layers of each normalization of the table."""

import dataclasses
import functools
from collections.abc import Callable

import keras

from kerasgan import layers
from kerasgan.architectures.tables import ACTIVATIONS, NORMALIZATIONS

# Images are channels-last, whatever keras.json sets.
_Convolution = functools.partial(
    keras.layers.Conv2D, data_format="channels_last"
)
_Transposed = functools.partial(
    keras.layers.Conv2DTranspose, data_format="channels_last"
)


def _add(name):
    return keras.layers.Add(name=name)


@dataclasses.dataclass(frozen=True)
class Normalization:
    """How the layers of a network are made under one normalization.

    `dense`, `convolution` and `transposed` take the arguments of the Keras
    layers of those names, and two flags: `affine` for a layer that needs a
    scale and offset, such as the last layer of a network, and
    `bare` for one that no `normalize` layer follows although others have one.
    With `has_gain` the scale of an affine layer is a separate weight, of
    which `gain` is the first value.
    """

    dense: Callable
    convolution: Callable
    transposed: Callable
    # A dense layer without a bias, for what a class adds to the logits.
    projection: Callable
    # Makes the layer between a convolution and its activation, or is None.
    normalize: Callable | None
    # Names in `ACTIVATIONS`.
    generator_activation: str
    discriminator_activation: str
    leaky_slope: float = 0.2
    # The image is tanh(image_scale * x). The weight-normalized networks
    # end in 2 sigmoid(x) - 1 = tanh(x / 2), which is the paper's sigmoid on
    # [0, 1] in the range [-1, 1].
    image_scale: float = 1.0
    # Whether the first layer's output of a discriminator is normalized too.
    normalize_first: bool = False
    has_gain: bool = False
    # Makes `normalize` of a conditional generator, from the name and the number
    # of classes. Without it the class joins the latents.
    normalize_classes: Callable | None = None
    # The generator's normalization if only one is given and this one is
    # meant for discriminators.
    of_generator: str | None = None
    # Its replacement in residual networks, or None.
    residual: "Normalization | None" = None
    # In residual networks: makes the layer that adds residue and shortcut, and
    # the layer behind the sum that becomes the image (or is None).
    join: Callable = _add
    finish: Callable | None = None
    # In residual networks: whether the generator's first layer is affine, and
    # its activation, if that is another one.
    affine_stem: bool = False
    stem_activation: str | None = None

    def activation(self, name):
        """Returns the maker of the activation layer of that name."""
        make = ACTIVATIONS[name].load()
        return lambda layer_name: make(layer_name, self)

    def of_classes(self, class_weights):
        """Returns the same with a scale and an offset for each class."""

        def normalize(name):
            layer = self.normalize_classes(name, class_weights.shape[-1])
            return lambda x: layer([x, class_weights])

        return dataclasses.replace(self, normalize=normalize)


def _plain(layer, initializer, bias):
    """Returns a maker of Keras layers; `bias`: whether inner layers have one."""

    def make(*args, affine=False, bare=False, **kwargs):
        return layer(
            *args,
            kernel_initializer=initializer(),
            use_bias=bias or affine or bare,
            **kwargs,
        )

    return make


def _plain_layers(initializer, bias):
    return {
        "dense": _plain(keras.layers.Dense, initializer, bias),
        "convolution": _plain(_Convolution, initializer, bias),
        "transposed": _plain(_Transposed, initializer, bias),
        "projection": _plain(keras.layers.Dense, initializer, bias=False),
    }


def _weight_normalized(layer, always, **options):
    """Returns a maker of weight-normalized layers, all affine if `always`."""

    def make(*args, affine=False, bare=False, gain=None, **kwargs):
        affine = affine or always
        if gain is not None:
            kwargs["gamma_initializer"] = keras.initializers.Constant(gain)
        affine = {"scale": affine, "use_bias": affine, **options}
        return layer(*args, **affine, **kwargs)

    return make


def _weight_normalized_networks(affine):
    return {
        # The direction of a small weight changes quickly: the generator's first
        # layer starts at a hundredth (Xiang & Li).
        "dense": _weight_normalized(
            layers.WeightNormalizedDense, affine, init_factor=0.01
        ),
        "convolution": _weight_normalized(
            layers.WeightNormalizedConv2D, affine
        ),
        "transposed": _weight_normalized(
            layers.WeightNormalizedConv2DTranspose, affine
        ),
        # Logits need a scale in strict networks, too.
        "projection": _weight_normalized(
            layers.WeightNormalizedDense, True, use_bias=False
        ),
        "normalize": None,
        "has_gain": True,
        "image_scale": 0.5,
        # At the start a block is its shortcut.
        "join": lambda name: layers.WeightNormalizedAdd((0, 1), name=name),
        "finish": lambda name: layers.Affine(name=name),
        "affine_stem": True,
        "stem_activation": "prelu",
    }


def _under_strategy():
    """Returns whether tf.distribute's replicas must share statistics."""
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return tf.distribute.has_strategy()


def _batch_normalization(name):
    return keras.layers.BatchNormalization(
        momentum=0.9,
        epsilon=1e-5,
        synchronized=_under_strategy(),
        name=name,
    )


def _conditional_batch_normalization(name, num_classes):
    return layers.ConditionalBatchNormalization(
        num_classes, synchronized=_under_strategy(), name=name
    )


@keras.saving.register_keras_serializable(package="kerasgan")
class _Orthogonal(keras.initializers.Orthogonal):
    """Orthogonal in half precision, too, which has no decomposition."""

    def __call__(self, shape, dtype=None):
        return keras.ops.cast(super().__call__(shape, "float32"), dtype)


def _spectral(layer):
    """Returns a maker of Keras layers whose kernels have the spectral norm 1."""

    def make(*args, affine=False, bare=False, name=None, **kwargs):
        return layers.SpectralNormalization(
            layer(
                *args,
                kernel_initializer=_Orthogonal(),
                name=name,
                **kwargs,
            ),
            name=name,
        )

    return make


NONE = Normalization(
    **_plain_layers(keras.initializers.GlorotUniform, bias=True),
    normalize=None,
    generator_activation="relu",
    discriminator_activation="leaky_relu",
)

BATCH = Normalization(
    **_plain_layers(
        lambda: keras.initializers.RandomNormal(stddev=0.02), bias=False
    ),
    normalize=_batch_normalization,
    normalize_classes=_conditional_batch_normalization,
    generator_activation="relu",
    discriminator_activation="leaky_relu",
)
BATCH = dataclasses.replace(
    BATCH,
    # Shortcuts are not normalized: DCGAN's small weights would silence what
    # passes through five of them.
    residual=dataclasses.replace(
        BATCH, **_plain_layers(keras.initializers.GlorotUniform, bias=False)
    ),
)

LAYER = Normalization(
    **_plain_layers(keras.initializers.GlorotUniform, bias=False),
    normalize=lambda name: layers.LayerNormalization(name=name),
    normalize_first=True,
    generator_activation="relu",
    discriminator_activation="leaky_relu",
)

WEIGHT = Normalization(
    **_weight_normalized_networks(affine=False),
    generator_activation="tprelu",
    discriminator_activation="tprelu",
)

WEIGHT_AFFINE = Normalization(
    **_weight_normalized_networks(affine=True),
    generator_activation="prelu",
    discriminator_activation="prelu",
)

SPECTRAL = Normalization(
    dense=_spectral(keras.layers.Dense),
    convolution=_spectral(_Convolution),
    transposed=_spectral(_Transposed),
    projection=functools.partial(_spectral(keras.layers.Dense), use_bias=False),
    normalize=None,
    generator_activation="relu",
    discriminator_activation="leaky_relu",
    # As in the networks of Miyato et al., arXiv 1802.05957.
    leaky_slope=0.1,
    of_generator="batch",
)


def check_logit_scale(logit_scale, norm):
    """Raise a ValueError unless logits of this `Normalization` can have it."""
    if logit_scale is not None and not norm.has_gain:
        raise ValueError(
            "Argument `logit_scale` must be None for a discriminator without "
            "weight normalization, whose last layer has no such weight. "
            f"Received: logit_scale={logit_scale}"
        )


def pair(normalization, generator=None, discriminator=None):
    """Returns the `Normalization` of a generator and of a discriminator.

    Args:
        normalization: name of what both get, except where a normalization of
            discriminators has another one for the generator.
        generator: name of the generator's, or None.
        discriminator: name of the discriminator's, or None.
    """
    if generator is None:
        generator = (
            NORMALIZATIONS[normalization].load().of_generator or normalization
        )
    names = generator, discriminator or normalization
    return tuple(NORMALIZATIONS[name].load() for name in names)
