"""Checks of the host names and the origins of requests."""

import dataclasses
import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from kerasgan.serving.server.bodies import Rejection
from kerasgan.serving.server.errors import RequestError


@dataclasses.dataclass(frozen=True)
class Access:
    """Which names and which other sites are let in.

    A page of another site can send requests to a server on the reader's
    machine. Under a name that its owner points there (DNS rebinding) it could
    also read the answers. Addresses, `localhost` and the machine's own name
    cannot be used for that.

    Attributes:
        hosts: further names under which the server is reached, without a port;
            `"*"` for any.
        origins: sites whose pages may use the server, such as
            `"https://example.org"`; `"*"` for any.

    Raises:
        ValueError: an entry is not of that form.
    """

    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    def __post_init__(self):
        # Names are the same in capitals; browsers send small letters.
        for name in ("hosts", "origins"):
            small = tuple(map(str.lower, getattr(self, name)))
            object.__setattr__(self, name, small)
        for host in self.hosts:
            if host != "*" and (not host.strip(".") or set(host) & set("/:* ")):
                raise ValueError(
                    "Expected a host name without a port, or *. "
                    f"Received: allow_host={host}"
                )
        for origin in self.origins:
            parts = urlsplit(origin)
            if origin != "*" and origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError(
                    "Expected a site such as https://example.org, or *. "
                    f"Received: allow_origin={origin}"
                )

    def middleware(self, patience):
        """Returns Starlette's middleware that holds requests to it.

        Args:
            patience: seconds for the body of a request that is rejected.
        """
        layers = [Middleware(_Gate, access=self, patience=patience)]
        if self.origins:
            # Also answers what browsers ask before a request.
            layers.append(
                Middleware(
                    CORSMiddleware,
                    allow_origins=self.origins,
                    allow_methods=["GET", "POST"],
                    allow_headers=["*"],
                )
            )
        return layers

    def reason(self, headers):
        """Returns why a request is rejected, or None.

        Args:
            headers: a mapping with `host` and `origin`, each perhaps missing.
        """
        host = headers.get("host")
        # Not from a browser.
        if host is None:
            return None
        # A full name may end with a dot.
        name = (_parts(f"//{host}").hostname or "").removesuffix(".")
        known = {"localhost", socket.gethostname().lower(), *self.hosts}
        if "*" not in known and name not in known and not _is_address(name):
            return (
                "The server does not answer to this name: kerasgan serve "
                f"--allow-host {name}. Received: Host={host}"
            )
        origin = headers.get("origin")
        if origin is None or {"*", origin} & set(self.origins):
            return None
        if _parts(origin).netloc != host:
            # Files and sandboxed frames have the origin null.
            site = "'*'" if origin == "null" else origin
            return (
                "Pages of other sites may not use the server: kerasgan serve "
                f"--allow-origin {site}. Received: Origin={origin}"
            )
        return None


class _Gate:
    def __init__(self, app, access, patience):
        self.app, self.access, self.patience = app, access, patience

    async def __call__(self, scope, receive, send):
        app = self.app
        if scope["type"] == "http":
            reason = self.access.reason(Headers(scope=scope))
            if reason is not None:
                app = Rejection(RequestError(403, reason), self.patience)
        await app(scope, receive, send)


def _parts(url):
    """Returns the parts of a URL; those of an empty one if it is malformed."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _is_address(name):
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
