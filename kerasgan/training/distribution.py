"""On which devices and machines a training runs."""

import atexit
import contextlib
import dataclasses
import functools
import json
import os
import shutil
import tempfile
import time
from pathlib import Path

from kerasgan.training.jax_relay import LOST, Relay, leave
from kerasgan.utils.backend import chosen_backend
from kerasgan.utils.locks import LOCK, is_locked
from kerasgan.utils.private_names import is_distributed
from kerasgan.utils.typing import Any

# How a training is distributed -> the backend of Keras that can.
DISTRIBUTIONS = {
    "mirrored": "tensorflow",
    "multiworker": "tensorflow",
    "data-parallel": "jax",
}
# What the runtimes of both backends say of a worker that has gone.
_LOST = (
    "Gloo",
    "NCCL",
    "Collective ops is aborted",
    "UNAVAILABLE",
    "ABORTED",
    "DEADLINE_EXCEEDED",
    "Socket closed",
    "onnection reset",
)
# Of the temporary folders of workers that do not write the run.
_PREFIX = "kerasgan-worker-"
_PROCESSES = "KERAS_DISTRIBUTION_NUM_PROCESSES"
# Each with its number of processes, where one of them was started by it.
_LAUNCHERS = {
    "SLURM_STEP_NODELIST": "SLURM_NTASKS",
    "OMPI_COMM_WORLD_SIZE": "OMPI_COMM_WORLD_SIZE",
}


def check_distribution(name: str | None) -> None:
    """Rejects a distribution that this process cannot have; without Keras.

    Args:
        name: one of `DISTRIBUTIONS`, or None for one device.

    Raises:
        ValueError: there is no such one, it is of another backend, or the
            environment does not describe its workers.
    """
    if name is None:
        return
    if name not in DISTRIBUTIONS:
        raise ValueError(
            f"Expected one of {', '.join(DISTRIBUTIONS)}. "
            f"Received: distribute={name!r}"
        )
    backend = chosen_backend()
    if DISTRIBUTIONS[name] != backend:
        own = [n for n, other in DISTRIBUTIONS.items() if other == backend]
        raise ValueError(
            f"{name} needs KERAS_BACKEND={DISTRIBUTIONS[name]}; with {backend} "
            f"there is {' and '.join(own)}. Received: distribute={name!r}"
        )
    if name == "multiworker":
        _check_cluster(os.environ.get("TF_CONFIG"))


def _check_cluster(text):
    try:
        config = json.loads(text)
        task = config["task"]
        if config["cluster"][task["type"]][int(task["index"])]:
            return
    except (TypeError, ValueError, KeyError, IndexError):
        pass
    raise ValueError(
        "multiworker needs the environment variable TF_CONFIG, such as "
        '{"cluster": {"worker": ["host1:2222", "host2:2222"]}, '
        '"task": {"type": "worker", "index": 0}}. '
        f"Received: TF_CONFIG={text!r}"
    )


@dataclasses.dataclass(frozen=True)
class Workers:
    """The processes of a training, all of which run the same steps.

    Attributes:
        index: of this process.
        count: of all processes.
        devices: of all processes.
        chief: whether this one writes the run directory.
        strategy: of tf.distribute, or None.
    """

    index: int = 0
    count: int = 1
    devices: int = 1
    chief: bool = True
    strategy: Any = None

    @property
    def part(self) -> tuple[int, int]:
        """`(index, count)` of the part of each batch that this process reads."""
        # tf.distribute takes its rows out of the whole batch.
        return (0, 1) if self.strategy is not None else (self.index, self.count)

    def scope(self) -> Any:
        """Returns the context in which what is trained must be made."""
        if self.strategy is None:
            return contextlib.nullcontext()
        return self.strategy.scope()

    def gather(self, number: int) -> list[int]:
        """Returns the numbers of all workers; each waits for the others."""
        if self.count == 1:
            return [number]
        if self.strategy is None:
            import numpy as np
            from jax.experimental import multihost_utils

            numbers = multihost_utils.process_allgather(np.int32(number))
        else:
            numbers = self._gathered(number)
        return [int(value) for value in numbers]

    @functools.cached_property
    def _gathered(self):
        import tensorflow as tf

        from kerasgan.utils.replicas import rows_of_all

        @tf.function
        def gathered(value):
            return self.strategy.run(rows_of_all, (value,))

        def gather(number):
            # NCCL knows no int32.
            values = gathered(tf.constant([number], tf.float64))
            return self.strategy.experimental_local_results(values)[0]

        return gather

    @property
    def agreement(self) -> Any:
        """As `agree` of `kerasgan.callbacks.GracefulStop`; None for one worker."""
        if self.count == 1:
            return None
        return lambda interrupted: any(self.gather(int(interrupted)))

    def check_steps(self, steps: int) -> None:
        """Rejects workers that begin at different steps."""
        of_workers = self.gather(steps)
        if len({*of_workers}) > 1:
            raise ValueError(
                "all workers must see the same run directory, on a file system "
                f"that they share. Received: checkpoints of the steps {of_workers}"
            )

    @contextlib.contextmanager
    def own_folder(self, output: Path) -> Any:
        """Yields the folder that this process writes a run into.

        Those of the others are temporary: all must compute the same, also what
        is measured and drawn, but one alone writes.
        """
        if self.chief:
            yield output
            return
        _remove_stale_folders()
        with tempfile.TemporaryDirectory(prefix=_PREFIX) as folder:
            # What is read there when a run is resumed.
            for path in [*output.glob("*.json*"), *output.glob("best/*.json")]:
                copy = folder / path.relative_to(output)
                copy.parent.mkdir(exist_ok=True)
                shutil.copyfile(path, copy)
            yield Path(folder)


@contextlib.contextmanager
def distributed(name: str | None) -> Any:
    """Inside the block a training is distributed; no variable exists before.

    Args:
        name: one of `DISTRIBUTIONS`, or None for one device.

    Yields:
        The `Workers`.

    Raises:
        ConnectionError: another worker has gone.
    """
    if name is None:
        yield Workers()
        return
    workers = None
    try:
        with _ENTER[name]() as workers:
            yield workers
    except BaseException as error:
        lost = any(text in str(error) for text in _LOST)
        if not lost if workers is None else workers.count == 1:
            raise
        # The runtimes would wait for the others before the process ends.
        # What is registered last runs first.
        atexit.register(leave)
        if not lost:
            raise
        raise ConnectionError(
            f"{LOST}. Received: {' '.join(str(error).split())[:200]}"
        ) from error


def _remove_stale_folders():
    """Removes what killed workers left: folders whose lock nobody holds."""
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{LOCK}"):
        # Those of other users stay, and one that is just being locked.
        with contextlib.suppress(OSError):
            old = time.time() - lock.stat().st_mtime > 60
            if old and not is_locked(lock):
                shutil.rmtree(lock.parent)


@contextlib.contextmanager
def _mirrored():
    import tensorflow as tf

    devices = [
        device.name
        for kind in ("GPU", "CPU")
        for device in tf.config.list_logical_devices(kind)
    ]
    gpus = [name for name in devices if ":GPU:" in name]
    strategy = tf.distribute.MirroredStrategy(gpus or devices)
    yield Workers(devices=strategy.num_replicas_in_sync, strategy=strategy)


@contextlib.contextmanager
def _multiworker():
    import tensorflow as tf

    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    tasks = strategy.cluster_resolver.cluster_spec().as_dict()
    yield Workers(
        count=sum(len(tasks.get(kind, ())) for kind in ("chief", "worker")),
        devices=strategy.num_replicas_in_sync,
        chief=is_chief("multiworker"),
        strategy=strategy,
    )


@contextlib.contextmanager
def _data_parallel():
    import jax
    import keras

    relay, before = _relay(), keras.distribution.distribution()
    relay.watched = True
    try:
        if not is_distributed():
            if int(os.environ.get(_PROCESSES, 1)) > 1:
                relay.initialize(keras.distribution.initialize)
            elif any(
                name in os.environ and int(os.environ.get(count, 1)) > 1
                for name, count in _LAUNCHERS.items()
            ):
                relay.initialize(jax.distributed.initialize)
        parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)
        yield Workers(
            index=jax.process_index(),
            count=jax.process_count(),
            devices=jax.device_count(),
            chief=jax.process_index() == 0,
        )
    finally:
        relay.watched = False
        keras.distribution.set_distribution(before)


@functools.cache
def _relay():
    """Returns the relay of this process, which JAX initializes once."""
    return Relay()


_ENTER = {
    "mirrored": _mirrored,
    "multiworker": _multiworker,
    "data-parallel": _data_parallel,
}


def is_chief(name: str | None) -> bool:
    """Returns whether this process writes the run directory of its training.

    Args:
        name: one of `DISTRIBUTIONS`, or None for one device.
    """
    if name == "multiworker":
        config = json.loads(os.environ["TF_CONFIG"])
        first = "chief" if "chief" in config["cluster"] else "worker"
        task = config["task"]
        return task["type"] == first and int(task["index"]) == 0
    if name == "data-parallel":
        import jax

        return jax.process_index() == 0
    return True
