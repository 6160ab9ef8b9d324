"""The limits of the server: sizes, counts, waiting times."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds, so that whatever is sent gets an answer and memory stays flat.

    Attributes:
        body: bytes of a request's body; more is answered by 413.
        count: images of a request; more is answered by 400.
        queue: requests under way at a time, from their first byte to the last
            of the answer; more are answered by 429.
        memory: bytes that the answers under way may take together. A request
            that needs more alone is answered by 400, one that must wait for
            others by 429.
        timeout: seconds that a request may take, the waiting included; 504.
        patience: seconds that a client may take to send a header, or a body,
            or to read a part of the answer.
        connections: open connections; more are answered by 503.
        batch: rows that the network gets at once.
        batch_wait: seconds that a request waits for others.
    """

    body: int = 4 << 20
    count: int = 1024
    queue: int = 128
    memory: int = 512 << 20
    timeout: float = 30.0
    patience: float = 15.0
    connections: int = 512
    batch: int = 32
    batch_wait: float = 0.002
