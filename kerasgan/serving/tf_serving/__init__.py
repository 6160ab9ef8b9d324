"""Files of TensorFlow Serving: versions, configuration, batching, warm-up."""
