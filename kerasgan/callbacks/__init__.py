"""Keras callbacks for the training of GANs."""

from kerasgan.utils.backend import check_backend

check_backend()

from kerasgan.callbacks.best_checkpoint import BestCheckpoint
from kerasgan.callbacks.checkpoint import Checkpoint, check_checkpoint
from kerasgan.callbacks.for_network import ForNetwork
from kerasgan.callbacks.frechet_distance import FrechetDistance
from kerasgan.callbacks.graceful_stop import GracefulStop
from kerasgan.callbacks.json_log import JSONLog
from kerasgan.callbacks.loss_health import LossHealth
from kerasgan.callbacks.measure import Measure
from kerasgan.callbacks.mode_collapse import ModeCollapse
from kerasgan.callbacks.progress import Progress
from kerasgan.callbacks.reconstruction_error import ReconstructionError
from kerasgan.callbacks.report import Report
from kerasgan.callbacks.sample_grid import SampleGrid
from kerasgan.utils.run_log import read_log

__all__ = [
    "BestCheckpoint",
    "Checkpoint",
    "ForNetwork",
    "FrechetDistance",
    "GracefulStop",
    "JSONLog",
    "LossHealth",
    "Measure",
    "ModeCollapse",
    "Progress",
    "ReconstructionError",
    "Report",
    "SampleGrid",
    "check_checkpoint",
    "read_log",
]
