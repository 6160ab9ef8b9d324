"""Does weight normalization reconstruct unseen faces better? Controlled studies.

Question: what Xiang & Li (arXiv 1704.03971) report, and one choice a study
around it. Within a study and a seed all trainings see the same images in the
same order and draw the same latents; one thing is changed.

    python research/reproduction/reproduction.py list
    python research/reproduction/reproduction.py run claim-paper \\
        --data celeba-12k.zip --seeds 0,1 --precision mixed_bfloat16
    python research/reproduction/reproduction.py report

Result: `docs/reproduction.md`, whose tables and images `report` writes from
`results/` (numbers of each training, sixteen samples of the same latents).

DATA has the splits train and test. Each training is a run directory in
`runs/studies`, which is resumed if it was interrupted and reused if it is
complete. Measured are the reconstruction error of 128 test images during the
training and of all of them at its end, and the diversity of samples.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from matplotlib import colormaps
from matplotlib.figure import Figure
from PIL import Image
from studies import BASE, STUDIES

from kerasgan.zoo import Recipe

OUTPUT = Path("runs/studies")
RESULTS = Path(__file__).parent / "results"
DOCS = Path(__file__).parents[2] / "docs"
# The ten usual colours, then their pale companions.
COLOURS = [colormaps["tab20"](i) for i in (*range(0, 20, 2), *range(1, 20, 2))]
ERROR = "reconstruction_error"
CORNER = 4 * (64 + 2) + 2  # pixels of sixteen images of the sample grid


def train(name, label, seed, given):
    """Train, evaluate and record one variant of a study."""
    study = STUDIES[name]
    total = given.steps or study.steps
    changed = {"steps": study.steps, **study.variants[label], "seed": seed}
    # In proportion, if a variant has a number of steps of its own.
    steps = changed["steps"] = changed["steps"] * total // study.steps
    changed["precision"] = given.precision
    changed["data.source"] = given.data
    recipe = Recipe.from_dict(BASE).override_all(changed.items()).to_yaml()
    # As many measurements of each variant.
    every = max(100, study.every * steps // total // 100 * 100)
    # Studies that have a training in common share its run directory.
    digest = hashlib.sha256(f"{recipe}{every}".encode()).hexdigest()[:16]
    run = given.output / digest
    print(f"{name}: {label}, seed {seed}, {run}", flush=True)
    if not (run / "metrics.json").exists():
        given.output.mkdir(parents=True, exist_ok=True)
        path = run.with_suffix(".yaml")
        path.write_text(recipe, encoding="utf-8")
        _kerasgan(
            *("train", path, "--data", given.data, "--output", run),
            *("--resume", "--measure", "reconstruction"),
            *("--measure-every", min(every, steps // 100 * 100)),
            *("--sample-every", steps),
        )
        _kerasgan(
            *("evaluate", run, "--data", given.data, "--samples", 2000),
            *("--metrics", "reconstruction,diversity"),
        )
    record(name, label, seed, run, given.precision)


def _kerasgan(*arguments):
    command = [sys.executable, "-m", "kerasgan.cli", *map(str, arguments)]
    code = subprocess.run(command).returncode
    if code:
        raise SystemExit(code)


def record(name, label, seed, run, precision):
    """Add a complete run to the results of a study."""
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    log = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    training = metrics["training"]
    kept = "steps", "batch_size", "backend", "device", "wall_time_s", "kerasgan"
    result = {
        "variant": label,
        "seed": seed,
        **{key: training[key] for key in kept},
        "precision": precision,
        "running": [
            [line["step"], line[ERROR]]
            for line in map(json.loads, log)
            if line.get(ERROR)
        ],
        **{item["name"]: item["value"] for item in metrics["metrics"]},
    }
    known = {(r["variant"], r["seed"]): r for r in results(name)}
    known[label, seed] = result
    order = list(STUDIES[name].variants)
    rows = sorted(
        known.values(), key=lambda r: (order.index(r["variant"]), r["seed"])
    )
    text = "".join(json.dumps(row) + "\n" for row in rows)
    (RESULTS / f"{name}.jsonl").write_text(text, encoding="utf-8")
    grid = sorted((run / "samples").glob("step_*.png"))[-1]
    path = samples_path(name, label, seed)
    path.parent.mkdir(exist_ok=True)
    with Image.open(grid) as image:
        image.crop((0, 0, CORNER, CORNER)).save(path, "webp", quality=90)


def results(name):
    """The results of a study: a dictionary for each training."""
    path = RESULTS / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.open(encoding="utf-8")]


def samples_path(name, label, seed):
    label = "".join(c if c.isalnum() or c in ".-" else "_" for c in label)
    return RESULTS / name / f"{label}-{seed}.webp"


def by_variant(rows):
    found = {}
    for row in rows:
        found.setdefault(row["variant"], []).append(row)
    return found


def table(rows):
    lines = [
        "| variant | seeds | steps | best running error | last running error "
        "| error, all test faces | diversity |",
        "|" + " --- |" * 7,
    ]
    for label, seeds in by_variant(rows).items():
        errors = [[error for _, error in row["running"]] for row in seeds]
        cells = [
            f"{label} | {len(seeds)} | {seeds[0]['steps']:,}",
            _mean([min(each) for each in errors], 5),
            _mean([each[-1] for each in errors], 5),
            _mean([row[ERROR] for row in seeds], 5),
            _mean([row["sample_diversity"] for row in seeds], 3),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _mean(values, digits):
    text = f"{np.mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" ({min(values):.{digits}f} to {max(values):.{digits}f})"
    return text


def budget(rows):
    devices = " and ".join(sorted({row["device"] for row in rows}))
    hours = sum(row["wall_time_s"] for row in rows) / 3600
    return (
        f"{len(rows)} trainings in {rows[0]['precision']}, {hours:.1f} hours "
        f"in all, on {devices}."
    )


def figure(name, rows):
    """Running errors (figure 1 of the paper), and sixteen samples of each."""
    found = by_variant(rows)
    columns = min(4, max(3, len(found)))
    lines = -(-len(found) // columns)
    height = lines * (11.4 / columns + 0.3)
    whole = Figure(figsize=(12, 4 + height), layout="constrained")
    top, bottom = whole.subfigures(2, 1, height_ratios=[4, height])
    axes = top.add_subplot()
    # Equal is the number of images, not always that of steps.
    by_steps = len({row["batch_size"] for row in rows}) == 1
    for at, (label, seeds) in enumerate(found.items()):
        for number, row in enumerate(seeds):
            steps, errors = np.transpose(row["running"])
            axes.plot(
                steps * (1 if by_steps else row["batch_size"]),
                errors,
                color=COLOURS[at % len(COLOURS)],
                linestyle=("-", "--", ":")[number % 3],
                label=None if number else label,
            )
        image = bottom.add_subplot(lines, columns, at + 1)
        path = samples_path(name, label, seeds[0]["seed"])
        image.imshow(Image.open(path), interpolation="lanczos")
        image.set_axis_off()
        image.set_title(label, fontsize=9)
    axes.set_xlabel("step" if by_steps else "images seen")
    axes.set_ylabel("reconstruction error (128 test faces)")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:.4g}")
    axes.yaxis.set_minor_formatter("{x:.4g}")
    axes.grid(alpha=0.25, which="both")
    if len(rows) > len(found):
        title = "solid: the first seed, with its samples below; dashed: second"
        axes.set_title(title, fontsize=9, loc="left")
    axes.legend(frameon=False, fontsize=8, ncols=2)
    return whole


def report():
    """Write tables and images of the results into `docs/reproduction.md`."""
    path = DOCS / "reproduction.md"
    page = path.read_text(encoding="utf-8")
    for name, study in STUDIES.items():
        if not (rows := results(name)):
            continue
        image = f"pictures/study_{name}.png"
        figure(name, rows).savefig(DOCS / image, dpi=100)
        begin, end = f"<!-- study {name} -->", f"<!-- end {name} -->"
        parts = table(rows), budget(rows), f"![{study.question}]({image})"
        text = "\n".join([begin, "\n\n".join(parts), end])
        page = re.sub(f"{begin}.*?{end}", lambda _: text, page, flags=re.DOTALL)
    path.write_text(page, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list")
    commands.add_parser("report")
    running = commands.add_parser("run")
    running.add_argument("study", choices=STUDIES, nargs="+")
    running.add_argument("--data", required=True)
    running.add_argument("--output", type=Path, default=OUTPUT)
    running.add_argument("--steps", type=int)
    running.add_argument("--seeds", default="0", help="with commas")
    running.add_argument("--precision", default="float32")
    given = parser.parse_args()
    if given.command == "report":
        report()
    elif given.command == "list":
        for name, study in STUDIES.items():
            variants = "; ".join(study.variants)
            print(f"{name}: {study.question}\n    {variants}")
    else:
        for name in given.study:
            for seed in map(int, given.seeds.split(",")):
                for label in STUDIES[name].variants:
                    train(name, label, seed, given)


if __name__ == "__main__":
    main()
