from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from kerasgan.data.hold_out_share import check_share
from kerasgan.recipes.section import Positive, Section
from kerasgan.utils import rgb

RESIZE_METHODS = ("area", "lanczos", "bilinear")


def _share(value):
    try:
        return None if value is None else check_share(value)
    except ValueError as error:
        # What was received is added for every key.
        raise ValueError(str(error).partition(". Received")[0]) from None


class Data(Section):
    """Where the pictures come from and how they are cut.

    `image_size` and `crop` are in pixels: the middle `crop` x `crop` pixels
    (the largest centred square without `crop`) are resized to
    `image_size` x `image_size`. `hold_out` is the share of the split's images
    that the training does not see, such as 0.05 or 5%. The other keys but the last three are those of
    `kerasgan.data.load`.
    """

    source: str
    split: str = "train"
    hold_out: Annotated[float | None, BeforeValidator(_share)] = None
    image_size: Annotated[int, Field(ge=8, multiple_of=2)]
    crop: Positive | None = None
    resize: Literal[RESIZE_METHODS] = "area"
    background: Annotated[str, BeforeValidator(rgb.to_text)] = "white"
    flip: bool = True
    licence: str = "not stated"
    citation: str = "not stated"
    homepage: str | None = None
