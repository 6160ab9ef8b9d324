"""`kerasgan info`."""

from kerasgan.cli.common import Name, print_table


def command(name: Name):
    """Show what an entry is, how it was trained and what was measured on it."""
    from kerasgan import zoo

    entry = zoo.find(name)
    recipe = entry.recipe()
    metrics = zoo.read_metrics(entry)
    print(f"{recipe.name}: {recipe.summary}")
    print()
    print_table((), _facts(entry, recipe, metrics))
    if metrics and metrics.metrics:
        print()
        print_table(
            ("metric", "value", "spread", "protocol"),
            [_measured(item) for item in metrics.metrics],
            right=(1,),
        )


def _facts(entry, recipe, metrics):
    from kerasgan.zoo.lineage import licence, spent
    from kerasgan.zoo.words import duration, training_settings

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
    yield "network", ", ".join(_network(architecture))
    held_out = ""
    if recipe.data.hold_out is not None:
        held_out = f", {100 * recipe.data.hold_out:g}% held out"
    yield "data", f"{recipe.data.source}, split {recipe.data.split}{held_out}"
    yield (
        "recipe",
        f"{training.loss}, {training.steps:,} steps of {training.batch_size} "
        f"pictures, {training.precision}",
    )
    said = training_settings(training)
    for key in ("loss", "batch_size", "steps", "precision", "seed"):
        said.pop(key, None)
    for key, text in said.items():
        yield key.replace("_", " "), text
    if metrics:
        done = metrics.training
        steps, _, seconds = spent(done)
        words = f"{steps:,} steps in {duration(seconds)} on {done.device}"
        by = "this recipe"
        if done.recipe is not None:
            by = "settings of their own, which the card has"
        if steps != done.steps:
            words += (
                f", the last {done.steps:,} of them by {by}; the "
                "card tells of the others"
            )
        elif done.recipe is not None:
            words += f", by {by}"
        yield "trained", words
    yield "licence", licence(recipe, metrics and metrics.training)


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
    from kerasgan.zoo.words import in_words

    return (
        item.name.replace("_", " "),
        f"{item.value:.4g}",
        in_words(item.spread),
        in_words(item.protocol),
    )
