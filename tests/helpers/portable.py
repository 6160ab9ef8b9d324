"""Which tests hold on both backends: what layers, networks and training do."""

from pathlib import Path

TESTS = Path(__file__).parents[1]
# A list a process, for two cores.
PARTS = (
    (
        "layers",
        "architectures",
        "sampling/test_classes.py",
        "sampling/test_inference.py",
        "sampling/test_latent_directions.py",
        "training/test_trainer.py",
        "data/test_device_images.py",
        "data/test_streams.py",
    ),
    ("gans", "callbacks/test_checkpoint.py", "callbacks/test_for_network.py"),
)


def is_portable(path):
    names = [name for part in PARTS for name in part]
    return any(path.is_relative_to(TESTS / name) for name in names)
