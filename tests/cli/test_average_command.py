import json

import numpy as np
import pytest

from kerasgan import zoo

TRAINING = {
    "steps": 2,
    "batch_size": 4,
    "images": 8,
    "data": "dots",
    "device": "1 core",
    "wall_time_s": 1.0,
    "steps_per_s": 2.0,
    "kerasgan": "0.1.0",
    "keras": "3.15.1",
    "backend": "tensorflow",
}


@pytest.fixture
def runs(entry, here):
    """Two run folders with fresh weights."""
    recipe = zoo.recipe(entry.name)
    for name in ("a", "b"):
        folder = here / "runs" / name
        folder.mkdir(parents=True)
        (folder / "recipe.yaml").write_text(recipe.to_yaml())
        (folder / "training.json").write_text(json.dumps(TRAINING))
        for network in zoo.build_networks(recipe):
            network.save_weights(folder / f"{network.name}.weights.h5")
    return ["runs/a", "runs/b"]


def test_an_average_works_like_a_run(run, runs, here):
    result = run("average", *runs, "--shares", "1,3", "--output", "runs/mean")
    assert result.exit_code == 0, result.output
    assert "25.00%  runs/a" in result.stdout
    assert "75.00%  runs/b" in result.stdout
    a, b, mean = (zoo.load(name).get_weights() for name in (*runs, "runs/mean"))
    for one, other, both in zip(a, b, mean):
        np.testing.assert_allclose(
            both, 0.25 * one + 0.75 * other, rtol=0, atol=1e-6
        )
    result = run("sample", "runs/mean", "--count", 1)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["runs/a"], "two or more"),
        (["runs/a", "runs/b", "--shares", "1,x"], "shares='1,x'"),
        (["runs/a", "runs/b", "--shares", "1"], "2 positive numbers"),
        (["runs/a", "runs/c"], "runs/c"),
    ],
)
def test_it_refuses_in_one_line(run, runs, here, arguments, message):
    result = run("average", *arguments, "--output", "mean")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (here / "mean").exists()
