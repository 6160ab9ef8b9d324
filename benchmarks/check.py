"""Whether kerasgan became slower: ratios beside those of `baseline.json`.

Only ratios of contestants that take turns on one machine are compared, and only
with a baseline of the same kind of machine. A ratio that is 25% above its
baseline, with the whole of its interval, is a failure: exit code 1. Nothing else
should run meanwhile.

    python benchmarks/check.py
    python benchmarks/check.py --write      # a new baseline
"""

import pathlib

import step_cost
import step_time
import turns

BASELINE = pathlib.Path(__file__).with_name("baseline.json")
ALLOWED = 1.25


def measured(rounds):
    """Yields the name, the ratio and its interval of each comparison."""
    asked = [f"--rounds={rounds}"]
    float32 = [*asked, "--precision=float32"]
    for reference, times in (
        (
            "kerasgan, one batch",
            step_time.compete(step_time.parser().parse_args(float32)),
        ),
        (
            "none",
            step_cost.compete(
                step_cost.parser().parse_args(
                    ["normalizations", "--only=none;spectral;weight", *float32]
                )
            ),
        ),
        (
            "none",
            step_cost.compete(
                step_cost.parser().parse_args(
                    [
                        "options",
                        "--only=none;R1, interval 16;EMA;DiffAugment",
                        *float32,
                    ]
                )
            ),
        ),
    ):
        for name in times:
            if name != reference:
                yield name, reference, turns.ratios(times, name, reference)
