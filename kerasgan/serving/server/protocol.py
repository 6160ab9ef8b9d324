"""HTTP by uvicorn, with time limits for slow clients and a bound on connections."""

from uvicorn.protocols.http.h11_impl import H11Protocol


def make_protocol(patience, connections, full):
    """Returns the class of uvicorn's connections, with bounds that it has not.

    uvicorn's own bound of connections closes one whose body it has not read,
    which resets it: the client never sees the answer.

    Args:
        patience: seconds in which a header has to be complete, and in which a
            client has to read something of an answer that waits for it.
            Connections that do not keep to it are cut off.
        connections: how many there may be.
        full: the ASGI application that answers those beyond.
    """

    class Protocol(H11Protocol):
        _header = _reader = None

        def connection_made(self, transport):
            super().connection_made(transport)
            if len(self.connections) > connections:
                self.app = full
            self._watch()

        def connection_lost(self, exc):
            super().connection_lost(exc)
            self._header = _cancelled(self._header)
            self._reader = _cancelled(self._reader)

        def data_received(self, data):
            super().data_received(data)
            self._watch()

        def on_response_complete(self):
            super().on_response_complete()
            self._watch()

        def pause_writing(self):
            super().pause_writing()
            self._reader = self.loop.call_later(patience, self.transport.abort)

        def resume_writing(self):
            super().resume_writing()
            self._reader = _cancelled(self._reader)

        def _watch(self):
            between = self.cycle is None or self.cycle.response_complete
            if not between:
                self._header = _cancelled(self._header)
            elif self._header is None:
                self._header = self.loop.call_later(
                    patience, self.transport.abort
                )

    return Protocol


def _cancelled(timer):
    if timer is not None:
        timer.cancel()
