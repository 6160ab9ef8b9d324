import keras

from kerasgan.utils.typing import Any, Logs


class ForNetwork(keras.callbacks.Callback):
    """Lets a Keras callback act on the optimizer of one network.

    Keras's callbacks know a model with one optimizer, and take a GAN's for the
    generator's:

    ```python
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    gan.fit(images, callbacks=[ForNetwork("discriminator", halve)])
    ```

    What the callback adds to the logs gets the network's name in front, such
    as `discriminator_learning_rate`.

    Args:
        network: `"generator"` or `"discriminator"`.
        callback: a `keras.callbacks.Callback`, such as
            `LearningRateScheduler` or `ReduceLROnPlateau`.

    Raises:
        ValueError: another network, or not a callback.
    """

    def __init__(
        self, network: str, callback: keras.callbacks.Callback
    ) -> None:
        super().__init__()
        if network not in ("generator", "discriminator"):
            raise ValueError(
                "Argument `network` must be 'generator' or 'discriminator'. "
                f"Received: network={network!r}"
            )
        if not isinstance(callback, keras.callbacks.Callback):
            raise ValueError(
                "Argument `callback` must be a keras.callbacks.Callback. "
                f"Received: callback={callback!r}"
            )
        self.network = network
        self.callback = callback

    def set_params(self, params: dict[str, Any]) -> None:
        super().set_params(params)
        self.callback.set_params(params)

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        self.callback.set_model(_Side(model, self.network))

    def _forward(self, hook, *arguments, logs):
        logs = {} if logs is None else logs
        seen = dict(logs)
        getattr(self.callback, hook)(*arguments, seen)
        for name, value in seen.items():
            # Another network's callback may have logged the same name.
            if name not in logs or logs[name] is not value:
                logs[f"{self.network}_{name}"] = value


class _Side:
    """A GAN that shows one of its optimizers."""

    def __init__(self, gan, network):
        self.__dict__.update(_gan=gan, _network=network)

    @property
    def optimizer(self):
        return getattr(self._gan.optimizer, self._network)

    def __getattr__(self, name):
        return getattr(self._gan, name)

    def __setattr__(self, name, value):
        # Such as `stop_training`.
        setattr(self._gan, name, value)


def _forwarded(hook, counted):
    def of_number(self: ForNetwork, number: int, logs: Logs = None) -> None:
        self._forward(hook, number, logs=logs)

    def of_all(self: ForNetwork, logs: Logs = None) -> None:
        self._forward(hook, logs=logs)

    method = of_number if counted else of_all
    method.__name__ = hook
    return method


for _moment in ("begin", "end"):
    for _hook, _counted in (
        ("epoch", True),
        ("train_batch", True),
        ("test_batch", True),
        ("train", False),
        ("test", False),
    ):
        _name = f"on_{_hook}_{_moment}"
        setattr(ForNetwork, _name, _forwarded(_name, _counted))
