"""Keras callbacks for the training of GANs."""

from typing import TYPE_CHECKING

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
    from kerasgan.callbacks.best_checkpoint import (
        BestCheckpoint as BestCheckpoint,
    )
    from kerasgan.callbacks.checkpoint import (
        Checkpoint as Checkpoint,
        check_checkpoint as check_checkpoint,
    )
    from kerasgan.callbacks.for_network import ForNetwork as ForNetwork
    from kerasgan.callbacks.frechet_distance import (
        FrechetDistance as FrechetDistance,
    )
    from kerasgan.callbacks.graceful_stop import GracefulStop as GracefulStop
    from kerasgan.callbacks.json_log import JSONLog as JSONLog
    from kerasgan.callbacks.loss_health import LossHealth as LossHealth
    from kerasgan.callbacks.measuring_callback import Measure as Measure
    from kerasgan.callbacks.mode_collapse import ModeCollapse as ModeCollapse
    from kerasgan.callbacks.progress import Progress as Progress
    from kerasgan.callbacks.reconstruction_error import (
        ReconstructionError as ReconstructionError,
    )
    from kerasgan.callbacks.report import Report as Report
    from kerasgan.callbacks.sample_grid import SampleGrid as SampleGrid
    from kerasgan.callbacks.tensorboard_log import (
        TensorBoardLog as TensorBoardLog,
    )
    from kerasgan.callbacks.wandb_log import WandbLog as WandbLog
    from kerasgan.utils.run_log import read_log as read_log
