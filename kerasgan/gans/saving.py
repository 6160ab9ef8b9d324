"""The state of a GAN that is saved with the weights of its networks."""

import copy

import keras

from kerasgan.utils import networks


class Saving:
    """The part of `GAN` that Keras's saving calls."""

    def _seed_states(self):
        """Returns the states of all random generators, which Keras does not save."""
        return [
            v
            for v in self.non_trainable_variables
            if v.name == "seed_generator_state"
            and v is not self.evaluation_seeds.state
        ]

    def save_own_variables(self, store):
        store["steps"] = self.steps.numpy()
        for i, state in enumerate(self._seed_states()):
            store[f"seed_{i}"] = state.numpy()

    def load_own_variables(self, store):
        states = self._seed_states()
        count = len(store.keys()) - 1
        if count != len(states):
            raise ValueError(
                f"Expected the states of {len(states)} random generators: the "
                "GAN needs the penalties, augmentation and dropout that it was "
                f"saved with. Received: {count} states"
            )
        self.steps.assign(store["steps"])
        for i, state in enumerate(states):
            state.assign(store[f"seed_{i}"])

    def save(self, filepath, overwrite=True, **kwargs):
        """Save the whole GAN in a `.keras` file, to resume its training.

        Args:
            filepath: name of the file, which ends in `.keras`.
            overwrite: whether an existing file is replaced without asking.
            **kwargs: see `keras.Model.save`.

        Raises:
            ValueError: `filepath` asks for the legacy HDF5 format, which knows
                no models in a model.
        """
        if str(filepath).endswith((".h5", ".hdf5")):
            raise ValueError(
                "A GAN is saved as a `.keras` file, or its weights alone by "
                f"`save_weights`. Received: filepath={filepath}"
            )
        super().save(filepath, overwrite=overwrite, **kwargs)

    def export(self, filepath, *args, **kwargs):
        """Export the generator, which is what `call` and `predict` use.

        `kerasgan.serving` exports it with more signatures, and smaller.

        Args:
            filepath: see `keras.Model.export`, which takes the others, too.
        """
        self.generator.export(filepath, *args, **kwargs)

    def get_config(self):
        return {
            "name": self.name,
            "generator": _serialized(self.generator),
            "discriminator": _serialized(self.discriminator),
            "discriminator_steps": self.discriminator_steps,
            "update": self.update,
            "gradient_accumulation": self.gradient_accumulation,
            "ema_decay": self.ema_decay,
            "penalties": [
                keras.saving.serialize_keras_object(penalty)
                for penalty in self.penalties
            ],
            "augmentation": keras.saving.serialize_keras_object(
                self.augmentation
            ),
            "seed": self.seed,
        }

    @classmethod
    def from_config(cls, config, custom_objects=None):
        # Keras empties the configurations of models that it is given.
        config = copy.deepcopy(config)
        if config.pop("pretraining", False):
            # Files before 0.2 have the key, nearly all of them False.
            raise ValueError(
                "kerasgan 0.2 has no pretraining: load this file with 0.1. "
                "Received: pretraining=True"
            )
        for part in ("generator", "discriminator", "penalties", "augmentation"):
            config[part] = keras.saving.deserialize_keras_object(
                config[part], custom_objects=custom_objects
            )
        return cls(**config)

    def get_compile_config(self):
        if not self.compiled:
            return None
        return {
            "generator_optimizer": keras.optimizers.serialize(
                self.optimizer.generator
            ),
            "discriminator_optimizer": keras.optimizers.serialize(
                self.optimizer.discriminator
            ),
            "jit_compile": self.asked_jit_compile,
            "steps_per_execution": self.steps_per_execution,
            "run_eagerly": self.run_eagerly,
        }

    def compile_from_config(self, config):
        config = dict(config)
        for part in ("generator_optimizer", "discriminator_optimizer"):
            config[part] = keras.optimizers.deserialize(config[part])
        self.compile(**config)


def _serialized(network):
    """Returns a network's configuration, for `deserialize_keras_object`."""
    try:
        if networks.is_graph(network):
            return keras.saving.serialize_keras_object(network)
        own = networks.constructor_config(network)
        config = keras.saving.serialize_keras_object(network)
    except NotImplementedError as error:
        raise ValueError(
            f"A `.keras` file needs get_config() of {type(network).__name__}, "
            "which has no usable one; `save_weights` works without. "
            f"Received: {network.name!r}"
        ) from error
    return {**config, "config": keras.saving.serialize_keras_object(own)}
