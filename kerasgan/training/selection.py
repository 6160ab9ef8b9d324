"""Which of a training's networks are kept as the best, and what the last are."""

from kerasgan.callbacks.best_checkpoint import RECORD, REMEDY
from kerasgan.training.diagnostics import MEASURES
from kerasgan.utils.files import atomic_write
from kerasgan.utils.json_files import read_json
from kerasgan.utils.run_log import LOG, read_log
from kerasgan.zoo.catalogue import TRAINING
from kerasgan.zoo.records import Selection, read_training


def write_selection(output, measure, every, count):
    """Say in the best networks' `training.json` how they were chosen.

    Args:
        output: `pathlib.Path` of the run, with the best in `best/`.
        measure: name of the measure that chose, of `MEASURES`.
        every: steps between two measurements.
        count: images or samples of each.
    """
    number, _ = MEASURES[measure]
    known = {name for name, _ in MEASURES.values()}
    lines = [line for line in read_log(output / LOG) if line.get(number)]
    folder = output / "best"
    if not lines or not (folder / RECORD).exists():
        return
    best = read_json(folder / RECORD, REMEDY)
    chosen = [line for line in lines if line["step"] == best["step"]]
    if not chosen:
        return
    numbers = [
        {key: line[key] for key in line if key in known}
        for line in (chosen[0], lines[-1])
    ]
    selection = Selection(
        measure=measure,
        every=every,
        count=count,
        numbers=numbers[0],
        last_steps=lines[-1]["step"],
        last_numbers=numbers[1],
    )
    record = read_training(folder).model_copy(update={"selection": selection})
    with atomic_write(folder / TRAINING, "w", encoding="utf-8") as file:
        file.write(record.to_json())
