"""Tables and pictures of the studies in docs/reproduction.md.

    python benchmarks/studies_report.py [--runs runs/studies] [--docs docs]

What was run by `studies.py` goes between the marks of its study in
`docs/reproduction.md`, and into `docs/pictures/study_NAME.png`: the running
reconstruction error as in figure 1 of Xiang & Li (arXiv 1704.03971), and
sixteen samples of the same latents each. Generated pictures only.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import studies
from matplotlib.figure import Figure
from PIL import Image

from kerasgan.callbacks.json_log import read_log
from kerasgan.files import atomic_write
from kerasgan.report import save_figure
from kerasgan.zoo import Metrics, catalogue

CORNER = 4
ERROR = "reconstruction_error"


def finished(name, folder):
    """label -> a list of `(folder, log, Metrics)`, one a seed that is done."""
    found = {}
    for seed in range(10):
        for label, _, run, _ in studies.runs(name, folder, [seed]):
            if (run / catalogue.METRICS).exists():
                metrics = Metrics.load(run / catalogue.METRICS)
                log = read_log(run / "log.jsonl")
                found.setdefault(label, []).append((run, log, metrics))
    order = list(studies.STUDIES[name].variants)
    return dict(sorted(found.items(), key=lambda item: order.index(item[0])))


def running(log):
    """The steps and errors of a run's measurements."""
    lines = [line for line in log if line.get(ERROR)]
    return [line["step"] for line in lines], [line[ERROR] for line in lines]


def value(metrics, name):
    item = metrics.find(name)
    return np.nan if item is None else item.value


def table(found):
    lines = [
        "| variant | seeds | steps | best running error | last running error "
        "| error, all test faces | FID-768 | diversity |",
        "| --- " * 8 + "|",
    ]
    for label, runs in found.items():
        errors = [running(log)[1] for _, log, _ in runs]
        metrics = [one for _, _, one in runs]
        cells = [
            label,
            str(len(runs)),
            f"{metrics[0].training.steps:,}",
            _mean([min(each) for each in errors], 5),
            _mean([each[-1] for each in errors], 5),
            _mean([value(one, ERROR) for one in metrics], 5),
            _mean([value(one, "fid768") for one in metrics], 3),
            _mean([value(one, "sample_diversity") for one in metrics], 3),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _mean(values, digits):
    if np.isnan(values).any():
        return ""
    text = f"{np.mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" ({min(values):.{digits}f} to {max(values):.{digits}f})"
    return text


def figure(found):
    columns = min(4, len(found))
    rows = -(-len(found) // columns)
    whole = Figure(figsize=(12, 4 + 3.1 * rows), layout="constrained")
    top, bottom = whole.subfigures(2, 1, height_ratios=[4, 3.1 * rows])
    axes = top.add_subplot()
    for at, (label, runs) in enumerate(found.items()):
        for number, (_, log, _) in enumerate(runs):
            axes.plot(
                *running(log),
                color=f"C{at % 10}",
                linestyle=("-", "--", ":")[number % 3] if at < 10 else "-.",
                label=label if number == 0 else None,
                lw=1.4,
                marker=".",
            )
    axes.set_xlabel("steps")
    axes.set_ylabel("reconstruction error (128 test faces)")
    axes.set_yscale("log")
    axes.grid(alpha=0.25, which="both")
    axes.legend(frameon=False, fontsize=8, loc="upper right", ncols=2)
    for at, (label, runs) in enumerate(found.items()):
        path = sorted((runs[0][0] / "samples").glob("step_*.png"))[-1]
        picture = np.asarray(Image.open(path))
        side = CORNER * (64 + 2) + 2
        axes = bottom.add_subplot(rows, columns, at + 1)
        axes.imshow(picture[:side, :side], interpolation="lanczos")
        axes.set_axis_off()
        axes.set_title(label, fontsize=9)
    return whole


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=Path, default=studies.OUTPUT)
    parser.add_argument("--docs", type=Path, default=Path("docs"))
    given = parser.parse_args()
    path = given.docs / "reproduction.md"
    page = path.read_text(encoding="utf-8")
    for name in studies.STUDIES:
        found = finished(name, given.runs)
        if not found:
            continue
        picture = given.docs / "pictures" / f"study_{name}.png"
        save_figure(figure(found), picture)
        text = (
            f"{table(found)}\n\n![{studies.STUDIES[name].question}]"
            f"(pictures/{picture.name})"
        )
        begin, end = f"<!-- study {name} -->", f"<!-- end {name} -->"
        page, count = re.subn(
            f"{begin}.*?{end}",
            lambda _: f"{begin}\n{text}\n{end}",
            page,
            flags=re.DOTALL,
        )
        if count != 1:
            raise SystemExit(f"{path} has no place for the study {name}")
        print(f"{name}: {len(found)} variants")
    with atomic_write(path, "w", encoding="utf-8") as file:
        file.write(page)


if __name__ == "__main__":
    main()
