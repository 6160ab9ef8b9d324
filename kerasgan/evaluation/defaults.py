"""Defaults of an evaluation, which the command shows without importing Keras."""

METRICS = ("reconstruction", "reconstruction_final")
SAMPLES = 10_000
SEED = 0
REPEATS = 1
RESIZE = "legacy"
