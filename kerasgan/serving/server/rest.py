"""TensorFlow Serving's REST API.

What is asked and what is answered, with which status, is as in its api_rest.md.
"""

import asyncio
import contextlib
import weakref

import numpy as np
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

from kerasgan.serving.server import bodies, json_input, json_output
from kerasgan.serving.server.admission import Admission
from kerasgan.serving.server.batcher import Batcher
from kerasgan.serving.server.errors import RequestError, invalid

# JSON that is longer is parsed in another thread.
_QUICK = 1 << 15


def routes(models, limits, executor):
    """Serves the routes under `/v1`.

    Args:
        models: `Models`.
        limits: `Limits`.
        executor: where TensorFlow runs.
    """

    async def status(request):
        return JSONResponse(models.status(*_which(request)))

    async def metadata(request):
        version = models.find(*_which(request))
        spec = {
            "name": version.model,
            "signature_name": "",
            "version": str(version.number),
        }
        signatures = {"signature_def": version.metadata}
        return JSONResponse({"model_spec": spec, "metadata": signatures})

    predict = Predict(models, limits, executor)
    paths = []
    for which in ("", "/versions/{version}", "/labels/{label}"):
        path = f"/v1/models/{{model}}{which}"
        paths += [
            Route(f"{path}:predict", predict, methods=["POST"]),
            Route(path, status),
            Route(f"{path}/metadata", metadata),
        ]
    return [*paths, Mount("/v1", _malformed)]


async def _malformed(scope, receive, send):
    """Whatever else is asked, by whatever method: 400, not 404 or 405."""
    raise invalid(f"Unknown request: {scope['method']} {scope['path'][:80]}")


def _which(request):
    """Returns `(model, version, label)` of a path."""
    model, version, label = map(
        request.path_params.get, ("model", "version", "label")
    )
    if version is not None:
        if not version.isdecimal() or len(version) > 18:
            raise invalid("A version must be a number of at most 18 digits")
        version = int(version)
    return model, version, label


class Predict:
    """Answers predict requests, an ASGI application.

    Args:
        models, limits, executor: as of `routes`.
    """

    def __init__(self, models, limits, executor):
        self._models, self._limits, self._executor = models, limits, executor
        self._admission = Admission(limits)
        self._batchers = weakref.WeakKeyDictionary()

    async def __call__(self, scope, receive, send):
        request = Request(scope, receive)
        with self._admission.request(), contextlib.ExitStack() as held:
            body = await bodies.read(request, self._limits)
            work = self._predict(_which(request), body, held)
            del body
            parts = await self._within(work, receive)
            # As long as the client reads: see `protocol`.
            await bodies.answer(parts)(scope, receive, send)

    async def _within(self, work, receive):
        """Returns what some work gives, unless it is late or nobody waits any more."""
        work = asyncio.ensure_future(work)
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait(
                {work, gone},
                timeout=self._limits.timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if work.done():
                return work.result()
            if gone.done():
                raise ClientDisconnect
            raise RequestError(
                504, f"No answer within {self._limits.timeout:g} seconds"
            )
        finally:
            # What waits in a queue is taken out; what runs ends by itself.
            work.cancel()
            gone.cancel()

    async def _predict(self, which, body, held):
        version = self._models.find(*which)
        form, signature, arrays = await self._parse(version, body)
        rows = self._rows(version, signature, arrays)
        size = rows * version.row_bytes(signature)
        held.enter_context(self._admission.answer(size))
        outputs = await self._run(version, signature, arrays, form)
        key = "outputs" if form == "inputs" else "predictions"
        return json_output.document(key, outputs)

    async def _parse(self, version, body):
        def parse():
            name, form, value = json_input.parse(body)
            signature = version.signature(name)
            arrays = json_input.arrays(form, value, signature.inputs)
            return form, signature, arrays

        if len(body) <= _QUICK:
            return parse()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, parse)

    def _rows(self, version, signature, arrays):
        """Returns the rows of the answer, after a check of the arguments."""
        rows, counts = 1, {}
        for name, array in arrays.items():
            if name == "latents" and not np.isfinite(array).all():
                raise invalid("The latents must be finite numbers")
            if name in ("count", "steps") and not array.ndim:
                rows, what = int(array), "the value of"
            elif array.ndim and signature.inputs[name].shape[0] is None:
                rows, what = len(array), "the rows of"
                counts[name] = rows
            else:
                continue
            if not 1 <= rows <= self._limits.count:
                raise invalid(
                    f"A request may ask for 1 to {self._limits.count} rows, by "
                    f"{what} {name}. Received: {rows}"
                )
        if version.shapes() is not None and len(set(counts.values())) > 1:
            # Otherwise a batch would put rows of several requests together.
            raise invalid(
                f"Inputs must have the same number of rows. Received: {counts}"
            )
        return rows

    async def _run(self, version, signature, arrays, form):
        loop = asyncio.get_running_loop()
        if signature.name != "serving_default" or version.shapes() is None:
            return await loop.run_in_executor(
                self._executor, _compute, signature, arrays, form
            )
        if version not in self._batchers:
            self._batchers[version] = Batcher(
                _Rows(signature, self._limits.batch),
                self._executor,
                self._limits.batch,
                self._limits.batch_wait,
            )
        return {"images": await self._batchers[version](_Request(arrays))}


def _compute(signature, arrays, form):
    outputs = signature(arrays)
    by_name, count = {}, None
    for name in signature.outputs:
        array = outputs[name]
        if form == "instances":
            if not np.ndim(array):
                raise invalid(f"Output {name} is a scalar and has no rows")
            if count not in (None, len(array)):
                raise invalid(
                    f"Output {name} has {len(array)} rows, and another has "
                    f"{count}"
                )
            count = len(array)
        by_name[name] = json_output.rows(name, array)
    return by_name


class _Request(dict):
    """The inputs of a request, as long as it has rows."""

    def __len__(self):
        return len(self["latents"])


class _Rows:
    """The network on the rows of several requests together."""

    def __init__(self, signature, size):
        self._signature, self._size = signature, size

    def __call__(self, requests):
        inputs = {
            name: np.concatenate([request[name] for request in requests])
            for name in self._signature.inputs
        }
        rows = []
        for at in range(0, len(inputs["latents"]), self._size):
            part = {name: x[at : at + self._size] for name, x in inputs.items()}
            images, wanted = (
                self._signature(part)["images"],
                len(part["latents"]),
            )
            if len(images) != wanted:
                # Otherwise requests would get the rows of others.
                raise invalid(
                    f"Output images has {len(images)} rows of {wanted}"
                )
            rows += json_output.rows("images", images)
        ends = np.cumsum([len(request) for request in requests])
        return [
            rows[end - len(request) : end]
            for request, end in zip(requests, ends, strict=True)
        ]
