"""Time of commands from their start, against `import tensorflow`.

Whole processes, which take turns: `python -c "import tensorflow"` is the peer.

    python benchmarks/cold_start.py
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

import turns

COMMAND = [sys.executable, "-m", "kerasgan.cli"]
COMMANDS = {
    "import tensorflow": [sys.executable, "-c", "import tensorflow"],
    "kerasgan sample": [*COMMAND, "sample", "dcgan-wn-celeba", "-n", "1"],
    "kerasgan --help": [*COMMAND, "--help"],
}


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    return parser


def main():
    args = parser().parse_args()
    times = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        # A first round fills the caches of files.
        for round_ in range(args.rounds + 1):
            for name, command in COMMANDS.items():
                before = time.perf_counter(), sum(os.times()[2:4])
                subprocess.run(
                    command, cwd=folder, check=True, capture_output=True
                )
                after = time.perf_counter(), sum(os.times()[2:4])
                if round_:
                    times[name].append(
                        [(b - a) * 1e3 for a, b in zip(before, after)]
                    )
    print(f"{turns.machine()}\n")
    print(turns.table(times, "import tensorflow", True))


if __name__ == "__main__":
    main()
