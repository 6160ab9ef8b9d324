"""TensorFlow adds gradients in one order, whatever buffers are free."""

import itertools

import keras
import numpy as np
import pytest

from kerasgan import architectures, gans
from kerasgan.architectures import NORMALIZATIONS

if keras.backend.backend() != "tensorflow":
    pytest.skip("a matter of TensorFlow", allow_module_level=True)

SHAPE = (8, 8, 3)


def build(normalization, loss="non_saturating", **options):
    """A GAN of which every number follows from the seed."""
    keras.utils.set_random_seed(0)
    networks = architectures.dcgan(
        SHAPE, features=4, latent_dim=4, normalization=normalization
    )
    gan = gans.LOSSES[loss](*networks, **options)
    gan.compile("adam", "adam")
    return gan


def images(count):
    return np.random.default_rng(0).uniform(-1, 1, (count, *SHAPE))


def long_sums(gan):
    """Names of what adds more than two tensors at once in a step that runs."""
    from tensorflow.python.eager import context

    # TensorFlow shows its optimized graphs in no other way.
    context.context().enable_graph_collection()
    try:
        gan.fit(images(4), batch_size=4, verbose=0)
        metadata = context.context().export_run_metadata()
    finally:
        context.context().disable_graph_collection()
    graphs = [f.post_optimization_graph for f in metadata.function_graphs]
    nodes = [node for graph in graphs for node in graph.node]
    nodes += [
        node
        for graph in graphs
        for function in graph.library.function
        for node in function.node_def
    ]
    assert any(node.op == "EnsureShape" for node in nodes)
    return [
        f"{node.name}: {', '.join(node.input)}"
        for node in nodes
        if node.op == "AddN" and node.attr["N"].i > 2
    ]


def test_no_sum_has_more_than_two_terms():
    """Layer normalization and R1 in a branch, where most gradients meet."""
    penalties = [gans.R1(interval=2), gans.Orthonormal()]
    gan = build("layer", penalties=penalties, update="simultaneous")
    assert not long_sums(gan)


OPTIONS = (
    *({"penalties": [kind()]} for kind in (gans.GradientPenalty, gans.R1)),
    *({"penalties": [kind()]} for kind in (gans.DRAGAN, gans.PathLength)),
    {"penalties": [gans.R1(interval=2), gans.R2(interval=2)]},
    {"augmentation": gans.DiffAugment(), "gradient_accumulation": 3},
    {"augmentation": gans.AdaptiveAugment(), "penalties": [gans.R1()]},
)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_no_sum_of_any_gan_has_more_than_two_terms(normalization, update):
    """Losses in rotation: each meets most normalizations and options."""
    start = list(NORMALIZATIONS).index(normalization)
    losses = itertools.islice(itertools.cycle(gans.LOSSES), start, None)
    for options, loss in zip(OPTIONS, losses):
        gan = build(normalization, loss, update=update, **options)
        assert not long_sums(gan), (loss, options)


@pytest.mark.slow
def test_repeated_trainings_are_the_same_bit_for_bit():
    """The configuration in which 33 of 138 trainings differed."""
    keras.utils.set_random_seed(0)
    networks = architectures.dcgan(
        (32, 32, 3), features=16, latent_dim=16, normalization="none"
    )
    gan = gans.NonSaturatingGAN(*networks, penalties=[gans.R1()])
    gan.compile("adam", "adam")
    real = np.random.default_rng(0).uniform(-1, 1, (320, 32, 32, 3))
    real = real.astype("float32")
    gan.fit(real[:16], batch_size=16, verbose=0)
    variables = [*gan.variables, *gan.optimizer.variables]
    begin = [v.numpy() for v in variables]

    def train():
        for variable, value in zip(variables, begin):
            variable.assign(value)
        gan.fit(real, batch_size=16, shuffle=False, verbose=0)
        return [v.numpy() for v in variables]

    first = train()
    for _ in range(60):
        for one, other in zip(first, train(), strict=True):
            np.testing.assert_array_equal(one, other)
