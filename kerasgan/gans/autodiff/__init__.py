"""What differs between the backends in training: a small file each, and
what TensorFlow lacks."""

import keras

if keras.backend.backend() == "tensorflow":
    from kerasgan.gans.autodiff.tensorflow import StepForm
    from kerasgan.gans.autodiff.tensorflow import after
    from kerasgan.gans.autodiff.tensorflow import apply_gradients
    from kerasgan.gans.autodiff.tensorflow import grads
    from kerasgan.gans.autodiff.tensorflow import input_grad
    from kerasgan.gans.autodiff.tensorflow import prefers_xla
    from kerasgan.gans.autodiff.tensorflow import replica
    from kerasgan.gans.autodiff.tensorflow import twice_differentiable
    from kerasgan.gans.autodiff.tensorflow import value_and_grad
    from kerasgan.gans.autodiff.tensorflow import without_second_derivative
else:
    from kerasgan.gans.autodiff.jax import StepForm
    from kerasgan.gans.autodiff.jax import after
    from kerasgan.gans.autodiff.jax import apply_gradients
    from kerasgan.gans.autodiff.jax import grads
    from kerasgan.gans.autodiff.jax import input_grad
    from kerasgan.gans.autodiff.jax import prefers_xla
    from kerasgan.gans.autodiff.jax import replica
    from kerasgan.gans.autodiff.jax import twice_differentiable
    from kerasgan.gans.autodiff.jax import value_and_grad
    from kerasgan.gans.autodiff.jax import without_second_derivative

__all__ = [
    "StepForm",
    "after",
    "apply_gradients",
    "grads",
    "input_grad",
    "prefers_xla",
    "replica",
    "twice_differentiable",
    "value_and_grad",
    "without_second_derivative",
]
