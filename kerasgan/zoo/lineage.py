"""How weights came to be: trainings, what they began with, averages."""

from kerasgan.zoo.sections import validate
from kerasgan.zoo.settings.training import Training
from kerasgan.zoo.words import duration, table, training_settings
from kerasgan.zoo.words import value_in_words


def trainings(record):
    """All trainings that went into weights, each once.

    Args:
        record: the `TrainingRecord` of the last one.

    Returns:
        A list of `TrainingRecord`, `record` the first.
    """
    found = {}
    ahead = [(None, record)]
    while ahead:
        digest, one = ahead.pop()
        if digest in found:
            continue
        found[digest] = one
        origins = [one.began_from] if one.began_from else []
        if one.averaged:
            origins += one.averaged.others
        ahead += [(origin.weights, origin.training) for origin in origins]
    return list(found.values())


def training_section(training, metrics):
    """The section `Training` of a card, in Markdown."""
    rows = [
        (key.replace("_", " "), text)
        for key, text in training_settings(training).items()
    ]
    if not metrics or not metrics.training:
        return table(("setting", "value"), rows)
    done = metrics.training
    return "\n\n".join(
        [
            table(("budget", ""), _budget(done)),
            table(("setting", "value"), rows),
            *_chosen(done),
            *_averaged(done, training),
            *_began(done.began_from, training),
        ]
    )


def _budget(done):
    return [
        ("steps", f"{done.steps:,} of {done.batch_size} pictures each"),
        ("training pictures", f"{done.images:,} ({done.data})"),
        (
            "passes over them",
            f"{done.steps * done.batch_size / done.images:.0f}",
        ),
        ("hardware", done.device),
        (
            "wall time",
            f"{duration(done.wall_time_s)} ({done.steps_per_s:.1f} steps/s)",
        ),
        (
            "software",
            f"kerasgan {done.kerasgan}, Keras {done.keras}, {done.backend} backend",
        ),
    ]


def _chosen(done):
    """What the card says of how the networks were chosen."""
    if done.selection is None:
        return
    chosen = done.selection
    yield (
        f"These networks were chosen among those of {chosen.last_steps:,} steps "
        f"by a rule: {chosen.rule}. As it was measured in training:"
    )
    yield table(
        ("networks", "steps", *(key.replace("_", " ") for key in chosen.numbers)),
        [
            ("these", f"{done.steps:,}", *map(value_in_words, chosen.numbers.values())),
            (
                "the last ones",
                f"{chosen.last_steps:,}",
                *(value_in_words(chosen.last_numbers[key]) for key in chosen.numbers),
            ),
        ],
    )


def _averaged(done, training):
    """What the card says of weights that are an average."""
    if done.averaged is None:
        return
    others = ", ".join(
        f"{part.share:.0%} of those of {_named(part)}"
        for part in done.averaged.others
    )
    yield (
        "The weights are not those of this training alone, but an average: "
        f"{done.averaged.share:.0%} of its own, {others}."
    )
    ancestors = set()
    origin = done.began_from
    while origin is not None:
        ancestors.add(origin.weights)
        origin = origin.training.began_from
    for part in done.averaged.others:
        if part.weights not in ancestors:
            before = validate(Training, part.recipe["training"], part.name)
            yield f"Those of {_named(part)} were trained so:"
            yield from _trained(part, before, training)
            yield from _began(part.training.began_from, before)


def _began(origin, training):
    """What the card says of the weights that a training began with."""
    while origin is not None:
        yield (
            f"It began with the weights of {_named(origin)}, with fresh "
            "optimizers. Those had been trained before:"
        )
        before = validate(Training, origin.recipe["training"], origin.name)
        yield from _trained(origin, before, training)
        training, origin = before, origin.training.began_from


def _named(origin):
    return f"`{origin.name}` (generator `{origin.weights[:16]}`)"


def _trained(origin, before, training):
    """How others were trained, and by what other settings than `training`."""
    theirs, ours = training_settings(before), training_settings(training)
    changed = [
        (key.replace("_", " "), theirs.get(key, "none"))
        for key in {**theirs, **ours}
        if theirs.get(key) != ours.get(key)
    ]
    yield table(("budget", ""), _budget(origin.training))
    if changed:
        yield "by the same settings but for"
        yield table(("setting", "value"), changed)
    yield from _averaged(origin.training, before)
