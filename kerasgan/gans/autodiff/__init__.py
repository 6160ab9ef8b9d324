"""Differences between the backends in training, a small file each."""

import keras

from kerasgan.utils.replicas import replica

if keras.backend.backend() == "tensorflow":
    from kerasgan.gans.autodiff.tensorflow import (
        INEXACT_LAYERS,
        StepForm,
        after,
        apply_gradients,
        grads,
        input_grad,
        prefers_xla,
        total,
        twice_differentiable,
        value_and_grad,
        without_second_derivative,
    )
else:
    # `StepForm` is another class there.
    from kerasgan.gans.autodiff.jax import (  # type: ignore[assignment]
        INEXACT_LAYERS,
        StepForm,
        after,
        apply_gradients,
        grads,
        input_grad,
        prefers_xla,
        total,
        twice_differentiable,
        value_and_grad,
        without_second_derivative,
    )

__all__ = [
    "INEXACT_LAYERS",
    "StepForm",
    "after",
    "apply_gradients",
    "grads",
    "input_grad",
    "prefers_xla",
    "replica",
    "total",
    "twice_differentiable",
    "value_and_grad",
    "without_second_derivative",
]
