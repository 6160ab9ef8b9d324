import numpy as np
from PIL import Image

from kerasgan import sampling
from kerasgan.callbacks import SampleGrid
from kerasgan.utils import image_grids


def drawn(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_draws_at_multiples_of_its_steps(gan, start, finish, tmp_path):
    folder = tmp_path / "new" / "samples"
    callback = start(SampleGrid(folder, every=10, count=4), gan)
    finish(callback, 9)
    assert drawn(folder) == []
    finish(callback, 10)
    finish(callback, 15)
    finish(callback, 19)
    assert drawn(folder) == ["step_0000010.png"]
    callback.on_train_end()
    callback.on_train_end()
    assert drawn(folder) == ["step_0000010.png", "step_0000019.png"]


def test_the_grid_is_of_the_average_and_of_the_same_latents(
    gan, start, finish, tmp_path
):
    for weight in gan.ema_generator.weights:
        weight.assign(weight.numpy() + 0.5)
    callback = start(SampleGrid(tmp_path, every=1, count=6, seed=3), gan)
    finish(callback, 1)
    finish(callback, 2)
    expected = image_grids.grid(sampling.sample(gan.ema_generator, 6, seed=3))
    other = image_grids.grid(sampling.sample(gan.generator, 6, seed=3))
    assert (expected != other).any()
    for name in drawn(tmp_path):
        found = np.asarray(Image.open(tmp_path / name))
        np.testing.assert_array_equal(found, expected)


def test_without_an_average_the_generator_is_drawn(make_gan, start, tmp_path):
    gan = make_gan(ema_decay=None)
    path = start(SampleGrid(tmp_path, count=2), gan).draw()
    expected = image_grids.grid(sampling.sample(gan.generator, 2))
    np.testing.assert_array_equal(np.asarray(Image.open(path)), expected)
