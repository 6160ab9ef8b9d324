"""Weights that are the average of several trainings'."""

import json

import numpy as np
import pytest

from kerasgan import zoo
from kerasgan.zoo.average import average
from kerasgan.zoo.lineage import trainings
from kerasgan.zoo.metrics import read_training
from kerasgan.zoo.origin import find_origin


@pytest.fixture
def runs(add_entry, metrics, tmp_path):
    """Three runs of the same networks."""
    folders = []
    for i, name in enumerate(("a", "b", "c")):
        folder = add_entry(name, weights=True, folder=tmp_path / "runs")
        record = metrics.training.model_copy(update={"steps": 100 * (i + 1)})
        (folder / "training.json").write_text(record.to_json())
        folders.append(str(folder))
    return folders


@pytest.mark.parametrize("part", ["generator", "discriminator"])
@pytest.mark.parametrize(
    "shares, expected",
    [(None, (1 / 3, 1 / 3, 1 / 3)), ((2, 1, 1), (0.5, 0.25, 0.25))],
)
def test_weights_are_averaged_by_their_shares(
    runs, tmp_path, part, shares, expected
):
    assert average(runs, tmp_path / "mean", shares) == pytest.approx(expected)
    theirs = [zoo.load(run, part).get_weights() for run in runs]
    ours = zoo.load(str(tmp_path / "mean"), part).get_weights()
    for mean, *each in zip(ours, *theirs):
        true = sum(share * one for share, one in zip(expected, each))
        np.testing.assert_allclose(mean, true, rtol=0, atol=1e-7)


def test_it_is_written_down(runs, tmp_path, recipe):
    average(runs[:2], tmp_path / "mean", (3, 1))
    record = read_training(tmp_path / "mean")
    assert record.steps == 100
    assert record.averaged.share == 0.75
    (other,) = record.averaged.others
    assert (other.name, other.share, other.training.steps) == ("b", 0.25, 200)
    # An average of averages is one of all their parts.
    average([str(tmp_path / "mean"), runs[2]], tmp_path / "again")
    again = read_training(tmp_path / "again")
    assert again.averaged.share == 0.375
    assert [(p.name, p.share) for p in again.averaged.others] == [
        ("b", 0.125),
        ("c", 0.5),
    ]
    assert sorted(t.steps for t in trainings(again)) == [100, 200, 300]
    average([runs[2], str(tmp_path / "mean")], tmp_path / "last")
    last = read_training(tmp_path / "last")
    assert last.averaged.share == 0.5
    assert last.averaged.others[0].training.averaged.share == 0.75


def test_the_card_says_so(runs, tmp_path, recipe, metrics):
    average(runs[:2], tmp_path / "mean", (3, 1))
    record = read_training(tmp_path / "mean")
    metrics = metrics.model_copy(update={"training": record})
    text = zoo.render_card(recipe, metrics)
    digest = record.averaged.others[0].weights[:16]
    assert (
        "but an average: 75% of its own, 25% of those of `b` "
        f"(generator `{digest}`)." in text
    )
    assert f"Those of `b` (generator `{digest}`) were trained so:" in text
    assert "| steps | 200 of 32 pictures each |" in text
    # What it began with is told there, and once.
    origin = record.averaged.others[0].model_dump()
    del origin["share"]
    record = record.model_validate(
        {**record.model_dump(), "began_from": origin}
    )
    metrics = metrics.model_copy(update={"training": record})
    text = zoo.render_card(recipe, metrics)
    assert "were trained so" not in text
    assert text.count("| steps | 200 of 32 pictures each |") == 1


def test_another_average_can_be_trained_on(runs, tmp_path):
    average(runs[:2], tmp_path / "mean")
    content = json.loads((tmp_path / "mean" / "training.json").read_text())
    assert content["averaged"]["share"] == 0.5
    name = str(tmp_path / "mean")
    assert find_origin(name, zoo.recipe(name)).training.averaged.share == 0.5


@pytest.mark.parametrize("shares", [(1,), (1, -1), (1, 0), (1, float("nan"))])
def test_it_refuses_other_shares(runs, tmp_path, shares):
    with pytest.raises(ValueError, match="2 positive numbers"):
        average(runs[:2], tmp_path / "mean", shares)
    assert not (tmp_path / "mean").exists()


def test_it_refuses_one_alone_and_a_folder_that_is_used(runs, tmp_path):
    with pytest.raises(ValueError, match="two or more"):
        average(runs[:1], tmp_path / "mean")
    with pytest.raises(FileExistsError, match="not empty"):
        average(runs, tmp_path / "runs" / "a")


def test_it_refuses_layers_that_keep_statistics(
    add_entry, recipe, metrics, tmp_path
):
    changed = recipe.override("normalization", "batch")
    folder = add_entry("dcgan-bn-dots", folder=tmp_path / "runs")
    (folder / "recipe.yaml").write_text(changed.to_yaml())
    generator, discriminator = zoo.build_networks(changed)
    generator.save_weights(folder / "generator.weights.h5")
    discriminator.save_weights(folder / "discriminator.weights.h5")
    (folder / "training.json").write_text(metrics.training.to_json())
    with pytest.raises(ValueError, match="moving_mean"):
        average([str(folder)] * 2, tmp_path / "mean")
    assert not (tmp_path / "mean").exists()


def test_strangers_are_told_of(runs, tmp_path, recwarn):
    random = np.random.default_rng(0)

    def change(folder, by):
        for part in ("generator", "discriminator"):
            network = zoo.load(runs[0], part)
            network.set_weights([by(w) for w in network.get_weights()])
            network.save_weights(f"{folder}/{part}.weights.h5")

    # Those of other weights.
    (tmp_path / "runs" / "b" / "SHA256SUMS").unlink()
    # The same networks from the same weights, a little further.
    change(runs[1], lambda w: w + 0.01 * random.normal(size=w.shape))
    average(runs[:2], tmp_path / "near")
    assert not [w for w in recwarn if "in common" in str(w.message)]
    change(runs[1], lambda w: random.normal(size=w.shape))
    with pytest.warns(UserWarning, match="no beginning in common"):
        average(runs[:2], tmp_path / "strangers")
