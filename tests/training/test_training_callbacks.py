"""What `kerasgan train` measures changes no training, and is exact itself."""

import importlib.util
import json
import shutil
import signal
import types

import numpy as np
import pytest
from PIL import Image

import kerasgan.metrics
from kerasgan import callbacks, sampling, zoo
from kerasgan.callbacks import LossHealth
from kerasgan.metrics import reconstruction_error
from kerasgan.metrics.sample_diversity import thumbnails
from kerasgan.training.diagnostics import Diagnostics
from kerasgan.training.trainer import train
from kerasgan.zoo.records import read_training

# Four samples of networks of a few steps do for what is compared.
pytestmark = [
    pytest.mark.integration,
    pytest.mark.filterwarnings("ignore:4 samples of"),
    pytest.mark.filterwarnings("ignore:the generator may have collapsed"),
]

STEPS = 10
EVERYTHING = Diagnostics(
    measure=("reconstruction", "fid768", "diversity"),
    every=4,
    count=6,
    best="reconstruction",
)
MEASURED = {
    "reconstruction_error",
    "fid768",
    "sample_diversity",
    "sample_duplicates",
    "memorized",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Images of two splits, and images without any."""
    folder = tmp_path_factory.mktemp("watchers")
    rng = np.random.default_rng(0)
    for name, count in (("split/train", 12), ("split/test", 9), ("bare", 8)):
        (folder / name).mkdir(parents=True)
        for i in range(count):
            colours = rng.integers(0, 256, (2, 2, 3), np.uint8)
            image = Image.fromarray(colours).resize((8, 8), Image.BILINEAR)
            image.save(folder / name / f"{i:02d}.png")
    return folder


@pytest.fixture(autouse=True)
def features(folder, monkeypatch):
    """Few numbers in place of the Inception network's; counts the images."""
    counts = {"stored": 0}

    def stand_in(images, features="mixed_7", progress=None, **options):
        if not hasattr(images, "ndim"):
            images = np.concatenate(list(images))
        if progress is not None:
            counts["stored"] += len(images)
            progress(len(images), len(images))
        return thumbnails(images)[:, ::50].astype("float32")

    def protocol(features, weights, resize):
        return {"dimensions": 3, "resize": resize, "weights_sha256": "0" * 64}

    for name, function in (
        ("inception_features", stand_in),
        ("stream_inception_features", lambda x, **o: [stand_in(x, **o)]),
        ("inception_protocol", protocol),
    ):
        monkeypatch.setattr(kerasgan.metrics, name, function)
    monkeypatch.setenv("KERASGAN_CACHE", str(folder / "cache"))
    return counts


@pytest.fixture
def make_recipe(recipe):
    def make(steps=STEPS, **changes):
        values = {"batch_size": 4, "precision": "float32", **changes}
        return recipe.override_all([("training.steps", steps), *values.items()])

    return make


@pytest.fixture
def run(folder):
    def call(recipe, output, diagnostics, data="split", **options):
        options = {"log_every": 2, "checkpoint_every": 4, **options}
        return train(
            recipe,
            folder / data,
            output,
            diagnostics=diagnostics,
            sample_every=100,
            **options,
        )

    return call


@pytest.fixture
def watched(folder, make_recipe, run):
    """A whole run with everything, made once."""
    output = folder / "watched"
    if not output.exists():
        assert run(make_recipe(), output, EVERYTHING)
    return output


def log(output):
    times = ("seconds", "steps_per_second")
    lines = callbacks.read_log(output / "log.jsonl")
    return [{k: v for k, v in line.items() if k not in times} for line in lines]


def arrays(output):
    from kerasgan.training.trainer import build_gan

    gan = build_gan(zoo.recipe(output))
    gan.load_weights(output / "checkpoint.weights.h5")
    return [v.numpy() for v in (*gan.variables, *gan.optimizer.variables)]


def assert_same(a, b):
    for x, y in zip(arrays(a), arrays(b), strict=True):
        np.testing.assert_array_equal(x, y)


def test_measuring_changes_no_training(watched, make_recipe, run, tmp_path):
    assert run(make_recipe(), tmp_path / "run", Diagnostics(measure=()))
    assert_same(watched, tmp_path / "run")
    found = log(watched)
    assert [set(line) >= MEASURED for line in found] == [0, 1, 0, 1, 0]
    rest = [
        {k: v for k, v in line.items() if k not in MEASURED} for line in found
    ]
    assert rest == log(tmp_path / "run")
    assert {line["loss_health"] for line in rest} <= {0, 1, 2}


def test_a_training_that_was_interrupted_measures_the_same(
    watched, make_recipe, run, tmp_path, monkeypatch
):
    class Interrupting(callbacks.SampleGrid):
        batches = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1
            if self.batches == 5:
                signal.raise_signal(signal.SIGINT)

    output = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(callbacks, "SampleGrid", Interrupting)
        assert not run(make_recipe(), output, EVERYTHING)
    assert run(make_recipe(), output, EVERYTHING, resume=True)
    assert_same(watched, output)
    measured = [
        [
            {k: line[k] for k in line if k in MEASURED | {"step"}}
            for line in log(folder)
            if "fid768" in line
        ]
        for folder in (watched, output)
    ]
    assert [line["step"] for line in measured[0]] == [4, 8]
    assert measured[0] == measured[1]
    best = [
        json.loads((f / "best/best.json").read_text())
        for f in (watched, output)
    ]
    assert best[0] == best[1]


def test_the_numbers_are_those_of_the_metrics(watched, folder, make_recipe):
    best = json.loads((watched / "best" / "best.json").read_text())
    errors = {
        line["step"]: line["reconstruction_error"]
        for line in log(watched)
        if "reconstruction_error" in line
    }
    step = min(errors, key=errors.get)
    assert (best["step"], best["monitor"]) == (step, "reconstruction_error")
    test = zoo.prepare_images(make_recipe(), folder / "split", "test").images
    # Six of nine are asked for: every second one.
    expected = reconstruction_error(zoo.load(watched / "best"), test[::2], 50)
    assert best["value"] == pytest.approx(expected.mean, rel=1e-5)
    names = sorted(path.name for path in (watched / "pairs").iterdir())
    assert names == ["pairs_0000004.png", "pairs_0000008.png"]


def test_the_best_is_an_entry(watched, make_recipe):
    best = watched / "best"
    zoo.check_weights(best, "both")
    rule = {"name": "reconstruction", "every": 4, "count": 6}
    assert zoo.recipe(best) == make_recipe().override("best", rule)
    assert sampling.sample(zoo.load(best), 2).shape == (2, 8, 8, 3)
    record = json.loads((best / "training.json").read_text())
    whole = json.loads((watched / "training.json").read_text())
    step = json.loads((best / "best.json").read_text())["step"]
    assert (record["steps"], whole["steps"]) == (step, STEPS)
    assert 0 < record["wall_time_s"] <= whole["wall_time_s"]


def test_the_best_says_how_it_was_chosen(watched, make_recipe):
    record = read_training(watched / "best")
    best = json.loads((watched / "best" / "best.json").read_text())
    chosen = record.selection
    # Every second one of nine images: six were asked for.
    assert (chosen.measure, chosen.every, chosen.count) == (
        "reconstruction",
        4,
        5,
    )
    assert chosen.numbers["reconstruction_error"] == pytest.approx(
        best["value"], rel=1e-5
    )
    assert set(chosen.numbers) == set(chosen.last_numbers)
    assert chosen.last_steps == 8
    assert record.steps == best["step"]


def test_the_rule_of_the_recipe_is_followed(
    make_recipe, run, tmp_path, watched
):
    """Also when a run is resumed by its own recipe."""
    rule = {"name": "reconstruction", "every": 4, "count": 6}
    recipe = make_recipe().override("best", rule)
    asked = Diagnostics(measure=(), data=EVERYTHING.data)
    assert run(recipe, tmp_path / "run", asked)
    ends = [f / "best" / "best.json" for f in (tmp_path / "run", watched)]
    one, other = (json.loads(path.read_text()) for path in ends)
    assert one == other
    digests = [
        read_training(f).recipe_sha256 for f in (tmp_path / "run", watched)
    ]
    assert digests[0] == digests[1] == recipe.digest != make_recipe().digest


def test_another_best_takes_measurements_away(make_recipe, run, tmp_path):
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "metrics.json").write_text("{}")
    (tmp_path / "recipe.yaml").write_text(make_recipe(2).to_yaml())
    diagnostics = Diagnostics(every=2, count=2, best="reconstruction")
    assert run(make_recipe(2), tmp_path, diagnostics, resume=True)
    assert not (tmp_path / "best" / "metrics.json").exists()


def test_features_of_the_training_images_are_kept(
    watched, make_recipe, run, tmp_path, features
):
    only = Diagnostics(measure=("fid768",), every=2, count=4)
    assert run(make_recipe(2), tmp_path / "run", only)
    assert features["stored"] == 0
    assert "fid768" in log(tmp_path / "run")[-1]


def test_named_unseen_images_are_what_fid_compares_with(
    folder, make_recipe, run, tmp_path, features
):
    unseen = {"data": folder / "split", "split": "test"}
    asked = Diagnostics(measure=("fid768",), every=2, count=4, **unseen)
    assert run(make_recipe(2), tmp_path / "run", asked)
    assert features["stored"] == 9
    images = zoo.prepare_images(make_recipe(), unseen["data"], "test").images
    samples = sampling.sample(zoo.load(tmp_path / "run"), 4)
    expected = kerasgan.metrics.frechet_distance(
        *(
            kerasgan.metrics.FeatureStatistics().update(
                kerasgan.metrics.inception_features(x)
            )
            for x in (images, samples)
        )
    )
    assert log(tmp_path / "run")[-1]["fid768"] == pytest.approx(expected, 1e-4)


def test_the_default_measures_diversity_after_many_steps(
    make_recipe, run, tmp_path
):
    assert run(make_recipe(2), tmp_path / "run", None)
    assert not MEASURED & set(log(tmp_path / "run")[-1])
    assert Diagnostics().names == ("diversity",)
    assert Diagnostics(best="fid768").names == ("diversity", "fid768")


def settle(steps, log_every=100, **options):
    """The steps between measurements, and the lines on what does nothing."""
    training = types.SimpleNamespace(steps=steps, best=None)
    _, settled, _, notes = Diagnostics(**options).settle(training, log_every)
    return settled.every, notes


@pytest.mark.parametrize(
    "log_every, every", [(100, 5000), (300, 5100), (7000, 7000)]
)
def test_the_default_interval_is_one_of_the_log(log_every, every):
    assert settle(10, log_every) == (every, [])


def test_intervals_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="multiple of .*, 100.*every=150"):
        settle(1000, every=150)
    with pytest.raises(ValueError, match="nothing .* in 100 steps.*every=200"):
        settle(100, measure=("fid",), every=200)
    # What was not asked for by name is no error, but said.
    every, (line,) = settle(100, every=200)
    assert every == 200
    assert "ends at step 100, and measure-every is 200" in line
    assert settle(100, every=100) == (100, [])


def test_options_of_what_is_not_measured_are_told_of():
    _, lines = settle(9, 1, measure=(), every=1, count=2)
    assert [line.split()[0] for line in lines] == [
        "measure-every",
        "measure-count",
    ]
    _, (line,) = settle(9, data="unseen")
    assert "--measure reconstruction" in line
    _, lines = settle(9, 1, best="reconstruction", every=1, data="unseen")
    assert not lines


@pytest.mark.parametrize(
    "arguments, message",
    [
        ({"measure": ("kid",)}, "some of reconstruction.*measure='kid'"),
        ({"best": "diversity"}, "one of reconstruction, fid768, fid.*best="),
        ({"every": 0}, "every=0"),
        ({"count": 1}, "count=1"),
    ],
)
def test_bad_settings(arguments, message):
    with pytest.raises(ValueError, match=message):
        Diagnostics(**arguments)


@pytest.mark.parametrize(
    "settings", [{"tensorboard": True}, {"track": ("wandb",)}]
)
def test_without_a_tracker_it_is_said(monkeypatch, settings):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert not Diagnostics().trackers
    with pytest.raises(ValueError, match="needs the package.*pip install '"):
        Diagnostics(**settings)
    with pytest.raises(ValueError, match="tensorboard, wandb.*track='mlflow'"):
        Diagnostics(track=("mlflow",))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("tracker", ["tensorboard", "wandb"])
def test_trackers_have_the_log_and_resume(
    tracker, make_recipe, run, tmp_path, monkeypatch
):
    pytest.importorskip(tracker, reason="needs it")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_SILENT", "true")
    folder = tmp_path / "run"
    for steps in (4, 7):
        watch = Diagnostics(measure=(), track=(tracker,))
        assert run(make_recipe(steps), folder, watch, resume=steps > 4)
        if steps == 4:
            shutil.copytree(folder, tmp_path / "kept")
    if tracker == "tensorboard":
        # As if it were killed after step 4: what came later comes again.
        shutil.rmtree(tmp_path / "kept/tensorboard")
        shutil.copytree(tmp_path / "kept", folder, dirs_exist_ok=True)
        assert run(make_recipe(7), folder, watch, resume=True)
    lines = callbacks.read_log(folder / "log.jsonl")
    read = {"tensorboard": board_numbers, "wandb": wandb_numbers}[tracker]
    numbers, grids, text = read(folder)
    assert "data" in text
    for line in lines:
        expected = {k: v for k, v in line.items() if k != "step"}
        found = numbers[line["step"]]
        # Keras's TensorBoard adds its own.
        assert found.keys() - {"learning_rate"} == expected.keys()
        np.testing.assert_allclose(
            [found[k] for k in expected], [*expected.values()], rtol=1e-6
        )
    assert [line["step"] for line in lines] == sorted(numbers)
    drawn = [p.stem.removeprefix("step_") for p in folder.glob("samples/*.png")]
    assert grids == sorted(map(int, drawn))


def board_numbers(folder):
    """Numbers by step, steps of the grids, and the configuration."""
    from tensorboard.backend.event_processing import event_accumulator
    from tensorboard.util import tensor_util

    found = event_accumulator.EventAccumulator(
        str(folder / "tensorboard/train")
    )
    found.Reload()
    numbers, grids = {}, []
    for tag in found.Tags()["tensors"]:
        for event in found.Tensors(tag):
            value = tensor_util.make_ndarray(event.tensor_proto)
            if tag.startswith("epoch_"):
                key = tag.removeprefix("epoch_")
                line = numbers.setdefault(event.step, {})
                assert key not in line
                line[key] = float(value)
            elif tag == "samples":
                grids.append(event.step)
            else:
                assert tag == "config"
                text = str(value)
    return numbers, grids, text


def wandb_numbers(folder):
    """The same of the files that wandb writes offline, of one run."""
    from wandb.proto import wandb_internal_pb2

    numbers, grids, ids, text = {}, [], set(), ""
    for path in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        for data in wandb_records(path):
            record = wandb_internal_pb2.Record()
            record.ParseFromString(data)
            if record.run.run_id:
                ids.add(record.run.run_id)
                text += str(record.run.config)
            items = {
                (item.key or item.nested_key[0]): json.loads(item.value_json)
                for item in record.history.item
            }
            if "step" in items:
                items = {k: v for k, v in items.items() if k[0] != "_"}
                step = items.pop("step")
                if items.pop("samples", None):
                    grids.append(step)
                if items:
                    numbers[step] = items
    assert ids == {json.loads((folder / "wandb.json").read_text())["id"]}
    return numbers, grids, text


def wandb_records(path):
    """Yields the records of a .wandb file: blocks and records as of LevelDB."""
    data, place, parts = path.read_bytes(), 7, b""
    while place + 7 <= len(data):
        left = 32768 - place % 32768
        if left < 7:
            place += left
            continue
        size = int.from_bytes(data[place + 4 : place + 6], "little")
        kind = data[place + 6]
        parts += data[place + 7 : place + 7 + size]
        place += 7 + size
        if kind in (1, 4):
            yield parts
            parts = b""


def test_wandb_without_an_account(monkeypatch, tmp_path):
    wandb = pytest.importorskip("wandb", reason="needs wandb")
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setattr(wandb.Api, "api_key", None, raising=False)
    monkeypatch.setattr(type(wandb.api), "api_key", None, raising=False)
    with pytest.raises(ValueError, match="wandb login.*WANDB_MODE=offline"):
        callbacks.WandbLog(tmp_path)


@pytest.mark.parametrize(
    "data, source, split, message",
    [
        ("bare", None, "train", "--hold-out 5%, name some with --measure-data"),
        (
            "bare",
            "bare",
            "train",
            "images to measure with that are not trained on",
        ),
        ("split", None, "test", "name some with --measure-data"),
    ],
)
def test_unseen_images_have_to_be_unseen(
    data, source, split, message, folder, make_recipe, run, tmp_path
):
    diagnostics = Diagnostics(
        ("reconstruction",), every=2, data=source and folder / source
    )
    recipe = make_recipe(2, **{"data.split": split})
    with pytest.raises(ValueError, match=message):
        run(recipe, tmp_path / "run", diagnostics, data=data)
    assert not (tmp_path / "run").exists()


def test_unseen_images_of_another_source(folder, make_recipe, run, tmp_path):
    diagnostics = Diagnostics(
        ("reconstruction",), every=2, data=folder / "split", count=2
    )
    assert run(make_recipe(2), tmp_path / "run", diagnostics, data="bare")
    assert "reconstruction_error" in log(tmp_path / "run")[-1]


@pytest.fixture
def judged(monkeypatch):
    """A function that makes the health of losses what it is said to be."""

    def judge(state, first=1):
        def found(self, logs):
            bad = int(self.model.steps) >= first
            return (state, "said so") if bad else (0, None)

        monkeypatch.setattr(LossHealth, "judge", found)

    return judge


def test_an_explosion_keeps_the_last_good_checkpoint(
    judged, make_recipe, run, tmp_path
):
    judged(3, first=8)
    with pytest.raises(
        FloatingPointError,
        match="diverged: exploding: said so, at step 8; the checkpoint of step "
        "4 in",
    ):
        run(make_recipe(), tmp_path / "run", Diagnostics())
    assert zoo.check_weights(tmp_path / "run", "both") is None
    # The log says what happened.
    assert [line["loss_health"] for line in log(tmp_path / "run")] == [
        0,
        0,
        0,
        3,
    ]
    judged(0)
    assert run(make_recipe(), tmp_path / "run", Diagnostics(), resume=True)


def test_an_explosion_before_any_checkpoint(judged, make_recipe, run, tmp_path):
    judged(3)
    with pytest.raises(FloatingPointError, match="no checkpoint was written"):
        run(make_recipe(), tmp_path / "run", Diagnostics())


def test_a_vanishing_discriminator_is_a_warning(
    judged, make_recipe, run, tmp_path
):
    judged(2)
    with pytest.warns(UserWarning, match="unhealthy: discriminator vanishing"):
        assert run(
            make_recipe(12), tmp_path / "run", Diagnostics(), log_every=1
        )
    assert log(tmp_path / "run")[-1]["step"] == 12


@pytest.mark.filterwarnings("ignore:training stopped")
def test_a_vanishing_discriminator_stops_if_asked(
    judged, make_recipe, run, tmp_path
):
    judged(2)
    output = tmp_path / "run"
    with pytest.raises(
        FloatingPointError,
        match="stopped: discriminator vanishing: said so for 10 epochs, at "
        "step 10; the checkpoint of step 10 in",
    ):
        run(
            make_recipe(12),
            output,
            Diagnostics(stop_unhealthy=True),
            log_every=1,
        )
    assert json.loads((output / "training.json").read_text())["steps"] == 10
    assert run(make_recipe(12), output, None, resume=True, log_every=1)
    assert log(output)[-1]["step"] == 12
