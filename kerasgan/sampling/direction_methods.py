"""The names of the methods that find latent directions, without Keras."""

METHODS = ("sefa", "pca")


def check_method(method):
    """Raises a ValueError unless there is a method of that name."""
    if method not in METHODS:
        raise ValueError(
            f"Expected one of {', '.join(METHODS)}. Received: method={method!r}"
        )
