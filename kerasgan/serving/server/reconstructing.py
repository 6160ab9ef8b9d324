"""Photos that a model reconstructs: by descent to their latents."""

import asyncio
import concurrent.futures
import json
import threading

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse

from kerasgan.serving.server import bodies
from kerasgan.serving.server.errors import RequestError, busy, invalid

# As near as 500 updates of the paper's (0.0074 and 0.0067 of an unseen face), in
# a third of the time.
_STEPS = 150
_RATE = 0.05


def descend(forward, target, latent_dim, stopped=lambda: False):
    """Returns the latents whose image is nearest to another image.

    By the updates of `kerasgan.metrics.reconstruction_error` from z = 0, but
    150 of them, whose step size falls from 0.05 to 0 by a cosine.

    Args:
        forward: float32 `[1, latent_dim]` to images in [-1, 1], in TensorFlow.
        target: uint8 `[H, W, C]`.
        latent_dim: an integer.
        stopped: asked before each update whether nobody waits any longer.

    Returns:
        float32 `[latent_dim]`, and the mean squared error, pixels on [0, 1].
    """
    import tensorflow as tf

    target = tf.constant(target[None] / np.float32(255.0))

    def error_of(z):
        return tf.reduce_mean(((forward(z) + 1.0) / 2.0 - target) ** 2)

    @tf.function(autograph=False)
    def update(z, v, rate):
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(z)
            error = error_of(z) / 32.0
        gradient = tape.gradient(error, z)
        if gradient is None:
            raise invalid("The model has no gradient: it cannot reconstruct")
        v = 0.9 * v + 0.1 * gradient**2
        return z - rate * gradient / (tf.sqrt(v) + 1e-6), v

    z = v = tf.zeros((1, latent_dim))
    for step in range(_STEPS):
        if stopped():
            raise RequestError(504, "Nobody waits for the reconstruction")
        rate = _RATE * (1.0 + np.cos(np.pi * step / _STEPS)) / 2.0
        z, v = update(z, v, tf.constant(rate, tf.float32))
    return z[0].numpy(), float(error_of(z))


class Reconstruct:
    """Serves POST `/reconstruct`: latents of a photo, which is kept nowhere.

    The body is `{"model", "version", "image", "label"}`: the image uint8
    `[H, W, C]` of the model's size, the label of a conditional model alone. The
    answer is `{"latents", "error"}`. One is reconstructed at a time; others get
    429 meanwhile.

    Args:
        models, limits: as of `application`.
    """

    def __init__(self, models, limits):
        self._models, self._limits = models, limits
        self._executor = concurrent.futures.ThreadPoolExecutor(1, "descend")
        self._running = False
        self._loaded = None, None  # the path and the model that was asked last

    async def __call__(self, scope, receive, send):
        request = Request(scope, receive)
        if self._running:
            raise busy("Another photo is being reconstructed")
        self._running = True
        over = threading.Event()
        try:
            body = await bodies.read(request, self._limits)
            work = self._parse(body)
            answer = await self._within(work, receive, over)
        finally:
            self._running = False
        await JSONResponse(answer)(scope, receive, send)

    def close(self):
        """End what runs, when the server does."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    async def _within(self, work, receive, over):
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._executor, self._run, *work, over)
        gone = asyncio.ensure_future(receive())
        try:
            await asyncio.wait(
                {done, gone},
                timeout=self._limits.timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if done.done():
                return done.result()
            raise RequestError(
                504,
                f"No reconstruction within {self._limits.timeout:g} seconds",
            )
        finally:
            # It ends before its next update.
            over.set()
            gone.cancel()

    def _parse(self, body):
        try:
            asked = json.loads(body)
            version = self._models.find(asked["model"], asked["version"])
            image = np.asarray(asked["image"])
            label = asked.get("label", 0)
        except (
            ValueError,
            KeyError,
            TypeError,
            AttributeError,
            RecursionError,
        ):
            raise invalid(
                "Expected an object with model, version and image"
            ) from None
        if version.shapes() is None:
            raise invalid(f"{version.model} is no generator")
        latent_dim, shape = version.shapes()
        if (
            list(image.shape) != shape
            or image.dtype.kind not in "iu"
            or image.min() < 0
            or image.max() > 255
        ):
            raise invalid(
                f"Expected an image of bytes of shape {shape}. "
                f"Received: {image.dtype} of shape {list(image.shape)}"
            )
        classes = version.classes()
        if not isinstance(label, int) or not 0 <= label < len(classes or [0]):
            raise invalid(f"There is no such class. Received: label={label!r}")
        label = None if classes is None else label
        return version.path, image.astype(np.float32), latent_dim, label

    def _run(self, path, image, latent_dim, label, over):
        import tensorflow as tf

        signature, inputs = self._signature(path), {}
        if label is not None:
            inputs["labels"] = tf.constant([label], tf.int32)

        def forward(z):
            return signature(latents=z, **inputs)["images"]

        z, error = descend(forward, image, latent_dim, over.is_set)
        return {"latents": z.tolist(), "error": error}

    def _signature(self, path):
        """Returns the network with gradients, which the session lacks."""
        import tensorflow as tf

        # TensorFlow never gives back all of a loaded model: one at a time.
        if self._loaded[0] != path:
            self._loaded = None, None
            self._loaded = path, tf.saved_model.load(str(path))
        return self._loaded[1].signatures["serving_default"]
