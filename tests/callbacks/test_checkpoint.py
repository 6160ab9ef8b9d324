import os

import numpy as np
import pytest

from kerasgan.callbacks import Checkpoint, check_checkpoint
from kerasgan.utils.files import sha256
from kerasgan.zoo.pretrained import checksums

FILES = [
    "SHA256SUMS",
    "checkpoint.sha256",
    "checkpoint.weights.h5",
    "discriminator.weights.h5",
    "generator.weights.h5",
]


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_saves_at_multiples_of_its_steps(gan, start, finish, tmp_path):
    callback = start(Checkpoint(tmp_path, every=10), gan)
    finish(callback, 9)
    assert files(tmp_path) == []
    # An epoch may end behind a multiple.
    finish(callback, 12)
    assert callback.saved == 12
    assert files(tmp_path) == FILES
    before = (tmp_path / "checkpoint.weights.h5").read_bytes()
    finish(callback, 19)
    assert (tmp_path / "checkpoint.weights.h5").read_bytes() == before
    finish(callback, 20)
    assert callback.saved == 20
    gan.steps.assign(23)
    callback.on_train_end()
    assert callback.saved == 23


def test_the_end_of_training_saves_nothing_twice(gan, start, finish, tmp_path):
    callback = start(Checkpoint(tmp_path, every=10), gan)
    callback.on_train_end()
    assert files(tmp_path) == []
    finish(callback, 10)
    (tmp_path / "SHA256SUMS").unlink()
    callback.on_train_end()
    assert "SHA256SUMS" not in files(tmp_path)


def test_a_resumed_training_keeps_the_multiples(gan, start, finish, tmp_path):
    gan.steps.assign(95)
    callback = start(Checkpoint(tmp_path, every=10), gan)
    finish(callback, 99)
    assert files(tmp_path) == []
    # `fit` is called for each part of a training.
    callback.on_train_begin()
    finish(callback, 100)
    assert callback.saved == 100


def test_what_the_files_hold(gan, make_gan, start, tmp_path):
    callback = start(Checkpoint(tmp_path), gan)
    for weight in gan.ema_generator.weights:
        weight.assign(weight.numpy() + 0.5)
    for slot in gan.optimizer.variables:
        slot.assign(slot.numpy() + 2)
    gan.steps.assign(7)
    callback.save()

    fresh = make_gan()
    fresh.load_weights(tmp_path / "checkpoint.weights.h5")
    for a, b in zip(
        [*gan.variables, *gan.optimizer.variables],
        [*fresh.variables, *fresh.optimizer.variables],
    ):
        np.testing.assert_array_equal(a.numpy(), b.numpy(), err_msg=a.path)
    assert int(fresh.steps) == 7

    fresh = make_gan()
    fresh.generator.load_weights(tmp_path / "generator.weights.h5")
    fresh.discriminator.load_weights(tmp_path / "discriminator.weights.h5")
    for model, copy in (
        (gan.ema_generator, fresh.generator),
        (gan.discriminator, fresh.discriminator),
    ):
        for a, b in zip(model.get_weights(), copy.get_weights()):
            np.testing.assert_array_equal(a, b)
    lines = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert lines == [
        f"{sha256(tmp_path / name)}  {name}"
        for name in ("generator.weights.h5", "discriminator.weights.h5")
    ]


def test_without_an_average_the_generator_itself_is_saved(
    make_gan, start, tmp_path
):
    gan = make_gan(ema_decay=None)
    start(Checkpoint(tmp_path), gan).save()
    fresh = make_gan()
    fresh.generator.load_weights(tmp_path / "generator.weights.h5")
    for a, b in zip(gan.generator.get_weights(), fresh.generator.get_weights()):
        np.testing.assert_array_equal(a, b)


@pytest.mark.skipif(os.name == "nt", reason="sets a limit of POSIX")
def test_a_file_that_cannot_be_written_keeps_what_was_there(
    gan, start, finish, tmp_path
):
    """As on a full disk, where HDF5 itself crashes the process."""
    import resource

    callback = start(Checkpoint(tmp_path, every=1), gan)
    finish(callback, 1)
    before = {name: (tmp_path / name).read_bytes() for name in FILES}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(OSError, match=r"File too large: .*weights\.h5'$"):
            finish(callback, 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    del before["SHA256SUMS"]
    for name, content in before.items():
        assert (tmp_path / name).read_bytes() == content
    assert files(tmp_path) == FILES
    assert_known(tmp_path)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_losses_that_are_not_finite_end_the_training(
    gan, start, finish, tmp_path, bad
):
    callback = start(Checkpoint(tmp_path, every=1), gan)
    logs = {"generator_loss": 0.5, "discriminator_loss": bad}
    with pytest.raises(FloatingPointError, match="no checkpoint was written"):
        finish(callback, 1, logs)
    finish(callback, 2, {"generator_loss": 0.5})
    before = (tmp_path / "checkpoint.weights.h5").read_bytes()
    with pytest.raises(
        FloatingPointError,
        match="discriminator_loss not finite at step 3; "
        "the checkpoint of step 2 in .* is kept",
    ):
        finish(callback, 3, logs)
    assert (tmp_path / "checkpoint.weights.h5").read_bytes() == before


def test_weights_that_are_not_finite_are_never_saved(
    gan, start, finish, tmp_path
):
    """Where the last step before a checkpoint spoils them."""
    callback = start(Checkpoint(tmp_path, every=1), gan)
    finish(callback, 1, {"generator_loss": 0.5})
    before = (tmp_path / "checkpoint.weights.h5").read_bytes()
    weight = gan.generator.weights[0]
    weight.assign(np.full(weight.shape, np.nan))
    with pytest.raises(
        FloatingPointError,
        match=f"{weight.path} not finite at step 2; the checkpoint of step 1",
    ):
        finish(callback, 2, {"generator_loss": 0.5})
    assert (tmp_path / "checkpoint.weights.h5").read_bytes() == before


def test_the_checkpoint_is_written_last(
    gan, start, finish, tmp_path, monkeypatch
):
    # A crash in between then leaves a checkpoint of an earlier step, from
    # which a resumed training writes all files again.
    order = []
    replace = os.replace
    monkeypatch.setattr(
        os,
        "replace",
        lambda part, path: (
            order.append(os.path.basename(path)),
            replace(part, path),
        ),
    )
    finish(start(Checkpoint(tmp_path, every=1), gan), 1)
    assert order[-1] == "checkpoint.weights.h5"


def test_the_digests_are_those_of_this_and_the_last_checkpoint(
    gan, start, finish, tmp_path
):
    callback = start(Checkpoint(tmp_path, every=1), gan)
    finish(callback, 1)
    first = (tmp_path / "checkpoint.weights.h5").read_bytes()
    check_checkpoint(tmp_path)
    finish(callback, 2)
    check_checkpoint(tmp_path)
    # As after a crash right before the new file takes the old one's place.
    (tmp_path / "checkpoint.weights.h5").write_bytes(first)
    check_checkpoint(tmp_path)
    finish(callback, 3)
    finish(callback, 4)
    # The first is no longer the one before.
    (tmp_path / "checkpoint.weights.h5").write_bytes(first)
    with pytest.raises(ValueError, match="damaged"):
        check_checkpoint(tmp_path)
    for damaged in (b"", b"\xff"):
        (tmp_path / "checkpoint.sha256").write_bytes(damaged)
        with pytest.raises(ValueError, match="checkpoint.sha256 is damaged"):
            check_checkpoint(tmp_path)


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_write_leaves_known_files(
    gan, start, finish, tmp_path, monkeypatch, after
):
    """Right before or after the n-th file takes its place, from the first one."""
    callback = start(Checkpoint(tmp_path, every=1), gan)
    replace, left, cut = os.replace, [0], []

    def crash(source, target):
        left[0] -= 1
        if after or left[0]:
            replace(source, target)
        if not left[0]:
            cut.append(os.path.basename(target))
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", crash)
    for write in [*range(1, 7)] * 2:
        gan.generator.weights[0].assign_add(
            np.ones(gan.generator.weights[0].shape)
        )
        left[0] = write
        with pytest.raises(KeyboardInterrupt):
            finish(callback, callback.saved + 1)
        assert_known(tmp_path)
    order = [
        "SHA256SUMS",
        "generator.weights.h5",
        "discriminator.weights.h5",
        "SHA256SUMS",
        "checkpoint.sha256",
        "checkpoint.weights.h5",
    ]
    assert cut == order * 2
    left[0] = 0
    finish(callback, callback.saved + 1)
    assert files(tmp_path) == FILES
    assert len((tmp_path / "SHA256SUMS").read_text().splitlines()) == 2


def assert_known(folder):
    """Each file that is there has its digest in the file of digests."""
    sums = checksums(folder)
    for name in ("generator.weights.h5", "discriminator.weights.h5"):
        if (folder / name).exists():
            assert sums[name] == sha256(folder / name)
    if (folder / "checkpoint.weights.h5").exists():
        check_checkpoint(folder)
