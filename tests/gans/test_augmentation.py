import json

import gan_models
import keras
import numpy as np
import pytest
from gan_models import images
from keras import ops

from kerasgan.gans import NonSaturatingGAN
from kerasgan.gans.augmentation import AdaptiveAugment, DiffAugment
from kerasgan.gans.penalties import GradientPenalty

POLICIES = [
    ("color",),
    ("translation",),
    ("cutout",),
    ("translation", "cutout"),
    ("color", "translation", "cutout"),
]
every_policy = pytest.mark.parametrize("policy", POLICIES, ids="+".join)

# The third of them change nothing.
NUMBERS = {
    "brightness": [0.4, -0.3, 0.0, 0.1],
    "saturation": [0.0, 1.9, 1.0, 0.4],
    "contrast": [1.4, 0.6, 1.0, 0.9],
    "down": [2.0, -3.0, 0.0, 1.0],
    "right": [-1.0, 2.0, 0.0, 1.0],
    "top": [3.0, -1.0, 1e6, 5.0],
    "left": [1.0, 3.0, 0.0, -1.0],
}


# Apart from factors of 1.
NOTHING = {"brightness": 0, "down": 0, "right": 0, "top": 1e6, "left": 1e6}


def numbers(count=4):
    return {
        name: ops.convert_to_tensor(np.resize(values, count).astype("float32"))
        for name, values in NUMBERS.items()
    }


def compiled(function):
    """On JAX compiled: op by op, every new shape takes longer than that."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    return function


def apply(augment, x, drawn):
    return compiled(augment.apply)(ops.convert_to_tensor(x), drawn)


def slowly(images, policy, drawn):
    """The same in numpy, image by image and pixel by pixel."""
    drawn = {name: np.asarray(values) for name, values in drawn.items()}
    outputs = []
    for n, x in enumerate(np.asarray(images, "float64")):
        height, width, _ = x.shape
        if "color" in policy:
            x = x + drawn["brightness"][n]
            gray = x.mean(2, keepdims=True)
            x = gray + drawn["saturation"][n] * (x - gray)
            x = x.mean() + drawn["contrast"][n] * (x - x.mean())
        down, right, top, left = (
            int(drawn[name][n]) for name in ("down", "right", "top", "left")
        )
        y = np.zeros_like(x)
        for i in range(height):
            for j in range(width):
                ours = 0 <= i - down < height and 0 <= j - right < width
                if "translation" not in policy:
                    y[i, j] = x[i, j]
                elif ours:
                    y[i, j] = x[i - down, j - right]
                if (
                    "cutout" in policy
                    and top <= i < top + height // 2
                    and left <= j < left + width // 2
                ):
                    y[i, j] = 0
        outputs.append(y)
    return np.stack(outputs)


def only(policy, drawn):
    """As if the policy had drawn these numbers."""
    groups = {"translation": ("down", "right"), "cutout": ("top", "left")}
    for group, names in groups.items():
        for name in names if group not in policy else ():
            drawn[name] = NOTHING[name] + 0 * drawn[name]
    return drawn


@every_policy
@pytest.mark.parametrize("shape", [(8, 10, 3), (7, 9, 1), (6, 5, 4)])
def test_every_policy_is_what_numpy_does_slowly(policy, shape):
    x, drawn = images(4, shape), only(policy, numbers())
    y = apply(DiffAugment(policy), x, drawn)
    assert y.shape == x.shape
    expected = slowly(x, policy, drawn)
    assert np.abs(expected - x).max() > 0.5
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)
    # The third draws nothing: not a bit changes.
    np.testing.assert_array_equal(y[2], x[2])


@every_policy
def test_what_is_drawn_is_what_is_applied(policy):
    augment = DiffAugment(policy)
    x = images(6, (16, 24, 3))
    drawn = augment.draw(6, 16, 24, keras.random.SeedGenerator(1))
    y = apply(augment, x, drawn)
    np.testing.assert_allclose(
        y, slowly(x, policy, drawn), rtol=1e-5, atol=1e-6
    )
    assert (np.abs(y - x).max((1, 2, 3)) > 0.01).sum() >= 5


def draw(count=20_000, height=16, width=24, augment=None, seed=0):
    augment = augment or DiffAugment()
    seed = keras.random.SeedGenerator(seed)
    drawn = augment.draw(count, height, width, seed)
    return {name: np.asarray(values) for name, values in drawn.items()}


def test_draws_are_those_of_the_paper():
    drawn = draw()
    assert {values.shape for values in drawn.values()} == {(20_000,)}
    assert {values.dtype for values in drawn.values()} == {np.dtype("float32")}
    for name, low, high in (
        ("brightness", -0.5, 0.5),
        ("saturation", 0, 2),
        ("contrast", 0.5, 1.5),
    ):
        found = np.histogram(drawn[name], 10, (low, high))[0]
        # Six standard deviations of a tenth.
        np.testing.assert_allclose(found, 2000, atol=260, err_msg=name)
    # The middle of 8 rows lies before one of the 16 or after the last.
    for name, low, high in (
        ("down", -2, 2),
        ("right", -3, 3),
        ("top", -4, 12),
        ("left", -6, 18),
    ):
        values, found = np.unique(drawn[name], return_counts=True)
        np.testing.assert_array_equal(values, np.arange(low, high + 1))
        expected = 20_000 / len(values)
        np.testing.assert_allclose(found, expected, atol=6 * expected**0.5)
    correlations = np.corrcoef(list(drawn.values())) - np.eye(7)
    assert np.abs(correlations).max() < 0.05


def test_cutout_of_an_odd_number_of_rows():
    """The middle one is any of the image's."""
    drawn = draw(2000, 10, 6)
    np.testing.assert_array_equal(np.unique(drawn["top"]), np.arange(-2, 8))
    np.testing.assert_array_equal(np.unique(drawn["left"]), np.arange(-1, 5))


def test_every_call_draws_other_numbers():
    augment, seed = DiffAugment(), keras.random.SeedGenerator(0)
    one, two = (augment.draw(8, 16, 16, seed) for _ in range(2))
    for name in ("brightness", "saturation", "contrast"):
        assert (np.asarray(one[name]) != np.asarray(two[name])).all()


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision(dtype):
    """Rounded once where colors change, and not where pixels move."""
    x = ops.cast(images(4, (8, 10, 3)), dtype)
    y = apply(DiffAugment(), x, numbers())
    assert keras.backend.standardize_dtype(y.dtype) == dtype
    exact = slowly(ops.cast(x, "float32"), POLICIES[-1], numbers())
    step = {"bfloat16": 2.0**-8, "float16": 2.0**-11}[dtype]
    np.testing.assert_allclose(
        ops.cast(y, "float32"), exact, rtol=1.01 * step, atol=1e-6
    )


# Gradients.


@every_policy
def test_gradient_against_differences(policy, gradients):
    """It is affine, so that differences are exact with any step."""
    shape = (4, 4, 3)
    size = int(np.prod(shape))
    augment, target = DiffAugment(policy), images(4, shape, 3)
    drawn = only(policy, numbers())

    def function(x):
        return ops.sum(augment.apply(x, drawn) * target)

    x = images(4, shape)
    (found,) = gradients(function, x)
    for n in range(4):
        repeated = {k: np.repeat(v[n], size + 1) for k, v in drawn.items()}
        nudged = x[n] + np.eye(size + 1, size).reshape(-1, *shape)
        values = (slowly(nudged, policy, repeated) * target[n]).sum((1, 2, 3))
        differences = (values[:-1] - values[-1]).reshape(shape)
        np.testing.assert_allclose(found[n], differences, rtol=1e-4, atol=1e-5)


def test_gradient_penalty_through_it(gradients):
    """Differentiated by images, then by weights: A, A^T and A again."""
    shape, policy = (4, 6, 3), POLICIES[-1]
    size = int(np.prod(shape))
    augment, drawn = DiffAugment(), numbers(2)
    real, fake = images(2, shape, 0), images(2, shape, 1)
    alpha = np.array([0.3, 0.6], "float32").reshape(2, 1, 1, 1)
    penalty = GradientPenalty()

    def function(w):
        def critic(x):
            x = augment.apply(x, drawn)
            return ops.sum(ops.square(x * x) * w, axis=(1, 2, 3))[:, None]

        tensors = map(ops.convert_to_tensor, (real, fake, alpha))
        return penalty.compute(None, critic, *tensors)

    # y = A x + b for each image, with A a column a pixel.
    mixed = real + alpha * (fake - real)
    matrices, outputs = [], []
    for n in range(2):
        repeated = {k: np.repeat(v[n], size + 1) for k, v in drawn.items()}
        nudged = mixed[n] + np.eye(size + 1, size).reshape(-1, *shape)
        y = slowly(nudged, policy, repeated).reshape(size + 1, size)
        matrices.append((y[:-1] - y[-1]).T)
        outputs.append(y[-1])

    def slow(w):
        norms = [
            np.linalg.norm(a.T @ (4 * y**3 * w.ravel()))
            for a, y in zip(matrices, outputs)
        ]
        return np.mean((np.array(norms) - 1) ** 2)

    w = images(1, shape, 2)[0]
    np.testing.assert_allclose(
        compiled(function)(ops.convert_to_tensor(w)), slow(w), rtol=1e-4
    )
    (found,) = gradients(function, w)
    differences = np.zeros(shape)
    for at in np.ndindex(shape):
        nudge = np.zeros(shape)
        nudge[at] = 1e-5
        differences[at] = (slow(w + nudge) - slow(w - nudge)) / 2e-5
    assert np.abs(differences).max() > 0.1
    np.testing.assert_allclose(found, differences, rtol=1e-3, atol=1e-4)


# Compiled.


def test_any_number_of_images(on_tensorflow):
    import tensorflow as tf

    augment, seed = DiffAugment(), keras.random.SeedGenerator(0)

    @tf.function(input_signature=[tf.TensorSpec((None, 8, 10, 3))])
    def both(x):
        drawn = augment.draw(ops.shape(x)[0], 8, 10, seed)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = augment.apply(x, drawn)
        return y, tape.gradient(y, x), drawn

    for count in (3, 5):
        x = images(count, (8, 10, 3))
        y, gradient, drawn = both(x)
        assert gradient.shape == x.shape
        np.testing.assert_allclose(
            y, slowly(x, POLICIES[-1], drawn), rtol=1e-5, atol=1e-6
        )
    assert both.experimental_get_tracing_count() == 1


def test_compiled_by_xla():
    """In a branch, too."""
    x, augment, drawn = images(4, (8, 10, 3)), DiffAugment(), numbers()

    def function(x, drawn, due):
        return ops.cond(due, lambda: augment.apply(x, drawn), lambda: 0 * x)

    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        function = tf.function(function, jit_compile=True)
    function = compiled(function)
    x = ops.convert_to_tensor(x)
    np.testing.assert_allclose(
        function(x, drawn, ops.array(True)),
        slowly(x, POLICIES[-1], drawn),
        rtol=1e-5,
        atol=1e-6,
    )
    assert not np.any(function(x, drawn, ops.array(False)))


# Adaptive strength.


def test_nothing_happens_at_strength_0(monkeypatch):
    augment = AdaptiveAugment()
    x = images(8, (16, 16, 3))
    drawn = augment.draw(8, 16, 16, keras.random.SeedGenerator(0))
    np.testing.assert_array_equal(apply(augment, x, drawn), x)
    # Nor where 0 itself is drawn.
    monkeypatch.setattr(
        keras.random, "uniform", lambda shape, **_: ops.zeros(shape)
    )
    for name, values in draw(3, augment=augment).items():
        np.testing.assert_array_equal(values, NOTHING.get(name, 1), name)


def test_everything_happens_at_strength_1():
    augment = AdaptiveAugment()
    augment.strength.assign(1.0)
    fixed = draw(100)
    for name, values in draw(100, augment=augment).items():
        np.testing.assert_array_equal(values, fixed[name])


def test_each_transformation_happens_as_often_as_the_strength_says():
    augment = AdaptiveAugment()
    augment.strength.assign(0.3)
    found, fixed = draw(augment=augment), draw()
    happens = {name: found[name] == fixed[name] for name in found}
    for name, values in found.items():
        np.testing.assert_array_equal(
            values[~happens[name]], NOTHING.get(name, 1)
        )
    # Both directions together; where one draws 0 it is not to be seen.
    moved = (fixed["down"] != 0) & (fixed["right"] != 0)
    np.testing.assert_array_equal(
        happens["down"][moved], happens["right"][moved]
    )
    np.testing.assert_array_equal(happens["top"], happens["left"])
    rows = [
        happens[name][moved]
        for name in ("brightness", "saturation", "contrast", "down", "top")
    ]
    np.testing.assert_allclose(np.mean(rows, axis=1), 0.3, atol=0.025)
    assert np.abs(np.corrcoef(rows) - np.eye(5)).max() < 0.05


def logits(positive, negative=0):
    values = np.r_[np.full(positive, 0.1), np.full(negative, -7.0)]
    return ops.convert_to_tensor(values.astype("float32")[:, None])


def test_strength_goes_up_and_down_and_stays_between_0_and_1():
    augment = AdaptiveAugment(target=0.5, ramp=40, interval=2)
    # Two turns of 8, 16 of 40 images: the sign's mean is above the target...
    found = []
    for real in [logits(8), logits(5, 3)] * 3:
        augment.update(real)
        found.append(float(augment.strength))
    np.testing.assert_allclose(found, [0, 0.4, 0.4, 0.8, 0.8, 1], rtol=1e-6)
    # ... now at it (12 - 4 of 16), where nothing moves, ...
    for real in [logits(6, 2), logits(6, 2)]:
        augment.update(real)
    np.testing.assert_allclose(augment.strength, 1)
    # ... and below.
    for _ in range(6):
        augment.update(logits(4, 4))
        found.append(float(augment.strength))
    np.testing.assert_allclose(
        found[6:], [1, 0.6, 0.6, 0.2, 0.2, 0], rtol=1e-5, atol=1e-6
    )


def test_logits_at_0_count_for_neither_side():
    augment = AdaptiveAugment(target=0.0, ramp=8, interval=1)
    augment.strength.assign(0.5)
    augment.update(ops.zeros((4, 1)))
    assert float(augment.strength) == 0.5


def adaptive_gan():
    generator, discriminator = gan_models.stateful_networks()
    # Every logit is positive, whatever else the discriminator learns.
    discriminator.layers[-1].bias.assign([50.0])
    gan = NonSaturatingGAN(
        generator,
        discriminator,
        augmentation=AdaptiveAugment(["color"], ramp=64, interval=3),
    )
    gan.compile("sgd", "sgd")
    return gan


def test_strength_moves_in_training_and_is_saved(tmp_path):
    gan = adaptive_gan()
    gan.fit(images(4 * 8), batch_size=8, verbose=0)
    # Three turns of 8 images, and one that waits.
    state = [0.375, 1, 8, 8]
    assert [float(v) for v in gan.augmentation.weights] == state
    gan.save(tmp_path / "gan.keras")
    gan.save_weights(tmp_path / "gan.weights.h5")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    other = adaptive_gan()
    other.load_weights(tmp_path / "gan.weights.h5")
    for one in (loaded, other):
        augment = one.augmentation
        assert type(augment) is AdaptiveAugment
        assert [float(v) for v in augment.weights] == state
    assert loaded.augmentation.get_config() == gan.augmentation.get_config()


# Arguments.


@pytest.mark.parametrize(
    "kind, arguments",
    [
        (DiffAugment, {"policy": ("cutout", "color")}),
        (
            AdaptiveAugment,
            {
                "policy": ("cutout",),
                "target": 0.2,
                "ramp": 1000,
                "interval": 2,
                "name": "ada",
            },
        ),
    ],
)
def test_configuration_round_trip(kind, arguments):
    config = keras.saving.serialize_keras_object(kind(**arguments))
    # As in a file.
    config = json.loads(json.dumps(config))
    again = keras.saving.deserialize_keras_object(config)
    assert type(again) is kind
    config = again.get_config()
    assert {name: config[name] for name in arguments} == arguments


def test_nothing_is_updated_where_the_strength_is_fixed():
    assert DiffAugment().update(logits(3)) is None
