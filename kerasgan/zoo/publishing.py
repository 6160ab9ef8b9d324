"""From an entry or a run to a repository of the Hugging Face Hub."""

import dataclasses
import json
import re
import shutil
import tempfile
import warnings
from pathlib import Path

from kerasgan.data.sources import source_name
from kerasgan.utils.files import atomic_write, sha256
from kerasgan.utils.typing import Any
from kerasgan.zoo import hub
from kerasgan.zoo.catalogue import (
    CARD,
    CHECKSUMS,
    HUB_FILES,
    HUB_WEIGHTS,
    METRICS,
    RECIPE,
    SAMPLES,
    TRAINING,
    WEIGHTS,
    Entry,
    find,
)
from kerasgan.zoo.model_card import render_card
from kerasgan.zoo.pretrained import load_verified, verify
from kerasgan.zoo.records import Metrics, find_training

_WEIGHTS = {**WEIGHTS, "generator": HUB_WEIGHTS}
# What Keras reads in addition to the weights.
_CONFIG, _METADATA = "config.json", "metadata.json"
_FILES = {*HUB_FILES, _CONFIG, _METADATA}


@dataclasses.dataclass(frozen=True)
class Upload:
    """An upload that was checked, as `plan` makes it.

    Attributes:
        entry: the `Entry`.
        recipe: its `Recipe`, as it is published.
        digests: network -> SHA-256 of its weights.
        reference: `hf://user/name`.
        private: whether the repository is private if it is made.
    """

    entry: Entry
    recipe: Any
    digests: dict
    reference: str
    private: bool


def push(
    name: Any,
    repository: str,
    private: bool = False,
    message: str | None = None,
) -> str:
    """Uploads an entry or a run directory to the Hugging Face Hub.

    The repository is made if there is none, and gets one commit: the card
    (`README.md`) with front matter, `recipe.yaml`, `metrics.json` and
    `training.json` if there are such, `samples.png`, and the weights, the
    generator's in the files that `keras.saving.load_model("hf://user/name")`
    reads after `import kerasgan`; `SHA256SUMS` of all but the card. Files of
    other names that are there already stay.

    Args:
        name: as of `load`.
        repository: `"hf://user/name"`.
        private: whether the repository must be private.
        message: that of the commit.

    Returns:
        `"hf://user/name@commit"`, which `load` takes.

    Raises:
        ConnectionError: the Hub cannot be reached.
        ValueError: as `load`, no token is known or it has no right to write,
            the repository must be private and is public, or
            `huggingface_hub` is not installed.
        FloatingPointError: a weight is not finite.
    """
    return upload(plan(name, repository, private), message)


def plan(name, repository, private=False):
    """Checks what `push` was asked for; Keras is not imported for it.

    Returns:
        The `Upload`.
    """
    if hub.parse(repository)[1] is not None:
        raise ValueError(
            "Expected hf://USER/NAME without a revision: a push makes one. "
            f"Received: {repository!r}"
        )
    entry = find(name)
    recipe = entry.recipe()
    digests = verify(entry, recipe, "both")
    # Not the folders of this machine.
    source = json.dumps(source_name(recipe.data.source))
    recipe = recipe.override("data.source", source)
    _check_repository(repository, private)
    return Upload(entry, recipe, digests, repository, private)


def upload(plan, message=None):
    """Uploads what was checked.

    Args:
        plan: the `Upload`.
        message: as of `push`.

    Returns:
        As of `push`.
    """
    repo, _ = hub.parse(plan.reference)
    api = hub.api()
    with tempfile.TemporaryDirectory(prefix="kerasgan-push-") as folder:
        _stage(plan, Path(folder))
        names = {path.name for path in Path(folder).iterdir()}
        with hub.in_one_line(plan.reference), hub.quiet():
            api.create_repo(repo, private=plan.private or None, exist_ok=True)
            commit = api.upload_folder(
                repo_id=repo,
                folder_path=folder,
                commit_message=message or f"Push {plan.recipe.name}",
                # Those of an earlier push.
                delete_patterns=sorted(_FILES - names),
            )
    return f"{plan.reference}@{commit.oid}"


def _check_repository(reference, private):
    client, repo = hub.client(), hub.parse(reference)[0]
    if client.get_token() is None:
        raise ValueError(
            f"no Hugging Face token with write access to {reference}: log in "
            "with `hf auth login`, or set HF_TOKEN"
        )
    with hub.in_one_line(reference):
        try:
            there = hub.api().model_info(repo)
        except client.errors.GatedRepoError:
            return
        except client.errors.RepositoryNotFoundError:
            return
    if private and not there.private:
        raise ValueError(
            f"{reference} is public, and --private would not change it: make it "
            "private in its settings, or choose another name. "
            f"Received: private={private}"
        )


def _stage(plan, folder):
    """Writes the files of the repository, as they are loaded from it later."""
    entry, recipe = plan.entry, plan.recipe
    staged = Entry(plan.reference, folder, shipped=False, hub=True)
    for part, name in _WEIGHTS.items():
        shutil.copyfile(entry.weights_file(part), folder / name)
    _write_checksums(
        folder, {_WEIGHTS[part]: plan.digests[part] for part in _WEIGHTS}
    )
    recipe.save(folder / RECIPE)
    # Weights that a user put there may have none.
    record = _without_folders(find_training(entry.folder))
    metrics = _metrics(plan)
    for name, content in ((METRICS, metrics), (TRAINING, record)):
        if content is not None:
            (folder / name).write_text(content.to_json(), encoding="utf-8")
    # A training may have replaced them meanwhile.
    verify(staged, recipe, "both")
    generator, _ = load_verified(staged, recipe, "both")
    _write_configuration(generator, folder)
    _draw(generator, folder / SAMPLES)
    card = render_card(
        recipe,
        metrics,
        record=record,
        repository=plan.reference,
    )
    # It may be edited in the Hub.
    names = sorted(path.name for path in folder.iterdir())
    names.remove(CHECKSUMS)
    _write_checksums(folder, {name: sha256(folder / name) for name in names})
    (folder / CARD).write_text(card, encoding="utf-8")


def _without_folders(record):
    """Removes the folders of this machine from the command of a record."""
    if record is None or record.command is None:
        return record
    command = re.sub(r"(?<![\w.])~?/([^\s'\"]*/)?", "", record.command)
    return record.model_copy(update={"command": command})


def _metrics(plan):
    """Returns the `Metrics` of these weights to publish, or None."""
    try:
        metrics = Metrics.load(plan.entry.folder / METRICS)
    except FileNotFoundError:
        return None
    if metrics.weights.get(WEIGHTS["generator"]) != plan.digests["generator"]:
        warnings.warn(
            f"{METRICS} of {plan.entry.name} belongs to other weights and was "
            f"left out; `kerasgan evaluate {plan.entry.name}` measures these",
            stacklevel=4,
        )
        return None
    training = _without_folders(metrics.training)
    return _without_folders(metrics.model_copy(update={"training": training}))


def _write_configuration(generator, folder):
    """Writes what `keras.saving` writes next to the weights, without a date."""
    import keras

    config = keras.saving.serialize_keras_object(generator)
    metadata = {"keras_version": keras.__version__}
    for name, content in ((_CONFIG, config), (_METADATA, metadata)):
        (folder / name).write_text(json.dumps(content), encoding="utf-8")


def _draw(generator, path):
    """Writes what `kerasgan sample` draws by default."""
    from kerasgan import sampling
    from kerasgan.utils import image_grids

    images = sampling.sample(generator, 64, seed=0)
    image_grids.save_png(image_grids.grid(images), path)


def _write_checksums(folder, digests):
    with atomic_write(folder / CHECKSUMS, "w", encoding="utf-8") as file:
        file.writelines(f"{of}  {name}\n" for name, of in digests.items())
