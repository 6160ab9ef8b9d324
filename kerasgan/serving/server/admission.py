"""Bounds on the number of requests and on the memory of their answers."""

import contextlib

from kerasgan.serving.server.errors import busy, invalid


class Admission:
    """Counts the requests under way, and the memory of their answers.

    Args:
        limits: `Limits`.
    """

    def __init__(self, limits):
        self._limits = limits
        self._requests = self._memory = 0

    @contextlib.contextmanager
    def request(self):
        """Reserves a place for a request; `RequestError` 429 if there is none."""
        if self._requests >= self._limits.queue:
            raise busy(
                f"The server has {self._limits.queue} requests under way and "
                "takes no more"
            )
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1

    @contextlib.contextmanager
    def answer(self, size):
        """Reserves memory for an answer of about `size` bytes.

        Raises:
            RequestError: 429 if others use it, 400 if it is not enough.
        """
        if size > self._limits.memory:
            raise invalid(
                f"The answer would take about {size >> 20} MB, and the server "
                f"sends at most {self._limits.memory >> 20} MB. Ask for less"
            )
        if self._memory + size > self._limits.memory:
            raise busy("The answers under way take all the memory there is")
        self._memory += size
        try:
            yield
        finally:
            self._memory -= size
