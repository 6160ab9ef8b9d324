"""The activations of the table: each is made from a name and a `Normalization`."""

import keras

from kerasgan import layers


def relu(name, norm):
    return keras.layers.ReLU(name=name)


def leaky_relu(name, norm):
    return keras.layers.LeakyReLU(norm.leaky_slope, name=name)


def prelu(name, norm):
    return layers.PReLU(name=name)


def trelu(name, norm):
    return layers.TReLU(name=name)


def tprelu(name, norm):
    return layers.TPReLU(name=name)
