"""The model card of an entry, made from its recipe and its measurements."""

import yaml

from kerasgan.utils.files import atomic_write
from kerasgan.utils.typing import Any, PathLike
from kerasgan.zoo.catalogue import CARD, HISTORY, METRICS, find, names
from kerasgan.zoo.formatting import (
    duration,
    in_words,
    parent_in_words,
    preparation,
    table,
    three_digits,
    training_images,
    training_settings,
    value_in_words,
)
from kerasgan.zoo.records import Metrics

_CARD = """\
---
{front_matter}---

# {name}

{summary}.

{image}

## Use

{use}

Intended use: {intended_use}

## Limits

{limits}

## Evaluation

{evaluation}

## Training

{training}

## Licence

Weights: {licence}.

Training data: {data_licence}.

<details>
<summary>Network, data, training settings and all measurements</summary>

### Network

{network}

### Data

{data}

### Training settings

{settings}

### Measurements

{measurements}

</details>
"""

_USE = """\
```python
import kerasgan

generator = kerasgan.zoo.load("{name}")  # {inputs} -> images in [-1, 1]
images = kerasgan.sample(generator, 16, seed=0)  # uint8 [16, {height}, {width}, {channels}]
```

```sh
kerasgan sample {name} --output samples.png{label}
```"""

_UNTRAINED_USE = """\
This entry has a recipe and no weights yet. To train it:

```sh
kerasgan train {name} --data {source} --output runs/{name}
```"""


def card(name: PathLike) -> str:
    """Returns the model card of an entry or a run directory, in Markdown.

    Raises:
        ValueError: there is no such entry, or it has no card.
    """
    entry = find(name)
    try:
        return (entry.folder / CARD).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"{entry.name} has no card ({CARD})") from None


def read_metrics(name: Any) -> Metrics | None:
    """Returns the `Metrics` of an entry or a run directory, or None."""
    try:
        return Metrics.load(find(name).folder / METRICS)
    except FileNotFoundError:
        return None


def write_card(name: PathLike) -> None:
    """Writes the card of an entry or a run directory from its other files."""
    entry = find(name)
    history = (entry.folder / HISTORY).exists()
    text = render_card(entry.recipe(), read_metrics(entry), history)
    with atomic_write(entry.folder / CARD, "w", encoding="utf-8") as file:
        file.write(text)


def render_card(
    recipe: Any, metrics: Metrics | None = None, history: bool = False
) -> str:
    """Returns the model card; what fits no screen is folded.

    Args:
        recipe: the entry's `Recipe`.
        metrics: the entry's `Metrics`, or None for an entry without weights.
        history: whether the weights are not those of one training by the
            recipe, and `HISTORY.md` next to them describes how they were made.

    Returns:
        Markdown with the front matter of Hugging Face model cards. The image
        is `samples.png` in the same folder.
    """
    height, width, channels = recipe.architecture.image_shape
    facts = {
        "name": recipe.name,
        "source": recipe.data.source,
        "height": height,
        "width": width,
        "channels": channels,
        "inputs": f"latents [N, {recipe.architecture.latent_dim}]",
        "label": "",
    }
    if recipe.data.classes:
        facts["inputs"] += ", labels [N]"
        facts["label"] = " --label all  # a row a class"
    image = "No samples yet."
    if metrics:
        image = (
            f"![Generated samples](samples.png)\n\n"
            f"Made with `kerasgan sample {recipe.name} --seed 0`, not selected."
        )
    record = metrics and metrics.training
    words = licence(recipe, record)
    return _CARD.format(
        front_matter=_front_matter(recipe, metrics, words),
        name=recipe.name,
        summary=recipe.summary.rstrip("."),
        image=image,
        use=(_USE if metrics else _UNTRAINED_USE).format(**facts),
        intended_use=recipe.intended_use,
        limits="\n".join(f"- {limit}" for limit in recipe.limits),
        evaluation=_evaluation(metrics),
        training=_training(recipe, record, history),
        licence=words,
        data_licence=recipe.data.licence.rstrip("."),
        network=_settings(recipe.architecture),
        data=_data(recipe.data),
        settings=_training_settings(recipe, record),
        measurements=_measurements(metrics),
    )


def _front_matter(recipe, metrics, licence):
    # Hugging Face has no pipeline tag for images of a class, only free tags.
    pipeline = {"pipeline_tag": "unconditional-image-generation"}
    tags = []
    if recipe.data.classes:
        pipeline, tags = {}, ["conditional-image-generation"]
    content = {
        "license": "other",
        "license_name": licence,
        "library_name": "keras",
        **pipeline,
        "tags": [
            *("gan", "kerasgan", recipe.architecture.kind),
            f"{recipe.architecture.normalization}-normalization",
            *tags,
        ],
        "datasets": [recipe.data.source.removeprefix("tfds:")],
    }
    if metrics:
        content["metrics"] = [item.name for item in metrics.headline().values()]
    return yaml.safe_dump(
        content, sort_keys=False, allow_unicode=True, width=1000
    )


def _evaluation(metrics):
    if not metrics:
        return "None: this entry has no weights yet."
    headline = metrics.headline()
    if not headline:
        return "Only the measurements below."
    values = [three_digits(item.value) for item in headline.values()]
    protocol = metrics.headline_protocol()
    return f"{table([*headline], [values])}\n\n{protocol[0].upper()}{protocol[1:]}."


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


def _training(recipe, record, history):
    training = recipe.training
    loss = training.loss.replace("_", "-")
    if record is None:
        return (
            f"Not trained yet. The recipe has {training.steps:,} steps of "
            f"{training.batch_size} images with the {loss} loss."
        )
    text = (
        f"{record.steps:,} steps of {record.batch_size} images out of "
        f"{record.images:,} ({record.data.source}), in "
        f"{duration(record.wall_time_s)} on {record.device}"
    )
    if history:
        return (
            f"These weights were made by an earlier procedure, whose last "
            f"training took {text}: see [{HISTORY}]({HISTORY}). The settings "
            "below are those of `recipe.yaml`, not of that procedure."
        )
    parts = [f"{text}, with the {loss} loss."]
    if record.began_from is not None:
        parts[0] += (
            f" It was fine-tuned from the weights of "
            f"{parent_in_words(record.began_from)}, with fresh optimizers."
        )
    command = record.command
    if command is None and recipe.name in names():
        command = f"kerasgan train {recipe.name} --data {record.data.source}"
    if command is not None:
        parts.append(f"```sh\n{command}\n```")
    return "\n\n".join(parts)


def _training_settings(recipe, record):
    settings = [
        (key.replace("_", " "), text)
        for key, text in training_settings(recipe.training).items()
    ]
    parts = [table(("setting", "value"), settings)]
    if record is not None:
        parts.insert(0, table(("budget", ""), _budget(record)))
        if record.selection is not None:
            parts += _chosen(record, record.selection)
    return "\n\n".join(parts)


def _budget(record):
    passes = record.steps * record.batch_size / record.images
    yield "steps", f"{record.steps:,} of {record.batch_size} images each"
    yield (
        "training images",
        f"{record.images:,} ({training_images(record.data)})",
    )
    yield "epochs", f"{passes:.0f}"
    yield "hardware", record.device
    yield (
        "wall time",
        f"{duration(record.wall_time_s)} ({record.steps_per_s:.1f} steps/s)",
    )
    yield (
        "software",
        f"kerasgan {record.kerasgan}, Keras {record.keras}, "
        f"{record.backend} backend",
    )


def _chosen(record, selection):
    rule = selection.rule
    if rule is None:
        rule = (
            f"the best {selection.measure} ({selection.count:,} images or "
            f"samples), measured every {selection.every:,} steps"
        )
    yield (
        "Checkpoint selected from a training of "
        f"{selection.last_steps:,} steps: {rule}. Measured during training:"
    )
    header = [key.replace("_", " ") for key in selection.numbers]
    ends = {
        "selected": (record.steps, selection.numbers),
        "last": (selection.last_steps, selection.last_numbers),
    }
    yield table(
        ("networks", "steps", *header),
        [
            (
                name,
                f"{steps:,}",
                *(value_in_words(numbers[key]) for key in selection.numbers),
            )
            for name, (steps, numbers) in ends.items()
        ],
    )


def _data(data):
    rows = {
        "source": f"`{data.source}`, split `{data.split}`",
        "preparation": preparation(data),
        **_held_out(data),
        "citation": data.citation,
        "licence": data.licence,
    }
    if data.classes:
        names = ", ".join(data.classes)
        rows["classes"] = f"{len(data.classes)}: {names}"
    if data.homepage:
        rows["homepage"] = f"<{data.homepage}>"
    return table(("data", ""), rows.items())


def _held_out(data):
    if data.hold_out is None:
        return {}
    share = f"{100 * data.hold_out:g}% of the images, by content hash"
    return {"held out of the training": share}


def _measurements(metrics):
    if not metrics:
        return "None: this entry has no weights yet."
    rows = [
        (
            item.name.replace("_", " "),
            value_in_words(item.value),
            in_words(item.spread),
            in_words(item.protocol),
        )
        for item in metrics.metrics
    ]
    digests = "\n".join(
        f"- `{name}`: `{digest}`" for name, digest in metrics.weights.items()
    )
    return (
        table(("metric", "value", "spread", "protocol"), rows)
        + f"\n\nMeasured with\n\n```sh\n{metrics.command}\n```\n\n"
        + f"on the weights with the SHA-256 digests\n\n{digests}"
    )


def _settings(section):
    values = section.model_dump(mode="json", exclude_none=True)
    return table(
        ("setting", "value"),
        [
            (
                key.replace("_", " "),
                value_in_words(value, " x " if key == "image_shape" else ", "),
            )
            for key, value in values.items()
        ],
    )
