"""Images in tar files, with labels as WebDataset has them."""

import collections
import functools
import hashlib
import json
import os
import re
import tarfile

from kerasgan.data.members import (
    Listing,
    Members,
    add_members,
    inner_name,
    is_hidden,
    is_image,
)

_TAR = re.compile(r"\.(tar(\.\w+)?|tgz|tbz2?|txz)$", re.IGNORECASE)
_RANGE = re.compile(r"\{(\d+)\.\.(\d+)\}")
# A sample of WebDataset: what comes before the first dot of a file's name.
_SAMPLE = re.compile(r"((?:.*/)?[^./]+)\.([^/]+)$")
_LABELS = ("cls", "json")
# Where a `.json` has its label: a name before a number.
_KEYS = ("class_name", "label_name", "label", "class", "cls")
# The names of numbered classes, a line each, as CLIP benchmark writes them.
_NAMES = "classnames.txt"
# No label has more bytes.
_MOST = 2**20

_Member = collections.namedtuple("_Member", "path offset size sample")


class TarSource(Members):
    """The images in tar files, sorted by name. Nothing is extracted.

    With WebDataset's `.cls`, or a `.json` that has `label`, the label of a sample
    is its class; a line of `classnames.txt`, next to the tars or a folder above,
    is the name of a number. Otherwise folders in the tars are classes. Images of
    one name in several shards are several images.

    Args:
        path: a tar; shards, as `train-{000000..000009}.tar`; or a folder of
            tars, where `test/a.tar` and `test-000.tar` are in a folder `test`.
        split: see `kerasgan.data.splits.select_split`.

    Raises:
        FileNotFoundError: a shard is missing.
        ValueError: a file is no tar, or a compressed one.
    """

    CLASSES_ARE = (
        "a label in WebDataset's .cls or .json each, or a sub-folder of images"
    )

    def __init__(self, path, split):
        listing, members, faults = Listing(), {}, []
        self.label_files = {}
        shards = _shards(os.fspath(path))
        entries = (
            entry
            for folder, shard in shards
            for entry in _entries(
                folder, shard, members, self.label_files, faults
            )
        )
        self.skipped = add_members(entries, listing, "tar", members) + faults
        super().__init__(listing, split, path)
        self.members = {name: members[name] for name in self.names}
        self.shards = [shard for _, shard in shards]
        self.identity = {
            "kind": "tar",
            "path": os.path.realpath(path),
            "shards": _digest(self.shards),
            "listing": self.listing_digest(),
        }

    def __iter__(self):
        for name, member in self.members.items():
            yield name, _Reader(member)

    def classes(self):
        """Returns the names of all labels, or else those of the folders."""
        return self._labels[0] or super().classes()

    def class_of(self, name, read=None):
        """Returns the class of a member, None if it has none."""
        names, labels = self._labels
        if names:
            return labels.get(self.members[name].sample)
        return super().class_of(name, read)

    @functools.cached_property
    def _labels(self):
        """The names of the classes, and sample -> class."""
        labels, last = {}, None
        try:
            for (sample, ending), member in self.label_files.items():
                if last is None or last.name != member.path:
                    if last is not None:
                        last.close()
                    last = open(member.path, "rb")
                last.seek(member.offset)
                label = _label(ending, last.read(min(member.size, _MOST + 1)))
                if label is not None and (
                    ending == "cls" or sample not in labels
                ):
                    labels[sample] = label
        finally:
            if last is not None:
                last.close()
        if all(re.fullmatch(r"-?\d+", label) for label in labels.values()):
            return self._numbered({s: int(n) for s, n in labels.items()})
        return sorted(set(labels.values())), labels

    def _numbered(self, labels):
        """Returns what `_labels` has, of numbers; negative ones are none."""
        labels = {s: number for s, number in labels.items() if number >= 0}
        folder = os.path.dirname(os.path.realpath(self.shards[0]))
        for place in (folder, os.path.dirname(folder)):
            path = os.path.join(place, _NAMES)
            if labels and os.path.isfile(path):
                with open(path, encoding="utf-8") as file:
                    names = file.read().splitlines()
                if max(labels.values()) >= len(names):
                    raise ValueError(
                        f"Expected a name for each label in {path}, but it has "
                        f"{len(names)} lines. Received: label "
                        f"{max(labels.values())}, source={self}"
                    )
                return names, {s: names[n] for s, n in labels.items()}
        names = [str(number) for number in sorted(set(labels.values()))]
        return names, {s: str(number) for s, number in labels.items()}


class _Reader:
    def __init__(self, member):
        self.member = member

    @property
    def size(self):
        return self.member.size

    def __call__(self, size=None):
        path, offset, whole, _ = self.member
        wanted = whole if size is None else min(size, whole)
        with open(path, "rb") as file:
            file.seek(offset)
            data = file.read(wanted)
        if len(data) < wanted:
            raise ValueError("cut off: the tar ends inside it")
        return data


def is_tar(path):
    """Returns whether a path is that of a tar, or of shards."""
    there = "{" in path or os.path.isfile(path)
    return there and _TAR.search(path) is not None


def title(path):
    """Returns the name of a tar without its suffix and range of shards."""
    return re.sub(r"[-_.]?\{\d+\.\.\d+\}", "", _TAR.sub("", path))


def _shards(path):
    """Returns `(folder, path)` of each tar, the former what wraps its members."""
    if os.path.isdir(path):
        shards = []
        for root, folders, files in os.walk(path):
            folders[:] = sorted(f for f in folders if not is_hidden(f))
            for name in sorted(files):
                if name.lower().endswith(".tar") and not is_hidden(name):
                    group = re.sub(r"[-_.]?\d*\.tar$", "", name, flags=re.I)
                    folder = os.path.relpath(os.path.join(root, group), path)
                    shard = os.path.join(root, name)
                    shards.append((folder.replace(os.sep, "/"), shard))
        return shards
    if os.path.exists(path):
        return [("", path)]
    expanded = _expanded(path)
    missing = [shard for shard in expanded if not os.path.isfile(shard)]
    if missing:
        raise FileNotFoundError(
            f"Expected {len(expanded)} shards, but {len(missing)} are missing, "
            f"such as {missing[0]}. Received: source={path}"
        )
    return [("", shard) for shard in expanded]


def _expanded(path):
    """Returns the paths that `{000..009}` in a path stands for."""
    numbers = _RANGE.search(path)
    if numbers is None:
        return [path]
    first, last = numbers.groups()
    return [
        f"{path[: numbers.start()]}{number:0{len(first)}}{rest}"
        for rest in _expanded(path[numbers.end() :])
        for number in range(int(first), int(last) + 1)
    ]


def _entries(folder, shard, members, label_files, faults):
    """Yields what `add_members` takes, of a tar.

    Args:
        folder: what its members are wrapped in; `""` for nothing.
        shard: path of the tar.
        members: what `add_members` fills.
        label_files: dict, which gets `(sample, ending)` -> `_Member` of labels.
        faults: list, which gets `(name, reason)` of a tar that is cut off.
    """
    base = os.path.basename(shard)
    with open(shard, "rb") as file:
        try:
            archive = tarfile.open(fileobj=file, mode="r:")
        except (tarfile.TarError, ValueError, OverflowError) as error:
            raise ValueError(
                "Expected uncompressed tars of images (decompress them with "
                "gunzip, unxz or unzstd: images are compressed already), but "
                f"{base} is not one ({error}). "
                f"Received: source={shard}"
            ) from error
        last = None
        while (info := _next(archive)) is not None:
            last = info
            if info.isdir():
                continue
            name, leads_out = inner_name(info.name)
            sample, ending = _sample(shard, name)
            place = info.offset_data, info.size, sample
            member = _kind(info) or _Member(shard, *place)
            if leads_out:
                yield info.name, member
            elif ending in _LABELS:
                if not isinstance(member, str):
                    label_files[sample, ending] = member
            else:
                yield _unlike(members, folder, name, shard), member
        file.seek(0, os.SEEK_END)
        end = file.tell()
        file.seek(archive.offset)
        # A sound tar ends in blocks of zeros; a damaged header in none.
        if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
            behind = f" behind {last.name}" if last else ""
            cut = last and last.offset_data + last.size > end
            # Such an image is named itself.
            if not (cut and is_image(last.name)):
                faults.append((base, f"cut off or damaged{behind}"))


def _next(archive):
    try:
        info = archive.next()
    except (tarfile.TarError, ValueError, OverflowError):
        return None
    # It would keep them all.
    archive.members.clear()
    return info


def _kind(info):
    """Returns what a member is, if it is no plain file, or None."""
    if info.issym() or info.islnk():
        return "a link"
    if info.issparse():
        return "a sparse file"
    return None if info.isreg() else "no file"


def _sample(shard, name):
    """Returns the sample that a member belongs to, and the rest of its name."""
    match = _SAMPLE.match(name)
    if match is None:
        return (shard, name), ""
    return (shard, match[1]), match[2].lower()


def _unlike(members, folder, name, shard):
    """Returns a member's name in its folder, unlike those in other shards."""
    name = f"{folder}/{name}" if folder not in ("", ".") else name
    if name not in members or members[name].path == shard:
        return name
    folder, slash, base = name.rpartition("/")
    return f"{folder}{slash}{title(os.path.basename(shard))}-{base}"


def _label(ending, data):
    """Returns the label in a file, as text, or None."""
    content = data.decode("utf-8", "replace").strip()
    if len(data) > _MOST:
        return None
    if ending == "json":
        try:
            content = json.loads(content)
        except (ValueError, RecursionError):
            return None
        if isinstance(content, dict):
            content = next((content[k] for k in _KEYS if k in content), None)
    known = type(content) in (int, str) and str(content).strip()
    return known or None


def _digest(shards):
    """Returns the SHA-256 of all that changes when a file does."""
    digest = hashlib.sha256()
    for shard in shards:
        status = os.stat(shard)
        line = f"{shard}\0{status.st_size}\0{status.st_mtime_ns}\n"
        digest.update(line.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()
