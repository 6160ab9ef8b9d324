"""Tables and pictures of the studies in docs/reproduction.md.

    python benchmarks/studies_report.py [--runs runs/studies] [--docs docs]

What was run by `studies.py` joins `benchmarks/results` (`studies_results.py`).
A study that has a place in `docs/reproduction.md`, between marks, goes there and
into `docs/pictures/study_NAME.png`: the running reconstruction error as in
figure 1 of Xiang & Li (arXiv 1704.03971), and sixteen samples of the same
latents each. Generated pictures only.
"""

import argparse
import re
from pathlib import Path

import numpy as np
import studies
import studies_results
from matplotlib import colormaps
from matplotlib.figure import Figure
from matplotlib.ticker import FormatStrFormatter
from PIL import Image

from kerasgan.utils.files import atomic_write
from kerasgan.utils.report_page import save_figure
from kerasgan.zoo import formatting

# The ten usual ones, then their pale companions.
COLOURS = [colormaps["tab20"](i) for i in (*range(0, 20, 2), *range(1, 20, 2))]
WIDTH = 12  # of a picture, in inches


def variants(results):
    """label -> the results of its seeds."""
    found = {}
    for one in results:
        found.setdefault(one["variant"], []).append(one)
    return found


def running(one):
    """The steps and errors of a training's measurements."""
    return tuple(zip(*one["running"]))


def table(results):
    header = [
        "variant",
        "seeds",
        "steps",
        "best running error",
        "last running error",
        "error, all test faces",
        "diversity",
        "FID-768",
    ]
    rows = []
    for label, seeds in variants(results).items():
        errors = [running(one)[1] for one in seeds]
        rows.append(
            [
                label,
                str(len(seeds)),
                f"{seeds[0]['steps']:,}",
                _mean([min(each) for each in errors], 5),
                _mean([each[-1] for each in errors], 5),
                _mean([one[studies_results.ERROR] for one in seeds], 5),
                _mean([one["sample_diversity"] for one in seeds], 3),
                _mean([one.get("fid768", np.nan) for one in seeds], 3),
            ]
        )
    if not any(row[-1] for row in rows):
        # Measured in none of them.
        header, rows = header[:-1], [row[:-1] for row in rows]
    return formatting.table(header, rows)


def budget(results, missing=()):
    """What the trainings took, and which there are none of, in sentences."""
    devices = sorted({one["device"] for one in results})
    hours = sum(one["wall_time_s"] for one in results) / 3600
    said = (
        f"{len(results)} trainings in {results[0]['precision']}, "
        f"{hours:.1f} hours in all, on {' and '.join(devices)}."
    )
    return f"{said} Not trained: {'; '.join(missing)}." if missing else said


def _mean(values, digits):
    if np.isnan(values).any():
        return ""
    text = f"{np.mean(values):.{digits}f}"
    if len(values) > 1:
        text += f" ({min(values):.{digits}f} to {max(values):.{digits}f})"
    return text


def figure(name, results):
    found = variants(results)
    columns = min(4, max(3, len(found)))
    rows = -(-len(found) // columns)
    # A grid is as wide as it is high, and has a line of words above it.
    height = rows * (0.95 * WIDTH / columns + 0.3)
    whole = Figure(figsize=(WIDTH, 4 + height), layout="constrained")
    top, bottom = whole.subfigures(2, 1, height_ratios=[4, height])
    axes = top.add_subplot()
    # What is equal is the number of pictures, not always that of steps.
    by_steps = len({one["batch_size"] for one in results}) == 1
    for at, (label, seeds) in enumerate(found.items()):
        for number, one in enumerate(seeds):
            steps, errors = running(one)
            axes.plot(
                np.multiply(steps, 1 if by_steps else one["batch_size"]),
                errors,
                color=COLOURS[at % len(COLOURS)],
                linestyle=("-", "--", ":")[number % 3],
                label=label if number == 0 else None,
                lw=1.4,
                marker=".",
            )
    axes.set_xlabel("steps" if by_steps else "pictures seen")
    axes.set_ylabel("reconstruction error (128 test faces)")
    axes.set_yscale("log")
    for axis in (
        axes.yaxis.set_major_formatter,
        axes.yaxis.set_minor_formatter,
    ):
        axis(FormatStrFormatter("%.4g"))
    axes.grid(alpha=0.25, which="both")
    if len(results) > len(found):
        axes.set_title(
            "solid: the first seed, whose samples are below; dashed: the second",
            fontsize=9,
            loc="left",
        )
    # Many names would hide the curves.
    beside = {"bbox_to_anchor": (1, 1), "loc": "upper left"}
    within = {"ncols": 2, "loc": "best"}
    axes.legend(
        frameon=False, fontsize=8, **(beside if len(found) > 6 else within)
    )
    for at, (label, seeds) in enumerate(found.items()):
        path = studies_results.samples_path(name, label, seeds[0]["seed"])
        axes = bottom.add_subplot(rows, columns, at + 1)
        with Image.open(path) as picture:
            axes.imshow(np.asarray(picture), interpolation="lanczos")
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
    for name, study in studies.STUDIES.items():
        results = studies_results.gather(name, given.runs)
        begin, end = f"<!-- study {name} -->", f"<!-- end {name} -->"
        if begin not in page:
            if results:
                print(f"{name}: {path} has no place for it")
            continue
        if not results:
            continue
        done = variants(results)
        missing = [label for label in study.variants if label not in done]
        picture = given.docs / "pictures" / f"study_{name}.png"
        save_figure(figure(name, results), picture)
        text = "\n\n".join(
            [
                table(results),
                budget(results, missing),
                f"![{study.question}](pictures/{picture.name})",
            ]
        )
        page, count = re.subn(
            f"{begin}.*?{end}",
            lambda _: f"{begin}\n{text}\n{end}",
            page,
            flags=re.DOTALL,
        )
        if count != 1:
            raise SystemExit(f"{path} has {count} places for the study {name}")
        lacks = f", without {'; '.join(missing)}" if missing else ""
        print(f"{name}: {len(results)} trainings{lacks}")
    with atomic_write(path, "w", encoding="utf-8") as file:
        file.write(page)


if __name__ == "__main__":
    main()
