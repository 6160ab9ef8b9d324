"""Every measure, and what `metrics.json` says of it."""

import json

import numpy as np
import pytest
from PIL import Image

import kerasgan.metrics
from kerasgan import metrics, sampling, zoo
from kerasgan.data import prepare
from kerasgan.evaluation import measures
from kerasgan.evaluation.evaluation import rounded
from kerasgan.evaluation.evaluator import evaluate
from kerasgan.metrics.sample_diversity import thumbnails
from kerasgan.utils.files import sha256

TRAINING = {
    "steps": 10,
    "batch_size": 32,
    "images": 640,
    "data": "dots, train",
    "device": "two cores",
    "wall_time_s": 1.0,
    "steps_per_s": 10.0,
    "kerasgan": "0.1",
    "keras": "3.12",
    "backend": "tensorflow",
}
SAMPLES = 40


def features(images):
    """Few numbers, in place of the Inception network's."""
    return thumbnails(images)[:, ::100].astype("float32") * 100


@pytest.fixture
def seen(monkeypatch, tmp_path):
    """Counts the images that went through the stand-in of the network."""
    count = []

    def stand_in(images, features="mixed_7", progress=None, **options):
        if not hasattr(images, "ndim"):
            images = np.concatenate(list(images))
        count.append(len(images))
        progress(len(images), len(images))
        return globals()["features"](images)

    monkeypatch.setattr(kerasgan.metrics, "inception_features", stand_in)
    monkeypatch.setattr(
        kerasgan.metrics,
        "inception_protocol",
        lambda features, weights, resize: {
            "features": features,
            "dimensions": 8,
            "resize": resize,
            "weights_sha256": "0" * 64,
        },
    )
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    return count


@pytest.fixture
def run(recipe, tmp_path, image_set, weight_files):
    """A run directory with the weights of a tiny generator."""
    folder = tmp_path / "run"
    folder.mkdir()
    recipe = recipe.override_all(
        [
            ("image_shape", [16, 16, 3]),
            ("image_size", 16),
            ("source", str(image_set[0])),
        ]
    )
    (folder / "recipe.yaml").write_text(recipe.to_yaml())
    digest = prepare(image_set[0], image_size=16).fingerprint[:16]
    record = {**TRAINING, "data": f"dots, train, fingerprint {digest}"}
    (folder / "training.json").write_text(json.dumps(record))
    sums = ""
    for name, data in weight_files(recipe).items():
        (folder / name).write_bytes(data)
        sums += f"{sha256(folder / name)}  {name}\n"
    (folder / "SHA256SUMS").write_text(sums)
    return folder


@pytest.fixture
def image_set(tmp_path, monkeypatch):
    """Their folder, and the images of both splits."""
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    random = np.random.default_rng(0)
    splits = {}
    for split, count in (("train", 50), ("test", 6)):
        splits[split] = random.integers(0, 256, (count, 16, 16, 3), np.uint8)
        (tmp_path / "dots" / split).mkdir(parents=True)
        for i, image in enumerate(splits[split]):
            Image.fromarray(image).save(
                tmp_path / "dots" / split / f"{i:03}.png"
            )
    return tmp_path / "dots", splits


def measured(run, image_set, *names, **options):
    found = evaluate(
        run,
        image_set[0],
        command=f"evaluate {' '.join(names)}",
        metrics=names,
        **{"samples": SAMPLES, **options},
    )
    assert found == zoo.read_metrics(run)
    return {
        (item.name, item.protocol.get("split")): item for item in found.metrics
    }


@pytest.mark.integration
@pytest.mark.filterwarnings("ignore:40 samples")
@pytest.mark.filterwarnings("ignore:.*the covariance is singular")
def test_the_numbers_are_those_of_the_metrics(run, image_set, seen):
    # Classes have their own test.
    left_out = "reconstruction_final", "class_accuracy768", "class_accuracy"
    names = [name for name in measures.MEASURES if name not in left_out]
    found = measured(run, image_set, *names, references=["train", "test"])
    real = image_set[1]["train"]
    samples = sampling.sample(zoo.load(run), SAMPLES, seed=0)
    reconstruction = metrics.reconstruction_error(
        zoo.load(run), image_set[1]["test"], steps=50
    )
    a, b = features(real), features(samples)
    swd = metrics.sliced_wasserstein(
        real[np.sort(np.random.default_rng(0).permutation(50)[:40])], samples
    )
    kid = metrics.kernel_distance(a, b, subsets=100, subset_size=40)
    both = metrics.precision_recall(a, b), metrics.density_coverage(a, b)
    variety = metrics.diversity(samples, metrics.References(real, flip=True))
    expected = {
        ("reconstruction_error", "test"): reconstruction.mean,
        ("fid768", "train"): metrics.frechet_distance(a, b),
        ("fid", "train"): metrics.frechet_distance(a, b),
        ("fid768", "test"): metrics.frechet_distance(
            features(image_set[1]["test"]), b
        ),
        ("kid768", "train"): kid.mean,
        ("kid", "train"): kid.mean,
        ("inception_score", None): metrics.inception_score(b)[0],
        ("precision768", "train"): both[0].precision,
        ("recall", "train"): both[0].recall,
        ("density", "train"): both[1].density,
        ("coverage768", "train"): both[1].coverage,
        ("fid768_real", "train"): metrics.frechet_distance(a[1::2], a[::2]),
        ("fid_real", "test"): metrics.frechet_distance(
            features(image_set[1]["test"]), a
        ),
        ("kid768_real", "train"): metrics.kernel_distance(
            a[1::2], a[::2], subsets=100, subset_size=25
        ).mean,
        ("recall768_real", "train"): metrics.precision_recall(
            a[1::2], a[::2]
        ).recall,
        ("swd", "train"): swd.mean,
        ("sample_diversity", "train"): variety.relative,
        ("sample_duplicates", "train"): variety.duplicates,
        ("memorized", "train"): variety.memorized,
    }
    for key, value in expected.items():
        assert found[key].value == pytest.approx(value, rel=1e-4), key
    assert found["kid", "train"].spread == {"std_of_subsets": rounded(kid.std)}
    floor = [
        found["fid768_real", split].protocol for split in ("train", "test")
    ]
    assert [of["samples"] for of in floor] == [25, 50]
    assert [of["samples_are"] for of in floor] == [
        {"every": 2},
        {"split": "train"},
    ]
    protocol = found["fid768", "train"].protocol
    assert protocol["samples"] == SAMPLES
    assert (protocol["images"], protocol["data"]) == (50, "dots")
    assert protocol["features"] == "mixed_7"
    assert protocol["inception_resize"] == "legacy"
    assert protocol["resize"] == "area"
    assert protocol["weights_sha256"] == "0" * 64


@pytest.mark.filterwarnings("ignore:40 samples")
def test_repeats_draw_other_samples(run, image_set, seen):
    found = measured(run, image_set, "fid768", repeats=3, seed=5)
    generator = zoo.load(run)
    values = [
        metrics.frechet_distance(
            features(image_set[1]["train"]),
            features(sampling.sample(generator, SAMPLES, seed=seed)),
        )
        for seed in (5, 6, 7)
    ]
    item = found["fid768", "train"]
    assert item.value == pytest.approx(np.mean(values), rel=1e-4)
    assert item.spread["std_of_repeats"] == pytest.approx(
        np.std(values, ddof=1), rel=1e-4
    )
    assert item.protocol["repeats"] == 3


def test_the_floor_is_one_for_all_samples(run, image_set, seen):
    first = measured(run, image_set, "floor768")
    seen.clear()
    (run / "metrics.json").unlink()
    found = measured(run, image_set, "floor768", seed=1)
    assert found == first and seen == []


def test_nothing_is_computed_twice(run, image_set, seen, monkeypatch):
    first = measured(run, image_set, "kid768")
    assert sorted(seen) == [SAMPLES, 50]
    seen.clear()
    assert measured(run, image_set, "kid768") == first
    # Another measure takes the same features, and a fresh measurement, too.
    measured(run, image_set, "prdc768")
    measured(run, image_set, "kid768", fresh=True)
    assert seen == []
    measured(run, image_set, "kid768", seed=1)
    assert seen == [SAMPLES]
    (run / "metrics.json").unlink()
    monkeypatch.setattr(
        kerasgan.metrics,
        "kernel_distance",
        lambda *a, **k: pytest.fail("measured again"),
    )
    assert measured(run, image_set, "kid768") == first


@pytest.mark.integration
def test_what_was_measured_before_is_kept(run, image_set, seen):
    measured(run, image_set, "kid768")
    found = measured(run, image_set, "diversity")
    assert ("kid768", "train") in found and ("memorized", "train") in found
    text = zoo.read_metrics(run)
    assert text.command == "evaluate kid768\nevaluate diversity"
    # Measured once more it takes the old one's place.
    measured(run, image_set, "kid768", seed=1)
    items = zoo.read_metrics(run).metrics
    assert [
        item.protocol["seed"] for item in items if item.name == "kid768"
    ] == [1]
    # Of other weights it says nothing.
    generator = zoo.load(run)
    generator.weights[0].assign(0.5 * generator.weights[0])
    generator.save_weights(run / "generator.weights.h5")
    lines = [
        f"{sha256(run / name)}  {name}\n"
        for name in ("generator.weights.h5", "discriminator.weights.h5")
    ]
    (run / "SHA256SUMS").write_text("".join(lines))
    assert set(measured(run, image_set, "reconstruction")) == {
        ("reconstruction_error", "test")
    }


def test_what_is_refused(run, image_set, tmp_path):
    with pytest.raises(ValueError, match="some of reconstruction.*'fid2048'"):
        measured(run, image_set, "fid2048")
    with pytest.raises(ValueError, match="crop=4"):
        measured(run, image_set, "diversity", crop=4)
    with pytest.raises(ValueError, match="no such entry"):
        measured(tmp_path / "nothing", image_set, "diversity")


def test_without_inception_weights_it_says_so_at_once(
    run, image_set, tmp_path, monkeypatch
):
    monkeypatch.setenv("KERASGAN_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("KERASGAN_INCEPTION", raising=False)
    with pytest.raises(FileNotFoundError, match="weights"):
        measured(run, image_set, "reconstruction", "fid768")
    assert not (run / "metrics.json").exists()


@pytest.mark.filterwarnings("ignore:memorized is left out")
def test_images_of_the_training_are_not_unseen(run, image_set, seen):
    test = prepare(image_set[0], split="test", image_size=16)
    record = {
        **TRAINING,
        "data": f"x, test, fingerprint {test.fingerprint[:16]}",
    }
    (run / "training.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match="was trained on these"):
        measured(run, image_set, "reconstruction", "diversity")
    assert not (run / "metrics.json").exists()
    # Who names the split wants to know.
    found = measured(run, image_set, "reconstruction", split="test")
    assert ("reconstruction_error", "test") in found
    assert measured(run, image_set, "diversity")


@pytest.fixture
def unseen(tmp_path):
    """A folder without splits."""
    (tmp_path / "unseen").mkdir()
    noise = np.random.default_rng(1).integers(0, 256, (6, 16, 16, 3), np.uint8)
    for i, image in enumerate(noise):
        Image.fromarray(image).save(tmp_path / "unseen" / f"{i}.png")
    return tmp_path / "unseen", noise


@pytest.fixture
def copycat(monkeypatch, image_set):
    """A generator that draws its training images."""

    def stream(generator, count, seed=0, start=0, **options):
        at = np.arange(start, start + count) % 50
        yield image_set[1]["train"][at]

    monkeypatch.setattr(sampling, "stream", stream)


def test_copies_are_looked_for_among_the_training_images(
    run, image_set, unseen, copycat, tmp_path
):
    found = measured(run, unseen, "diversity")
    assert found["memorized", "train"].value == 1
    protocol = found["memorized", "train"].protocol
    assert (protocol["data"], protocol["images"]) == ("dots", 50)
    # What is relative to given images is labelled as these.
    assert found["sample_diversity", "all"].protocol["data"] == "unseen"
    assert ("sample_diversity", "train") not in found
    # By the test split alone an earlier version would have said 0.
    found = measured(run, image_set, "diversity", references=["test"])
    assert found["memorized", "train"].value == 1
    assert ("memorized", "test") not in found
    # Not there any more: nothing is said of copies, and why.
    image_set[0].rename(tmp_path / "moved")
    reason = "left out: the 640 training images .* were not found: other images in unseen"
    with pytest.warns(UserWarning, match=f"memorized is {reason}"):
        found = measured(run, unseen, "diversity")
    assert "left out" in found["sample_diversity", "all"].protocol["memorized"]
    # What was measured against the right ones is kept.
    assert found["memorized", "train"].protocol["data"] == "dots"
    (run / "metrics.json").unlink()
    with pytest.warns(UserWarning, match="left out"):
        assert ("memorized", "train") not in measured(run, unseen, "diversity")
    found = measured(run, (tmp_path / "moved",), "diversity")
    assert found["memorized", "train"].value == 1


def test_numbers_of_copies_among_other_images_go(run, image_set):
    measured(run, image_set, "diversity")
    content = json.loads((run / "metrics.json").read_text())
    # Without it, as documents were before it came.
    assert content.pop("sha256")
    (item,) = [m for m in content["metrics"] if m["name"] == "memorized"]
    other = {**item["protocol"], "split": "test", "fingerprint": "0" * 16}
    content["metrics"].append({**item, "protocol": other})
    (run / "metrics.json").write_text(json.dumps(content))
    found = measured(run, image_set, "swd")
    assert ("memorized", "train") in found
    assert ("memorized", "test") not in found


def test_training_images_that_grew_are_not_unseen(run, image_set, unseen):
    """Of a source without splits all are the training's, or some of them."""
    recipe = zoo.recipe(run).override("source", str(unseen[0]))
    (run / "recipe.yaml").write_text(recipe.to_yaml())
    for data in (unseen[0], None):
        with pytest.raises(ValueError, match="these images; .*--hold-out 5%"):
            measured(run, (data,), "reconstruction")
        with pytest.raises(ValueError, match="these images; .*--hold-out 5%"):
            zoo.prepare_unseen(run, data)
    assert len(zoo.prepare_unseen(run, split="all")) == 6
    with pytest.raises(ValueError, match="held images out .*--hold-out 5%"):
        zoo.prepare_unseen(run, split="held-out")


def test_a_source_without_the_split_of_the_training(run, unseen):
    (unseen[0] / "val").mkdir()
    (unseen[0] / "0.png").rename(unseen[0] / "val" / "0.png")
    (unseen[0] / "1.png").rename(unseen[0] / "val" / "1.png")
    with pytest.warns(UserWarning, match="4 images of .* next to folders"):
        found = measured(run, unseen, "diversity")
    assert found["sample_diversity", "val"].protocol["images"] == 2


@pytest.mark.integration
def test_a_saved_model(on_tensorflow, run, image_set, seen, tmp_path):
    from kerasgan import serving

    folder = serving.export(zoo.load(run), tmp_path, "exported")
    with pytest.warns(UserWarning, match="left out: nothing says what it was"):
        evaluate(
            folder, image_set[0], command="x", metrics=["diversity"], samples=40
        )
    found = json.loads((folder / "metrics.json").read_text())
    assert found["name"] == "exported"
    assert found["training"] is None
    ours = measured(run, image_set, "diversity")["sample_diversity", "train"]
    theirs = found["metrics"][0]
    assert theirs["value"] == pytest.approx(ours.value, rel=1e-3)
    assert "saved_model.pb" in found["weights"]
