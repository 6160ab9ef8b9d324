"""Keras callbacks for the training of GANs."""

from typing import TYPE_CHECKING, Any

from kerasgan.utils import lazy

# The table of measures is read where Keras is not needed: what needs it is
# imported at its first use.
__all__ = lazy.export(
    __name__,
    {
        "BestCheckpoint": "kerasgan.callbacks.best_checkpoint",
        "Checkpoint": "kerasgan.callbacks.checkpoint",
        "ForNetwork": "kerasgan.callbacks.for_network",
        "FrechetDistance": "kerasgan.callbacks.frechet_distance",
        "GracefulStop": "kerasgan.callbacks.graceful_stop",
        "JSONLog": "kerasgan.callbacks.json_log",
        "LossHealth": "kerasgan.callbacks.loss_health",
        "Measure": "kerasgan.callbacks.measuring_callback",
        "ModeCollapse": "kerasgan.callbacks.mode_collapse",
        "Progress": "kerasgan.callbacks.progress",
        "ReconstructionError": "kerasgan.callbacks.reconstruction_error",
        "Report": "kerasgan.callbacks.report",
        "TensorBoardLog": "kerasgan.callbacks.tensorboard_log",
        "WandbLog": "kerasgan.callbacks.wandb_log",
        "SampleGrid": "kerasgan.callbacks.sample_grid",
        "check_checkpoint": "kerasgan.callbacks.checkpoint",
        "read_log": "kerasgan.utils.run_log",
    },
)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
