"""Images that are held out of a training, chosen by what they hold."""

import hashlib
import math

from kerasgan.data.formats import has_signature
from kerasgan.data.hold_out_share import HELD_OUT
from kerasgan.data.large_images import is_large, one_at_a_time
from kerasgan.utils.progress_bars import progress_bar


class HeldOut:
    """One side of a source: what is held out, or the rest.

    An image is held out if the SHA-256 of its encoded bytes, as a number on
    [0, 1), is below the fraction: whatever else the source has, and whatever
    the image is called. Copies are on one side, and what a smaller fraction
    holds out a larger one does, too.

    Args:
        opened: a source (see `kerasgan.data.sources`).
        share: see `kerasgan.data.hold_out_share.check_share`.
        held_out: whether this is what is held out; otherwise it is the rest.
        source: what messages call it.
        progress: whether to draw a progress bar, as of `prepare`.
    """

    def __init__(self, opened, share, held_out, source, progress=None):
        self.opened = opened
        self.share = share
        self.held_out = held_out
        self.source = source
        self.progress = progress
        self.skipped = [] if held_out else opened.skipped
        self.others = {} if held_out else opened.others
        self.unknown = opened.unknown
        rest = "train" if opened.split == "all" else opened.split
        self.split = HELD_OUT if held_out else rest
        self._sides = None

    def __len__(self):
        self._choose()
        return self._sides.count(self.held_out)

    def __iter__(self):
        self._choose()
        for side, member in zip(self._sides, self.opened):
            if side == self.held_out:
                yield member

    def _choose(self):
        """Returns which side each image is on.

        Raises:
            ValueError: one side is empty.
        """
        if self._sides is not None:
            return
        places = []
        with progress_bar(
            "Holding out", len(self.opened), self.progress
        ) as advance:
            for name, read in self.opened:
                places.append(_place(read, name in self.unknown))
                advance()
        sides = [place < self.share for place in places]
        if len(set(sides)) < 2:
            least = min(places)
            hint = (
                "there is only one"
                if len(set(places)) < 2
                else f"hold out at least {math.ceil(least * 1000) / 10}%"
                if least >= self.share
                else "hold out less"
            )
            raise ValueError(
                f"Expected some images to be held out and some to be left, but "
                f"{sum(sides)} of {len(sides)} would be held out: {hint}. "
                f"Received: hold_out={self.share:g}, source={self.source}"
            )
        self._sides = sides


def _place(read, unknown):
    """Maps an image to [0, 1); below the fraction it is held out."""
    try:
        if unknown and not has_signature(read(16)):
            return 1.0
        with one_at_a_time(is_large(read.size)):
            digest = hashlib.sha256(read()).digest()
    # Also a MemoryError. The rest names it as skipped: it fails there, too.
    except Exception:
        return 1.0
    # 53 bits, which a float holds exactly.
    return (int.from_bytes(digest[:8], "big") >> 11) / 2**53
