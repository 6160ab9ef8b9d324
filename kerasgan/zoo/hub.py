"""The Hugging Face Hub: what `hf://user/name` means, and its errors in one line."""

import contextlib
import re
import sys
from pathlib import Path

from kerasgan._version import __version__
from kerasgan.utils.extras import require

PREFIX = "hf://"
_REFERENCE = re.compile(
    rf"{PREFIX}(?P<repo>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?", re.ASCII
)


def is_reference(name):
    """Returns whether a name is meant to be of the Hub."""
    return isinstance(name, str) and name.startswith(PREFIX)


def parse(reference):
    """Returns `(repository, revision)`; the latter is None for the newest.

    Raises:
        ValueError: it is not `hf://user/name` or `hf://user/name@revision`.
    """
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise ValueError(
            "Expected hf://USER/NAME, or hf://USER/NAME@REVISION for a branch, tag "
            f"or commit. Received: {reference!r}"
        )
    return match["repo"], match["revision"]


def client():
    """Returns the module `huggingface_hub`.

    Raises:
        ValueError: it is not installed.
    """
    for module in ("huggingface_hub.errors", "huggingface_hub.utils"):
        require(module, "hub", "hf://")
    return require("huggingface_hub", "hub", "hf://")


def api():
    """Returns the client's `HfApi`, which names kerasgan to the Hub."""
    return client().HfApi(library_name="kerasgan", library_version=__version__)


def download(reference, files):
    """Downloads what the client's cache does not have yet.

    Without a network, and with `HF_HUB_OFFLINE=1`, it is taken from the cache.

    Args:
        reference: `hf://user/name` or `hf://user/name@revision`.
        files: names of the files that are wanted; others, such as pickles,
            are not downloaded.

    Returns:
        `pathlib.Path` of the folder in the cache, which holds those of the
        files that there are.

    Raises:
        ConnectionError: it is not in the cache and cannot be downloaded.
        ValueError: `reference` is malformed, there is no such repository or
            revision, it is private, or `huggingface_hub` is not installed.
    """
    repo, revision = parse(reference)
    with in_one_line(reference), quiet():
        folder = client().snapshot_download(
            repo,
            revision=revision,
            allow_patterns=[*files],
            library_name="kerasgan",
            library_version=__version__,
        )
    return Path(folder)


@contextlib.contextmanager
def quiet():
    """Draws the client's progress bars in a terminal alone."""
    utils = client().utils
    change = not (sys.stderr.isatty() or utils.are_progress_bars_disabled())
    if change:
        utils.disable_progress_bars()
    try:
        yield
    finally:
        if change:
            utils.enable_progress_bars()


@contextlib.contextmanager
def in_one_line(reference):
    """Turns errors of the client into one line on `reference`."""
    errors = client().errors
    repo, revision = parse(reference)
    try:
        yield
    except errors.GatedRepoError:
        raise ValueError(
            f"{reference} asks for consent: give it at {page(reference)}, and log in "
            "with `hf auth login`"
        ) from None
    except errors.RepositoryNotFoundError:
        raise ValueError(
            f"there is no {PREFIX}{repo}, or it is private: check the name, and "
            "log in with `hf auth login` or HF_TOKEN as a user with read access. "
            f"Received: {reference}"
        ) from None
    except errors.RevisionNotFoundError:
        raise ValueError(
            f"{PREFIX}{repo} has no branch, tag or commit of that name. "
            f"Received: revision={revision!r}"
        ) from None
    except errors.OfflineModeIsEnabled:
        raise ConnectionError(
            "HF_HUB_OFFLINE=1 forbids connecting to the Hub: unset it. "
            f"Received: {reference}"
        ) from None
    except errors.LocalEntryNotFoundError as error:
        cause = error.__cause__ or error
        reason = " ".join(str(cause).split())
        if isinstance(cause, errors.OfflineModeIsEnabled):
            reason = "HF_HUB_OFFLINE=1 forbids it"
        raise ConnectionError(
            f"{reference} is not in the cache, and the Hub cannot be reached: "
            f"{reason}"
        ) from None
    except (errors.HTTPError, RuntimeError) as error:
        # Of one file among several.
        inner = isinstance(error, RuntimeError)
        cause = error.__cause__ if inner else error
        if not isinstance(cause, errors.HTTPError):
            raise
        response = getattr(cause, "response", None)
        status = getattr(response, "status_code", None)
        if status in (401, 403):
            raise ValueError(
                f"the Hub rejects the token for {reference} (HTTP {status}): it "
                "needs write access. Log in with `hf auth login`, or set HF_TOKEN"
            ) from None
        reason = " ".join(str(cause).split())
        raise ConnectionError(
            f"the Hub cannot be reached for {reference}: {reason}"
        ) from None


def page(reference):
    """Returns the address of a repository's page."""
    return f"{api().endpoint}/{parse(reference)[0]}"
