"""SavedModels of the zoo for who has none yet."""

from kerasgan import zoo
from kerasgan._version import __version__
from kerasgan.data.cache import default_folder
from kerasgan.serving.exporting import export
from kerasgan.zoo import catalogue

_MADE_OF = "made_of.txt"


def zoo_models(report):
    """Export the pretrained entries of the zoo into the cache.

    What is there already, made of the same weights by the same kerasgan, is
    left as it is.

    Args:
        report: called with a line before something that takes seconds.

    Returns:
        `pathlib.Path` of the folder.

    Raises:
        ValueError: there are no pretrained entries.
    """
    folder = default_folder().parent / "savedmodels"
    names = zoo.list(pretrained=True)
    if not names:
        raise ValueError(
            "there are no pretrained entries to serve; give a folder of "
            "SavedModels, such as kerasgan export makes"
        )
    for name in names:
        checksums = catalogue.find(name).folder / catalogue.CHECKSUMS
        made_of = f"kerasgan {__version__}\n{checksums.read_text()}"
        if _newest(folder / name) != made_of:
            report(f"exporting {name} to {folder}, once")
            documents = {_MADE_OF: made_of}
            export(zoo.load(name), folder, name, documents=documents)
    return folder


def _newest(base):
    """What the newest version of a model was made of."""
    versions = [path for path in base.glob("*") if path.name.isdecimal()]
    if not versions:
        return None
    newest = max(versions, key=lambda path: int(path.name))
    file = newest / "assets.extra" / _MADE_OF
    return file.read_text() if file.is_file() else None
