"""The scripts of docs/reproduction.md, without their trainings."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kerasgan.zoo import Metrics, Recipe

TOP = Path(__file__).parents[1]


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(TOP / "benchmarks")
    import studies
    import studies_report
    import studies_results

    yield studies, studies_results, studies_report
    for name in ("studies", "studies_report", "studies_results"):
        sys.modules.pop(name)


def finish(folder, recipe, errors=(0.03, 0.02), **changes):
    """What `studies.run` leaves of a training."""
    (folder / "samples").mkdir(parents=True)
    picture = np.random.default_rng(0).integers(0, 256, (530, 530, 3), "uint8")
    Image.fromarray(picture).save(folder / "samples" / "step_0002000.png")
    for key, value in changes.items():
        recipe = recipe.override(key, value)
    (folder / "recipe.yaml").write_text(recipe.to_yaml())
    lines = [{"step": 100}] + [
        {"step": 500 * (i + 1), "reconstruction_error": error}
        for i, error in enumerate(errors)
    ]
    (folder / "log.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in lines)
    )
    metrics = Metrics(
        name="study",
        weights={"generator.weights.h5": "0" * 64},
        command="a command",
        training={
            "steps": recipe.training.steps,
            "batch_size": 32,
            "images": 12000,
            "data": "faces",
            "device": "1 core",
            "wall_time_s": 1800,
            "steps_per_s": 1.0,
            "kerasgan": "0",
            "keras": "3",
            "backend": "tensorflow",
        },
        metrics=[
            {"name": "reconstruction_error", "value": 0.021, "protocol": {}},
            {"name": "sample_diversity", "value": 0.9, "protocol": {}},
        ],
    )
    (folder / "metrics.json").write_text(metrics.to_json())


def finish_study(studies, name, runs, seed, **changes):
    for _, _, folder, recipe in studies.runs(name, runs, [seed]):
        finish(folder, recipe, **changes)


def test_a_training_that_studies_have_in_common_is_run_once(scripts, tmp_path):
    studies, _, _ = scripts
    recipes = {}
    for name in studies.STUDIES:
        for _, seed, folder, recipe in studies.runs(name, tmp_path, [0, 1]):
            assert isinstance(recipe, Recipe) and recipe.training.seed == seed
            # One folder is one training, and one training one folder.
            assert recipes.setdefault(folder, recipe) == recipe
    texts = [recipe.to_yaml() for recipe in recipes.values()]
    assert len(set(texts)) == len(texts)
    usual = {
        next(
            folder
            for label, _, folder, _ in studies.runs(name, tmp_path, [0])
            if label == variant
        )
        for name, variant in (
            ("latents", "128"),
            ("batch-size", "32"),
            ("upsampling", "transposed"),
            ("dropout", "0.0"),
        )
    }
    assert len(usual) == 1


def test_the_page_shows_the_results_that_are_kept(scripts):
    studies, results, report = scripts
    page = (TOP / "docs" / "reproduction.md").read_text(encoding="utf-8")
    for name in studies.STUDIES:
        begin, end = f"<!-- study {name} -->", f"<!-- end {name} -->"
        known = results.gather(name, TOP / "no" / "runs")
        assert page.count(begin) == page.count(end) <= 1
        if begin in page and known:
            place = page.split(begin)[1].split(end)[0]
            assert report.table(known) in place
            assert report.budget(known) in place
            for one in known:
                path = results.samples_path(name, one["variant"], one["seed"])
                assert path.exists()
            assert (TOP / "docs" / "pictures" / f"study_{name}.png").exists()


def test_results_outlive_the_runs_and_seeds_join_them(scripts, tmp_path):
    studies, results, report = scripts
    folder = tmp_path / "results"
    assert results.gather("latents", tmp_path / "runs", folder) == []
    finish_study(studies, "latents", tmp_path / "a", 0)
    first = results.gather("latents", tmp_path / "a", folder)
    assert [(one["variant"], one["seed"]) for one in first] == [
        ("100", 0),
        ("128", 0),
    ]
    assert first[0]["running"] == [[500, 0.03], [1000, 0.02]]
    assert first[0]["precision"] == "float32"
    with Image.open(results.samples_path("latents", "100", 0, folder)) as image:
        assert image.size == (266, 266)
    finish_study(studies, "latents", tmp_path / "b", 1, errors=(0.04, 0.01))
    both = results.gather("latents", tmp_path / "b", folder)
    assert [one["seed"] for one in both] == [0, 1, 0, 1]
    assert results.gather("latents", tmp_path / "none", folder) == both
    table = report.table(both).splitlines()
    assert table[2].startswith(
        "| 100 | 2 | 2,000 | 0.01500 (0.01000 to 0.02000) |"
    )
    assert report.budget(both) == (
        "4 trainings in float32, 2.0 hours in all, on 1 core."
    )


def test_trainings_of_two_precisions_are_no_study(scripts, tmp_path):
    studies, results, _ = scripts
    folder = tmp_path / "results"
    finish_study(studies, "dropout", tmp_path / "a", 0)
    results.gather("dropout", tmp_path / "a", folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.*")}
    finish_study(
        studies, "dropout", tmp_path / "b", 1, precision="mixed_bfloat16"
    )
    with pytest.raises(ValueError, match="must have one precision"):
        results.gather("dropout", tmp_path / "b", folder)
    after = {path: path.read_bytes() for path in folder.rglob("*.*")}
    assert after == before and len(before) == 3


def test_a_common_training_run_again_in_another_precision_joins_no_half(
    scripts, tmp_path
):
    studies, results, _ = scripts
    folder = tmp_path / "results"
    finish_study(studies, "dropout", tmp_path / "a", 0)
    before = results.gather("dropout", tmp_path / "a", folder)
    runs = tmp_path / "b"
    finish_study(studies, "dropout", runs, 0, precision="mixed_bfloat16")
    half = next(run for *_, run, _ in studies.runs("dropout", runs, [0]))
    half.rename(tmp_path / "aside")
    assert results.gather("dropout", runs, folder) == before
    (tmp_path / "aside").rename(half)
    after = results.gather("dropout", runs, folder)
    assert [one["precision"] for one in after] == ["mixed_bfloat16"] * 2
