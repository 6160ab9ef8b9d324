import csv
import functools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from one_line import refused
from PIL import Image

from kerasgan import sampling, zoo
from kerasgan.utils import image_grids

NAME = "dcgan-wn-dots"


@functools.cache
def generator():
    """The entry's, whose weights are the same in every test."""
    return zoo.load(NAME)


def read(path):
    return np.asarray(Image.open(path))


def test_help_names_every_command(run):
    result = run("--help")
    assert result.exit_code == 0
    for name in (
        "list",
        "info",
        "sample",
        "interpolate",
        "reconstruct",
        "export",
    ):
        assert name in result.stdout
        assert run(name, "--help").exit_code == 0


def test_version(run):
    from kerasgan import __version__

    assert run("--version").stdout == f"kerasgan {__version__}\n"


@pytest.mark.parametrize(
    "arguments", [["draw"], ["sample", "x", "--count", "0"]]
)
def test_usage_errors_end_with_2(run, arguments):
    assert run(*arguments).exit_code == 2


def test_list_shows_every_entry(run, entry):
    lines = run("list").stdout.splitlines()
    rows = {line.split()[0]: line for line in lines if line.startswith("dcgan")}
    assert sorted(rows) == [NAME, "dcgan-wn-untrained"]
    parameters = generator().count_params()
    assert rows[NAME].split()[1:] == ["celeb_a", "dcgan", "8x8", "-", "-"]
    assert rows["dcgan-wn-untrained"].split()[-2:] == ["untrained", "-"]
    with_weights, without = json.loads(run("list", "--json").stdout)
    assert with_weights["generator_parameters"] == parameters
    assert with_weights["licence"] == zoo.recipe(NAME).licence
    assert without["generator_parameters"] is without["num_classes"] is None
    assert json.loads(run("list", "x*", "--json").stdout) == []


def test_list_filters(run, entry):
    assert "untrained" not in run("list", "--pretrained").stdout
    assert NAME not in run("list", "--untrained").stdout
    assert NAME not in run("list", "*-untrained").stdout
    assert run("list", "x*").stdout == "No model of the zoo matches.\n"


def test_list_and_info_show_the_measured_error(run, entry):
    metrics = {
        "name": NAME,
        "weights": {},
        "training": {
            "steps": 1000,
            "batch_size": 32,
            "images": 640,
            "data": "dots, train",
            "device": "two cores",
            "wall_time_s": 3700,
            "steps_per_s": 0.27,
            "kerasgan": "0.1",
            "keras": "3.12",
            "backend": "tensorflow",
        },
        "metrics": [
            {
                "name": "reconstruction_error",
                "value": 0.012345,
                "protocol": {"images": 500},
            }
        ],
        "command": "kerasgan evaluate",
    }
    (entry / "metrics.json").write_text(json.dumps(metrics))
    assert "0.0123" in run("list").stdout
    text = run("info", NAME).stdout
    assert "0.01235" in text and "on 500  images" not in text
    assert "images 500" not in text and "optimizer" not in text
    text = run("info", NAME, "--full").stdout
    for fact in (
        "0.01235",
        "images 500",
        "generator optimizer",
        "1,000 steps in 1 h 02 min on two cores",
    ):
        assert fact in text


def test_info_works_without_weights(run):
    text = run("info", "dcgan-wn-untrained").stdout
    assert "none yet" in text
    assert "non-commercial research only" in text


def test_sample_writes_the_grid_of_the_seed(run, entry, here):
    result = run("sample", NAME, "--count", 6, "--seed", 3, "--columns", 2)
    assert result.exit_code == 0, result.output
    assert result.stdout == "Wrote 6 images to samples.png\n"
    images = sampling.sample(generator(), 6, seed=3)
    expected = image_grids.grid(images, columns=2)
    np.testing.assert_array_equal(read(here / "samples.png"), expected)


def test_sample_takes_a_truncation(run, entry, here):
    run("sample", NAME, "--count", 2, "--truncation", 0.5)
    images = sampling.sample(generator(), 2, truncation=0.5)
    np.testing.assert_array_equal(read("samples.png"), image_grids.grid(images))
    refused(run("sample", NAME, "--truncation", -1), "truncation")


def test_sample_without_a_grid_writes_numbered_files(run, entry, here):
    result = run("sample", NAME, "--count", 3, "--no-grid", "--output", "a/b")
    assert result.exit_code == 0, result.output
    names = sorted(path.name for path in (here / "a" / "b").iterdir())
    assert names == ["0000.png", "0001.png", "0002.png"]
    images = sampling.sample(generator(), 3)
    np.testing.assert_array_equal(read(here / "a/b/0002.png"), images[2])


def test_sample_draws_from_a_run_folder(run, entry, here):
    shutil.copytree(entry, here / "run")
    result = run("sample", "run", "--count", 2, "--output", "new/folder/x.png")
    assert result.exit_code == 0, result.output
    images = sampling.sample(generator(), 2)
    np.testing.assert_array_equal(
        read("new/folder/x.png"), image_grids.grid(images)
    )


def test_interpolate_writes_a_row_for_each_pair_of_seeds(run, entry, here):
    result = run("interpolate", NAME, "--seeds", "0, 1,5", "--steps", 3)
    assert result.exit_code == 0, result.output
    rows = [
        sampling.interpolate(generator(), ends, 3) for ends in ((0, 1), (1, 5))
    ]
    expected = image_grids.grid(np.concatenate(rows), columns=3)
    np.testing.assert_array_equal(read("interpolation.png"), expected)
    result = run(
        *("interpolate", NAME, "--seeds", "0,1,5", "--steps", 3),
        *("--output", "way.gif"),
    )
    assert result.stdout == "Wrote 5 images to way.gif\n"
    with Image.open("way.gif") as image:
        assert (image.n_frames, image.info["loop"]) == (5, 0)
        frames = []
        for at in range(5):
            image.seek(at)
            frames.append(np.asarray(image.convert("RGB"), int))
    # Seed 1 is shown once, and a palette of 256 colours loses little.
    images = np.concatenate([rows[0], rows[1][1:]])
    assert np.abs(np.stack(frames) - images).mean() < 4


@pytest.mark.parametrize("seeds", ["1", "a,b", "", "1,"])
def test_interpolate_refuses_other_seeds(run, entry, here, seeds):
    refused(run("interpolate", NAME, "--seeds", seeds), f"seeds={seeds!r}")


@pytest.fixture
def photographs(here):
    """A folder with a test split of three images, one of them unreadable."""
    folder = here / "photographs" / "test"
    folder.mkdir(parents=True)
    noise = np.random.default_rng(0).integers(0, 256, (2, 12, 12, 3), np.uint8)
    for at, image in enumerate(noise):
        Image.fromarray(image).save(folder / f"{at}.png")
    (folder / "2.png").write_bytes(b"not a image")
    return folder.parent


@pytest.mark.filterwarnings("ignore:Skipped")
def test_reconstruct_prints_the_error_and_writes_pairs(run, entry, photographs):
    arguments = ("reconstruct", NAME, "--data", photographs, "--steps", 2)
    result = run(*arguments, "--errors", "errors.csv")
    assert result.exit_code == 0, result.output
    with open("errors.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert [row[0] for row in rows[1:]] == ["test/0.png", "test/1.png"]
    mean = np.mean([float(row[1]) for row in rows[1:]])
    assert f"Reconstruction error {mean:.5f} (mean of 2 images, 2 steps)" in (
        result.stdout
    )
    # Two pairs of 8x16 pixels with 2 pixels around them.
    assert read("pairs.png").shape == (20, 22, 3)

    run(*arguments, "--errors", "errors.json", "--limit", 1)
    content = json.loads(Path("errors.json").read_text())
    assert content["errors"] == {"test/0.png": pytest.approx(float(rows[1][1]))}
    assert read("pairs.png").shape == (20, 12, 3)


@pytest.mark.filterwarnings("ignore:Skipped")
def test_reconstruct_restarts(run, entry, photographs, monkeypatch):
    from kerasgan import metrics

    function, calls, results = metrics.reconstruction_error, [], []

    def reconstruction_error(*args, **options):
        calls.append(options)
        results.append(results[0] if results else function(*args, **options))
        return results[0]

    monkeypatch.setattr(metrics, "reconstruction_error", reconstruction_error)
    arguments = ("reconstruct", NAME, "--data", photographs, "--steps", 2)
    arguments += ("--errors", "errors.json")
    result = run(*arguments, "--restarts", 3, "--seed", 4)
    assert result.exit_code == 0, result.output
    assert (calls[0]["restarts"], calls[0]["seed"]) == (3, 4)
    assert "2 images, 2 steps, best of 3 starts)" in result.stdout
    content = json.loads(Path("errors.json").read_text())
    assert (content["restarts"], content["seed"]) == (3, 4)
    run(*arguments)
    assert (calls[1]["restarts"], calls[1]["seed"]) == (1, 0)
    content = json.loads(Path("errors.json").read_text())
    assert content.keys() == {"mean", "steps", "errors"}
    assert run(*arguments, "--restarts", 0).exit_code == 2


def test_reconstruct_refuses_before_it_works(run, entry, photographs):
    base = ("reconstruct", NAME, "--data")
    refused(run(*base, "nowhere"), "nowhere")
    refused(run(*base, photographs, "--errors", "x.txt"), ".json or .csv")
    (photographs / "train").mkdir()
    refused(run(*base, photographs, "--split", "train"), "split")


@pytest.mark.parametrize(
    "command", [["info"], ["sample"], ["interpolate"], ["export"]]
)
def test_unknown_names_offer_the_nearest(run, entry, command):
    refused(run(*command, "dcgan-wn-dot"), f"did you mean one of {NAME}")


def test_missing_weights_name_the_command_that_trains(run, here):
    refused(
        run("sample", "dcgan-wn-untrained"),
        "kerasgan train dcgan-wn-untrained --data tfds:celeb_a",
    )


def test_damaged_weights_are_refused_and_nothing_is_written(run, entry, here):
    with open(entry / "generator.weights.h5", "ab") as file:
        file.write(b"x")
    refused(run("sample", NAME), "is damaged", "expected SHA-256")
    assert list(here.iterdir()) == []


def test_an_output_that_cannot_be_written_is_refused(run, entry, here):
    (here / "folder").mkdir()
    refused(run("sample", NAME, "--output", "folder"), "output=folder")
    (here / "file").write_text("")
    refused(run("sample", NAME, "--output", "file/x.png"), "file")
    refused(run("sample", NAME, "--no-grid", "--output", "file"), "file")
    assert (here / "file").read_text() == ""


def test_an_interrupt_ends_with_130(run, entry, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(zoo, "find", interrupt)
    result = run("info", NAME)
    assert result.exit_code == 130
    assert result.stderr == "kerasgan: interrupted\n"


def test_a_defect_keeps_its_traceback(run, entry, monkeypatch):
    def defect(*args, **kwargs):
        raise TypeError("a defect")

    monkeypatch.setattr(zoo, "find", defect)
    assert isinstance(run("info", NAME).exception, TypeError)


def test_images_without_splits_are_all_unseen(run, entry, here):
    folder = here / "unseen"
    folder.mkdir()
    noise = np.random.default_rng(0).integers(0, 256, (2, 8, 8, 3), np.uint8)
    for at, image in enumerate(noise):
        Image.fromarray(image).save(folder / f"{at}.png")
    result = run("reconstruct", NAME, "--data", folder, "--steps", 1)
    assert result.exit_code == 0, result.output
    assert "mean of 2 images" in result.stdout


def test_images_are_written_as_png_alone(run, entry, here):
    for command in ("sample", "interpolate"):
        refused(run(command, NAME, "--output", "a.jpg"), ".png")
        refused(run(command, NAME, "--output", "folder/"), ".png")
    assert not (here / "a.jpg").exists()


def test_a_backend_that_is_not_installed_is_one_line(monkeypatch, run, entry):
    def import_keras():
        raise ModuleNotFoundError("No module named 'jax'", name="jax")

    monkeypatch.setattr("kerasgan.cli.common.import_keras", import_keras)
    refused(run("sample", NAME), "jax", "pip install jax")


@pytest.mark.filterwarnings("ignore:Skipped")
def test_latents_and_directions(run, entry, here, photographs):
    result = run(
        *("reconstruct", NAME, "--data", photographs, "--steps", 2),
        *("--save-latents", "z.npy"),
    )
    assert result.exit_code == 0, result.output
    z = np.load("z.npy")
    assert run("sample", NAME, "--latents", "z.npy").exit_code == 0
    images = sampling.sample(generator(), latents=z)
    np.testing.assert_array_equal(read("samples.png"), image_grids.grid(images))
    assert run("interpolate", NAME, "--latents", "z.npy").exit_code == 0
    path = sampling.interpolate(generator(), latents=z)
    expected = image_grids.grid(path, columns=8)
    np.testing.assert_array_equal(read("interpolation.png"), expected)
    command = ("sample", NAME, "--latents", "z.npy", "--direction", 1)
    assert run(*command, "--amount=-2,0").exit_code == 0
    direction = sampling.directions(generator(), count=2)[1]
    moved = sampling.traverse(generator(), z, direction, (-2, 0))
    expected = image_grids.grid(moved.reshape(-1, 8, 8, 3), columns=2)
    np.testing.assert_array_equal(read("samples.png"), expected)
    assert run("directions", NAME, "--count", 2).exit_code == 0
    assert read("directions.png").shape == (22, 52, 3)
    refused(run(*command, "--amount", "a"), "amount='a'")
    refused(run(*command, "--seed", 0), "seed=0")
    refused(run("sample", NAME, "--latents", "z.npy", "-n", 3), "count=3")
    Path("z.npy").write_bytes(b"no")
    refused(run("sample", NAME, "--latents", "z.npy"), "latents=z.npy")


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("interpolate NAME --seeds 0,1 --latents z.npy", "seeds=0,1"),
        ("sample NAME --amount=0", "direction=None"),
        ("sample NAME --method pca", "direction=None"),
        ("sample NAME --direction 4", "from 0 to 3"),
        ("sample NAME --latents none.npy", "none.npy"),
        ("neighbours NAME --space pixels --resize clean", "resize='clean'"),
        ("sample NAME --direction 0 --method ica", "method='ica'"),
        ("sample NAME --columns 2 --no-grid", "columns=2"),
        ("directions NAME --method ica", "method='ica'"),
        ("reconstruct NAME --save-latents z.npy", "Expected an .npz"),
    ],
)
def test_options_are_checked_before_keras(
    run, entry, monkeypatch, command, message
):
    for module in ("common", "reconstruct"):
        monkeypatch.setattr(
            f"kerasgan.cli.{module}.import_keras",
            lambda: pytest.fail("Keras was imported"),
        )
    recipe = zoo.recipe(NAME).override("classes", ["ant", "bee"])
    (entry / "recipe.yaml").write_text(recipe.to_yaml())
    refused(run(*command.replace("NAME", NAME).split()), message)
