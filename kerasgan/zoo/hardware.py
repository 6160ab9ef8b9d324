"""What a training or a measurement ran on, in words for a model card."""

import platform

from kerasgan.cores import cores


def device():
    """The accelerator's name, or the processor's with the number of cores."""
    import keras

    return _BACKENDS[keras.backend.backend()]() or _processor()


def _tensorflow():
    import tensorflow as tf

    for gpu in tf.config.list_physical_devices("GPU"):
        details = tf.config.experimental.get_device_details(gpu)
        return details.get("device_name", "GPU")
    return None


def _jax():
    import jax

    first = jax.devices()[0]
    return None if first.platform == "cpu" else first.device_kind


_BACKENDS = {"tensorflow": _tensorflow, "jax": _jax}


def _processor():
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    name = line.split(":", 1)[1].strip()
                    break
    except OSError:
        pass
    count = cores()
    return f"{count} {'core' if count == 1 else 'cores'} of {name}"
