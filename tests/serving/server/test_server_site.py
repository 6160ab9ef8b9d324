"""What the page of the server needs from it."""

import concurrent.futures
import threading

import numpy as np
import pytest

from kerasgan import sampling
from kerasgan.serving.server import reconstructing
from kerasgan.serving.server.directions import find_directions
from kerasgan.serving.server.errors import RequestError


def test_the_page_and_its_files(server):
    status, headers, body = server.ask("/")
    assert status == 200 and body.startswith(b"<!DOCTYPE html>")
    assert headers["content-type"] == "text/html; charset=utf-8"
    policy = "default-src 'self'; img-src 'self' data: blob:"
    for route, kind in (
        ("/", "text/html"),
        ("/page/page.js", "text/javascript"),
        ("/page/page.css", "text/css"),
    ):
        status, headers, body = server.ask(route)
        assert status == 200 and body
        assert headers["content-type"] == f"{kind}; charset=utf-8"
        assert headers["content-security-policy"] == policy
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("truncation", [None, 0, -1.5, 0.7])
def test_latents_are_those_of_the_library(server, truncation):
    query = "size=5&seed=-7&count=3"
    if truncation is not None:
        query += f"&truncation={truncation}"
    status, answer = server.json(f"/latents?{query}")
    assert status == 200
    limit = truncation if truncation and truncation > 0 else None
    expected = sampling.latents(3, 5, -7, limit)
    np.testing.assert_array_equal(np.float32(answer["latents"]), expected)


def test_latents_of_a_seed_that_is_not_said(server):
    _status, answer = server.json("/latents?size=4")
    expected = sampling.latents(1, 4, 0)
    np.testing.assert_array_equal(np.float32(answer["latents"]), expected)


def test_directions_are_those_of_the_library(server, generator):
    status, answer = server.json("/directions?model=faces&version=1")
    assert status == 200
    expected = sampling.directions(generator, count=5)
    np.testing.assert_allclose(answer["directions"], expected, atol=1e-4)
    for query, expected in (
        ("model=faces&version=x", 400),
        ("model=faces&version=9", 404),
        ("version=1", 404),
    ):
        status, answer = server.json(f"/directions?{query}")
        assert status == expected and answer["error"]


def test_directions_of_a_conditional_model(pets, conditional):
    found = find_directions(pets / "pets" / "1", 5, 3)
    expected = sampling.directions(conditional, count=5)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    # Of other latents no layer is known.
    assert find_directions(pets / "pets" / "1", 4).shape == (0, 4)


def test_a_photo_is_reconstructed(server, served):
    z = sampling.latents(1, 5, 8) * 0.5
    (image,) = sampling.to_uint8(served.default(z))
    asked = {"model": "faces", "version": 1, "image": image.tolist()}
    status, answer = server.json("/reconstruct", asked)
    assert status == 200

    def error(z):
        again = (served.default(z)[0] + 1) / 2
        return np.mean((again - image / 255) ** 2)

    assert error([answer["latents"]]) == pytest.approx(
        answer["error"], rel=1e-3
    )
    assert answer["error"] < 0.2 * error(np.zeros((1, 5)))
    gray = image[..., :1].tolist()
    for change, words in (
        ({"image": gray}, "bytes of shape"),
        ({"image": (image / 2).tolist()}, "bytes of shape"),
        ({"image": (image.astype(int) + 256).tolist()}, "bytes of shape"),
        ({"image": [[1], [1, 2]]}, "Expected an object"),
        ({"model": [1]}, "Expected an object"),
        ({"label": 1}, "no such class"),
    ):
        status, answer = server.json("/reconstruct", {**asked, **change})
        assert status == 400 and words in answer["error"]
    assert server.json("/reconstruct", {**asked, "version": 2})[0] == 404
    assert server.json("/reconstruct", [1])[0] == 400
    assert server.ask("/reconstruct", b"x" * (5 << 20))[0] == 413
    assert server.ask("/reconstruct")[0] == 405


def test_one_photo_at_a_time_and_in_time(start, path, monkeypatch):
    started, end, ended = (threading.Event() for _ in range(3))

    def descend(forward, target, latent_dim, stopped):
        started.set()
        end.wait(10)
        ended.stopped = stopped()
        ended.set()
        return np.zeros(latent_dim, np.float32), 0.0

    monkeypatch.setattr(reconstructing, "descend", descend)
    # Loading takes longer than this server's requests may.
    kind = reconstructing.Reconstruct
    monkeypatch.setattr(kind, "_signature", lambda self, path: None)
    image = np.zeros((8, 12, 3), int).tolist()
    asked = {"model": "faces", "version": 1, "image": image}
    with start(path.parent.parent, timeout=1.0) as own:
        with concurrent.futures.ThreadPoolExecutor() as pool:
            first = pool.submit(own.json, "/reconstruct", asked)
            assert started.wait(10)
            assert own.ask("/reconstruct", asked)[0] == 429
            status, answer = first.result()
        assert status == 504 and "within 1 seconds" in answer["error"]
        end.set()
        # What nobody waits for ends before its next update.
        assert ended.wait(10) and ended.stopped
    monkeypatch.undo()
    nothing = np.zeros((1, 1, 1), np.float32)
    with pytest.raises(RequestError, match="Nobody waits"):
        reconstructing.descend(lambda z: z, nothing, 1, lambda: True)


def test_the_gallery_tells_of_what_is_served(server, toy_server):
    status, answer = server.json("/gallery")
    assert status == 200
    (model,) = answer["models"]
    assert (model["name"], model["version"]) == ("faces", 1)
    assert (model["image_shape"], model["latent_dim"]) == ([8, 12, 3], 5)
    # What makes no images is not in it.
    assert toy_server.json("/gallery") == (
        200,
        {"models": [], "loading": [], "failed": {}},
    )
