"""The hardware of a training or a measurement, in words for a model card."""

import os
import platform
from pathlib import Path


def cores():
    """Returns the number of cores that this process may use, at least 1."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def device():
    """Returns the accelerator's name, or the processor's with the number of cores."""
    return _accelerator() or _processor()


def lacks_bfloat16():
    """Returns whether it is a processor that has no arithmetic for bfloat16.

    There a training in `mixed_bfloat16` takes many times as long as one in
    float32. A processor that does not report its features is unknown:
    False.
    """
    if _accelerator():
        return False
    features = set(_cpuinfo("flags", "Features").split())
    return bool(features) and not features & _BFLOAT16


def _accelerator():
    import keras

    return _BACKENDS[keras.backend.backend()]()


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


_CPUINFO = Path("/proc/cpuinfo")
# What Linux calls it there, on x86 and on ARM.
_BFLOAT16 = {"avx512_bf16", "amx_bf16", "bf16"}


def _processor():
    name = _cpuinfo("model name") or platform.processor() or platform.machine()
    count = cores()
    return f"{count} {'core' if count == 1 else 'cores'} of {name}"


def _cpuinfo(*names):
    """Returns the first value that Linux has for one of the names, or `""`."""
    try:
        with _CPUINFO.open(encoding="utf-8") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() in names:
                    return value.strip()
    except OSError:
        pass
    return ""
