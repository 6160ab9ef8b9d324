"""TensorFlow computes a step in an order that decides every bit."""

import collections
import itertools
import math

import gan_matrix
import keras
import pytest

from kerasgan import gans
from kerasgan.architectures import NORMALIZATIONS

if keras.backend.backend() != "tensorflow":
    pytest.skip("a matter of TensorFlow", allow_module_level=True)


def left_open(gan):
    """What the optimized graph of a step that runs leaves to chance."""
    from tensorflow.python.eager import context

    # TensorFlow shows its optimized graphs in no other way.
    context.context().enable_graph_collection()
    try:
        gan.fit(gan_matrix.images(6), batch_size=6, verbose=0)
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
    gan = gan_matrix.build(normalization, penalties=penalties, update=update)
    assert not any(left_open(gan))


def test_nothing_is_left_open_in_networks_of_ones_own():
    """Where a sum of four is computed, one of whose terms has other users."""

    def summed(x):
        a, b, c = (keras.layers.Dense(4)(x) for _ in range(3))
        # Of a reshaped sum, where the latents are one.
        pairs = keras.layers.Reshape((2, 2))(x)
        d, e = (keras.layers.Dense(2)(pairs) for _ in range(2))
        pairs = keras.layers.Flatten()(pairs + d + e)
        # TensorFlow's optimizer makes a sum of the difference, too.
        return pairs + (a + b + c + x - (-a))

    latents, images = keras.Input((4,)), keras.Input(gan_matrix.SHAPE)
    flat = keras.layers.Dense(4)(keras.layers.Flatten()(images))
    pixels = keras.layers.Dense(math.prod(gan_matrix.SHAPE))(summed(latents))
    generated = keras.layers.Reshape(gan_matrix.SHAPE)(pixels)
    gan = gans.HingeGAN(
        keras.Model(latents, keras.activations.tanh(generated)),
        keras.Model(images, keras.layers.Dense(1)(summed(flat))),
        penalties=[gans.R1()],
    )
    gan.compile("adam", "adam")
    assert not any(left_open(gan))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.* takes a gradient of each example")
@pytest.mark.parametrize("update", ["alternating", "simultaneous"])
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
def test_nothing_is_left_open_in_any_gan(normalization, update):
    for options, loss, gan in gan_matrix.row(normalization, update):
        assert not any(left_open(gan)), (loss, options)
