"""The REST API of TensorFlow Serving, on the side of a client."""

import base64
from urllib.parse import quote

import numpy as np
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Retry

from kerasgan.serving.client.error import ServingError


class _Retry(Retry):
    """Tries again what found no connection, or a busy server."""

    def increment(self, *args, error=None, **kwargs):
        if isinstance(error, ReadTimeoutError):
            # Who waited as long as was said waits no longer.
            raise error
        return super().increment(*args, error=error, **kwargs)


class Rest:
    """A connection to the server at an address.

    Args:
        url: `http://HOST:PORT`, perhaps with a path before `/v1`.
        timeout: seconds.
        retries: an integer.
    """

    # Images as numbers are many characters in JSON.
    prefers_png = True

    def __init__(self, url, timeout, retries):
        self._url, self._timeout = url.rstrip("/"), timeout
        self._session = requests.Session()
        retry = _Retry(
            total=retries,
            backoff_factor=0.2,
            status_forcelist=(429, 503),
            # Predictions change nothing: POST is as safe as GET.
            allowed_methods=None,
            raise_on_status=False,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry))

    def models(self):
        """Returns the names of the models, where `kerasgan serve` tells them."""
        try:
            answer = self._ask("GET", f"{self._url}/gallery")
            names = [model["name"] for model in answer["models"]]
            # One that is still loading is meant as well as any other.
            waiting = answer.get("loading", []), answer.get("failed", [])
            return names + [name for part in waiting for name in part]
        except (ServingError, KeyError, TypeError):
            return []

    def address(self, model, version, label):
        """Choose the model and version that all else is about."""
        which = ""
        if version is not None:
            which = f"/versions/{version}"
        elif label is not None:
            which = f"/labels/{quote(label, safe='')}"
        self._base = f"{self._url}/v1/models/{quote(model, safe='')}{which}"

    def predict(self, signature, inputs):
        """Call a signature: a dict of arrays to a dict of arrays or lists."""
        strings = {"sample_png": "png_bytes", "classes": "class_names"}
        output = strings.get(signature, "images")
        answer = self._ask(
            "POST",
            f"{self._base}:predict",
            {
                "signature_name": signature,
                "inputs": {
                    name: value.tolist() for name, value in inputs.items()
                },
            },
        )
        # One output goes without its name.
        values = answer["outputs"]
        if output == "png_bytes":
            values = [base64.b64decode(file["b64"]) for file in values]
        return {output: np.array(values) if output == "images" else values}

    def metadata(self):
        """Returns the JSON of the server, as a dict."""
        return self._ask("GET", f"{self._base}/metadata")

    def status(self):
        """Returns the JSON of the server, as a dict."""
        return self._ask("GET", self._base)

    def close(self):
        """Close the connections."""
        self._session.close()

    def _ask(self, method, url, json=None):
        try:
            response = self._session.request(
                method, url, json=json, timeout=self._timeout
            )
        except requests.exceptions.Timeout:
            raise TimeoutError(
                f"no answer within {self._timeout:g} seconds from {url}"
            ) from None
        except requests.exceptions.ConnectionError as error:
            raise ConnectionError(
                f"no connection to {url}: {_reason(error)}"
            ) from None
        except requests.exceptions.RequestException as error:
            raise ConnectionError(f"no answer from {url}: {error}") from None
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if response.ok and isinstance(answer, dict):
            return answer
        message = answer.get("error") if isinstance(answer, dict) else None
        if message is None and not response.ok:
            # A proxy, or a server that has no room for one more connection.
            message = response.reason
        raise ServingError(
            response.status_code,
            message or "This is no answer of TensorFlow Serving",
            f"{method} {url}",
        )


def _reason(error):
    """Returns the innermost reason, without the chain of wrappers."""
    error = error.args[0] if error.args else error
    error = getattr(error, "reason", error)
    return str(error).rpartition(": ")[2]
