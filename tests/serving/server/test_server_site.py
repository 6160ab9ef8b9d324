"""What the page of the server needs from it."""

import numpy as np
import pytest

from kerasgan import sampling


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
