"""The measures of `kerasgan evaluate`, one a file.

Each is a function of an `Evaluation` that returns `Measurement`s, one by one.
"""

import functools

from kerasgan.callbacks.measures_table import MEASURES

# Those of given images, and of these the ones that need no others.
OF_IMAGES = tuple(name for name, row in MEASURES.items() if row.of_images)
ALONE = tuple(name for name in OF_IMAGES if MEASURES[name].alone)


def find(name):
    """Returns the function of a measure: `Evaluation` -> `Measurement`s.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in MEASURES:
        raise ValueError(
            f"Expected some of {', '.join(MEASURES)}. Received: metrics={name!r}"
        )
    row = MEASURES[name]
    return functools.partial(row.load(), **row.options)


def needed_features(names):
    """Returns the Inception features that some measures take."""
    kinds = [MEASURES[name].options.get("kind") for name in names]
    return [kind for kind in dict.fromkeys(kinds) if kind]
