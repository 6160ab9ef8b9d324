"""Reading what is sent, and sending answers, both within bounds."""

import anyio
from starlette.responses import JSONResponse, Response, StreamingResponse

from kerasgan.serving.server.errors import RequestError

# Small enough that a slow reader holds no more than this once it is sent.
PART = 1 << 18
# Between parts of a body that is rejected, until the connection is closed.
IDLE_SECONDS = 0.5


async def read(request, limits):
    """The body of a request.

    Raises:
        RequestError: 413 if it is too large, 408 if it takes too long.
        starlette.requests.ClientDisconnect: the client went away.
    """
    large = RequestError(413, f"A body may have at most {limits.body} bytes")
    if int(request.headers.get("content-length", 0)) > limits.body:
        raise large
    body = bytearray()
    with anyio.move_on_after(limits.patience):
        async for part in request.stream():
            body += part
            if len(body) > limits.body:
                raise large
        return bytes(body)
    message = f"The body did not arrive within {limits.patience:g} seconds"
    raise RequestError(408, message, {"Connection": "close"})


def answer(parts):
    """Streams a response of JSON, and waits for clients that read slowly.

    Args:
        parts: a list of `bytes`.
    """

    async def send():
        waiting, size = [], 0
        for piece in parts:
            for at in range(0, len(piece), PART):
                waiting.append(piece[at : at + PART])
                size += len(waiting[-1])
                if size >= PART:
                    yield b"".join(waiting)
                    waiting, size = [], 0
        yield b"".join(waiting)

    size = sum(map(len, parts))
    if size <= PART:
        return Response(b"".join(parts), media_type="application/json")
    length = {"Content-Length": str(size)}
    return StreamingResponse(send(), 200, length, "application/json")


class ErrorResponse(JSONResponse):
    """`{"error": message}`."""

    def __init__(self, error):
        super().__init__(
            {"error": error.detail}, error.status_code, error.headers
        )


class Rejection(ErrorResponse):
    """Answers before the body is read, swallows that, and hangs up.

    Some clients read no answer before all is sent.

    Args:
        error: a `RequestError`.
        patience: seconds for the body.
    """

    def __init__(self, error, patience):
        error.headers = {**(error.headers or {}), "Connection": "close"}
        super().__init__(error)
        self._patience = patience

    async def __call__(self, scope, receive, send):
        start = {"type": "http.response.start", "status": self.status_code}
        body = {"type": "http.response.body", "body": self.body}
        await send({**start, "headers": self.raw_headers})
        await send({**body, "more_body": True})
        with anyio.move_on_after(self._patience):
            more = True
            while more:
                more = False
                with anyio.move_on_after(IDLE_SECONDS):
                    more = (await receive()).get("more_body", False)
        await send({**body, "body": b""})
