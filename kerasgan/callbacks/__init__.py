"""Keras callbacks for the training of GANs."""

from kerasgan.callbacks.checkpoint import Checkpoint, check_checkpoint
from kerasgan.callbacks.for_network import ForNetwork
from kerasgan.callbacks.graceful_stop import GracefulStop
from kerasgan.callbacks.json_log import JSONLog, read_log
from kerasgan.callbacks.loss_health import LossHealth
from kerasgan.callbacks.progress import Progress
from kerasgan.callbacks.sample_grid import SampleGrid

__all__ = [
    "Checkpoint",
    "ForNetwork",
    "GracefulStop",
    "JSONLog",
    "LossHealth",
    "Progress",
    "SampleGrid",
    "check_checkpoint",
    "read_log",
]
