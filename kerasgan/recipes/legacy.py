"""Files of kerasgan 0.1, read as those of today.

It described weights that came of several trainings (averages, distillation,
nested records of initial weights), and some facts in sentences.
"""

import re
import warnings

# Keys that a record of a training no longer has.
_RECORD = ("taught_by", "averaged", "recipe")
# Keys of the protocol of a measurement, until 0.2.
_PROTOCOL = {
    "looked_at": "samples_compared",
    "pictures_of_each": "images_of_each",
}


def upgrade_record(content):
    """Returns a `TrainingRecord`'s dictionary without the keys that are gone."""
    if not isinstance(content, dict):
        return content
    return {k: v for k, v in content.items() if k not in _RECORD}


def upgrade_images(content):
    """Parses `"celeba.zip, train, fingerprint 6b786b8cca0bf4fb"`."""
    if not isinstance(content, str):
        return content
    text, _, fingerprint = content.partition(", fingerprint ")
    source, _, split = text.partition(", ")
    named = {"split": split} if split else {}
    if re.fullmatch("[0-9a-f]{16}", fingerprint):
        named["fingerprint"] = fingerprint
    return {"source": source, **named}


def upgrade_parent(content):
    """Returns a `Parent`'s dictionary from one that nests its training and recipe."""
    if not isinstance(content, dict) or "training" not in content:
        return content
    steps, fingerprints, parent = 0, [], content
    while parent is not None:
        training = parent["training"]
        steps += training["steps"]
        images = upgrade_images(training["data"])
        fingerprints.append(images.get("fingerprint"))
        parent = training.get("began_from")
    return {
        "name": content["name"],
        "weights": content["weights"],
        "steps": steps,
        "licence": content["recipe"].get("licence", "not stated"),
        "fingerprints": list(dict.fromkeys(filter(None, fingerprints))),
    }


def upgrade_protocol(content):
    """Returns the protocol of a `Measurement` with the names of today."""
    if not isinstance(content, dict):
        return content
    return {_PROTOCOL.get(key, key): value for key, value in content.items()}


def upgrade_recipe(content, source):
    """Returns a recipe's dictionary without distillation and pretraining.

    Networks that were trained so are loaded and measured as before; a training
    by such a recipe is another one, of which there is a warning.
    """
    training = content.get("training")
    if not isinstance(training, dict):
        return content
    training = dict(training)
    gone = ["pretraining"] if training.pop("pretraining", False) else []
    penalties = training.get("penalties")
    if isinstance(penalties, list):
        kept = [
            penalty
            for penalty in penalties
            if not isinstance(penalty, dict)
            or penalty.get("name") != "distillation"
        ]
        if len(kept) < len(penalties):
            training["penalties"] = kept or None
            gone.append("distillation")
    if gone:
        warnings.warn(
            f"{source}: {' and '.join(gone)} of kerasgan 0.1 is ignored: the "
            "weights load, but a new training does not use it",
            stacklevel=4,
        )
    return {**content, "training": training}
