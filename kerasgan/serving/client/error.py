"""What a server answers instead of pictures."""


class ServingError(RuntimeError):
    """What a server answered instead of pictures.

    Attributes:
        status: the HTTP status, an integer, or the name of the gRPC code.
        message: what the server said.
    """

    def __init__(self, status, message, asked):
        super().__init__(f"{message} ({status}, asked for {asked})")
        self.status, self.message = status, message
