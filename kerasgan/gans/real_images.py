"""Whether data is what a GAN trains on."""


def check_real(real, expected):
    """Refuse real data that the discriminator does not take.

    Args:
        real: anything with a `shape`, in which unknown sizes are None.
        expected: the shape of the networks' images, in which unknown sizes are
            None.

    Raises:
        ValueError: rank or sizes differ, or it holds integers.
    """
    shape = tuple(real.shape)
    if "int" in str(getattr(real, "dtype", "")):
        raise ValueError(
            "Real images must be floats in [-1, 1]. "
            f"Received: dtype={real.dtype}"
        )
    if len(shape) != len(expected) or any(
        None not in (one, other) and one != other
        for one, other in zip(shape[1:], expected[1:])
    ):
        raise ValueError(
            f"Real images must have the discriminator's shape {expected}. "
            f"Received: shape={shape}"
        )
