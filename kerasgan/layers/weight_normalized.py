"""The base class of the weight-normalized layers of Xiang & Li (2017)."""

import keras
from keras import ops

from kerasgan.layers.reparametrization import (
    FanInUniform,
    Reparametrization,
    at_least_float32,
    divide_by_norm,
)


class WeightNormalized(Reparametrization):
    """A kernel of unit norm for each output, with or without an affine part.

    Args:
        scale: whether each output is multiplied by a trained gamma.
        use_bias: whether a trained beta (0 at the start) is added.
        epsilon: added to the norm.
        init_factor: f of the initial weights U(-f, f) / sqrt(fan_in).
        seed: seed of the initial weights.
        gamma_initializer: the first values of gamma.
    """

    # The output axis of the kernel.
    output_axis = -1
    # The Keras layer that works with a kernel as it is.
    plain_class = None

    def __init__(
        self,
        scale=False,
        use_bias=False,
        epsilon=1e-8,
        init_factor=1.0,
        seed=None,
        gamma_initializer="ones",
        **kwargs,
    ):
        super().__init__(**kwargs)
        for name, value in (("epsilon", epsilon), ("init_factor", init_factor)):
            if not value > 0:
                raise ValueError(
                    f"Argument `{name}` must be positive. Received: {name}={value}"
                )
        self.scale = scale
        self.use_bias = use_bias
        self.epsilon = epsilon
        self.init_factor = init_factor
        self.seed = seed
        self.gamma_initializer = keras.initializers.get(gamma_initializer)

    def add_weights(self, kernel_shape, fan_in, units):
        self.kernel = self.add_weight(
            name="kernel",
            shape=kernel_shape,
            initializer=FanInUniform(fan_in, self.init_factor, self.seed),
            autocast=False,
        )
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                name="gamma",
                shape=(units,),
                initializer=self.gamma_initializer,
                autocast=False,
            )
        if self.use_bias:
            self.beta = self.add_weight(
                name="beta", shape=(units,), initializer="zeros"
            )

    @property
    def norm_divisor(self):
        """The divisor of the squared norm, as the transposed layer has it."""
        return 1.0

    def compute_kernel(self):
        kernel = divide_by_norm(
            self.kernel, self.output_axis, self.epsilon, self.norm_divisor
        )
        if self.gamma is None:
            return kernel
        shape = [1] * len(self.kernel.shape)
        shape[self.output_axis] = -1
        gamma = at_least_float32(self.gamma)
        return kernel * ops.reshape(gamma, shape)

    def plain(self):
        layer = self.plain_class.from_config(self.plain_config())
        spec = self.input_spec
        leading = (None,) * ((spec.ndim or spec.min_ndim) - 1)
        layer.build((*leading, spec.axes[-1]))
        layer.kernel.assign(self.compute_kernel())
        if self.beta is not None:
            layer.bias.assign(self.beta)
        return layer

    def plain_config(self):
        """Returns the arguments of `plain_class`."""
        config = self.get_config()
        for name in (
            "scale",
            "epsilon",
            "init_factor",
            "seed",
            "gamma_initializer",
        ):
            del config[name]
        return config

    def get_config(self):
        return {
            **super().get_config(),
            "scale": self.scale,
            "use_bias": self.use_bias,
            "epsilon": self.epsilon,
            "init_factor": self.init_factor,
            "seed": self.seed,
            "gamma_initializer": keras.initializers.serialize(
                self.gamma_initializer
            ),
        }
