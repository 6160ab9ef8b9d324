"""The page of the server, and the facts that it asks for."""

import importlib.resources

from starlette.responses import JSONResponse, Response

from kerasgan.serving.server.directions import find_directions
from kerasgan.serving.server.errors import RequestError, invalid
from kerasgan.serving.server.gallery import describe_gallery

_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # A browser asks again after an update.
    "Cache-Control": "no-cache",
}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_MAX_SIZE = 1 << 16  # of latents
_MAX_COUNT = 1024


def page(request):
    """Serves `/` and `/page/<file>`: the files of `kerasgan/serving/page`."""
    folder = importlib.resources.files("kerasgan.serving").joinpath("page")
    files = {
        file.name: file
        for file in folder.iterdir()
        if file.is_file() and _ending(file.name) in _TYPES
    }
    name = request.path_params.get("file", "index.html")
    if name not in files:
        raise RequestError(404, f"There is no such file. Received: {name}")
    return Response(
        files[name].read_bytes(),
        media_type=_TYPES[_ending(name)],
        headers=_HEADERS,
    )


def gallery(models):
    """Serves the route `/gallery`: what the zoo says of the models that are served."""

    def answer(request):
        served = []
        for version in models.newest():
            shapes = version.shapes()
            if shapes is None or "sample_png" not in version.signatures:
                continue
            served.append(
                {
                    "name": version.model,
                    "version": version.number,
                    "image_shape": shapes[1],
                    "latent_dim": shapes[0],
                    "classes": version.classes(),
                    "path": version.path,
                }
            )
        missing = models.missing()
        return JSONResponse(
            {
                **describe_gallery(served),
                "loading": [n for n, why in missing.items() if why is None],
                "failed": {n: why for n, why in missing.items() if why},
            }
        )

    return answer


async def alive(request):
    """Serves `/healthz`: the process answers."""
    return JSONResponse({"status": "ok"})


def ready(models):
    """Serves the route `/readyz`: 200 once all that was asked for is served."""

    async def answer(request):
        missing = models.missing()
        if models.loaded and not missing:
            return JSONResponse({"status": "ready"})
        reasons = {name: why or "loading" for name, why in missing.items()}
        body = {"status": "not ready", "missing": reasons}
        return JSONResponse(body, 503, {"Retry-After": "1"})

    return answer


def latents(models):
    """Serves `/latents?size=128&seed=7&count=1&truncation=0`: those of `sampling`.

    A truncation that is not positive means none, as in the signatures.
    """

    def answer(request):
        _check_prepared(models)
        return _latents(request.query_params)

    return answer


def _latents(query):
    from kerasgan import sampling

    try:
        size = _integer(query, "size", None, 1, _MAX_SIZE)
        count = _integer(query, "count", 1, 1, _MAX_COUNT)
        if size * count > _MAX_SIZE:
            raise ValueError(
                f"`size` times `count` may be at most {_MAX_SIZE}. "
                f"Received: size={size}, count={count}"
            )
        seed = _integer(query, "seed", 0, -(1 << 63), (1 << 63) - 1)
        truncation = float(query.get("truncation", 0))
        drawn = sampling.latents(
            count, size, seed, truncation if truncation > 0 else None
        )
    except ValueError as error:
        raise invalid(str(error)) from None
    return JSONResponse({"latents": drawn.tolist()})


def labels(models):
    """Serves `/labels?classes=3&seed=7&count=1`: those of `sampling`."""

    def answer(request):
        _check_prepared(models)
        return _labels(request.query_params)

    return answer


def _labels(query):
    from kerasgan import sampling

    try:
        drawn = sampling.labels(
            _integer(query, "count", 1, 1, _MAX_COUNT),
            _integer(query, "classes", None, 1, (1 << 31) - 1),
            _integer(query, "seed", 0, -(1 << 63), (1 << 63) - 1),
        )
    except ValueError as error:
        raise invalid(str(error)) from None
    return JSONResponse({"labels": drawn.tolist()})


def directions(models):
    """Serves `/directions?model=faces&version=1`: those of the page's sliders."""

    def answer(request):
        _check_prepared(models)
        query = request.query_params
        number = query.get("version", "")
        if not number.isdecimal() or len(number) > 18:
            raise invalid("Expected a model and its version")
        version = models.find(query.get("model"), int(number))
        if version.shapes() is None:
            raise invalid(f"{version.model} is no generator")
        vectors = find_directions(
            str(version.path), version.shapes()[0], len(version.classes() or ())
        )
        return JSONResponse({"directions": vectors.tolist()})

    return answer


def _check_prepared(models):
    if not models.prepared:
        # Keras is being imported, which two threads must not do at a time.
        message = "The server is still loading. Try again in a moment"
        raise RequestError(503, message, {"Retry-After": "1"})


def _ending(name):
    return name[name.rfind(".") :]


def _integer(query, name, default, low, high):
    try:
        value = int(query.get(name, default))
    except (TypeError, ValueError):
        value = None
    if value is None or not low <= value <= high:
        raise ValueError(
            f"`{name}` must be an integer from {low} to {high}. "
            f"Received: {name}={query.get(name)!r}"
        )
    return value
