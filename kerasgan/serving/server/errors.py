"""Errors that a request is answered with, `{"error": message}`.

TensorFlow Serving's codes have these HTTP statuses: INVALID_ARGUMENT 400,
NOT_FOUND 404, RESOURCE_EXHAUSTED 429, INTERNAL 500, UNAVAILABLE 503,
DEADLINE_EXCEEDED 504.
"""

from starlette.exceptions import HTTPException as RequestError


def invalid(message):
    """The error of a request that cannot be answered as it is."""
    return RequestError(400, message)


def busy(message):
    """The error of a server that has too much to do."""
    return RequestError(429, message, {"Retry-After": "1"})
