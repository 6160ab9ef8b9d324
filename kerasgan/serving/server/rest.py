"""TensorFlow Serving's REST API.

What is asked, what is answered, and the messages of errors are those of its
api_rest.md and of its `model_servers/http_rest_api_util.cc` and
`http_rest_api_handler.cc`.
"""

import asyncio
import contextlib
import re
import weakref
from urllib.parse import unquote

import numpy as np

from kerasgan.serving.server import bodies, json_input, json_output
from kerasgan.serving.server.admission import Admission
from kerasgan.serving.server.batching import Batcher
from kerasgan.serving.server.errors import RequestError, invalid

_WHICH = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_PREDICT = re.compile(
    rf"/v1/models/(?P<model>[^/:]+){_WHICH}"
    r":(?P<method>classify|regress|predict)",
    re.IGNORECASE,
)
_STATUS = re.compile(
    rf"/v1/models(?:/(?P<model>[^/:]+))?{_WHICH}(?P<metadata>/metadata)?",
    re.IGNORECASE,
)
# JSON that is longer is parsed in another thread.
_QUICK = 1 << 15


class RestApi:
    """An ASGI application for the paths under `/v1`.

    Args:
        models: `Models`.
        limits: `Limits`.
        executor: where TensorFlow runs.
    """

    def __init__(self, models, limits, executor):
        self._models, self._limits, self._executor = models, limits, executor
        self._admission = Admission(limits)
        self._batchers = weakref.WeakKeyDictionary()

    async def __call__(self, scope, receive, send):
        try:
            await self._answer(scope, receive, send)
        except RequestError as error:
            await bodies.send_error(receive, send, error, self._limits)
        except ConnectionError:
            # There is nobody to answer.
            pass

    async def _answer(self, scope, receive, send):
        path = scope.get("raw_path", b"").decode("ascii", "replace")
        method = scope["method"]
        if method == "POST" and (match := _PREDICT.fullmatch(path)):
            await self._post(match, scope, receive, send)
        elif method == "GET" and (match := _STATUS.fullmatch(path)):
            await bodies.send_json(send, self._get(match))
        else:
            raise invalid(f"Malformed request: {method} {path}")

    def _get(self, match):
        model, number, label = _which(match)
        if not model:
            raise invalid("Missing model name in request.")
        if not match["metadata"]:
            return self._models.status(model, number, label)
        version = self._models.find(model, number, label)
        return {
            "model_spec": {
                "name": model,
                "signature_name": "",
                "version": str(version.number),
            },
            "metadata": {"signature_def": version.metadata},
        }

    async def _post(self, match, scope, receive, send):
        with self._admission.request():
            body = await bodies.read(scope, receive, self._limits)
            with contextlib.ExitStack() as held:
                work = self._predict(match, body, held)
                del body
                parts = await self._within(work, receive)
                # As long as the client reads: see `protocol`.
                await bodies.send_parts(send, parts)

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
                raise ConnectionError("the client went away")
            raise RequestError(
                504, f"No answer within {self._limits.timeout:g} seconds"
            )
        finally:
            # What waits in a queue is taken out; what runs ends by itself.
            work.cancel()
            gone.cancel()

    async def _predict(self, match, body, held):
        version = self._models.find(*_which(match))
        form, signature, arrays = await self._parse(
            version, body, match["method"].lower()
        )
        rows = self._rows(version, signature, arrays)
        size = rows * version.row_bytes(signature)
        held.enter_context(self._admission.answer(size))
        outputs = await self._run(version, signature, arrays, form)
        key = "outputs" if form == "inputs" else "predictions"
        return json_output.document(key, outputs)

    async def _parse(self, version, body, method):
        def parse():
            name, form, value = json_input.parse(body)
            signature = version.signature(name)
            if method != "predict":
                raise invalid(
                    f"Expected {method} signature method_name to be "
                    f"tensorflow/serving/{method}. Was: "
                    "tensorflow/serving/predict"
                )
            arrays = json_input.arrays(form, value, signature.inputs)
            return form, signature, arrays

        if len(body) <= _QUICK:
            return parse()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, parse)

    def _rows(self, version, signature, arrays):
        """Returns the rows of the answer, after a check of the arguments."""
        rows = 1
        for name, array in arrays.items():
            if name == "latents" and not np.isfinite(array).all():
                raise invalid("The latents must be finite numbers")
            if name in ("count", "steps") and not array.ndim:
                rows, what = int(array), "the value of"
            elif array.ndim and signature.inputs[name].shape[0] is None:
                rows, what = len(array), "the rows of"
            else:
                continue
            if not 1 <= rows <= self._limits.count:
                raise invalid(
                    f"A request may ask for 1 to {self._limits.count} rows, by "
                    f"{what} {name}. Received: {rows}"
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
        return {"images": await self._batchers[version](arrays["latents"])}


def _compute(signature, arrays, form):
    outputs = signature(arrays)
    found, count = {}, None
    for name in signature.outputs:
        array = outputs[name]
        if form == "instances":
            if not np.ndim(array):
                raise invalid(f"Tensor name: {name} has no shape information")
            if count not in (None, len(array)):
                raise invalid(
                    f"Tensor name: {name} has inconsistent batch size: "
                    f"{len(array)} expecting: {count}"
                )
            count = len(array)
        found[name] = json_output.rows(name, array)
    return found


class _Rows:
    """The network on the latents of several requests together."""

    def __init__(self, signature, size):
        self._signature, self._size = signature, size

    def __call__(self, arrays):
        latents = np.concatenate(arrays)
        rows = []
        for at in range(0, len(latents), self._size):
            part = latents[at : at + self._size]
            images = self._signature({"latents": part})["images"]
            if len(images) != len(part):
                # Otherwise requests would get the rows of others.
                raise invalid(
                    "Tensor name: images has inconsistent batch size: "
                    f"{len(images)} expecting: {len(part)}"
                )
            rows += json_output.rows("images", images)
        ends = np.cumsum([len(array) for array in arrays])
        return [
            rows[end - len(array) : end]
            for array, end in zip(arrays, ends, strict=True)
        ]


def _which(match):
    """Returns `(model, version, label)` of a path."""
    model, version, label = (
        match[name] and unquote(match[name])
        for name in ("model", "version", "label")
    )
    if version is not None and int(version) >= 1 << 63:
        raise invalid(f"Failed to convert version: {version} to numeric.")
    return model, None if version is None else int(version), label
