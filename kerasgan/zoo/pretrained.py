"""Networks by name, with weights that were checked."""

import contextlib
import re
import warnings

from kerasgan.recipes.build import build_networks
from kerasgan.recipes.recipe import is_signed
from kerasgan.utils.backend import dtype_policy
from kerasgan.utils.files import sha256
from kerasgan.utils.finite import first_not_finite, first_not_finite_in
from kerasgan.utils.private_names import initialize_by
from kerasgan.utils.typing import Any, PathLike
from kerasgan.zoo.catalogue import CHECKSUMS, HUB_FILES, RECIPE, WEIGHTS, find

_LINE = re.compile(rb"([0-9a-f]{64}) [ *]([\x21-\x7e][\x20-\x7e]*)")
PARTS = ("generator", "discriminator", "both")


def load(name: PathLike, part: str = "generator", weights: bool = True) -> Any:
    """Load an entry's networks.

    They compute in float32, whatever the global dtype policy is.

    Args:
        name: an entry's name (`kerasgan.zoo.list()` has them all), the path
            of a run directory, or a repository of the Hugging Face Hub,
            `"hf://user/name"` or `"hf://user/name@revision"`.
        part: `"generator"`, a model from latents `[N, z]` (standard normal) to
            images `[N, H, W, C]` in [-1, 1]; `"discriminator"`, a model from
            such images to logits `[N, 1]`; or `"both"`.
        weights: whether to load the pretrained weights. Without, they are
            freshly initialized.

    Returns:
        A `keras.Model`, or `(generator, discriminator)` for `"both"`.

    Raises:
        ValueError: there is no such entry, it has no weights, or their file
            is damaged.
        ConnectionError: the repository cannot be reached and is not in the cache.
        FloatingPointError: a weight is not finite. Of the network that is not
            asked for it is a warning.

    Example:
        >>> generator = kerasgan.zoo.load("dcgan-wn-celeba")
        >>> generator.output_shape
        (None, 64, 64, 3)
    """
    _networks(part)
    entry = find(name)
    recipe = entry.recipe()
    if weights:
        verify(entry, recipe, part)
    return load_verified(entry, recipe, part, weights)


def load_verified(entry, recipe, part="generator", weights=True):
    """Loads an `Entry` with its `Recipe`, whose files `verify` checked."""
    wanted = _networks(part)
    with (
        dtype_policy("float32"),
        _deferred() if weights else contextlib.nullcontext() as scope,
    ):
        networks = dict(zip(WEIGHTS, build_networks(recipe)))
        for network, model in networks.items() if weights else ():
            path = entry.weights_file(network)
            if network in wanted:
                _load_weights(model, path, scope)
            else:
                _warn_if_diverged(path)
                _fill(model.variables)
    return tuple(networks.values()) if part == "both" else networks[part]


def check_weights(name: Any, part: str = "generator") -> None:
    """Check that an entry's weights are there and undamaged.

    Keras is not imported for it.

    Args:
        name: as for `load`.
        part: as for `load`.

    Raises:
        ValueError: as `load` does.
    """
    _networks(part)
    entry = find(name)
    verify(entry, entry.recipe(), part)


def verify(entry, recipe, part="generator"):
    """Checks the weights of an `Entry` with its `Recipe`.

    Of a repository of the Hub its other files are checked, too.

    Returns:
        network -> SHA-256 of its file.
    """
    weights = {name: entry.weights_file(name) for name in _networks(part)}
    for network, path in weights.items():
        if not path.is_file():
            target = entry.folder / RECIPE if entry.is_run else entry.name
            raise ValueError(
                f"{entry.name} has no weights of its {network} here; train them "
                f"with `kerasgan train {target} --data {recipe.data.source} "
                f"--output runs/{recipe.name}`"
            )
    others = {}
    if entry.hub:
        # Other weights are checked when they are used.
        others = {
            name: entry.folder / name
            for name in _written_digests(entry.folder)
            if name in HUB_FILES and not name.endswith(".h5")
        }
    digests = {
        name: _check_file(entry, path)
        for name, path in {**others, **weights}.items()
        if name in weights or path.is_file()
    }
    return {network: digests[network] for network in weights}


def checksums(folder):
    """Reads a folder's `SHA256SUMS`: digests by file name.

    It has the format of the `sha256sum` command; without the file the result
    is empty. Of a file that a training was replacing it has the old and the
    new digest: that of the file that is there is the one.

    Raises:
        ValueError: a line is damaged.
    """
    return {
        name: _present(folder / name, digests)
        for name, digests in _written_digests(folder).items()
    }


def _written_digests(folder):
    """Returns the digests of each file name in `SHA256SUMS`, as `checksums`."""
    path, digests = folder / CHECKSUMS, {}
    try:
        lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    except FileNotFoundError:
        return {}
    for number, line in enumerate(lines, 1):
        match = _LINE.fullmatch(line.removesuffix(b"\r"))
        if match is None:
            raise ValueError(
                f"{path} is damaged: line {number}: expected 64 hexadecimal digits, "
                "two spaces and the name of a file. Restore it from a copy, or "
                f"resume the run, which writes it again. Received: {line!r}"
            )
        digest, name = (part.decode() for part in match.groups())
        digests.setdefault(name, []).append(digest)
    return digests


def _present(path, digests):
    """Returns the digest of a file, if it is one of several, or the last."""
    if len(digests) > 1 and path.is_file():
        actual = sha256(path)
        if actual in digests:
            return actual
    return digests[-1]


def _networks(part):
    if part not in PARTS:
        raise ValueError(
            f"Expected one of {', '.join(PARTS)}. Received: part={part!r}"
        )
    return tuple(WEIGHTS) if part == "both" else (part,)


def _check_file(entry, path):
    """Returns the SHA-256 of a file, if it is that in the folder's checksums."""
    before = None
    while True:
        known, actual = _written_digests(entry.folder), sha256(path)
        expected = known.get(path.name)
        if expected is None:
            break
        if actual in expected:
            return actual
        # Otherwise a training replaced them meanwhile.
        if (expected, actual) == before:
            remedy = ""
            if entry.hub:
                remedy = (
                    f". Delete {entry.folder.parents[1]} and load it again; if "
                    f"that does not help, {entry.name} itself is damaged"
                )
            raise ValueError(
                f"{path} is damaged: expected SHA-256 {expected[-1]}, found "
                f"{actual}{remedy}"
            )
        before = expected, actual
    # A training that was stopped has not written its checksums yet.
    if known or not entry.is_run:
        raise ValueError(
            f"{entry.folder / CHECKSUMS}: has no line for {path.name}"
        )
    # A run of kerasgan 0.1 that was stopped has neither these nor the recipe's.
    if is_signed(entry.folder / RECIPE):
        warnings.warn(
            f"{entry.folder / CHECKSUMS} is missing, so that the weights are not "
            "verified: restore it from a copy, or resume the run, which writes it "
            "again",
            stacklevel=2,
        )
    return actual


def _load_weights(model, path, scope):
    try:
        model.load_weights(path)
    except (ValueError, OSError, KeyError, RuntimeError) as error:
        reason = " ".join(str(error).split())
        raise ValueError(
            f"{path} does not hold the weights of its recipe's {model.name}: {reason}"
        ) from error
    values = [scope.get_current_value(variable) for variable in model.weights]
    for variable, value in zip(model.weights, values):
        if value is None:
            raise ValueError(
                f"{path} does not hold the weights of its recipe's "
                f"{model.name}: {variable.path} is missing"
            )
    name = first_not_finite(model.weights, values)
    if name is not None:
        raise FloatingPointError(
            f"{path} comes from a training that diverged: {name} is not finite"
        )
    _fill(model.weights, values)


def _warn_if_diverged(path):
    """Says that the network of a GAN that is not asked for has no numbers."""
    name = first_not_finite_in(path)
    if name is not None:
        warnings.warn(
            f"{path} comes from a training that diverged: {name} is not finite; "
            "do not trust the other network either, and train again",
            stacklevel=4,
        )


def _deferred():
    """Returns a scope at whose end variables are initialized.

    What was loaded meanwhile takes the place of the initial values, so that no
    random numbers are drawn for it.
    """
    import keras

    return keras.StatelessScope()


def _fill(variables, values=None):
    """Let variables get these values at the end of `_deferred`, or zeros."""
    import keras

    for at, variable in enumerate(variables):
        initialize_by(
            variable,
            keras.initializers.Zeros()
            if values is None
            else lambda shape, dtype, value=values[at]: value,
        )
