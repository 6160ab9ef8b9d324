"""Reading what is sent, and sending answers, both within bounds."""

import json

import anyio

from kerasgan.serving.server.errors import RequestError

# Small enough that a slow reader holds no more than this once it is sent.
PART = 1 << 18
# Between parts of a body that is refused, until the connection is closed.
IDLE_SECONDS = 0.5


async def read(scope, receive, limits):
    """The body of a request.

    Raises:
        RequestError: 413 if it is too large, 408 if it takes too long.
        ConnectionError: the client went away.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > limits.body:
            raise _too_large(limits)
    body = bytearray()
    with anyio.move_on_after(limits.patience) as timer:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ConnectionError("the client went away")
            body += message.get("body", b"")
            if len(body) > limits.body:
                raise _too_large(limits)
            if not message.get("more_body"):
                return bytes(body)
    assert timer.cancelled_caught
    raise RequestError(
        408,
        f"The body was not there after {limits.patience:g} seconds",
        {"Connection": "close"},
    )


async def send_parts(send, parts, status=200, headers=()):
    """Send an answer of JSON, waiting for clients that read slowly.

    Args:
        send: of ASGI.
        parts: a list of `bytes`.
        status: HTTP status.
        headers: pairs of strings.
    """
    await send(_start(status, headers, sum(map(len, parts))))
    waiting, size = [], 0
    for piece in parts:
        for at in range(0, len(piece), PART):
            waiting.append(piece[at : at + PART])
            size += len(waiting[-1])
            if size >= PART:
                await send(_body(b"".join(waiting), True))
                waiting, size = [], 0
    await send(_body(b"".join(waiting), False))


async def send_json(send, value):
    """Send a small value as JSON."""
    await send_parts(send, [json.dumps(value, indent=1).encode(), b"\n"])


async def send_error(receive, send, error, limits):
    """Send a `RequestError`."""
    body = error.body()
    headers = error.headers.items()
    if "Connection" not in error.headers or error.status == 408:
        await send_parts(send, [body], error.status, headers)
        return
    await send(_start(error.status, headers, len(body)))
    await send(_body(body, True))
    # Some clients read no answer before all is sent: it is swallowed.
    with anyio.move_on_after(limits.patience):
        more = True
        while more:
            more = False
            with anyio.move_on_after(IDLE_SECONDS):
                more = (await receive()).get("more_body", False)
    await send(_body(b"", False))


def _too_large(limits):
    return RequestError(
        413,
        f"A body may have at most {limits.body} bytes",
        {"Connection": "close"},
    )


def _start(status, headers, size):
    pairs = [
        ("content-type", "application/json"),
        ("content-length", str(size)),
        *headers,
    ]
    return {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in pairs
        ],
    }


def _body(part, more):
    return {
        "type": "http.response.body",
        "body": part,
        "more_body": more,
    }
