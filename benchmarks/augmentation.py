"""Time of the augmentation of the discriminator's images, in milliseconds.

In turns, so that a noisy machine treats all alike. For each augmentation:

- draw: the random numbers of one batch.
- forward: one batch augmented.
- gradient: the gradient by the images alone, given that of the output.
- step: all that a training step adds: drawing three times, augmenting the real
  and the generated batch, and once more with the gradient, in one compiled
  function.

Each is the least and (in brackets) the median over the rounds, less the least
time that the same function takes without augmentation.

    python benchmarks/augmentation.py
    KERAS_BACKEND=jax python benchmarks/augmentation.py --batch-size 64
"""

import argparse
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from keras import ops

from kerasgan.gans.augmentation import AdaptiveAugment, DiffAugment


class Nothing:
    """What the others are measured against."""

    def draw(self, count, height, width, seed):
        return ops.zeros(())

    def apply(self, images, drawn):
        return images + drawn


def adaptive():
    augment = AdaptiveAugment()
    augment.strength.assign(0.5)
    return augment


CONTESTANTS = {
    "none": Nothing,
    "color": lambda: DiffAugment(["color"]),
    "translation": lambda: DiffAugment(["translation"]),
    "cutout": lambda: DiffAugment(["cutout"]),
    "DiffAugment": DiffAugment,
    "AdaptiveAugment": adaptive,
}


def compiled(function):
    """A function of arrays, compiled, that waits for its result."""
    if keras.backend.backend() == "jax":
        import jax

        call = jax.jit(function)
        return lambda *arrays: jax.block_until_ready(call(*arrays))
    import tensorflow as tf

    call = tf.function(function)

    def wait(*arrays):
        # Enough to wait for a GPU.
        return [np.asarray(x).shape for x in tf.nest.flatten(call(*arrays))]

    return wait


def vector_jacobian(function, x, upstream):
    if keras.backend.backend() == "jax":
        import jax

        return jax.vjp(function, x)[1](upstream)[0]
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x, upstream)


def functions(augment, images):
    """What is timed, by name: functions without arguments."""
    shape = images.shape[:3]
    generator = keras.random.SeedGenerator(0)
    state = generator.state.value + 0

    def draw(state):
        # In a scope of its own, as JAX needs it.
        with keras.StatelessScope([(generator.state, state)]):
            return augment.draw(*shape, generator)

    def gradient(x, drawn, upstream):
        return vector_jacobian(lambda x: augment.apply(x, drawn), x, upstream)

    def step(x, upstream, state):
        first = augment.apply(x, draw(state))
        second = augment.apply(upstream, draw(state + 1))
        third = gradient(x, draw(state + 2), upstream)
        return first, second, third

    drawn = draw(state)
    upstream = images * 0.5
    calls = {
        "draw": (compiled(draw), (state,)),
        "forward": (compiled(augment.apply), (images, drawn)),
        "gradient": (compiled(gradient), (images, drawn, upstream)),
        "step": (compiled(step), (images, upstream, state)),
    }
    return {
        name: lambda call=call, arguments=arguments: call(*arguments)
        for name, (call, arguments) in calls.items()
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--image-size", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=100)
    args = parser.parse_args()

    shape = (args.batch_size, args.image_size, args.image_size, 3)
    images = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    images = ops.convert_to_tensor(images)
    timed = {
        name: functions(make(), images) for name, make in CONTESTANTS.items()
    }
    times = {}
    for round_ in range(args.rounds + 3):
        for name, calls in timed.items():
            for what, call in calls.items():
                start = time.perf_counter()
                call()
                if round_ >= 3:
                    took = (time.perf_counter() - start) * 1e3
                    times.setdefault((name, what), []).append(took)
    columns = list(timed["none"])
    print(f"{keras.backend.backend()}, {args}")
    print(f"| augmentation | {' | '.join(columns)} |")
    print("|---" * (len(columns) + 1) + "|")
    for name in timed:
        cells = []
        for what in columns:
            base = min(times["none", what]) if name != "none" else 0
            found = times[name, what]
            cells.append(
                f"{min(found) - base:.2f} "
                f"({statistics.median(found) - base:.2f})"
            )
        print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
