"""Compares the ratios of a step and of samples with `baseline.json`; fails if one is 25% worse.

Run it by hand before and after a change to the step or to sampling, with nothing
else on the machine (about ten minutes). Ratios carry over between machines of
one kind only, so `--write` makes a baseline of this machine:

    python benchmarks/check.py --pytorch /venv/bin/python
    python benchmarks/check.py --pytorch /venv/bin/python --write
"""

import argparse
import json
import pathlib
import statistics
import sys

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

    options = ["--precision=float32", "--steps=10"]
    if pytorch:
        options.append(f"--pytorch={pytorch}")
    times = step_time.compete(step_time.parser().parse_args(options))
    if "PyTorch loop" in times:
        ratio = median(times, "kerasgan", "PyTorch loop")
        yield "step / PyTorch loop", ratio
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


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--pytorch", help="the Python that has PyTorch")
    parser.add_argument("--write", action="store_true", help="a new baseline")
    args = parser.parse_args()
    machine, before = turns.machine(), {"machine": None, "ratios": {}}
    if BASELINE.exists():
        before = json.loads(BASELINE.read_text("utf-8"))
    if before["machine"] != machine:
        print(f"The baseline is of another machine: {before['machine']}")
    print("| ratio | baseline | now | |\n|---|---:|---:|---|")
    ratios, worse = {}, []
    for name, ratio in measured(args.pytorch):
        ratios[name] = round(ratio, 3)
        known = before["ratios"].get(name)
        if known and ratio > LIMIT * known:
            worse.append(name)
        mark = "worse" if name in worse else ""
        print(f"| {name} | {known or ''} | {ratio:.3f} | {mark} |", flush=True)
    missing = before["ratios"].keys() - ratios.keys()
    if missing:
        print(f"Not measured (--pytorch?): {', '.join(sorted(missing))}")
    if args.write:
        content = json.dumps({"machine": machine, "ratios": ratios}, indent=2)
        BASELINE.write_text(content + "\n", "utf-8")
    elif not before["ratios"]:
        sys.exit(f"There is no {BASELINE.name}: --write makes it")
    elif worse:
        sys.exit(f"More than 25% worse: {', '.join(worse)}")


if __name__ == "__main__":
    main()
