"""Images from a running server, over REST or gRPC."""

import io
import operator
from urllib.parse import urlsplit

import numpy as np

from kerasgan.serving.client.class_labels import ClassLabels
from kerasgan.utils.typing import Any, Sequence


class Client:
    """Samples from a TensorFlow Serving, or from `kerasgan serve`.

        client = Client("http://localhost:8501", "dcgan-wn-celeba")
        images = client.sample(16, seed=0)  # uint8 [16, 64, 64, 3]

    The images are those of the SavedModel, byte for byte. Over REST neither
    Keras nor TensorFlow is imported; over gRPC TensorFlow is, with its protos.
    What fails for want of a connection, or because the server is busy, is
    tried again after a moment: nothing on the server depends on how often it
    is asked.

    Args:
        url: `http://HOST:8501` or `https://...` for REST, `grpc://HOST:8500`
            for gRPC.
        model: the model's name. May be left out where `kerasgan serve` has
            one model only.
        version: a version number, at least 0; by default the newest. Not with `label`.
        label: a version's label.
        timeout: seconds to wait for a connection, and for an answer; over gRPC
            for an answer with all attempts.
        retries: how often it is tried again, 0 to 100; over gRPC at most four times.

    Raises:
        ValueError: an argument out of range, here and in all
            methods.
        ConnectionError: there is no server, in all methods.
        TimeoutError: there was no answer in time, in all methods.
        ServingError: the server answered with an error, in all methods.
    """

    def __init__(
        self,
        url: str,
        model: str | None = None,
        *,
        version: int | None = None,
        label: str | None = None,
        timeout: float = 30.0,
        retries: int = 3,
    ) -> None:
        if version is not None and label is not None:
            raise ValueError(
                "A version is given by its number or by a label. "
                f"Received: version={version!r}, label={label!r}"
            )
        if version is not None:
            version = _integer("version", version, 0, (1 << 63) - 1)
        if not 0 < timeout < float("inf"):
            raise ValueError(
                "`timeout` must be a positive number of seconds. "
                f"Received: timeout={timeout!r}"
            )
        retries = _integer("retries", retries, 0, 100)
        self._transport = _transport(url)(url, timeout, retries)
        if model is None:
            model = self._only_model()
        self._transport.address(model, version, label)
        self.model = model
        self._labels = ClassLabels(self._predict, self.metadata, model)

    def sample(
        self,
        count: int,
        seed: int = 0,
        truncation: float | None = None,
        label: Any = None,
    ) -> np.ndarray:
        """Draw images: `kerasgan.sample` of the model that is served.

        Args:
            count: the number of images, at least 1. A SavedModel of `kerasgan.serving`
                draws 4096 at most, and a server may allow less.
            seed: an integer of 64 bits with sign.
            truncation: a positive number, or `None`.
            label: of a conditional model: the class of all images, by name or
                index. Defaults to `None`: classes are drawn uniformly.

        Returns:
            uint8 array `[count, height, width, channels]`.
        """
        if self._transport.prefers_png:
            # A fifth of the bytes of as many numbers, and just as exact.
            return _decoded(self.sample_png(count, seed, truncation, label))
        arguments = _drawn(count, seed, truncation)
        answer = self._labels.predict("sample", arguments, "label", label)
        return answer["images"].astype(np.uint8)

    def sample_png(
        self,
        count: int,
        seed: int = 0,
        truncation: float | None = None,
        label: Any = None,
    ) -> list[bytes]:
        """Draws the images of `sample` as PNG files.

        Args:
            count, seed, truncation, label: as of `sample`.

        Returns:
            A list of `bytes`.
        """
        arguments = _drawn(count, seed, truncation)
        answer = self._labels.predict("sample_png", arguments, "label", label)
        return list(answer["png_bytes"])

    def interpolate(
        self,
        seeds: Sequence[int] = (0, 1),
        steps: int = 8,
        labels: Any = None,
    ) -> np.ndarray:
        """Draws images between two seeds, as `kerasgan.interpolate`.

        Args:
            seeds: two integers of 64 bits with sign.
            steps: the number of images, both ends included, at least 2.
            labels: of a conditional model: the classes of both ends, `[2]`, by
                name or index, or one class, a scalar. Defaults to `None`: those
                of the seeds.

        Returns:
            uint8 array `[steps, height, width, channels]`.
        """
        seeds = [_seed(seed) for seed in seeds]
        if len(seeds) != 2:
            raise ValueError(
                f"An interpolation needs two seeds. Received: seeds={seeds}"
            )
        steps = _integer("steps", steps, 2, (1 << 31) - 1)
        arguments = {
            "seeds": np.array(seeds, np.int64),
            "steps": np.int32(steps),
        }
        answer = self._labels.predict(
            "interpolate", arguments, "labels", labels, rows=2
        )
        return answer["images"].astype(np.uint8)

    def generate(self, latents: np.ndarray, labels: Any = None) -> np.ndarray:
        """Calls the network itself.

        Args:
            latents: finite numbers, `[N, latent_dim]`.
            labels: of a conditional model: classes `[N]`, by name or index, or
                one for all, a scalar.

        Returns:
            float32 array `[N, height, width, channels]` in [-1, 1].
        """
        latents = np.asarray(latents, np.float32)
        finite = np.isfinite(latents).all()
        if latents.ndim != 2 or not latents.size or not finite:
            raise ValueError(
                "Latents must be finite and of shape (N, latent_dim), N at "
                f"least 1. Received: shape={latents.shape}"
            )
        inputs = {"latents": latents}
        answer = self._labels.predict(
            "serving_default", inputs, "labels", labels, rows=len(latents)
        )
        return answer["images"].astype(np.float32)

    def classes(self) -> list[str] | None:
        """Returns the names of the classes, in the order of their labels.

        Returns:
            A list of strings; `None` if the model is not conditional, or does
            not name its classes.
        """
        return [*self._labels.names()] or None

    def metadata(self) -> dict[str, Any]:
        """Returns what the model takes and gives.

        Returns:
            A dict: `model`, `version` (an integer) and `signatures`, a dict of
            names to dicts `inputs` and `outputs`, each of names to `dtype` (as
            in `"float32"`) and `shape` (a list, None if it is free).
        """
        answer = self._transport.metadata()
        signatures = answer["metadata"]["signature_def"]["signature_def"]
        return {
            "model": answer["model_spec"]["name"],
            "version": int(answer["model_spec"]["version"]),
            "signatures": {
                name: {
                    side: {
                        key: _tensor(value)
                        for key, value in sorted(signature[side].items())
                    }
                    for side in ("inputs", "outputs")
                }
                for name, signature in sorted(signatures.items())
                # How the server loads the model, and nothing to be asked for.
                if not name.startswith("__saved_model")
            },
        }

    def status(self) -> list[dict[str, Any]]:
        """Returns the versions that the server has, or the chosen one.

        Returns:
            A list of dicts, the newest first: `version` (an integer), `state`
            (`"AVAILABLE"` if it answers) and `error`, empty if there is
            none.
        """
        versions = [
            {
                "version": int(entry.get("version", 0)),
                "state": entry.get("state", "UNKNOWN"),
                "error": entry.get("status", {}).get("error_message", ""),
            }
            for entry in self._transport.status()["model_version_status"]
        ]
        return sorted(versions, key=lambda entry: -entry["version"])

    def close(self) -> None:
        """Close the connections. A `with` block does it at its end."""
        self._transport.close()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def _predict(self, signature, inputs):
        return self._transport.predict(signature, inputs)

    def _only_model(self):
        models = self._transport.models()
        if len(models) != 1:
            known = f": {', '.join(models)}" if models else ""
            raise ValueError(
                f"`model` must name one of the server's models{known}. "
                "Received: model=None"
            )
        return models[0]


def _transport(url):
    try:
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    except (ValueError, AttributeError):
        scheme = host = None
    if host and scheme in ("http", "https"):
        from kerasgan.serving.client.rest import Rest

        return Rest
    if host and scheme == "grpc":
        try:
            from kerasgan.serving.client.grpc import Grpc
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"{url} needs gRPC with TensorFlow and its protos (pip install "
                "tensorflow tensorflow-serving-api); http:// needs neither",
                name=error.name,
            ) from None
        return Grpc
    raise ValueError(
        "Expected http://HOST:PORT or grpc://HOST:PORT (the ports of "
        f"TensorFlow Serving are 8501 and 8500). Received: url={url!r}"
    )


def _drawn(count, seed, truncation):
    count = _integer("count", count, 1, (1 << 31) - 1)
    if truncation is None:
        truncation = 0.0
    elif not 0 < truncation < float("inf"):
        raise ValueError(
            "`truncation` must be a positive number or None. "
            f"Received: truncation={truncation!r}"
        )
    return {
        "count": np.int32(count),
        "seed": np.int64(_seed(seed)),
        "truncation": np.float32(truncation),
    }


def _seed(seed):
    return _integer("seed", seed, -(1 << 63), (1 << 63) - 1)


def _integer(name, value, low, high):
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool) or not low <= number <= high:
        raise ValueError(
            f"`{name}` must be an integer from {low} to {high}. "
            f"Received: {name}={value!r}"
        )
    return number


def _decoded(files):
    from PIL import Image

    opened = [Image.open(io.BytesIO(file)) for file in files]
    images = np.stack([np.asarray(image) for image in opened])
    return images[..., None] if images.ndim == 3 else images


def _tensor(info):
    kinds = {"float": "float32", "double": "float64", "half": "float16"}
    kind = info["dtype"].removeprefix("DT_").lower()
    shape = info.get("tensor_shape", {})
    sizes = [int(dim.get("size", 0)) for dim in shape.get("dim", [])]
    return {
        "dtype": kinds.get(kind, kind),
        "shape": None
        if shape.get("unknown_rank")
        else [None if size < 0 else size for size in sizes],
    }
