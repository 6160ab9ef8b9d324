"""Trains the cells of a study, each in a process of its own."""

import contextlib
import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

from kerasgan.study import results
from kerasgan.training.run_directory import finished_steps
from kerasgan.utils.json_files import write_json
from kerasgan.utils.locks import LOCK, acquire, is_locked
from kerasgan.utils.signals import hung_up, stop_signals
from kerasgan.zoo.catalogue import RECIPE
from kerasgan.zoo.formatting import duration

_KERASGAN = (sys.executable, "-m", "kerasgan.cli")
_POLL_SECONDS = 0.5
_TENTHS = 10


@dataclasses.dataclass
class _Running:
    cell: Any
    process: subprocess.Popen
    lock: int
    began: float
    tenth: int


class Scheduler:
    """Trains cells until all are complete or have failed.

    A cell whose training fails is recorded and ends no other. Cells are locked
    while they train, also against another process of the same study, whose
    cells are waited for. SIGTERM, SIGHUP and Ctrl-C stop the trainings after the
    current step, with checkpoints; the second one at once.

    Args:
        cells: a list of `Cell`s, in order.
        jobs: how many are trained at the same time.
        say: a function of a line of progress.
        changed: a function that is called when a cell has ended.
    """

    def __init__(self, cells, jobs, say, changed):
        self.pending = list(cells)
        self.jobs = jobs
        self.say = say
        self.changed = changed
        self.running = []
        self.total = len(cells)
        self.ended = 0
        self.stopping = 0
        self._waiting = False

    def run(self):
        """Trains; returns False if it was stopped before the end."""
        handlers = {
            number: signal.signal(number, self._stop)
            for number in stop_signals()
        }
        try:
            while self.running or (self.pending and not self.stopping):
                self._start()
                time.sleep(_POLL_SECONDS)
                for training in [*self.running]:
                    self._look_at(training)
        finally:
            for training in self.running:
                training.process.terminate()
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return not self.stopping

    def _stop(self, number, frame):
        if hung_up(number) and self.stopping:
            return
        self.stopping += 1
        for training in self.running:
            with contextlib.suppress(ProcessLookupError):
                training.process.terminate()

    def _start(self):
        """Starts pending cells that no other process trains."""
        for cell in [*self.pending]:
            if len(self.running) >= self.jobs or self.stopping:
                return
            lock = _lock(cell)
            if lock is None:
                continue
            self.pending.remove(cell)
            # Another process may have trained it meanwhile.
            if results.read_result(cell, ()).state in (
                results.COMPLETE,
                results.DIVERGED,
            ):
                os.close(lock)
                self._end(cell, "already there")
                continue
            self._train(cell, lock)
        if self.pending and not self.running and not self._waiting:
            self._waiting = True
            names = ", ".join(cell.name for cell in self.pending)
            self.say(f"waiting for cells that another process trains: {names}")

    def _train(self, cell, lock):
        # What was killed before it had a recipe is no run to resume.
        if cell.run.exists() and not (cell.run / RECIPE).exists():
            shutil.rmtree(cell.run)
        cell.failure.unlink(missing_ok=True)
        done = finished_steps(cell.run)
        what = f"resumed at step {done:,}" if done else "started"
        self.say(f"{cell.name}: {what}, {cell.steps:,} steps")
        cell.messages.parent.mkdir(parents=True, exist_ok=True)
        with open(cell.messages, "ab") as file:
            process = subprocess.Popen(
                [*_KERASGAN, *cell.arguments],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                # Ctrl-C in a terminal reaches this process alone, and the lock
                # lasts as long as the training, whatever becomes of this one.
                start_new_session=True,
                pass_fds=(lock,) if os.name == "posix" else (),
            )
        self.running.append(
            _Running(
                cell,
                process,
                lock,
                time.monotonic(),
                _TENTHS * done // cell.steps,
            )
        )

    def _look_at(self, training):
        code = training.process.poll()
        cell = training.cell
        if code is None:
            done = finished_steps(cell.run)
            tenth = _TENTHS * done // cell.steps
            if training.tenth < tenth < _TENTHS:
                training.tenth = tenth
                self.say(f"{cell.name}: step {done:,} of {cell.steps:,}")
            return
        self.running.remove(training)
        if code and not self.stopping and code != 130:
            _record_failure(cell, code)
        os.close(training.lock)
        result = results.read_result(cell, ())
        text = result.state
        if result.failed:
            text += f" at step {result.steps:,}: {result.reason}"
        elif result.state == results.PARTIAL:
            text = f"stopped at step {result.steps:,}"
        took = time.monotonic() - training.began
        self._end(
            cell,
            f"{text} ({duration(took)})",
            result.state != results.PARTIAL,
        )

    def _end(self, cell, text, ended=True):
        self.ended += ended
        self.say(f"{cell.name}: {text} [{self.ended} of {self.total}]")
        self.changed()


def _lock(cell):
    """Opens the lock of a cell; None if another process trains it."""
    cell.lock.parent.mkdir(parents=True, exist_ok=True)
    # Somebody may also train it without the study.
    return None if is_locked(cell.run / LOCK) else acquire(cell.lock)


def is_training(cell):
    """Returns whether a process trains a cell now."""
    return is_locked(cell.lock) or is_locked(cell.run / LOCK)


def _record_failure(cell, code):
    """Writes down why a process ended; one that diverged is not tried again."""
    text = cell.messages.read_text(encoding="utf-8", errors="replace")
    last = (text.strip().splitlines() or [""])[-1]
    error = last.removeprefix("kerasgan: error: ")
    # What `kerasgan train` ends with if the numbers are not finite any more.
    diverged = code == 1 and error != last
    if code < 0:
        error = f"killed by {signal.Signals(-code).name}"
    content = {
        "state": results.DIVERGED if diverged else results.CRASHED,
        "reason": error.replace(f"{cell.run}", cell.name),
        "exit_code": code,
    }
    cell.failure.parent.mkdir(parents=True, exist_ok=True)
    write_json(cell.failure, content)
