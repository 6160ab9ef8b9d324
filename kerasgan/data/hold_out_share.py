"""The fraction of images that is held out of a training."""

# The name of the split of held-out images.
HELD_OUT = "held-out"


def check_share(share):
    """Returns the fraction of images to hold out as a number.

    Args:
        share: a number between 0 and 1, or a text such as `"5%"` or `"0.05"`.

    Raises:
        ValueError: it is neither. A count is not stable: adding images would
            move others.
    """
    number = share
    try:
        if isinstance(share, str):
            text = share.strip()
            number = float(text.rstrip("%"))
            # 0.07 and not 0.07000000000000001, for the record.
            number = round(number / 100, 12) if text.endswith("%") else number
        if not isinstance(number, bool) and 0 < number < 1:
            return float(number)
    except (TypeError, ValueError):
        pass
    raise ValueError(
        "Expected the fraction of images to hold out, such as 5% or 0.05 (not a "
        "count, so that adding images moves none). "
        f"Received: hold_out={share}"
    )
