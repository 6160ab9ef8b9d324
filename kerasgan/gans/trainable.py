"""The check that trainable weights are those that the step was compiled for."""

from kerasgan.gans.network_warnings import warn_if_frozen
from kerasgan.utils.private_names import flatten_layers


class Trainable:
    """The part of `GAN` that follows changes of `trainable`.

    Keras reads `trainable` once, when it compiles the step, and keeps that
    value without a warning.
    """

    def trained(self):
        """Returns the ids of the weights that each network trains."""
        return tuple(
            tuple(id(v) for v in network.trainable_variables)
            for network in (self.generator, self.discriminator)
        )

    def make_train_function(self, force=False):
        """Make the compiled step, once more if `trainable` changed since.

        Raises:
            ValueError: other weights are trained than `compile` was called
                with, whose optimizers know no others.
        """
        for name, now, then in zip(
            ("generator", "discriminator"), self.trained(), self.compiled_for
        ):
            # A network may rest as a whole.
            if now and now != then:
                raise ValueError(
                    f"The trainable weights of the {name} have changed since "
                    "compile(): call it again after a change of `trainable`. "
                    f"Received: {len(now)} trainable weights of "
                    f"the {name}, {len(then)} at compile()"
                )
        # A frozen batch normalization computes otherwise, too.
        flags = tuple(
            layer.trainable
            for network in (self.generator, self.discriminator)
            for layer in flatten_layers(network)
        )
        if self.train_function is None or flags != self.made_for:
            warn_if_frozen(self)
            self.made_for = flags
            force = True
        return super().make_train_function(force=force)
