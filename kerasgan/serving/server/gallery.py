"""The zoo's facts about served models, for the page."""

from kerasgan import zoo
from kerasgan.serving.exports import export_origin
from kerasgan.zoo.formatting import (
    duration,
    licence,
    parent_in_words,
    three_digits,
)
from kerasgan.zoo.metric_names import label, scaled

# The numbers that a model is compared by; the page unfolds the others.
_HEADLINES = ("reconstruction_error", "fid768", "fid")


def describe_gallery(models):
    """Add to models what the zoo says of entries of their names.

    Neither Keras nor TensorFlow is imported for it.

    Args:
        models: a list of dictionaries with the keys `name`, `version` (an
            integer), `image_shape` (`[height, width, channels]`),
            `latent_dim` and, if they are known, `classes` (the names of a
            conditional model's classes) and `path` (the SavedModel's folder).

    Returns:
        `{"models": [...]}`, which can be written as JSON: the dictionaries,
        those of one data set together and the best by FID-768 first, otherwise
        in their order, each with the keys

        - `in_zoo`: whether the zoo has an entry of this name, with networks of
          these shapes, and the SavedModel is not made of other weights. If not,
          what follows is False, None or empty.
        - `pretrained`: whether the zoo has weights of it, from which the
          library draws images, too.
        - `data`: the data set it was trained on, such as `tfds:celeb_a`.
        - `summary`, `licence`, `intended_use`: a line of text each.
        - `limits`: a list of lines.
        - `training`: the training budget in words, or None.
        - `numbers`: a list of dictionaries with the keys `name`, `label`,
          `value`, `text` (three digits of it, in the unit of `label`),
          `protocol` (the part of the protocol that matters most, in words) and `headline` (whether it is
          a headline number of the model).

    Raises:
        ValueError: the recipe or the measurements of an entry are not valid.
    """
    names = zoo.list()
    return {"models": _ordered([_describe(model, names) for model in models])}


def _ordered(models):
    """Returns models with the best of their data set first.

    FIDs of different data are no comparison: data sets, and what the zoo does
    not know, keep their places.
    """
    groups = {}
    for model in models:
        groups.setdefault(model["data"] or model["name"], []).append(model)
    return [
        model for group in groups.values() for model in sorted(group, key=_fid)
    ]


def _fid(model):
    values = [
        number["value"]
        for number in model["numbers"]
        if number["name"] == "fid768" and number["headline"]
    ]
    return min(values, default=float("inf"))


def _describe(model, names):
    # Not `zoo.find`, for which a run directory has a name, too.
    model = dict(model)
    path = model.pop("path", None)
    known = model["name"] in names
    if known and path is not None:
        known = export_origin.is_of(path, model["name"])
    recipe = zoo.recipe(model["name"]) if known else None
    if recipe is None or not _has_shapes(recipe, model):
        return {
            **model,
            "in_zoo": False,
            "pretrained": False,
            **dict.fromkeys(
                ("data", "summary", "licence", "intended_use", "training")
            ),
            "limits": [],
            "numbers": [],
        }
    metrics = zoo.read_metrics(model["name"])
    return {
        **model,
        "in_zoo": True,
        "pretrained": zoo.find(model["name"]).pretrained,
        "data": recipe.data.source,
        "summary": recipe.summary,
        "licence": licence(recipe, metrics and metrics.training),
        "intended_use": recipe.intended_use,
        "training": _budget(metrics.training) if metrics else None,
        "limits": recipe.limits,
        "numbers": _numbers(metrics.metrics if metrics else ()),
    }


def _has_shapes(recipe, model):
    architecture = recipe.architecture
    return (
        list(architecture.image_shape) == list(model["image_shape"])
        and architecture.latent_dim == model["latent_dim"]
        and recipe.data.classes == model.get("classes")
    )


def _budget(done):
    if done is None:
        return None
    words = (
        f"{done.steps:,} steps of {done.batch_size:,} images out of "
        f"{done.images:,}, {duration(done.wall_time_s)} on {done.device}"
    )
    if done.began_from is not None:
        words += f", fine-tuned from {parent_in_words(done.began_from)}"
    return words


def _numbers(measurements):
    headlines, numbers = set(), []
    for item in measurements:
        numbers.append(
            {
                "name": item.name,
                "label": label(item.name),
                "value": item.value,
                "text": three_digits(scaled(item).value),
                "protocol": _protocol(item.protocol),
                # The first one is by the protocol of the recipe.
                "headline": item.name in _HEADLINES
                and item.name not in headlines,
            }
        )
        headlines.add(item.name)
    return numbers


def _protocol(protocol):
    words = []
    if "samples" in protocol:
        words.append(f"{protocol['samples']:,} samples")
    if "images" in protocol:
        split = protocol.get("split")
        words.append(
            f"{protocol['images']:,} {f'{split} ' if split else ''}images"
        )
    if "steps" in protocol:
        words.append(f"{protocol['steps']} steps")
    return ", ".join(words)
