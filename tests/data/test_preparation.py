import contextlib
import json
import os
import sys
import threading
import time
import warnings

import numpy as np
import pytest

from kerasgan.data import cache, large_images, preparation, prepare
from kerasgan.data.pixels import decode
from kerasgan.utils.hardware import cores


@pytest.fixture
def decodings(monkeypatch):
    """Counts the images that are decoded."""
    calls = []

    def counting(*args):
        calls.append(args)
        return decode(*args)

    monkeypatch.setattr(preparation, "decode", counting)
    return calls


def left_over(cache_folder):
    return list((cache_folder / "data").glob(".*"))


def test_folder_and_zip_give_the_same_array(make_folder, make_zip, pngs):
    zipped = prepare(make_zip(pngs), image_size=8, crop=16)
    folder = prepare(make_folder(pngs), image_size=8, crop=16)
    assert zipped.images.shape == (7, 8, 8, 3)
    assert zipped.images.dtype == np.uint8
    assert len(zipped) == 7 and zipped.names == sorted(pngs)
    assert zipped.skipped == []
    np.testing.assert_array_equal(zipped.images, folder.images)
    assert zipped.fingerprint == folder.fingerprint
    assert zipped.path != folder.path
    for image, name in zip(zipped.images, zipped.names):
        expected = decode(pngs[name], (8, 8), (16, 16))
        np.testing.assert_array_equal(image, expected)


def test_array_is_memory_mapped_and_read_only(make_zip, pngs):
    images = prepare(make_zip(pngs), image_size=8).images
    assert isinstance(images, np.memmap)
    with pytest.raises(ValueError):
        images[0] = 0


def test_order_holds_with_many_images(make_zip, helpers):
    count = 3 * preparation.CHUNK * (2 * cores() + 3)
    members = {
        f"{i:05d}.png": helpers.encoded(
            np.full((2, 2, 3), (i // 256, i % 256, 0), np.uint8)
        )
        for i in range(count)
    }
    prepared = prepare(make_zip(members), image_size=2)
    pixels = prepared.images[:, 0, 0].astype(int)
    assert (pixels[:, 0] * 256 + pixels[:, 1]).tolist() == list(range(count))


def test_second_call_decodes_nothing(make_zip, pngs, decodings):
    source = make_zip(pngs)
    first = prepare(source, image_size=8)
    assert len(decodings) == 7
    second = prepare(source, image_size=(8, 8))
    assert len(decodings) == 7
    assert second.path == first.path and second.names == first.names
    np.testing.assert_array_equal(second.images, first.images)


@pytest.mark.parametrize(
    "settings",
    [
        {"image_size": 10},
        {"image_size": (8, 10)},
        {"crop": 16},
        {"resize": "lanczos"},
        {"background": "black"},
        {"split": "test"},
    ],
)
def test_every_setting_is_in_the_key(make_zip, pngs, decodings, settings):
    members = {f"train/{name}": data for name, data in pngs.items()}
    source = make_zip({**members, "test/a.png": pngs["03.png"]})
    first = prepare(source, image_size=8)
    other = prepare(source, **{"image_size": 8, **settings})
    assert other.path != first.path
    assert len(decodings) == len(first) + len(other)


def test_changed_source_is_prepared_again(
    make_zip, make_folder, pngs, decodings
):
    fewer = {name: pngs[name] for name in sorted(pngs)[:5]}
    assert len(prepare(make_zip(fewer), image_size=8)) == 5
    assert len(prepare(make_zip(pngs), image_size=8)) == 7
    folder = make_folder(fewer)
    assert len(prepare(folder, image_size=8)) == 5
    make_folder(pngs)
    assert len(prepare(folder, image_size=8)) == 7
    path = folder / "00.png"
    count = len(decodings)
    os.utime(path, ns=(1, 1))
    prepare(folder, image_size=8)
    assert len(decodings) == count + 7


def test_other_split_may_change(make_folder, pngs, decodings):
    make_folder({f"train/{name}": data for name, data in pngs.items()})
    folder = make_folder({"test/a.png": pngs["00.png"]})
    prepare(folder, image_size=8)
    make_folder({"test/b.png": pngs["01.png"]})
    prepare(folder, image_size=8)
    assert len(decodings) == 7


def test_formats_are_in_the_key(make_zip, pngs, monkeypatch):
    source = make_zip(pngs)
    first = prepare(source, image_size=8)
    # An installed plugin opens what was ignored before.
    monkeypatch.setattr(preparation, "format_names", lambda: ["HEIF", "PNG"])
    second = prepare(source, image_size=8)
    monkeypatch.setattr(preparation, "FORMAT_VERSION", -1)
    third = prepare(source, image_size=8)
    assert len({first.path, second.path, third.path}) == 3


def test_cache_folders(make_zip, pngs, cache_folder, tmp_path, monkeypatch):
    source = make_zip(pngs)
    found = prepare(source, image_size=8)
    assert found.path.parent == cache_folder / "data"
    mine = prepare(source, image_size=8, cache_dir=tmp_path / "mine")
    assert mine.path.parent == tmp_path / "mine"


@pytest.mark.skipif(sys.platform != "linux", reason="names folders of Linux")
def test_default_cache_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("KERASGAN_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    before = tmp_path / ".cache" / "kerasgan"
    assert cache.default_folder() == before / "data"
    other = tmp_path / "caches"
    monkeypatch.setenv("XDG_CACHE_HOME", str(other))
    # Whoever had a cache elsewhere is told, until there is one here.
    before.mkdir(parents=True)
    with pytest.warns(UserWarning, match=f"mv {before} {other}/kerasgan"):
        assert cache.default_folder() == other / "kerasgan" / "data"
    (other / "kerasgan").mkdir(parents=True)
    assert cache.default_folder() == other / "kerasgan" / "data"
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "mine"))
    assert cache.default_folder() == tmp_path / "mine" / "data"


def test_unreadable_images_are_skipped_named_and_counted(
    make_zip, pngs, helpers, decodings
):
    good = helpers.encoded(helpers.image(9, 40, 40), "JPEG")
    bad = {
        "00.jpg": good[: len(good) // 2],
        "03.jpg": b"not an image",
        "04.jpg": b"",
        "05.png": helpers.encoded(helpers.image(8, 9, 9)),
    }
    source = make_zip({**pngs, **bad})
    # The last one is readable, but smaller than the crop.
    with pytest.warns(UserWarning) as caught:
        prepared = prepare(source, image_size=8, crop=12)
    assert prepared.skipped == sorted(bad)
    expected = [name for name in sorted(pngs) if name not in bad]
    assert prepared.names == expected
    assert len(prepared.images) == len(expected) == 6
    np.testing.assert_array_equal(
        prepared.images[-1], decode(pngs["06.png"], (8, 8), (12, 12))
    )
    (warning,) = caught
    line = str(warning.message)
    assert "\n" not in line
    assert line.startswith(f"Skipped 4 of 10 images of {source}: 00.jpg (")
    assert line.endswith("and 1 more")
    assert warning.filename == __file__
    # They are remembered, and told again, without being read again.
    count = len(decodings)
    with pytest.warns(UserWarning, match="Skipped 4 of 10"):
        assert prepare(source, image_size=8, crop=12).skipped == sorted(bad)
    assert len(decodings) == count


def lines(source, **settings):
    """What is said of a source, and said again from the cache."""
    told = []
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            prepared = prepare(source, image_size=8, **settings)
        told.append([str(item.message) for item in caught])
        assert told[-1] == prepared.remarks
    assert told[0] == told[1]
    return prepared, told[0]


def test_any_name_and_what_is_no_image(
    make_zip, make_folder, helpers, monkeypatch
):
    def encoded(seed, format):
        return helpers.encoded(helpers.image(seed), format)

    monkeypatch.setattr(large_images, "MAX_BYTES", 10_000)
    images = {
        "a.avif": encoded(0, "AVIF"),
        "b.pgm": encoded(1, "PPM"),
        "c.mpo": encoded(2, "JPEG"),
        "d.tga": encoded(3, "TGA"),
        "e.jp2": encoded(4, "JPEG2000"),
        "f": encoded(5, "PNG"),
        "g.2024": encoded(6, "JPEG"),
        "h.png": encoded(7, "JPEG"),
        "i.heic": encoded(8, "JPEG"),
    }
    others = {f"{i}.heic": b"" for i in range(9)}
    others |= {
        "LICENSE": b"text",
        "x.bin": bytes(20_000),
        "y.csv": b"1",
        "z.nef": b"II",
    }
    hidden = {".h.png": b"", "__MACOSX/._a.png": b"", "Thumbs.db": b""}
    members = {**images, **others, **hidden}
    for source in (make_zip(members), make_folder(members)):
        prepared, told = lines(source)
        assert prepared.names == sorted(images) and prepared.skipped == []
        assert told == [
            f"Ignored 13 files of {source}: 9 .heic (pip install pillow-heif), "
            "1 .nef (raw photos: convert to TIFF or JPEG), 1 without a suffix, "
            "1 .bin, 1 .csv"
        ]


@pytest.mark.skipif(os.name == "nt", reason="named pipes and links")
def test_what_is_no_file_is_skipped(make_folder, pngs, monkeypatch):
    folder = make_folder({**pngs, "closed/a.png": pngs["00.png"]})
    os.mkfifo(folder / "a.png")
    os.mkfifo(folder / "pipe")
    (folder / "b.png").symlink_to("/dev/zero")
    (folder / "c.png").symlink_to("c.png")
    (folder / "d.png").symlink_to("nothing")
    scandir = os.scandir

    def closed(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    prepared, told = lines(folder)
    assert prepared.names == sorted(pngs)
    index = json.loads((prepared.path / "index.json").read_text())
    assert dict(zip(index["skipped"], index["reasons"])) == {
        "a.png": "a named pipe",
        "b.png": "a device",
        "c.png": "Too many levels of symbolic links",
        "closed/": "a folder that cannot be listed",
        "d.png": "No such file or directory",
        "pipe": "a named pipe",
    }
    assert told == [
        f"Skipped 6 of 13 images of {folder}: a.png (a named pipe), "
        "b.png (a device), c.png (Too many levels of symbolic links), "
        "and 3 more"
    ]
    monkeypatch.undo()
    monkeypatch.setenv("KERASGAN_CACHE", str(prepared.path.parent))
    assert "closed/a.png" in lines(folder)[0].names


def test_permissions_are_in_the_key(make_folder, pngs, decodings):
    folder = make_folder(pngs)
    for mode in (0o644, 0o600, 0o644):
        (folder / "00.png").chmod(mode)
        prepare(folder, image_size=8)
    assert len(decodings) == (14 if os.name != "nt" else 7)


def test_zip_members_that_cannot_be_read(make_zip, pngs):
    source = make_zip(pngs)
    data = source.read_bytes()
    central = bytearray(data)
    places = [i for i in range(len(data)) if data.startswith(b"PK\1\2", i)]
    central[places[0] + 8] |= 1  # encrypted
    central[places[1] + 10] = 9  # Deflate64
    # Gigabytes, in a member's own header, too.
    central[places[2] + 24 : places[2] + 28] = b"\0\0\0\x80"
    source.write_bytes(central)
    prepared, (told,) = lines(source)
    assert prepared.skipped == ["00.png", "01.png", "02.png"]
    assert "00.png (encrypted: unpack it" in told
    assert "01.png (That compression method is not supported" in told
    assert "02.png (2048 MiB, more than 257 MiB: save it" in told


def test_copies_and_small_images_are_counted(make_zip, pngs, helpers):
    large = {
        f"{i}.png": helpers.encoded(helpers.image(i, 8, 8)) for i in range(3)
    }
    copies = {f"x{i}.png": large["1.png"] for i in range(2)}
    small = {"s.png": helpers.encoded(helpers.image(9, 4, 8))}
    source = make_zip({**large, **copies, **small})
    prepared, told = lines(source)
    assert len(prepared) == 6
    assert told == [
        f"2 of 6 images of {source} are copies of others, such as x0.png of "
        "1.png",
        f"1 of 6 images of {source} is smaller than 8x8 and was enlarged, "
        "such as s.png",
    ]


def test_background(make_zip, helpers):
    clear = np.zeros((8, 8, 4), np.uint8)
    source = make_zip({"a.png": helpers.encoded(clear)})
    for background, expected in (
        ("white", 255),
        ("grey", 128),
        ("#010203", [1, 2, 3]),
        ([1, 2, 3], [1, 2, 3]),
        ("Black", 0),
    ):
        prepared = prepare(source, image_size=8, background=background)
        assert (prepared.images == expected).all()
    assert len(list(prepared.path.parent.iterdir())) == 4


def test_member_with_a_wrong_checksum(make_zip, pngs):
    source = make_zip(pngs)
    data = bytearray(source.read_bytes())
    start = data.find(pngs["02.png"])
    data[start + len(pngs["02.png"]) // 2] ^= 0xFF
    source.write_bytes(data)
    with pytest.warns(UserWarning, match="Skipped 1 of 7 .*02.png.*CRC"):
        assert prepare(source, image_size=8).skipped == ["02.png"]


def test_no_usable_image(make_zip, pngs, cache_folder):
    source = make_zip({"a.png": b"no", "b.png": b"neither"})
    with pytest.raises(ValueError, match="none of 2 is .a.png: .*Received"):
        prepare(source, image_size=8)
    with pytest.raises(ValueError, match="smaller than the crop of 99x99"):
        prepare(make_zip(pngs), image_size=8, crop=99)
    assert list((cache_folder / "data").iterdir()) == []


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"image_size": 63}, "even .*Received: image_size=63"),
        ({"image_size": (64, 33)}, "even .*Received: image_size=.64, 33."),
        ({"image_size": 0}, "positive .*Received: image_size=0"),
        ({"image_size": -2}, "positive .*Received: image_size=-2"),
        ({"image_size": 8.0}, "positive .*Received: image_size=8.0"),
        ({"image_size": (8, 8, 2)}, "Received: image_size=.8, 8, 2."),
        ({"image_size": "8x"}, "64x48.*Received: image_size=8x"),
        ({"crop": 0}, "positive .*Received: crop=0"),
        ({"resize": "cubic"}, "area, lanczos, bilinear.*resize=cubic"),
        ({"background": "pink"}, "white, .*'#rrggbb'.*background=pink"),
        ({"background": (1, 2, 256)}, "0..255. Received: background=.1, 2, 2"),
        ({"background": 0.5}, "Received: background=0.5"),
    ],
)
def test_wrong_settings(make_zip, pngs, settings, message):
    with pytest.raises(ValueError, match=message):
        prepare(make_zip(pngs), **settings)


def test_missing_source(tmp_path):
    with pytest.raises(FileNotFoundError, match="Received: source="):
        prepare(tmp_path / "nowhere.zip")


def test_interrupted_preparation_leaves_nothing(
    make_zip, pngs, cache_folder, monkeypatch
):
    source = make_zip(pngs)
    append = cache.ArrayWriter.append

    def interrupted(writer, image):
        if writer.count == 3:
            raise KeyboardInterrupt
        append(writer, image)

    monkeypatch.setattr(cache.ArrayWriter, "append", interrupted)
    with pytest.raises(KeyboardInterrupt):
        prepare(source, image_size=8)
    assert list((cache_folder / "data").iterdir()) == []
    monkeypatch.undo()
    monkeypatch.setenv("KERASGAN_CACHE", str(cache_folder))
    assert len(prepare(source, image_size=8)) == 7


@pytest.mark.parametrize("name", ["images.npy", "index.json"])
@pytest.mark.parametrize("damage", ["cut", "a bit", "gone"])
def test_damaged_cache_is_made_again(
    make_zip, pngs, name, damage, cache_folder
):
    source = make_zip(pngs)
    prepared = prepare(source, image_size=8)
    folder, expected = prepared.path, prepared.images.copy()
    del prepared
    data = bytearray((folder / name).read_bytes())
    (folder / name).unlink()
    data[-3] ^= 1
    told = contextlib.nullcontext()
    if damage != "gone":
        half = data if damage == "a bit" else data[: len(data) // 2]
        (folder / name).write_bytes(half)
        told = pytest.warns(UserWarning, match="are damaged, and prepared")
    with told:
        again = prepare(source, image_size=8)
    np.testing.assert_array_equal(again.images, expected)
    assert left_over(cache_folder) == []


def test_two_preparations_at_once(make_zip, pngs, cache_folder, monkeypatch):
    source = make_zip(pngs)
    both_began = threading.Barrier(2, timeout=20)
    fill = preparation._decoded

    def together(*args):
        both_began.wait()
        yield from fill(*args)

    monkeypatch.setattr(preparation, "_decoded", together)
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(prepare(source, image_size=8))
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 2
    np.testing.assert_array_equal(results[0].images, results[1].images)
    assert results[0].path == results[1].path
    assert left_over(cache_folder) == []


def test_what_killed_processes_left_is_removed_after_a_day(
    make_zip, pngs, cache_folder
):
    for name, age in (("old", cache.ABANDONED_SECONDS + 60), ("new", 60)):
        folder = cache_folder / "data" / f".{name}.part"
        folder.mkdir(parents=True)
        (folder / "images.npy").write_bytes(b"")
        for path in (folder / "images.npy", folder):
            os.utime(path, (time.time() - age,) * 2)
    prepare(make_zip(pngs), image_size=8)
    assert [path.name for path in left_over(cache_folder)] == [".new.part"]


def test_progress_bar_counts_every_image(make_zip, pngs, capsys):
    source = make_zip(pngs)
    prepare(source, image_size=8, progress=True)
    assert "7/7" in capsys.readouterr().err
    prepare(source, image_size=10, progress=False)
    prepare(source, image_size=12)  # not a terminal
    assert capsys.readouterr().err == ""


def test_the_cache_of_a_zip_whose_images_are_selected_otherwise(
    make_zip, pngs, monkeypatch
):
    """Another version may select other members of the same zip."""
    source = make_zip({f"a/{name}": data for name, data in pngs.items()})
    before = prepare(source, image_size=8)
    assert prepare(source, image_size=8).path == before.path
    monkeypatch.setattr(
        "kerasgan.data.members.select_split",
        lambda names, *rest: (sorted(names)[:3], "train"),
    )
    after = prepare(source, image_size=8)
    assert after.names == before.names[:3] and after.path != before.path
    assert prepare(source, image_size=8).path == after.path


def test_members_outside_of_a_zip_are_named(make_zip, pngs):
    source = make_zip({**pngs, "../x.png": pngs["00.png"]})
    with pytest.warns(UserWarning, match=r"1 of 8 .*: \.\./x\.png \(its name"):
        prepared = prepare(source, image_size=8)
    assert (len(prepared), prepared.skipped) == (7, ["../x.png"])
