"""`kerasgan info`."""

import textwrap
from typing import Annotated

import typer

from kerasgan.cli.common import Name, print_table

# What is shown without --full.
_SHORT = (
    "network",
    "images",
    "classes",
    "latents",
    "data",
    "training images",
    "trained",
    "fine-tuned from",
    "weights",
    "licence",
)


def command(
    name: Name,
    full: Annotated[
        bool,
        typer.Option(
            "--full",
            help="Show every setting, and every number with its protocol.",
        ),
    ] = False,
):
    """Show an entry: network, data, training, licence and numbers."""
    from kerasgan import zoo

    entry = zoo.find(name)
    recipe = entry.recipe()
    metrics = zoo.read_metrics(entry)
    facts = dict(_facts(entry, recipe, metrics))
    if not full:
        facts = {key: facts[key] for key in _SHORT if key in facts}
    print(f"{recipe.name}: {recipe.summary}")
    print()
    print_table((), facts.items())
    if metrics and metrics.metrics:
        print()
        (_print_all if full else _print_headline)(metrics)
    if not full:
        print()
        print(f"All settings and numbers: kerasgan info {name} --full")


def _print_all(metrics):
    print_table(
        ("metric", "value", "spread", "protocol"),
        [_measured(item) for item in metrics.metrics],
        right=(1,),
    )


def _print_headline(metrics):
    from kerasgan.zoo.formatting import headline_protocol
    from kerasgan.zoo.metric_names import label, scaled

    floor = metrics.floor()
    columns = ("metric", "value", *(["real images"] if floor else []))

    def number(name, numbers):
        return f"{scaled(numbers[name]).value:.4g}" if name in numbers else ""

    headline = metrics.headline()
    rows = [
        (label(name), number(name, headline), number(name, floor))
        for name in headline
    ]
    print_table(columns, [row[: len(columns)] for row in rows], right=(1, 2))
    print(textwrap.fill(headline_protocol(metrics), 80))


def _facts(entry, recipe, metrics):
    from kerasgan.zoo.formatting import (
        duration,
        licence,
        parent_in_words,
        preparation,
        training_images,
        training_settings,
    )

    architecture, training = recipe.architecture, recipe.training
    shape = " x ".join(str(size) for size in architecture.image_shape)
    yield "folder", str(entry.folder)
    if entry.pretrained:
        size = entry.weights_file().stat().st_size / 1e6
        yield "weights", f"{entry.weights_file().name}, {size:.1f} MB"
    else:
        yield "weights", "none yet"
    yield "latents", f"[N, {architecture.latent_dim}], standard normal"
    yield "images", f"{shape}, in [-1, 1]"
    classes = recipe.data.classes
    if classes:
        yield "classes", f"{len(classes)}: {', '.join(classes)}"
    yield "network", ", ".join(_network(architecture))
    held_out = ""
    if recipe.data.hold_out is not None:
        held_out = f", {100 * recipe.data.hold_out:g}% held out"
    yield "data", f"{recipe.data.source}, split {recipe.data.split}{held_out}"
    yield "preparation", preparation(recipe.data)
    yield (
        "recipe",
        f"{training.loss}, {training.steps:,} steps of {training.batch_size} "
        f"images, {training.precision}",
    )
    settings = training_settings(training)
    for key in ("loss", "batch_size", "steps", "precision", "seed"):
        settings.pop(key, None)
    for key, text in settings.items():
        yield key.replace("_", " "), text
    done = _record(entry, metrics)
    if done is not None:
        yield (
            "training images",
            f"{done.images:,} ({training_images(done.data)})",
        )
        yield (
            "trained",
            f"{done.steps:,} steps in {duration(done.wall_time_s)} on "
            f"{done.device}",
        )
        if done.began_from is not None:
            yield "fine-tuned from", parent_in_words(done.began_from)
    yield "licence", licence(recipe, done)


def _record(entry, metrics):
    """Returns how it was trained: an entry or a run that was not measured yet."""
    from kerasgan.zoo.catalogue import TRAINING
    from kerasgan.zoo.records import read_training

    if metrics is not None:
        return metrics.training
    return (
        read_training(entry.folder)
        if (entry.folder / TRAINING).exists()
        else None
    )


def _network(architecture):
    yield from _sizes(architecture)
    for network in ("generator", "discriminator"):
        own = getattr(architecture, f"{network}_normalization")
        if own:
            yield f"{own} in the {network}"
    if architecture.discriminator:
        yield f"with a discriminator {', '.join(_sizes(architecture.discriminator))}"


def _sizes(architecture):
    yield architecture.kind
    sizes = architecture.model_dump(include={"features", "blocks"})
    for name, counts in sizes.items():
        # One number, or one for each level.
        counts = counts if isinstance(counts, list) else [counts]
        yield f"{'-'.join(map(str, counts))} {name}"
    yield f"normalization {architecture.normalization}"


def _measured(item):
    from kerasgan.zoo.formatting import in_words, protocol_texts
    from kerasgan.zoo.metric_names import name_in_words, scaled

    item = scaled(item)
    return (
        name_in_words(item.name),
        f"{item.value:.4g}",
        in_words(item.spread),
        in_words(protocol_texts(item.protocol)),
    )
