"""The model card of an entry, made from its recipe and its measurements."""

import re

import yaml

from kerasgan.utils.files import write_file
from kerasgan.utils.typing import Any, PathLike
from kerasgan.zoo.card_tables import folded_tables
from kerasgan.zoo.catalogue import CARD, find, names
from kerasgan.zoo.formatting import (
    duration,
    headline_protocol,
    licence,
    parent_in_words,
    table,
    three_digits,
)
from kerasgan.zoo.metric_names import label, scaled
from kerasgan.zoo.records import Metrics, read_metrics

_CARD = """\
---
{front_matter}---

# {name}

{summary}.{image}

## Use

{use}

Intended use: {intended_use}
Licence of the weights: {licence}.

## Limits

{limits}

## Training and evaluation

{training}

{evaluation}

{folded}"""

_IMAGE = """ `kerasgan sample {name} --seed 0` draws the image below, which is not selected{label}.

![Generated samples](samples.png)"""

_USE = """\
```python
import kerasgan
generator = kerasgan.zoo.load("{name}")  # {inputs} -> images in [-1, 1]
images = kerasgan.sample(generator, 16, seed=0)  # uint8 [16, {height}, {width}, {channels}]
```"""

_KERAS_USE = """

The same generator in plain Keras, for whose layers kerasgan is imported:

```python
import kerasgan, keras
generator = keras.saving.load_model("{name}")
```"""
# Licences that the Hub knows by an identifier.
_LICENCES = {
    *("apache-2.0", "mit", "bsd-3-clause", "gpl-3.0", "openrail", "unknown"),
    *("cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0"),
    "cc-by-nc-sa-4.0",
}

_UNTRAINED_USE = """\
This entry has a recipe and no weights. To train it:

```sh
kerasgan train {name} --data {source} --output runs/{name}
```"""


def card(name: PathLike) -> str:
    """Returns the model card of an entry or a run directory, in Markdown.

    Args:
        name: as for `load`.

    Raises:
        ValueError: there is no such entry, or it has no card.
    """
    entry = find(name)
    try:
        return (entry.folder / CARD).read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ValueError(f"{entry.name} has no card ({CARD})") from None


def write_card(name: PathLike) -> None:
    """Writes the card of an entry or a run directory from its other files.

    Args:
        name: as for `load`.
    """
    entry = find(name)
    if entry.hub:
        raise ValueError(
            "Expected an entry of the zoo or a run directory; the card of a "
            f"repository is written by zoo.push. Received: name={entry.name!r}"
        )
    text = render_card(entry.recipe(), read_metrics(entry))
    write_file(entry.folder / CARD, text)


def render_card(
    recipe: Any,
    metrics: Metrics | None = None,
    *,
    record: Any = None,
    repository: str | None = None,
) -> str:
    """Returns the model card; what fits no screen is folded.

    Args:
        recipe: the entry's `Recipe`.
        metrics: the entry's `Metrics`, or None for an entry without weights.
        record: the `TrainingRecord` of weights without measurements.
        repository: `hf://user/name`, for the card of a repository of the Hub:
            the numbers are in its front matter, too (`model-index`).

    Returns:
        Markdown with the front matter of Hugging Face model cards. The image
        is `samples.png` in the same folder.
    """
    height, width, channels = recipe.architecture.image_shape
    name = repository or recipe.name
    record = (metrics and metrics.training) or record
    trained = bool(metrics or record)
    facts = {
        "name": name,
        "source": recipe.data.source,
        "height": height,
        "width": width,
        "channels": channels,
        "inputs": f"latents [N, {recipe.architecture.latent_dim}]",
        "label": "",
    }
    if recipe.data.classes:
        facts["inputs"] += ", labels [N]"
        facts["label"] = "; `--label all` draws one row per class"
    words = licence(recipe, record)
    use = _USE if trained else _UNTRAINED_USE
    if repository:
        use += _KERAS_USE
    return _CARD.format(
        front_matter=_front_matter(recipe, metrics, repository),
        name=recipe.name,
        summary=recipe.summary.rstrip("."),
        image=_IMAGE.format(**facts) if trained else "",
        use=use.format(**facts),
        intended_use=recipe.intended_use,
        limits="\n".join(f"- {limit}" for limit in recipe.limits),
        training=_training(recipe, record),
        evaluation=_evaluation(metrics),
        licence=words,
        folded=folded_tables(recipe, metrics, record),
    )


def _front_matter(recipe, metrics, repository):
    source = recipe.data.source.removeprefix("tfds:")
    # Hugging Face has no pipeline tag for images of a class, only free tags.
    pipeline = {"pipeline_tag": "unconditional-image-generation"}
    tags = []
    if recipe.data.classes:
        pipeline, tags = {}, ["conditional-image-generation"]
    # An identifier; the card says the terms in words.
    terms = _identifier(f"{source} terms")
    known = recipe.licence.lower().replace("not stated", "unknown")
    content = {
        **(
            {"license": known}
            if repository and known in _LICENCES
            else {"license": "other", "license_name": terms}
        ),
        "library_name": "keras",
        **pipeline,
        "tags": [
            *("gan", "kerasgan", recipe.architecture.kind),
            f"{recipe.architecture.normalization}-normalization",
            *tags,
        ],
        "datasets": [source],
    }
    if metrics:
        content["metrics"] = [*metrics.headline()]
    if repository and not recipe.data.source.startswith("tfds:"):
        # A folder of this machine.
        del content["datasets"]
    if repository and metrics:
        task = content.get("pipeline_tag") or tags[0]
        content["model-index"] = _model_index(recipe.name, metrics, task)
    # Lists in one line each.
    return yaml.safe_dump(
        content,
        sort_keys=False,
        allow_unicode=True,
        width=1000,
        default_flow_style=None,
    )


def _identifier(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()) or "unknown"


def _model_index(name, metrics, task):
    """Returns the numbers of the card as the Hub reads them."""
    results = {}
    for item in metrics.headline().values():
        data = [str(item.protocol.get(key, "")) for key in ("data", "split")]
        results.setdefault(tuple(data), []).append(item)
    return [
        {
            "name": name,
            "results": [
                {
                    "task": {"type": task},
                    "dataset": {
                        "type": _identifier(data.removeprefix("tfds:")),
                        "name": data or "unknown",
                        **({"split": split} if split else {}),
                    },
                    "metrics": [
                        {
                            "type": item.name,
                            "value": item.value,
                            "name": label(item.name, raw=True),
                        }
                        for item in items
                    ],
                }
                for (data, split), items in results.items()
            ],
        }
    ]


def _evaluation(metrics):
    if not metrics:
        return "Not evaluated yet."
    headline = metrics.headline()
    if not headline:
        return "Only the measurements below."
    numbers = [_row("samples", headline, headline)]
    if floor := metrics.floor():
        numbers.append(_row("real images", floor, headline))
    shown = table(("", *map(label, headline)), numbers)
    protocol = headline_protocol(metrics)
    return f"{shown}\n\n{protocol[0].upper()}{protocol[1:]}."


def _row(title, found, names):
    return (
        title,
        *(
            three_digits(scaled(found[name]).value) if name in found else ""
            for name in names
        ),
    )


def _training(recipe, record):
    training = recipe.training
    loss = f"`{training.loss}`"
    if record is None:
        return (
            f"The recipe has {training.steps:,} steps of "
            f"{training.batch_size} images with the {loss} loss."
        )
    text = (
        f"{record.steps:,} steps of {record.batch_size} images out of "
        f"{record.images:,} ({record.data.source}), in "
        f"{duration(record.wall_time_s)} on {record.device}"
    )
    text += f", with the {loss} loss"
    if record.recipe_sha256 == recipe.digest and recipe.name in names():
        # Without the options that change nothing.
        source = record.data.source
        text += f", by `kerasgan train {recipe.name} --data {source}`"
    elif record.command is not None:
        commands = record.command.splitlines()
        text += f", by {' and '.join(f'`{line}`' for line in commands)}"
    text += "."
    if record.began_from is not None:
        text += (
            f" It was fine-tuned from the weights of "
            f"{parent_in_words(record.began_from)}, with fresh optimizers."
        )
    return text
