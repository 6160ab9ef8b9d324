"""Errors that a request is answered with, in TensorFlow Serving's form."""

import json


class RequestError(Exception):
    """What is wrong with a request.

    Args:
        status: the HTTP status. TensorFlow Serving's codes have these:
            INVALID_ARGUMENT 400, NOT_FOUND 404, RESOURCE_EXHAUSTED 429,
            INTERNAL 500, UNAVAILABLE 503, DEADLINE_EXCEEDED 504.
        message: one line for people.
        headers: HTTP headers of the answer.
    """

    def __init__(self, status, message, headers=None):
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers or {}

    def body(self):
        """Returns the answer: `{"error": message}` as JSON."""
        return json.dumps({"error": self.message}).encode()


def invalid(message):
    """Returns the error of a request that cannot be answered as it is."""
    return RequestError(400, message)


def busy(message):
    """Returns the error of a server that has too much to do."""
    return RequestError(429, message, {"Retry-After": "1"})
