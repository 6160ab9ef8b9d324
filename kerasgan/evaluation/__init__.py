"""From a generator and images to `metrics.json`, and generators compared."""
