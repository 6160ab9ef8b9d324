from typing import Annotated, Literal

import pydantic
from pydantic import BeforeValidator, Field, StringConstraints

from kerasgan.data.hold_out_share import check_share
from kerasgan.data.image_size import check_image_size, shortest
from kerasgan.data.pixels import RESIZE_METHODS
from kerasgan.recipes.section import Positive, Section
from kerasgan.utils import rgb


def _share(value):
    try:
        return None if value is None else check_share(value)
    except ValueError as error:
        # What was received is added for every key.
        raise ValueError(str(error).partition(". Received")[0]) from None


def _image_size(value):
    try:
        shape = check_image_size(value)
    except ValueError as error:
        raise ValueError(str(error).partition(". Received")[0]) from None
    if min(shape[:2]) < 8:
        raise ValueError("expected a height and width of at least 8 pixels")
    return shortest(shape)


class Data(Section):
    """Where the images come from and how they are cut.

    `image_size` and `crop` are in pixels: the middle `crop` x `crop` pixels
    (the largest centred square without `crop`) are resized to
    `image_size` x `image_size`. Of an `image_size` that is `[height, width]` or
    `[height, width, channels]` the cut has the aspect ratio, and one channel is
    luminance. `classes` are the names of the classes of a conditional GAN, in
    the order of their labels. `hold_out` is the fraction of the split's images
    that the training does not see, such as 0.05 or 5%. The other keys but the last three are those of
    `kerasgan.data.load`.
    """

    source: str
    split: str = "train"
    hold_out: Annotated[float | None, BeforeValidator(_share)] = None
    image_size: Annotated[
        int | tuple[int, int] | tuple[int, int, int],
        BeforeValidator(_image_size),
    ]
    crop: Positive | None = None
    resize: Literal[RESIZE_METHODS] = "area"
    background: Annotated[str, BeforeValidator(rgb.to_text)] = "white"
    flip: bool = True
    licence: str = "not stated"
    citation: str = "not stated"
    homepage: str | None = None
    classes: (
        Annotated[
            list[
                Annotated[
                    str, StringConstraints(strip_whitespace=False, min_length=1)
                ]
            ],
            Field(min_length=2),
        ]
        | None
    ) = None

    @pydantic.field_validator("classes")
    @classmethod
    def _check_classes(cls, names):
        if names is not None and len(set(names)) < len(names):
            raise ValueError("expected different names of classes")
        return names

    @property
    def image_shape(self):
        """`(height, width, channels)` of the prepared images."""
        return check_image_size(self.image_size)
