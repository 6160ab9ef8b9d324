"""From a generator and a seed to images."""

from typing import TYPE_CHECKING

from kerasgan.utils import lazy

# The names of methods are read where Keras is not needed: what needs it is
# imported at its first use.
__all__ = lazy.export(
    __name__,
    {
        "ALL": "kerasgan.sampling.class_labels",
        "chosen_labels": "kerasgan.sampling.class_labels",
        "compiled": "kerasgan.sampling.sampler",
        "directions": "kerasgan.sampling.latent_directions",
        "interpolate": "kerasgan.sampling.interpolation",
        "labels": "kerasgan.sampling.class_labels",
        "latent_size": "kerasgan.sampling.sampler",
        "latents": "kerasgan.sampling.normal_latents",
        "read_latents": "kerasgan.sampling.given_latents",
        "sample": "kerasgan.sampling.sampler",
        "save_latents": "kerasgan.sampling.given_latents",
        "slerp": "kerasgan.sampling.normal_latents",
        "stream": "kerasgan.sampling.sampler",
        "threefry": "kerasgan.sampling.normal_latents",
        "to_uint8": "kerasgan.sampling.sampler",
        "traverse": "kerasgan.sampling.latent_directions",
    },
)

if TYPE_CHECKING:
    from kerasgan.sampling.class_labels import (
        ALL as ALL,
        chosen_labels as chosen_labels,
        labels as labels,
    )
    from kerasgan.sampling.given_latents import (
        read_latents as read_latents,
        save_latents as save_latents,
    )
    from kerasgan.sampling.interpolation import interpolate as interpolate
    from kerasgan.sampling.latent_directions import (
        directions as directions,
        traverse as traverse,
    )
    from kerasgan.sampling.normal_latents import (
        latents as latents,
        slerp as slerp,
        threefry as threefry,
    )
    from kerasgan.sampling.sampler import (
        compiled as compiled,
        latent_size as latent_size,
        sample as sample,
        stream as stream,
        to_uint8 as to_uint8,
    )
