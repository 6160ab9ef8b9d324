"""The ASGI application: TensorFlow Serving's REST API, and a page."""

import concurrent.futures
import contextlib

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import Route

from kerasgan.serving.server import reconstructing, rest, site
from kerasgan.serving.server.access import Access
from kerasgan.serving.server.bodies import ErrorResponse, Rejection
from kerasgan.serving.server.errors import RequestError
from kerasgan.utils.hardware import cores


def make_application(models, limits, access=None):
    """Make the application.

    Args:
        models: `Models`, which somebody else loads, perhaps meanwhile.
        limits: `Limits`.
        access: `Access`. Defaults to `None`: the page of the server itself, and
            what is no browser.
    """
    # TensorFlow uses all cores within a call; more calls only fill the gaps.
    executor = concurrent.futures.ThreadPoolExecutor(min(4, cores()), "predict")

    reconstruct = reconstructing.Reconstruct(models, limits)

    @contextlib.asynccontextmanager
    async def lifespan(app):
        yield
        reconstruct.close()
        executor.shutdown(wait=False, cancel_futures=True)

    async def error(request, exception):
        if exception.status_code == 413:
            return Rejection(exception, limits.patience)
        return ErrorResponse(exception)

    async def failure(request, exception):
        return ErrorResponse(
            RequestError(500, "The server failed; its log says why")
        )

    async def gone(request, exception):
        # There is nobody to answer.
        return Response(status_code=499)

    app = Starlette(
        routes=[
            Route("/", site.page),
            Route("/page/{file}", site.page),
            Route("/gallery", site.gallery(models)),
            Route("/latents", site.latents(models)),
            Route("/labels", site.labels(models)),
            Route("/directions", site.directions(models)),
            Route("/reconstruct", reconstruct, methods=["POST"]),
            Route("/healthz", site.alive),
            Route("/readyz", site.ready(models)),
            *rest.routes(models, limits, executor),
        ],
        middleware=(access or Access()).middleware(limits.patience),
        lifespan=lifespan,
        exception_handlers={
            HTTPException: error,
            ClientDisconnect: gone,
            Exception: failure,
        },
    )
    app.router.redirect_slashes = False
    return app
