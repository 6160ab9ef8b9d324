"""Which images are held out, and that no change of the source moves one."""

import hashlib

import numpy as np
import pytest

from kerasgan.data import load, prepare
from kerasgan.data.hold_out_share import check_share

SHARE = 0.4


@pytest.fixture
def members(helpers):
    return {
        f"{i:02d}.png": helpers.encoded(helpers.image(i, 8, 8))
        for i in range(20)
    }


def expected(members, share=SHARE):
    """The names of what is held out, by the rule as it is written down."""
    return [
        name
        for name, data in sorted(members.items())
        if int(hashlib.sha256(data).hexdigest(), 16) < share * 2**256
    ]


def sides(source, share=SHARE, **options):
    options = {"image_size": 8, **options}
    return [
        prepare(source, hold_out=share, held_out=held_out, **options)
        for held_out in (True, False)
    ]


def test_the_sides_are_chosen_by_content(members, make_folder, make_zip):
    everything = prepare(make_folder(members), image_size=8)
    held, rest = sides(make_folder(members))
    assert 2 < len(held) < 18
    assert held.names == expected(members)
    assert sorted([*held.names, *rest.names]) == everything.names
    for one in (held, rest):
        at = [everything.names.index(name) for name in one.names]
        np.testing.assert_array_equal(one.images, everything.images[at])
    assert len({everything.path, held.path, rest.path}) == 3
    assert (everything.split, held.split, rest.split) == (
        "all", "held-out", "train"
    )  # fmt: skip
    # Wherever they are, under whatever split.
    other = make_zip(
        {f"train/{k}": v for k, v in members.items()} | {"test/a.png": b""}
    )
    assert [one.fingerprint for one in sides(other, "40%")] == [
        held.fingerprint, rest.fingerprint
    ]  # fmt: skip


@pytest.mark.filterwarnings("ignore:.* copies of others")
@pytest.mark.filterwarnings("ignore:Skipped")
def test_adding_images_moves_none(members, make_folder, helpers):
    before = set(sides(make_folder(members))[0].names)
    more = {
        f"new/{i}.png": helpers.encoded(helpers.image(100 + i, 8, 8))
        for i in range(20)
    }
    # A copy under another name, and what cannot be read.
    more |= {f"copy{name}": members[name] for name in before}
    more["bad.png"] = b"no image"
    held, rest = sides(make_folder({**members, **more}))
    copies = {f"copy{name}" for name in before}
    assert {n for n in held.names if "new" not in n} == before | copies
    assert before.isdisjoint(rest.names) and copies.isdisjoint(rest.names)
    # A larger share holds out more, and not others.
    assert set(held.names) < set(sides(make_folder({}), 0.7)[0].names)


@pytest.mark.filterwarnings("ignore:Skipped")
def test_what_cannot_be_read_is_named_once(members, make_folder):
    folder = make_folder(members)
    (folder / "gone.png").symlink_to(folder / "nothing")
    held, rest = sides(folder)
    assert (held.skipped, rest.skipped) == ([], ["gone.png"])


def test_batches_of_either_side(members, make_folder):
    folder, options = make_folder(members), {"image_size": 8, "batch_size": 1}
    counts = [
        len(list(load(folder, hold_out=SHARE, held_out=side, **options)))
        for side in (True, False)
    ]
    held = len(expected(members))
    assert counts == [held, 20 - held]


@pytest.mark.parametrize("held_out", [True, False])
def test_an_empty_side_is_an_error(held_out, members, make_folder):
    folder = make_folder(dict(list(members.items())[:3]))
    options = {"image_size": 8, "held_out": held_out}
    with pytest.raises(
        ValueError, match=r"but 0 of 3 would be.*at least ([\d.]+)%.*=1e-06"
    ) as caught:
        prepare(folder, hold_out=1e-6, **options)
    # What the message says to take is the least that helps.
    least = str(caught.value).split("at least ")[1].split("%")[0]
    assert len(prepare(folder, hold_out=f"{least}%", **options)) == (
        1 if held_out else 2
    )
    with pytest.raises(
        ValueError, match="3 of 3 would be held out: hold out less"
    ):
        prepare(folder, hold_out=0.999999, **options)


def test_shares():
    assert [check_share(s) for s in ("5%", " 0.05 ", 0.05, "7%", "12.5 %")] == [
        0.05, 0.05, 0.05, 0.07, 0.125
    ]  # fmt: skip
    for bad in ("500", 5, 1, 0, -0.1, "0%", "100%", "some", True, None, "nan"):
        with pytest.raises(ValueError, match="5% or 0.05.*Received: hold_out="):
            check_share(bad)
    with pytest.raises(ValueError, match="hold_out=None, held_out=True"):
        prepare("anywhere", held_out=True)
