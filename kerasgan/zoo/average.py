"""One entry from the weights of several trainings."""

import warnings

import numpy as np

from kerasgan.files import atomic_write
from kerasgan.zoo.catalogue import RECIPE, TRAINING, find
from kerasgan.zoo.load import load
from kerasgan.zoo.metrics import Average, Part, read_training
from kerasgan.zoo.origin import find_origin

# The mean cosine between kernels is 0.99 between dcgan-wn-celeba and the later
# one of its parts, 0.08 between it and the fresh weights of its seed, and 0.00
# between different fresh weights.
_LIKE = 0.3


def average(names, folder, shares=None):
    """Average the weights of trainings that have a beginning in common.

    Generators and discriminators are averaged each (Izmailov et al. 2018,
    arXiv 1803.05407, and for GANs Yazici et al. 2019, arXiv 1806.04498). It
    pays where one training went on from the other, or both from a third;
    trainings from different fresh weights have nothing to average, of which
    there is a warning.

    `folder` gets the weights with `SHA256SUMS`, the first one's recipe, and its
    `training.json` with the shares of all and how the others were trained. It
    can stand wherever a run can.

    Args:
        names: two or more entries of the zoo or run folders.
        folder: `pathlib.Path` of a new or empty folder.
        shares: a positive number each, in any unit. Equal by default.

    Returns:
        The shares, which sum to 1.

    Raises:
        FileExistsError: `folder` holds something.
        ValueError: fewer than two names, the networks differ, weights are
            missing or damaged, shares are not one positive number each, or
            layers keep statistics, as batch and spectral normalization do:
            those of an average are not the average of theirs.
    """
    shares = _shares(names, shares)
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise FileExistsError(f"{folder} is not empty: choose another folder")
    first = find(names[0])
    recipe = first.recipe()
    origins = [find_origin(name, recipe) for name in names]
    networks = [load(name, "both") for name in names]
    for network in networks[0]:
        _check_state(network)
    _warn_of_strangers(names, [generator for generator, _ in networks])
    for parts in zip(*networks):
        weights = zip(*(part.get_weights() for part in parts))
        parts[0].set_weights([_mean(each, shares) for each in weights])
    record = _record(read_training(first.folder), origins, shares)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder, networks[0], recipe, record)
    return shares


def _shares(names, shares):
    if len(names) < 2:
        raise ValueError(
            f"expected two or more entries or runs. Received: {' '.join(names)}"
        )
    if shares is None:
        shares = [1.0] * len(names)
    # Comparisons with NaN are false.
    if len(shares) != len(names) or not all(
        0 < s < float("inf") for s in shares
    ):
        raise ValueError(
            f"expected {len(names)} positive numbers, one for each of the "
            f"entries. Received: shares={','.join(map(str, shares))}"
        )
    return [share / sum(shares) for share in shares]


def _record(first, origins, shares):
    own, others = shares[0], []
    if first.averaged:
        # An average of an average is one, too.
        own *= first.averaged.share
        others = [
            part.model_copy(update={"share": shares[0] * part.share})
            for part in first.averaged.others
        ]
    others += [
        Part(**dict(origin), share=share)
        for origin, share in zip(origins[1:], shares[1:])
    ]
    return first.model_copy(
        update={"averaged": Average(share=own, others=others)}
    )


def _check_state(network):
    kept = [weight.path for weight in network.non_trainable_weights]
    if kept:
        raise ValueError(
            "weights can be averaged only where no layer keeps statistics, and "
            f"the {network.name} keeps {len(kept)}, such as {kept[0]}"
        )


def _warn_of_strangers(names, generators):
    """Say it where two generators have nothing to average."""
    first, *others = map(_kernels, generators)
    for name, kernels in zip(names[1:], others):
        likeness = float(
            np.mean([np.sum(a * b) for a, b in zip(first, kernels)])
        )
        if likeness < _LIKE:
            warnings.warn(
                f"{names[0]} and {name} seem to have no beginning in common, "
                f"and their average is no network that was trained: the mean "
                f"cosine between their generators' kernels is {likeness:.2f}",
                stacklevel=3,
            )


def _kernels(network):
    """The kernels of a network, each of length 1."""
    kernels = [w for w in network.get_weights() if w.ndim > 1]
    return [k / max(np.linalg.norm(k), 1e-30) for k in kernels]


def _mean(arrays, shares):
    total = sum(
        share * array.astype("float64") for share, array in zip(shares, arrays)
    )
    return total.astype(arrays[0].dtype)


def _write(folder, networks, recipe, record):
    from kerasgan.callbacks.networks import write_networks

    with atomic_write(folder / TRAINING, "w", encoding="utf-8") as file:
        file.write(record.to_json())
    write_networks(*networks, folder)
    # Without it the folder is no run yet.
    with atomic_write(folder / RECIPE, "w", encoding="utf-8") as file:
        file.write(recipe.to_yaml())
