"""Makes `zoo/README.md`, the table of all entries, from their files."""

from kerasgan.utils.files import write_file
from kerasgan.zoo import catalogue
from kerasgan.zoo.formatting import duration, table, three_digits
from kerasgan.zoo.metric_names import OVERVIEW, REAL, label, scaled
from kerasgan.zoo.records import read_metrics

_PAGE = """\
# The zoo

Every model has a recipe and a card; `kerasgan.zoo.load(NAME)` loads the
pretrained ones. `kerasgan evaluate` makes this page and the cards from their
files. The cards state the protocol of each number.

## Pretrained

{pretrained}

reconstruction error: mean squared error on unseen images, pixels on [0, 1],
after 50 steps and 500 steps (final) on the latents. Names with 768: features of
the Inception network's `mixed_7`, not comparable with FID, which uses its pool.
class accuracy: how often a linear probe of them recognizes the class that was
asked for. SWD: sliced Wasserstein distance times 1000. sample diversity: that of
samples divided by that of real images. But for the reconstruction error, all are
measured against the training images, or against the test images, as the name
says. These are few: that alone makes FID-768 higher, but not KID-768. Lower is
better for reconstruction error, FID-768, KID-768 and SWD. size: the generator's
weights.

real images: half of the training images instead of samples, against the other
half; training images against the test images. Samples that are alike can have a
higher precision and density than real images. Both depend on the number of
images.

## Recipes without weights

{untrained}

`kerasgan train NAME` trains one of them; `--data` sets another source of the
data set's images.
"""


def render_overview() -> str:
    """Returns the page of all entries, in Markdown."""
    entries = catalogue.entries()
    # Weights that were not measured yet are on their way into the zoo.
    pretrained = [e for e in entries if e.pretrained and read_metrics(e)]
    untrained = [e for e in entries if not e.pretrained]
    header = ("model", "data", "network", "loss", "trained", "size")
    return _PAGE.format(
        pretrained=table(
            (*header, *map(_title, OVERVIEW), "samples"),
            [*map(_pretrained, pretrained), *_floors(pretrained, len(header))],
        ),
        untrained=table(
            ("model", "data", "network", "loss", "steps"),
            map(_untrained, untrained),
        ),
    )


def write_overview() -> None:
    """Writes the page into the folder of the entries."""
    path = catalogue.folder() / catalogue.CARD
    write_file(path, render_overview())


def _pretrained(entry):
    recipe, metrics = entry.recipe(), read_metrics(entry)
    done = metrics.training
    trained = f"{done.steps:,} steps, {duration(done.wall_time_s)}"
    if done.began_from is not None:
        parent = done.began_from
        trained += f", from {parent.name} ({parent.steps:,} steps)"
    size = entry.weights_file().stat().st_size / 1e6
    return (
        _link(entry),
        f"`{recipe.data.source}`, {done.images:,} images",
        _network(recipe),
        _loss(recipe),
        trained,
        f"{size:.1f} MB",
        *(_number(metrics, *which) for which in OVERVIEW),
        f"[grid]({entry.name}/samples.png)",
    )


def _floors(entries, columns):
    """Yields a row a data set: what real images get instead of samples."""
    of_data = {}
    for entry in entries:
        recipe, metrics = entry.recipe(), read_metrics(entry)
        if metrics.floor():
            data = f"`{recipe.data.source}`, {_size(recipe)}"
            of_data.setdefault(data, []).append(metrics)
    for data, found in of_data.items():
        # Those of the same images are the same, but not every entry has all.
        numbers = [
            next(
                filter(None, (_number(m, name + REAL, split) for m in found)),
                "",
            )
            for name, split in OVERVIEW
        ]
        empty = [""] * (columns - 2)
        yield ("real images", data, *empty, *numbers, "")


def _untrained(entry):
    recipe = entry.recipe()
    return (
        _link(entry),
        f"`{recipe.data.source}`, {_size(recipe)}",
        _network(recipe),
        _loss(recipe),
        f"{recipe.training.steps:,}",
    )


def _link(entry):
    return f"[{entry.name}]({entry.name}/{catalogue.CARD})"


def _size(recipe):
    height, width, _ = recipe.architecture.image_shape
    return f"{height}x{width}"


def _title(number):
    name, split = number
    return f"{label(name)}, test" if split == "test" else label(name)


def _network(recipe):
    architecture = recipe.architecture
    kinds = [
        f"{part}: {own}"
        for part, own in (
            ("G", architecture.generator_normalization),
            ("D", architecture.discriminator_normalization),
        )
        if own
    ]
    normalization = ", ".join([architecture.normalization, *kinds])
    words = (
        f"{architecture.kind} {_size(recipe)}, {_features(architecture)}, "
        f"{normalization}"
    )
    if architecture.discriminator:
        own = architecture.discriminator
        words += f"; D: {own.kind}, {_features(own)}, {own.normalization}"
    return words


def _features(section):
    features = section.features
    if isinstance(features, list):
        features = "-".join(map(str, features))
    return f"{features} features"


def _loss(recipe):
    return f"`{recipe.training.loss}`"


def _number(metrics, name, split):
    measurement = metrics.find(name, split)
    return three_digits(scaled(measurement).value) if measurement else ""
