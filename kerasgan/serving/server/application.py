"""The ASGI application: TensorFlow Serving's REST API, and a page."""

import concurrent.futures
import contextlib

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from kerasgan.serving.server import site
from kerasgan.serving.server.rest import RestApi
from kerasgan.utils.hardware import cores


def application(models, limits):
    """Make the application.

    Args:
        models: `Models`, which somebody else loads, perhaps meanwhile.
        limits: `Limits`.
    """
    # TensorFlow uses all cores within a call; more calls only fill the gaps.
    executor = concurrent.futures.ThreadPoolExecutor(min(4, cores()), "predict")

    @contextlib.asynccontextmanager
    async def lifespan(app):
        yield
        executor.shutdown(wait=False, cancel_futures=True)

    def error(request, exception):
        return JSONResponse(
            {"error": exception.detail},
            exception.status_code,
            exception.headers,
        )

    def failure(request, exception):
        message = "The server failed; its log says why"
        return JSONResponse({"error": message}, 500)

    app = Starlette(
        routes=[
            Route("/", site.page),
            Route("/page/{file}", site.page),
            Route("/gallery", site.gallery(models)),
            Route("/latents", site.latents(models)),
            Route("/healthz", site.alive),
            Route("/readyz", site.ready(models)),
            Mount("/v1", RestApi(models, limits, executor)),
        ],
        lifespan=lifespan,
        exception_handlers={404: error, 405: error, 500: failure},
    )
    app.router.redirect_slashes = False
    return app
