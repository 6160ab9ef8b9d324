"""How weights came to be: trainings, what they began with, averages."""

from kerasgan.zoo.again import training_commands
from kerasgan.zoo.sections import validate
from kerasgan.zoo.settings.training import Training
from kerasgan.zoo.words import (
    duration,
    table,
    training_settings,
    value_in_words,
)


def trainings(record):
    """All trainings that went into weights, each once.

    Args:
        record: the `TrainingRecord` of the last one.

    Returns:
        A list of `TrainingRecord`, `record` the first.
    """
    return [record, *(origin.training for origin in _origins(record))]


def spent(record):
    """What all trainings that went into weights took.

    Args:
        record: the `TrainingRecord` of the last one.

    Returns:
        `(steps, passes, seconds)`: passes over the pictures of each.
    """
    parts = trainings(record)
    return (
        sum(part.steps for part in parts),
        sum(part.steps * part.batch_size / part.images for part in parts),
        sum(part.wall_time_s for part in parts),
    )


def licence(recipe, record):
    """The licence of weights, with those of what they were trained from.

    Args:
        recipe: the `Recipe` of the weights.
        record: their `TrainingRecord`, or None.
    """
    theirs = {}
    for origin in _origins(record) if record is not None else ():
        theirs.setdefault(origin.recipe.get("licence"), origin.name)
    said = recipe.licence.rstrip(".")
    for words, name in theirs.items():
        if words not in (None, "not stated", recipe.licence):
            said += (
                f". Trained from the weights of {name}, whose licence holds "
                f"for these, too: {words.rstrip('.')}"
            )
    return said


def _origins(record):
    """What trainings began with, learned from, were averaged with, each once."""
    found = {}
    ahead = [record]
    while ahead:
        one = ahead.pop()
        origins = [one.began_from] if one.began_from else []
        origins += one.taught_by or []
        if one.averaged:
            origins += one.averaged.others
        ahead += [o.training for o in origins if o.weights not in found]
        found.update({origin.weights: origin for origin in origins})
    return list(found.values())


def training_section(recipe, metrics):
    """The section `Training` of a card, in Markdown."""
    if not metrics or not metrics.training:
        return _settings(recipe.training)
    done = metrics.training
    training, another = recipe.training, []
    if done.recipe is not None:
        training = validate(Training, done.recipe["training"], recipe.name)
        another = [
            "This last training had settings of its own, which are not those "
            "of `recipe.yaml`."
        ]
    return "\n\n".join(
        [
            table(("budget", ""), _budget(done)),
            *another,
            _settings(training),
            *_taught(done),
            *_averaged(done, training),
            *_chosen(done),
            *_began(done.began_from, training),
            *_again(recipe, done),
        ]
    )


def _settings(training):
    rows = [
        (key.replace("_", " "), text)
        for key, text in training_settings(training).items()
    ]
    return table(("setting", "value"), rows)


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
    # Those of an average were not measured in any training.
    these = "these" if done.averaged is None else "its own"
    yield (
        f"{these.capitalize()} networks were chosen among those of "
        f"{chosen.last_steps:,} steps by a rule: {chosen.rule}. As it was "
        "measured in training:"
    )
    yield table(
        (
            "networks",
            "steps",
            *(key.replace("_", " ") for key in chosen.numbers),
        ),
        [
            (
                these,
                f"{done.steps:,}",
                *map(value_in_words, chosen.numbers.values()),
            ),
            (
                "the last ones",
                f"{chosen.last_steps:,}",
                *(
                    value_in_words(chosen.last_numbers[key])
                    for key in chosen.numbers
                ),
            ),
        ],
    )


def _taught(done):
    """What the card says of the teachers of a distillation."""
    for teacher in done.taught_by or ():
        steps, _, seconds = spent(teacher.training)
        yield (
            f"It learned from the pictures of {_named(teacher)}, into which "
            f"{steps:,} steps of training and {duration(seconds)} had gone."
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
    yield from _taught(origin.training)
    yield from _averaged(origin.training, before)


def _again(recipe, done):
    """What the card says of how to train the same again."""
    commands = "\n".join(training_commands(recipe, done))
    yield (
        "To train the like again, with the pictures and latents in the same "
        "order (other processors round otherwise, and end with other weights):"
    )
    yield f"```sh\n{commands}\n```"
