"""TensorFlow computes a step in an order that decides every bit."""

import collections
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


def left_open(gan):
    """What the optimized graph of a step that runs leaves to chance."""
    from tensorflow.python.eager import context

    # TensorFlow shows its optimized graphs in no other way.
    context.context().enable_graph_collection()
    try:
        gan.fit(images(6), batch_size=6, verbose=0)
        metadata = context.context().export_run_metadata()
    finally:
        context.context().disable_graph_collection()
    graphs = [f.post_optimization_graph for f in metadata.function_graphs]
    functions = [f.node_def for g in graphs for f in g.library.function]
    groups = [*(graph.node for graph in graphs), *functions]
    assert any(node.op == "EnsureShape" for nodes in groups for node in nodes)
    return [*map(long_sums, groups), *map(races, groups)]


def long_sums(nodes):
    """What adds more than two tensors at once, in an order of its own."""
    return [
        f"{node.name}: {', '.join(node.input)}"
        for node in nodes
        if node.op == "AddN" and node.attr["N"].i > 2
    ]


def races(nodes):
    """Updates of a variable and reads of it, neither of which waits."""
    users = collections.defaultdict(list)
    for node in nodes:
        for name in node.input:
            users[name.lstrip("^").partition(":")[0]].append(node.name)

    def later(name):
        found, rest = set(), [name]
        while rest:
            new = set(users[rest.pop()]) - found
            found |= new
            rest += new
        return found

    accesses = collections.defaultdict(list)
    for node in nodes:
        if node.op.endswith("VariableOp"):
            accesses[node.input[0]].append(node)
    return [
        f"{one.name} and {other.name}"
        for of_variable in accesses.values()
        for one, other in itertools.combinations(of_variable, 2)
        if {one.op, other.op} != {"ReadVariableOp"}
        and other.name not in later(one.name)
        and one.name not in later(other.name)
    ]


@pytest.mark.parametrize(
    "normalization, penalties, update",
    [
        # In a branch, and where most gradients meet.
        ("layer", [gans.R1(interval=2), gans.Orthonormal()], "simultaneous"),
        # A bias was updated while gradients still depended on it.
        ("none", [gans.R1()], "alternating"),
    ],
)
def test_nothing_is_left_open(normalization, penalties, update):
    gan = build(normalization, penalties=penalties, update=update)
    assert not any(left_open(gan))


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
def test_nothing_is_left_open_in_any_gan(normalization, update):
    """Losses in rotation: each meets most normalizations and options."""
    start = list(NORMALIZATIONS).index(normalization)
    losses = itertools.islice(itertools.cycle(gans.LOSSES), start, None)
    for options, loss in zip(OPTIONS, losses):
        gan = build(normalization, loss, update=update, **options)
        assert not any(left_open(gan)), (loss, options)


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
