"""`kerasgan serve`, in a thread of the tests."""

import contextlib
import threading
import time

import pytest


@contextlib.contextmanager
def running(
    folder=None, labels=None, poll=60.0, models=None, access=None, **limits
):
    """Serves a folder or `models`; yields its socket, the models, the server."""
    pytest.importorskip("uvicorn", reason="needs kerasgan[serve]")
    from kerasgan.serving.server.http_server import listen, make_server
    from kerasgan.serving.server.limits import Limits
    from kerasgan.serving.server.model_sources import Source
    from kerasgan.serving.server.models import Models

    if models is None:
        models = Models([Source(folder)], labels)
        models.load()
    server = make_server(models, Limits(**limits), poll, access=access)
    with listen("127.0.0.1", 0) as bound:
        thread = threading.Thread(target=server.run, args=([bound],))
        thread.start()
        try:
            wait(lambda: server.started)
            yield bound, models, server
        finally:
            server.should_exit = True
            thread.join()


@contextlib.contextmanager
def at_address(folder):
    """Serves a folder; yields the address."""
    with running(folder) as (bound, *_):
        yield "http://{}:{}".format(*bound.getsockname())


def wait(condition, seconds=20):
    """Wait until something holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)
