"""Compares the ratios of a step and of samples with `baseline.json`; fails if one is 25% worse.

Run it by hand before and after a change to the step or to sampling, with nothing
else on the machine (some four minutes). Ratios carry over between machines of
one kind only, so `--write` makes a baseline of this machine:

    python benchmarks/check.py --pytorch /venv/bin/python
    python benchmarks/check.py --pytorch /venv/bin/python --write
"""

import argparse
import datetime
import json
import pathlib
import statistics
import sys
from importlib import metadata

import sample_time
import step_cost
import step_time
import turns

BASELINE = pathlib.Path(__file__).with_name("baseline.json")
LIMIT = 1.25
COSTS = {
    "normalizations": ("weight", "spectral", "batch"),
    "options": ("R1, interval 16", "EMA", "DiffAugment"),
}


def measured(pytorch):
    """Yields the name and the median of each ratio; smaller is better."""

    def median(times, name, reference, at=0):
        return statistics.median(turns.ratios(times, name, reference, at))

    options = ["--precision=float32", "--steps=10", f"--pytorch={pytorch}"]
    times = step_time.compete(step_time.parser().parse_args(options))
    yield "step / PyTorch loop", median(times, "kerasgan", "PyTorch loop")
    yield "step / one batch", median(times, "kerasgan", "kerasgan, one batch")
    for count, times in sample_time.compete(
        sample_time.parser().parse_args([])
    ):
        ratio = median(times, "kerasgan.sample", "SavedModel")
        yield f"sample of {count} / SavedModel", ratio
    for what, names in COSTS.items():
        options = [what, f"--only={';'.join(('none', *names))}", "--rounds=5"]
        times = step_cost.compete(step_cost.parser().parse_args(options))
        for name in names:
            # A few percent: by the processor's time, which others disturb less.
            yield f"step with {name} / none", median(times, name, "none", 1)


def parser():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--pytorch", required=True, help="the Python that has PyTorch"
    )
    parser.add_argument("--write", action="store_true", help="a new baseline")
    return parser


def main():
    args = parser().parse_args()
    before = {"machine": None, "ratios": {}}
    if BASELINE.exists():
        before = json.loads(BASELINE.read_text("utf-8"))
    elif not args.write:
        sys.exit(f"There is no {BASELINE.name}: --write makes it")
    if before["machine"] != turns.machine():
        print(f"The baseline is of another machine: {before['machine']}")
    print("| ratio | baseline | now | |\n|---|---:|---:|---|")
    ratios = {}
    for name, ratio in measured(args.pytorch):
        ratios[name] = round(ratio, 3)
        known = before["ratios"].get(name)
        mark = "worse" if is_worse(known, ratio) else ""
        print(f"| {name} | {known or ''} | {ratio:.3f} | {mark} |", flush=True)
    problems = compare(before["ratios"], ratios)
    if args.write:
        write(ratios)
    elif problems:
        sys.exit("\n".join(problems))


def is_worse(known, ratio):
    """Returns whether a ratio is 25% worse than that of the baseline."""
    return known is not None and ratio > LIMIT * known


def compare(known, ratios):
    """Returns what is wrong with the ratios, a line each.

    Args:
        known: those of the baseline, by their names.
        ratios: those measured now.
    """
    worse = [n for n, ratio in ratios.items() if is_worse(known.get(n), ratio)]
    missing = sorted(known.keys() - ratios.keys())
    problems = []
    if worse:
        problems.append(f"More than 25% worse: {', '.join(worse)}")
    if missing:
        problems.append(f"Not measured: {', '.join(missing)}")
    return problems


def write(ratios):
    """Makes the ratios the baseline, with what they were measured with."""
    packages = ("kerasgan", "tensorflow", "keras")
    content = {
        "machine": turns.machine(),
        "date": datetime.date.today().isoformat(),
        "versions": {name: metadata.version(name) for name in packages},
        "ratios": ratios,
    }
    BASELINE.write_text(json.dumps(content, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
