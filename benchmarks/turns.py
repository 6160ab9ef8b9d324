"""Contestants in processes of their own, which take turns.

A noisy machine then treats all alike, and none disturbs another's threads or
memory. What counts is the ratio within a round: `table` gives its median, and
an interval that holds the true median with 95%, whatever the distribution
(`scipy.stats.quantile_test`).
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time

ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    # As the command `kerasgan` sets it; not all processors have it by default.
    "TF_ENABLE_ONEDNN_OPTS": "1",
    # Several contestants share a GPU's memory.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}


def answer(run, warm_up=2):
    """Answer `compete` from a contestant's process: `run(steps)` is what is timed."""
    # Whatever else prints must not get between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    run(warm_up)
    for line in sys.stdin:
        steps = int(line)
        # Caches and clocks are those of this contestant again.
        run(warm_up)
        before = time.perf_counter(), time.process_time()
        run(steps)
        after = time.perf_counter(), time.process_time()
        times = [(b - a) / steps * 1e3 for a, b in zip(before, after)]
        print(json.dumps(times), file=answers, flush=True)


def compete(commands, steps, rounds):
    """Time contestants in turns.

    Args:
        commands: of each contestant the command whose process calls `answer`.
        steps: what each runs in a round, or of each contestant.
        rounds: the number of rounds.

    Returns:
        Of each contestant a list of pairs: milliseconds a step by the clock,
        and by the processor (all threads).
    """
    if not isinstance(steps, dict):
        steps = dict.fromkeys(commands, steps)
    times = {name: [] for name in commands}
    with contextlib.ExitStack() as stack:
        processes = {
            name: stack.enter_context(
                subprocess.Popen(
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    env={**ENVIRONMENT, **os.environ},
                )
            )
            for name, command in commands.items()
        }
        for _ in range(rounds):
            for name, process in processes.items():
                print(steps[name], file=process.stdin, flush=True)
                line = process.stdout.readline()
                if not line:
                    raise SystemExit(f"{name} ended before its time")
                times[name].append(json.loads(line))
        for process in processes.values():
            process.stdin.close()
    return times


def contestants(pythons):
    """Returns the commands of contestants that are the running script itself.

    Args:
        pythons: of each contestant, as `--contestant` names it, its Python.
    """
    return {
        name: [python, *sys.argv, "--contestant", name]
        for name, python in pythons.items()
    }


def ratios(times, name, reference, at=0):
    """Returns a contestant's ratios to another, one a round."""
    return [a[at] / b[at] for a, b in zip(times[name], times[reference])]


def interval(values):
    """Returns the 95% interval of the median in words."""
    if len(values) < 6:
        return "needs 6 rounds"
    # Here, because a contestant's environment need not have scipy.
    from scipy import stats

    found = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
    return f"{found.low:.3f} to {found.high:.3f}"


def table(times, reference, processor=False):
    """Returns a table in Markdown: milliseconds, and the ratios to a reference."""
    kinds = ["", ", processor"] if processor else [""]
    heads = [f"ms{kind} | ratio | 95%" for kind in kinds]
    lines = [f"| | {' | '.join(heads)} |", "|---" + "|---:" * 3 * len(kinds)]
    lines[1] += "|"
    for name, rows in times.items():
        cells = [name]
        for at in range(len(kinds)):
            found = ratios(times, name, reference, at)
            cells += [
                f"{statistics.median(row[at] for row in rows):.3g}",
                f"{statistics.median(found):.3f}",
                "" if name == reference else interval(found),
            ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def machine():
    """Returns the processor's name and the cores of this process."""
    name = "unknown processor"
    with contextlib.suppress(OSError), open("/proc/cpuinfo") as file:
        pairs = [line.split(":", 1) for line in file if ":" in line]
        facts = {key.strip(): value.strip() for key, value in pairs}
        name = facts.get("model name", name)
        # One name may stand for processors of several generations.
        flags = facts.get("flags", "").split()
        name += "".join(
            f", {flag}" for flag in ("avx2", "avx512_bf16") if flag in flags
        )
    return f"{len(os.sched_getaffinity(0))} cores, {name}"
