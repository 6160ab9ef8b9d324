"""From a recipe and images to a run directory."""
