"""When a callback that acts every so many steps is due."""


def reached_another(every: int, step: int, last: int | None) -> bool:
    """Returns whether another multiple of `every` was reached since `last`.

    Args:
        every: steps, at least 1.
        step: the step now.
        last: the step when the callback acted last, or training began.
    """
    # None before `on_train_begin`, which comes first.
    assert last is not None
    return step // every > last // every
