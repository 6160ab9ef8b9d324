"""Recipes and measurements in words and tables of Markdown."""

import re

from kerasgan.data.image_size import size_in_words
from kerasgan.gans.losses_table import LOSSES
from kerasgan.gans.penalties.table import PENALTIES
from kerasgan.recipes.section import Section
from kerasgan.zoo.metric_names import label

# Settings that are not mentioned where they are not used.
_SILENT = (
    *(name for row in LOSSES.values() for name in row.arguments),
    "best",
    "count",
    "decay",
    "every",
    "penalties",
    "relative",
    "augmentation",
    "warmup_steps",
)


def duration(seconds):
    """Seconds in words, such as `"1 h 05 min"`."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def preparation(data):
    """Says what is done with the images, by the section of a recipe."""
    height, width, _ = data.image_shape
    cut = f"the largest centred {'square' if height == width else 'part'}"
    if data.crop:
        cut = f"the middle {data.crop}x{data.crop} pixels"
    size = size_in_words(data.image_size)
    flip = "flipped at random" if data.flip else "not flipped"
    words = f"{cut}, resized ({data.resize}) to {size}, {flip}"
    if data.background != "white":
        words += f", transparent parts {data.background}"
    return words


def parent_in_words(parent):
    """Says what was fine-tuned, by its `Parent`, in a line."""
    return (
        f"{parent.name} ({parent.steps:,} steps, generator "
        f"{parent.weights[:16]})"
    )


def licence(recipe, record):
    """Returns the licence of weights, and that of what they were tuned from.

    Args:
        recipe: the `Recipe` of the weights.
        record: their `TrainingRecord`, or None.
    """
    words = recipe.licence.rstrip(".")
    parent = record and record.began_from
    if parent and parent.licence not in ("not stated", recipe.licence):
        words += (
            f". Trained from the weights of {parent.name}, whose licence holds "
            f"for these, too: {parent.licence.rstrip('.')}"
        )
    return words


def training_images(data):
    """Says which images a training saw, by its record, in a line."""
    mark = data.fingerprint and f"fingerprint {data.fingerprint}"
    return ", ".join(filter(None, (data.source, data.split, mark)))


def protocol_texts(protocol):
    """Returns a protocol with a text instead of what is not one value."""
    real = protocol.get("samples_are")
    if real is None:
        return protocol
    words = "every second image, compared with the others"
    if "split" in real:
        words = f"images of split {real['split']}"
    return {**protocol, "samples_are": words}


def headline_protocol(metrics):
    """Says by which protocol the headline numbers were measured, in a line.

    Args:
        metrics: the `Metrics`.
    """
    parts = []
    for name, item in metrics.headline().items():
        protocol = item.protocol
        images = f"{protocol.get('images', 0):,}"
        if "split" in protocol:
            kind = protocol["split"]
            images += " training" if kind == "train" else f" {kind}"
        if name == "reconstruction_error":
            steps = protocol.get("steps", "?")
            parts.append(
                f"{label(name)}: mean squared error on {images} images, pixels "
                f"on [0, 1], {steps} steps"
            )
        else:
            parts.append(
                f"others: {protocol.get('samples', 0):,} samples against "
                f"{images} images"
            )
            break
    for item in metrics.floor().values():
        real = item.protocol.get("samples_are")
        if real:
            which = f"split {real['split']}" if "split" in real else "these"
            against = "them" if "split" in real else "the others"
            parts.append(
                f"real images: {item.protocol['samples']:,} of {which} instead "
                f"of samples, against {against}"
            )
            break
    return "; ".join(parts)


def three_digits(value):
    """Formats a number with three digits, such as `"0.0130"`."""
    return f"{value:#.3g}".removesuffix(".")


def in_words(values):
    """Formats `{"std": 0.1, "images": 8}` as `std 0.1, images 8`."""
    return ", ".join(
        f"{key.replace('_', ' ')} {_short(value)}"
        for key, value in values.items()
    )


def as_call(settings):
    """Formats named settings in one line, such as `sgd(learning_rate=0.1)`.

    Args:
        settings: a section of a recipe that has a `name`, or its dictionary.
    """
    if not isinstance(settings, dict):
        settings = settings.model_dump(mode="json")
    arguments = ", ".join(
        f"{key}={_argument(value)}"
        for key, value in settings.items()
        if key != "name" and (value or key not in _SILENT)
    )
    return f"{settings['name']}({arguments})"


def _short(value):
    text = value_in_words(value)
    # The whole digest of a file is in metrics.json.
    return text[:16] if re.fullmatch("[0-9a-f]{64}", text) else text


def _argument(value):
    if isinstance(value, dict):
        return as_call(value)
    text = value_in_words(value)
    return f"[{text}]" if isinstance(value, list) else text


def training_settings(training):
    """Returns the text of every training setting of a recipe, by name.

    What it leaves to the loss is written out.
    """
    settings = {
        key: getattr(training, key)
        for key in training.model_dump(exclude_none=True)
        if getattr(training, key) or key not in _SILENT
    }
    loss = LOSSES[training.loss]
    for name, argument in loss.arguments.items():
        if getattr(training, name) is None:
            settings[name] = argument.default
    texts = {key: _setting(value) for key, value in settings.items()}
    if loss.penalty is None:
        return texts
    row = PENALTIES[loss.penalty]
    defaults = {name: a.default for name, a in row.arguments.items()}
    own = f"{as_call({'name': loss.penalty, **defaults})}, the loss's own"
    if training.penalties is None:
        texts["penalties"] = own
    elif not training.penalties:
        texts["penalties"] = "none"
    elif all(PENALTIES[p.name].of_generator for p in training.penalties):
        texts["penalties"] += f", {own}"
    return texts


def _setting(value):
    """Formats a setting, a section that has a name, or a list of them."""
    if isinstance(value, list):
        return ", ".join(_setting(item) for item in value)
    return (
        as_call(value) if isinstance(value, Section) else value_in_words(value)
    )


def value_in_words(value, between=", "):
    """Formats a number with four digits, a list with `between` its items.

    Of a dictionary the keys, too.
    """
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return between.join(value_in_words(item) for item in value)
    if isinstance(value, dict):
        return in_words(value)
    return str(value)


def table(header, rows):
    """Formats a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |"
        for line in lines
    )
