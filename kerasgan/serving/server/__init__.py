"""A local server that speaks the REST API of TensorFlow Serving."""
