"""The measures of `kerasgan evaluate`, one a file.

Each is a function of an `Evaluation` that returns a list of `Measurement`s.
"""

import functools
import importlib

# Name on the command line -> module, function, and its arguments. Modules are
# imported when they are asked for.
MEASURES = {
    "reconstruction": ("reconstruction", {"steps": 50}),
    "reconstruction_final": ("reconstruction", {"steps": 500}),
    "fid768": ("frechet", {"kind": "mixed_7"}),
    "fid": ("frechet", {"kind": "pool"}),
    "kid768": ("kernel", {"kind": "mixed_7"}),
    "kid": ("kernel", {"kind": "pool"}),
    "is": ("inception", {}),
    "prdc768": ("prdc", {"kind": "mixed_7"}),
    "prdc": ("prdc", {"kind": "pool"}),
    "swd": ("wasserstein", {}),
    "diversity": ("variety", {}),
}


def find(name):
    """The function of a measure: `Evaluation` -> list of `Measurement`.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in MEASURES:
        raise ValueError(
            f"expected some of {', '.join(MEASURES)}. Received: metrics={name!r}"
        )
    module, arguments = MEASURES[name]
    module = importlib.import_module(f"{__name__}.{module}")
    return functools.partial(module.measure, **arguments)


def needed_features(names):
    """The Inception features that some measures take."""
    found = [MEASURES[name][1].get("kind") for name in names]
    found += ["logits"] if "is" in names else []
    return [kind for kind in dict.fromkeys(found) if kind]
