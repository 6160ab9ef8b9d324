"""The error of a server."""


class ServingError(RuntimeError):
    """An error that a server answered.

    Attributes:
        status: the HTTP status, an integer, or the name of the gRPC code.
        message: what the server said.
    """

    def __init__(self, status: int, message: str, asked: str) -> None:
        # TensorFlow Serving adds a line with the node of the graph.
        line = " ".join(message.split())
        super().__init__(f"{line} ({status}, asked for {asked})")
        self.status, self.message = status, message
