"""What the docstrings of public names must say.

Each argument is in Args and what is returned in Returns. Arrays have a shape,
images and latents a range, too, and numbers a range or a unit.
"""

import inspect
import re

from docstrings import Docstring

from kerasgan.gans import GAN

# Of a class; neither a riddle nor a formula.
BEGINNING = re.compile(
    r"(?!(Each|What|Whether|Where|How|Which|Of|Those|As|See)\b)[A-Z]"
)
# A text that refers to another one ("as of `sample`") has said enough.
ELSEWHERE = re.compile(r"\b([Aa]s (of|for|in|by)|see|those of) `")
# Arguments that are arrays although they are annotated as Any, as tensors are.
ARRAYS = re.compile(
    r"images|latents|labels|direction|features|samples|references|scores|real"
    r"|fake|\w+_logits"
)
ARRAY = re.compile(r"\b(arrays?|tensors?|batches)\b")
SHAPE = re.compile(
    # Brackets with a letter, such as [N, H, W, C]; not [-1, 1].
    r"\[[^\]]*[A-Za-z][^\]]*\]|`\[\d\]`"
    r"|\b(scalars?|(any|that|the same|common) shape|of one shape)\b"
)
# The latter of generators.
IMAGES = re.compile(
    r"(channels|W, C|width, \d[^\]]*)\]|(->|\bto) (float32 )?images"
)
IMAGE_VALUES = re.compile(r"\[-1, 1\]|uint8")
# Numbers that are annotated as Any, or not at all.
NUMBERS = re.compile(r"start|filters|kernel_size")
LATENTS = re.compile(r"\[[^\]]*(latent_dim|\bz)\]")
LATENT_VALUES = re.compile(r"normal|[Ff]inite|unit length")
NUMBER_VALUES = re.compile(
    r"at (least|most) |positive|(above|below|between) -?\d|\b-?\d+ to \S*\d"
    r"|\bin \[|\d+ bits|\bany (number|integer)|\bseconds|in pixels"
)


def problems(text, kind, name=""):
    """Yields what the text of an argument, or of what is returned, lacks.

    Args:
        text: the text.
        kind: the annotation, as text.
        name: of the argument; none for what is returned.
    """
    if ELSEWHERE.search(text):
        return
    unknown = kind in ("", "Any")
    named = ARRAYS.fullmatch(name) if name else ARRAY.search(text)
    array = "ndarray" in kind or (unknown and named)
    number = "Callable" not in kind and re.search(r"\b(int|float)\b", kind)
    if unknown and not number:
        default = re.search(r"[Dd]efaults to `?-?\d", text)
        number = default or NUMBERS.fullmatch(name)
    if array and not SHAPE.search(text):
        yield "has no shape"
    if IMAGES.search(text) and not IMAGE_VALUES.search(text):
        yield "has no range of images, such as [-1, 1]"
    models = re.search(r"[Mm]odel|->", text)
    if LATENTS.search(text) and not (models or LATENT_VALUES.search(text)):
        yield "does not say that latents are normal, or finite"
    if name and number and not array and not NUMBER_VALUES.search(text):
        yield "has no range or unit"


def lacks(docstring):
    """Returns what a `Docstring` lacks, a line each."""
    if not docstring.text.strip():
        return ["no docstring"]
    found = [
        f"{name}: not in Args"
        for name in docstring.arguments
        if name not in docstring.entries
    ]
    if docstring.returns and not docstring.returned:
        found.append("no Returns")
    for name, text in docstring.entries.items():
        kind = {**docstring.attributes, **docstring.arguments}.get(name, "")
        found += [f"{name} {p}: {text}" for p in problems(text, kind, name)]
    said = docstring.returned
    kind = docstring.returns if said else "None"
    found += [f"Returns {p}: {said}" for p in problems(said, kind)]
    return found


def lacks_of_name(item):
    """Returns what the docstring of a public class or function lacks."""
    docstring = Docstring(item)
    if not inspect.isclass(item):
        return lacks(docstring)
    if issubclass(item, GAN) and item is not GAN:
        # `GAN` itself has the others.
        docstring.arguments = {"generator": "", "discriminator": ""}
    found = lacks(docstring)
    if not BEGINNING.match(docstring.text):
        found.append("does not begin with what it is")
    return found
