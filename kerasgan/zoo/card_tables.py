"""The folded part of a model card: every setting and every measurement."""

from kerasgan.zoo.formatting import (
    duration,
    in_words,
    preparation,
    protocol_texts,
    table,
    training_images,
    training_settings,
    value_in_words,
)
from kerasgan.zoo.metric_names import name_in_words, scaled

_FOLDED = """\
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


def folded_tables(recipe, metrics, record):
    """Returns the tables of a card, in Markdown that is shown when it is asked for.

    Args:
        recipe: the entry's `Recipe`.
        metrics: the entry's `Metrics`, or None if nothing was measured.
        record: its `TrainingRecord`, or None for an entry without weights.
    """
    return _FOLDED.format(
        network=_settings(recipe.architecture),
        data=_data(recipe.data),
        settings=_training_settings(recipe, record),
        measurements=_measurements(metrics, record),
    )


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
        if record.command is not None:
            parts.append(f"Commands:\n\n```sh\n{record.command}\n```")
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


def _measurements(metrics, record):
    if not metrics:
        return "None yet." if record else "None: this entry has no weights."
    rows = [
        (
            name_in_words(item.name),
            value_in_words(item.value),
            in_words(item.spread),
            in_words(protocol_texts(item.protocol)),
        )
        for item in map(scaled, metrics.metrics)
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
