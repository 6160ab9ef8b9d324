"""The trackers of experiments."""

# Name -> the modules that it needs.
TRACKERS = {
    "tensorboard": ("tensorboard", "tensorflow"),
    "wandb": ("wandb",),
}
