"""No bit of a run, an entry or the cache changes without a word.

`pytest -m slow -n 0 -s tests/test_integrity.py` prints the counts that
docs/research/damage.md has.
"""

import collections
import contextlib
import random
import warnings

import numpy as np
import pytest
from PIL import Image

from kerasgan import zoo
from kerasgan.callbacks import check_checkpoint, read_log
from kerasgan.callbacks.best_checkpoint import RECORD, REMEDY
from kerasgan.evaluation.evaluator import evaluate
from kerasgan.evaluation.feature_store import stored_features
from kerasgan.recipes.build import prepare_images
from kerasgan.training.diagnostics import Diagnostics
from kerasgan.training.initial_weights import find_parent
from kerasgan.training.plan import Plan, check
from kerasgan.training.rollback import read_rollbacks, roll_back
from kerasgan.training.run_directory import PICTURES, Run, check_images
from kerasgan.training.trainer import train
from kerasgan.utils.json_files import read_json
from kerasgan.zoo.records import read_training

FLIPS = 1000
# Files that nothing reads back.
_SHOWN = (".png", ".html")
_FEATURES = np.arange(12, dtype="float32").reshape(4, 3)

pytestmark = pytest.mark.slow


class World:
    """A run that was fine-tuned and measured, an entry, and the cache."""

    def __init__(self, folder, recipe):
        self.folder = folder
        self.images = folder / "images"
        rng = np.random.default_rng(0)
        for split, count in (("train", 16), ("test", 6)):
            for label in ("sea", "sky"):
                where = self.images / split / label
                where.mkdir(parents=True)
                for i in range(count // 2):
                    pixels = rng.integers(0, 256, (8, 8, 3), np.uint8)
                    Image.fromarray(pixels).save(where / f"{i}.png")
        self.recipe = recipe.override_all(
            [
                ("training.steps", 4),
                ("batch_size", 4),
                ("precision", "float32"),
                ("data.classes", ["sea", "sky"]),
            ]
        )
        self.run = folder / "run"
        self._train(folder / "parent")
        self._train(self.run, initial=folder / "parent")
        self.run_of_rule = zoo.recipe(self.run)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            roll_back(self.run, 2, "exploding")
            for part in (self.run, self.run / "best"):
                self.evaluate(part)
        self.features()
        paths = [
            path
            for top in (self.run, folder / "cache")
            for path in sorted(top.rglob("*"))
            if path.is_file() and path.suffix not in _SHOWN
        ]
        self.bytes = {path: path.read_bytes() for path in paths}

    def _train(self, output, **options):
        assert train(
            self.recipe,
            self.images,
            output,
            log_every=1,
            sample_every=4,
            checkpoint_every=2,
            diagnostics=Diagnostics(
                measure=(), every=2, count=4, best="reconstruction"
            ),
            **options,
        )

    def evaluate(self, part):
        found = evaluate(
            part,
            self.images,
            command="evaluate",
            metrics=["reconstruction"],
        )
        return found.model_dump()

    def features(self):
        bar = contextlib.nullcontext(lambda: None)
        return stored_features(
            {"of": "noise"}, 4, lambda *_: _FEATURES, lambda total: bar
        )

    def read(self, path):
        """Everything that a user gets of what a file belongs to."""
        if path.is_relative_to(self.run / "best"):
            best = read_json(self.run / "best" / RECORD, REMEDY)
            return [best, *self._entry(self.run / "best")]
        if path.is_relative_to(self.run):
            return self._run()
        if "measurements" in path.parts:
            return [self.evaluate(p) for p in (self.run, self.run / "best")]
        if "features" in path.parts:
            return [self.features()]
        prepared = [self.prepare(split) for split in ("train", None)]
        folders = {p.path for p in prepared}
        assert folders == {*(self.folder / "cache" / "data").iterdir()}
        # Copies: a map of the file would change with it.
        return [
            (np.array(p.images), p.names, p.skipped, p.fingerprint, p.labels)
            for p in prepared
        ]

    def prepare(self, split):
        return prepare_images(self.recipe, self.images, split, own=True)

    def _entry(self, folder):
        networks = zoo.load(folder, part="both")
        weights = [w for network in networks for w in network.get_weights()]
        found = zoo.find(folder)
        return [
            found.recipe().model_dump(),
            read_training(folder).model_dump(),
            zoo.read_metrics(found).model_dump(),
            *weights,
        ]

    def _run(self):
        # What `kerasgan train --resume` reads before its first step.
        check(
            Plan(
                self.run_of_rule.override("steps", 8),
                self.images,
                Run(self.run),
                resume=True,
                log_every=1,
                diagnostics=Diagnostics(measure=(), every=2, count=4),
            )
        )
        check_checkpoint(self.run)
        check_images(self.run, self.prepare("train"))
        return [
            read_json(self.run / PICTURES, ""),
            read_rollbacks(self.run),
            find_parent(Run(self.run), self.recipe, self.images, None),
            read_log(self.run / "log.jsonl"),
            *self._entry(self.run),
        ]

    def restore(self):
        for path, content in self.bytes.items():
            if not path.exists() or path.read_bytes() != content:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def outcome(world, path, expected):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            found = world.read(path)
        except (ValueError, OSError) as error:
            return "several lines" if "\n" in str(error) else "error"
    if any("damaged" in str(warning.message) for warning in told):
        return "warning"
    try:
        np.testing.assert_equal(found, expected)
    except AssertionError:
        return "silent"
    return "equal"


@pytest.mark.filterwarnings("ignore")
def test_no_flipped_bit_is_silent(recipe, tmp_path, monkeypatch):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    world = World(tmp_path, recipe)
    files = sorted(world.bytes)
    expected = {path: world.read(path) for path in files}
    world.restore()
    draw = random.Random(0)
    counts = collections.defaultdict(collections.Counter)
    silent = []
    for number in range(FLIPS):
        path = files[number % len(files)]
        content = bytearray(world.bytes[path])
        place, bit = draw.randrange(len(content)), draw.randrange(8)
        content[place] ^= 1 << bit
        path.write_bytes(content)
        found = outcome(world, path, expected[path])
        kind = path.relative_to(tmp_path).as_posix()
        if kind.startswith("cache"):
            kind = f"{kind.split('/')[1]}/{path.suffix}"
        counts[kind][found] += 1
        if found in ("silent", "several lines"):
            silent.append((kind, place, bit, content[place - 20 : place + 20]))
        world.restore()
    for kind, of_kind in sorted(counts.items()):
        print(f"{kind}: {dict(of_kind)}")
    print(f"total: {dict(sum(counts.values(), collections.Counter()))}")
    assert not silent, silent
