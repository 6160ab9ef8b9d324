"""The commands that train an entry's weights again."""

import re
import shlex

import yaml

from kerasgan.zoo import catalogue
from kerasgan.zoo.diagnostics import MEASURES
from kerasgan.zoo.load import checksums

# Of the pictures only what is done with them; what they are, `--data` says.
OF_DATA = ("split", "hold_out", "image_size", "crop", "resize", "flip")


def training_commands(recipe, record):
    """The command lines, for a shell, that lead to weights.

    What a training began with, or was averaged with, is trained before it.

    Args:
        recipe: the `Recipe` that lies beside the weights.
        record: the `TrainingRecord` of them.

    Returns:
        A list of texts. They name the recipe's entry of the zoo where it is
        that one, and `recipe.yaml` otherwise.
    """
    return _Commands(recipe).of(record)


class _Commands:
    def __init__(self, recipe):
        self._name = recipe.name
        content = recipe.model_dump(mode="json")
        self._architecture = _architecture(content)
        self._recipe = _trained_by(content)
        self._said = "recipe.yaml"
        if recipe.name in catalogue.names():
            entry = catalogue.find(recipe.name)
            if entry.recipe() == recipe:
                self._said = recipe.name
        self._lines = []
        # Digest of a generator -> the run folder that ends with it.
        self._folders = {}

    def of(self, record):
        recipe = _trained_by(record.recipe or self._recipe)
        self._train(record, recipe, self._said, self._recipe)
        if len(self._lines) == 1:
            return [
                self._lines[0].replace(
                    f"runs/{self._name}-1", f"runs/{self._name}"
                )
            ]
        return self._lines

    def _train(self, record, recipe, said, base):
        """Add the commands of a training; returns the run folder.

        They name the recipe `said`, and say what differs from it, `base`.
        """
        origin = record.began_from
        begun = None if origin is None else self._folder_of(origin)
        words = ["kerasgan", "train", said]
        words += ["--data", record.data.split(",")[0]]
        if begun is not None:
            words += ["--from", begun]
        folder = self._new_folder()
        words += ["--output", folder]
        last, chosen = record.steps, record.selection
        if chosen is not None:
            last = chosen.last_steps
        if last != base["training"]["steps"]:
            words += ["--steps", str(last)]
        for key, value in _changes(base, recipe):
            if key != "training.steps":
                key = key.removeprefix("training.")
                words += ["--set", f"{key}={_yaml(value)}"]
        for key, stop in _kept_ends(base, recipe, last):
            words += ["--set", f"{key}={stop}"]
        if last != record.steps:
            words += _selecting(chosen)
            folder += "/best"
        self._lines.append(shlex.join(words))
        if record.averaged is None:
            return folder
        parts = [(folder, record.averaged.share)] + [
            (self._folder_of(part), part.share)
            for part in record.averaged.others
        ]
        words = ["kerasgan", "average", *(name for name, _ in parts)]
        words += ["--shares", ",".join(f"{share:g}" for _, share in parts)]
        folder = self._new_folder()
        self._lines.append(shlex.join([*words, "--output", folder]))
        return folder

    def _folder_of(self, origin):
        if _in_zoo(origin):
            return origin.name
        if origin.weights not in self._folders:
            recipe = _trained_by(origin.recipe)
            self._folders[origin.weights] = self._train(
                origin.training, recipe, *self._base_of(origin)
            )
        return self._folders[origin.weights]

    def _base_of(self, origin):
        """The recipe that an origin's commands name, and its contents."""
        networks = _architecture(origin.recipe)
        if networks == self._architecture:
            return self._said, self._recipe
        # A ResNet's training can begin with a DCGAN's weights.
        if origin.name in catalogue.names():
            recipe = (
                catalogue.find(origin.name).recipe().model_dump(mode="json")
            )
            if networks == _architecture(recipe):
                return origin.name, _trained_by(recipe)
        return f"{origin.name}.yaml", _trained_by(origin.recipe)

    def _new_folder(self):
        return f"runs/{self._name}-{len(self._lines) + 1}"


def _in_zoo(origin):
    """Whether the zoo's entry of that name has these very weights."""
    if origin.name not in catalogue.names(pretrained=True):
        return False
    kept = checksums(catalogue.find(origin.name).folder)
    return kept.get(catalogue.WEIGHTS["generator"]) == origin.weights


def _selecting(chosen):
    """The options by which networks before the last ones are kept."""
    for measure, (number, _) in MEASURES.items():
        every = re.search(r"every ([\d,]+) steps", chosen.rule)
        if every and f"est {number.replace('_', ' ')} of" in chosen.rule:
            every = every[1].replace(",", "")
            return ["--best", measure, "--measure-every", every]
    return []


def _architecture(recipe):
    """The networks of a recipe as a dictionary, whatever it leaves unsaid."""
    content = recipe["architecture"].items()
    return {key: value for key, value in content if value is not None}


def of_data(recipe):
    """What a recipe, as a dictionary, does with the pictures."""
    data = {key: recipe["data"].get(key) for key in OF_DATA}
    # Records of earlier versions do not have it.
    data["background"] = recipe["data"].get("background", "white")
    return data


def _trained_by(recipe):
    """What changes a training, of a recipe as a dictionary."""
    return {"data": of_data(recipe), "training": recipe["training"]}


def _changes(before, after, prefix=""):
    """What to set in one dictionary to get another: `(dotted key, value)`."""
    for key, value in after.items():
        old = before.get(key)
        if value == old:
            continue
        sections = isinstance(old, dict) and isinstance(value, dict)
        # What another kind of section has is not what this one has.
        if sections and old.get("name") == value.get("name"):
            yield from _changes(old, value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _kept_ends(base, recipe, steps):
    """Ends of decays that `--steps` would move, and that did not move."""
    usual = base["training"]["steps"]
    for network in ("generator_optimizer", "discriminator_optimizer"):
        stops = {
            (one["training"][network].get("decay") or {}).get("stop")
            for one in (base, recipe)
        }
        if stops == {usual} and steps != usual:
            yield f"{network}.decay.stop", usual


def _yaml(value):
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=float("inf")
    )
    return text.removesuffix("\n").removesuffix("\n...")
