"""The normalizations, activations, upsamplings and architectures."""

from kerasgan.utils.registry import Choice, Integer, Integers, Number, Row
from kerasgan.utils.typing import Any

NORMALIZATIONS = {
    name: Row(f"kerasgan.architectures.normalizations:{where}", summary)
    for name, where, summary in (
        ("none", "NONE", "No normalization"),
        ("batch", "BATCH", "Batch normalization"),
        ("layer", "LAYER", "Layer normalization: each example by itself"),
        (
            "weight",
            "WEIGHT",
            "The strict weight normalization of Xiang & Li, with TPReLU",
        ),
        (
            "weight-affine",
            "WEIGHT_AFFINE",
            "The same with scale and bias in every layer, and PReLU",
        ),
        (
            "spectral",
            "SPECTRAL",
            "Spectral normalization, with `batch` in the generator",
        ),
    )
}

ACTIVATIONS = {
    name: Row(f"kerasgan.architectures.activations:{name}", summary)
    for name, summary in (
        ("relu", "max(x, 0)"),
        (
            "leaky_relu",
            "The same with a slope of 0.2 (`spectral`: 0.1) below 0",
        ),
        ("prelu", "The same with a trained slope for each channel"),
        ("trelu", "max(x - b, 0) + b with a trained b for each channel"),
        ("tprelu", "The same with a trained slope below b"),
    )
}

UPSAMPLINGS = {
    name: Row(f"kerasgan.architectures.upsamplings:{name}", summary)
    for name, summary in (
        ("transposed", "A 4x4 transposed convolution of stride 2"),
        ("nearest", "Each pixel four times, then a 3x3 convolution"),
        ("bilinear", "A bilinear resize, then a 3x3 convolution"),
    )
}

_NORMALIZATION: dict[str, Any] = {"choices": NORMALIZATIONS, "optional": True}
_SHARED = {
    "normalization": Choice("weight", choices=NORMALIZATIONS),
    "generator_normalization": Choice(None, **_NORMALIZATION),
    "discriminator_normalization": Choice(None, **_NORMALIZATION),
    "upsampling": Choice("transposed", choices=UPSAMPLINGS),
    "dropout": Number(0.0, least=0, below=1),
    "activation": Choice(None, optional=True, choices=ACTIVATIONS),
    "logit_scale": Number(None, optional=True, above=0),
    "max_features": Integer(None, optional=True, least=1),
}


def _arguments(features, **own):
    """Returns an architecture's arguments, its own ones in front."""
    front = {"latent_dim": Integer(128, least=1), "features": features, **own}
    return {**front, **_SHARED, **own}


def _as_many(values):
    if len(values["features"]) != len(values["blocks"]):
        return (
            "blocks must have as many entries as features. Received: "
            f"blocks={values['blocks']}, features={values['features']}"
        )
    return None


ARCHITECTURES = {
    "dcgan": Row(
        "kerasgan.architectures.dcgan:dcgan",
        "A DCGAN, a convolution for each level",
        _arguments(Integer(64, least=1)),
    ),
    "resnet": Row(
        "kerasgan.architectures.resnet:resnet",
        "A ResNet, some residual blocks for each level",
        _arguments(
            Integers((64, 128, 256, 384, 512)),
            blocks=Integers((2, 2, 2, 2, 2)),
        ),
        rule=_as_many,
    ),
    "sngan": Row(
        "kerasgan.architectures.sngan:sngan",
        "The networks of Miyato et al., the `cnn` or the `resnet`",
        _arguments(
            Integer(None, optional=True, least=1),
            network=Choice("resnet", choices=("cnn", "resnet")),
            normalization=Choice("spectral", choices=NORMALIZATIONS),
            upsampling=Choice(None, optional=True, choices=UPSAMPLINGS),
        ),
    ),
}
