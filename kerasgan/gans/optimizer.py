import keras
from keras import ops

from kerasgan.gans import autodiff
from kerasgan.utils.private_names import moving_averages


@keras.saving.register_keras_serializable(package="kerasgan")
class GANOptimizer(keras.optimizers.Optimizer):
    """The generator's and the discriminator's optimizer as one.

    Keras's trainers, callbacks and its saving know a model with one optimizer.
    This one holds the two real ones; its `variables` are theirs, so that the
    JAX trainer threads the state of both, and it never updates anything
    itself. Its learning rate is the generator's.

    Args:
        generator: a `keras.optimizers.Optimizer`.
        discriminator: another one.
    """

    def __init__(self, generator, discriminator):
        super().__init__(learning_rate=0.0, name="gan_optimizer")
        self.generator = generator
        self.discriminator = discriminator

    def build_both(self, generator_variables, discriminator_variables):
        """Make the slots of both, which loading weights needs to exist."""
        if not self.generator.built:
            self.generator.build(generator_variables)
        if not self.discriminator.built:
            self.discriminator.build(discriminator_variables)
        self.built = True

    @property
    def variables(self):
        return [*self.generator.variables, *self.discriminator.variables]

    @property
    def iterations(self):
        return self.generator.iterations

    @property
    def learning_rate(self):
        return self.generator.learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        self.generator.learning_rate = value

    def set_weights(self, weights):
        """Set the state of both, in the order of `variables`."""
        for variable, weight in zip(self.variables, weights, strict=True):
            variable.assign(weight)

    def finalize_variable_values(self, var_list):
        """Runs what Keras calls at the end of `fit`.

        If an optimizer averages weights (`use_ema=True`), its network gets
        the average.
        """
        known = {id(variable) for variable in var_list}
        for optimizer in (self.generator, self.discriminator):
            inner = getattr(optimizer, "inner_optimizer", optimizer)
            if not inner.use_ema:
                continue
            averages = moving_averages(inner)
            # A network that was frozen since has no average.
            if any(id(variable) not in known for variable, _ in averages):
                continue
            for variable, average in averages:
                # Without a copy both would share a buffer on JAX, and the next
                # `fit` could not donate it.
                variable.assign(ops.copy(average))

    def save_own_variables(self, store):
        """Does nothing: the two optimizers are saved as themselves."""

    def load_own_variables(self, store):
        """Does nothing: the two optimizers are loaded as themselves."""

    def get_config(self):
        return {
            "generator": keras.optimizers.serialize(self.generator),
            "discriminator": keras.optimizers.serialize(self.discriminator),
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        return cls(
            **{
                part: keras.optimizers.deserialize(optimizer, custom_objects)
                for part, optimizer in config.items()
            }
        )


def update_weights(optimizers, gradients, groups, logged):
    """Update groups of variables, when all is computed.

    TensorFlow's graph optimizer drops some of the edges by which an update
    waits for what reads the weight before it.

    Args:
        optimizers, gradients, groups: of each group its optimizer, a list of
            gradients and one of variables, which may be empty.
        logged: what else is computed from the weights as they were.
    """
    with autodiff.after((logged, gradients)):
        for optimizer, of_group, group in zip(optimizers, gradients, groups):
            if group:
                autodiff.apply_gradients(optimizer, of_group, group)
