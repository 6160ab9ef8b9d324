"""How far one update at the start moves logits and pictures.

    python benchmarks/first_step.py DATA [NAME[:KEY=VALUE,...] ...]

Adam's first update moves every weight by the learning rate, whatever its
gradient. Of the entries' fresh networks this prints by how much such an update
(of 2e-4, on 64 pictures and latents) changes the mean logit of real pictures
less that of generated ones, and the pictures of the generator (root of the mean
square, on [-1, 1]). Where the first is small beside the second, the
discriminator follows a generator that runs away from it.
"""

import sys

import keras
import numpy as np
import tensorflow as tf
import yaml
from keras import ops

from kerasgan import zoo
from kerasgan.data import prepare
from kerasgan.recipes.build import build_networks

COUNT = 64
RATE = 2e-4
# With weight normalization in both networks, as `resnet21-wn-celeba` was until
# its SavedModel 3.
_NARROW = (
    "resnet21-sn-celeba:normalization=weight,generator_normalization=null,"
    "logit_scale="
)
ENTRIES = (
    "dcgan-wn-celeba:logit_scale=null",
    f"{_NARROW}null",
    f"{_NARROW}20",
)


def update(network, loss):
    """Move each weight of a network against its gradient by the rate."""
    with tf.GradientTape() as tape:
        value = loss()
    variables = [v.value for v in network.trainable_variables]
    for variable, slope in zip(variables, tape.gradient(value, variables)):
        variable.assign_sub(RATE * tf.sign(slope))


def measure(recipe, real):
    """The spread of the logits of real pictures, and both movements."""
    keras.utils.set_random_seed(0)
    generator, discriminator = build_networks(recipe)
    rng = np.random.default_rng(0)
    latents = rng.standard_normal((COUNT, recipe.architecture.latent_dim))
    latents = ops.convert_to_tensor(latents.astype("float32"))

    def gap():
        fake = discriminator(generator(latents))
        return float(ops.mean(discriminator(real)) - ops.mean(fake))

    def loss(logits):
        return ops.mean(ops.softplus(-logits))

    spread = float(ops.std(discriminator(real)))
    pictures, before = generator(latents), gap()
    start = discriminator.get_weights()
    update(
        discriminator,
        lambda: loss(discriminator(real)) + loss(-discriminator(pictures)),
    )
    logits_move = gap() - before
    discriminator.set_weights(start)
    update(generator, lambda: loss(discriminator(generator(latents))))
    move = ops.mean(ops.square(generator(latents) - pictures))
    return spread, logits_move, float(ops.sqrt(move))


def main():
    data, *names = sys.argv[1:]
    print(f"{'':40} logits' std  D moves logits  G moves pictures")
    for name in names or ENTRIES:
        entry, _, changes = name.partition(":")
        recipe = zoo.recipe(entry)
        for change in filter(None, changes.split(",")):
            key, value = change.split("=")
            recipe = recipe.override(key, yaml.safe_load(value))
        prepared = prepare(
            data,
            split=recipe.data.split,
            image_size=recipe.data.image_size,
            crop=recipe.data.crop,
            resize=recipe.data.resize,
        )
        real = prepared.images[:COUNT].astype("float32") / 127.5 - 1
        numbers = measure(recipe, ops.convert_to_tensor(real))
        spread, gap, move = numbers
        print(f"{name}\n{'':40} {spread:11.4f} {gap:15.4f} {move:17.4f}")


if __name__ == "__main__":
    main()
