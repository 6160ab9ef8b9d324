"""Runs `kerasgan train` in forked processes that kill themselves.

Reads a JSON document a line: the `arguments` of the command, the `output`, and
where to `kill` it: `[when, file, count]`, with the wildcards of file names in
the file's path in the run. It dies of SIGKILL the `count`-th time that it is
about to put such a file in its place (`"before"`), has done so (`"after"`), or
has written half of it (`"half"`); or `count` seconds after the training began
(`"time"`). Answers with the status of each process.

Keras is imported once, and computes nothing before the forks.
"""

import builtins
import fnmatch
import json
import os
import signal
import sys
import threading

import keras  # noqa: F401

import kerasgan.callbacks.json_log
import kerasgan.training.training_callbacks
import kerasgan.utils.curves
from kerasgan import cli
from kerasgan.utils import files


class Killer:
    """Counts the writes of a run, and ends the process in one of them."""

    def __init__(self, output, when, pattern, count):
        self.output = output
        self.when = when
        self.pattern = pattern
        self.count = count
        self._replace = os.replace

    def install(self):
        os.replace = self.replace
        files.open = self.open_part
        kerasgan.callbacks.json_log.open = self.open_log

    def reached(self, when, path):
        name = os.path.relpath(path, self.output)
        if when != self.when or not fnmatch.fnmatchcase(name, self.pattern):
            return False
        self.count -= 1
        return self.count == 0

    def replace(self, source, target):
        if self.reached("before", target):
            die()
        self._replace(source, target)
        if self.reached("after", target):
            die()
        if self.when == "time" and os.path.basename(target) == "log.jsonl":
            # The training begins.
            threading.Timer(self.count, die).start()

    def open_part(self, path, *mode, **options):
        # .NAME.HEXADECIMAL.part
        folder, name = os.path.split(path)
        name = name[1:].rsplit(".", 2)[0]
        return self.halved(os.path.join(folder, name), path, mode, options)

    def open_log(self, path, *mode, **options):
        return self.halved(path, path, mode, options)

    def halved(self, target, path, mode, options):
        file = builtins.open(path, *mode, **options)
        if self.reached("half", target):
            write = file.write

            def half(content):
                write(content[: len(content) // 2])
                file.flush()
                die()

            file.write = half
        return file


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def train(arguments, output, kill):
    log = os.open(f"{output}.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    if kill is not None:
        Killer(output, *kill).install()
    sys.argv = ["kerasgan", "train", *arguments]
    try:
        cli.main()
    except SystemExit as end:
        os._exit(end.code or 0)


def serve():
    for line in sys.stdin:
        process = os.fork()
        if not process:
            try:
                train(**json.loads(line))
            finally:
                os._exit(99)
        print(os.waitpid(process, 0)[1], flush=True)


if __name__ == "__main__":
    serve()
