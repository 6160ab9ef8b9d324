"""The files with which TensorFlow Serving serves a folder of SavedModels."""

from pathlib import Path

from kerasgan.serving.tf_serving import batching_parameters, served_models
from kerasgan.serving.tf_serving.compose import (
    METRICS,
    MODELS,
    compose,
    prometheus,
)
from kerasgan.utils.files import write_file
from kerasgan.utils.typing import Any, PathLike, Sequence

_MODELS_HEAD = f"""\
# Paths are those in the container, where the SavedModels are {MODELS}. The
# server looks at this file every ten seconds.
"""
_BATCHING_HEAD = """\
# For all models. Only models with their own parameters next to saved_model.pb are
# batched (kerasgan export --batched); for the others, the number of threads matters.
"""
_MONITORING = f"""\
prometheus_config {{
  enable: true
  path: "{METRICS}"
}}
"""


def write_configuration(
    folder: PathLike,
    output: PathLike,
    *,
    pattern: str | None = None,
    versions: Sequence[str] = (),
    labels: Sequence[str] = (),
    force: bool = False,
    **options: Any,
) -> list:
    """Write what is needed to serve a folder of SavedModels by containers.

    `models.config` (models, versions and labels), `batching_parameters.txt`,
    `monitoring.config`, `prometheus.yml` and `compose.yaml`.

    Args:
        folder: the folder, with `NAME/VERSION/saved_model.pb`.
        output: the folder of the files, made if it is not there.
        pattern: only models whose name matches it, such as `"*-wn-*"`.
        versions: what is served: see
            `kerasgan.serving.tf_serving.served_models.choose`.
        labels: names of versions, also there.
        force: whether to replace files that have other contents.
        **options: those of `kerasgan.serving.tf_serving.compose.compose`.

    Returns:
        A list of `kerasgan.serving.tf_serving.served_models.Served`.

    Raises:
        FileExistsError: a file is there with other contents. None is written.
        ValueError: an argument out of range.
    """
    folder, output = Path(folder), Path(output)
    available = served_models.find_models(folder, pattern)
    models = served_models.choose(available, versions, labels)
    # A batch keeps several cores busy, and one GPU needs no more than two.
    threads = 2 if options.get("gpu") else 4
    files = {
        "models.config": _MODELS_HEAD + models_config(models),
        "batching_parameters.txt": _BATCHING_HEAD
        + batching_parameters.parameters(threads),
        "monitoring.config": _MONITORING,
        "prometheus.yml": prometheus(),
        "compose.yaml": compose(list(available), folder, output, **options),
    }
    _check_contents(output, files, force)
    output.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_file(output / name, text)
    return models


def models_config(models):
    """Returns the text of `models.config`, a `ModelServerConfig`.

    Args:
        models: a list of `kerasgan.serving.tf_serving.served_models.Served`.
    """
    from google.protobuf import text_format
    from tensorflow_serving.config import model_server_config_pb2

    config = model_server_config_pb2.ModelServerConfig()
    for model in models:
        entry = config.model_config_list.config.add()
        entry.name = model.name
        entry.base_path = f"{MODELS}/{model.name}"
        entry.model_platform = "tensorflow"
        policy = entry.model_version_policy
        if model.policy == "all":
            policy.all.SetInParent()
        elif isinstance(model.policy, int):
            policy.latest.num_versions = model.policy
        else:
            policy.specific.versions.extend(model.policy)
        entry.version_labels.update(model.labels)
    return text_format.MessageToString(config)


def _check_contents(output, files, force):
    changed = [
        name
        for name, text in files.items()
        if (output / name).exists()
        and (output / name).read_bytes() != text.encode()
    ]
    if changed and not force:
        raise FileExistsError(
            f"{output} has {', '.join(changed)} with other contents, perhaps "
            "edited by hand: force (--force) replaces all. "
            f"Received: output={str(output)!r}"
        )
