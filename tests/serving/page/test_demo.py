"""The demo of the documentation site: the page draws without a server."""

import base64
import contextlib
import functools
import http.server
import importlib.util
import io
import os
import pathlib
import threading
import types

import numpy as np
import pytest
from PIL import Image

import kerasgan
from kerasgan import sampling
from kerasgan.utils.hardware import cores

ROOT = pathlib.Path(__file__).parents[3]
SPEC = importlib.util.spec_from_file_location(
    "demo", ROOT / "docs/extension/demo.py"
)
demo = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(demo)

EDGES = (0, 1, -1, 2**32, 2**53 + 1, 2**63 - 1, -(2**63))
SECONDS = 2.0  # until the first image, on localhost
FRAMES = 60


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The address of a site with the demo alone."""
    folder = tmp_path_factory.mktemp("site")
    try:
        demo.write(folder / "demo")
    except demo.NotBuiltError as error:
        pytest.skip(str(error))
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def generator():
    return kerasgan.zoo.load(demo.ENTRIES[0])


@pytest.fixture
def visit(browser, address):
    """A function that opens a file of the demo, which may ask no other host."""
    with contextlib.ExitStack() as stack:
        said, foreign = [], []

        def visit(file, **options):
            context = stack.enter_context(browser.new_context(**options))
            page = context.new_page()
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))

            def refuse(route):
                foreign.append(route.request.url)
                route.abort()

            page.route(lambda url: not url.startswith(address), refuse)
            page.goto(f"{address}demo/{file}")
            return page

        yield visit
        assert said == [] and foreign == []


def drawn(page, place, count):
    page.locator(f"{place}[aria-busy=false] img[src]").nth(count - 1).wait_for()
    sources = page.locator(f"{place} img").evaluate_all(
        "images => images.map((image) => image.src)"
    )
    files = [base64.b64decode(source.partition(",")[2]) for source in sources]
    images = [Image.open(io.BytesIO(file)).convert("RGB") for file in files]
    return np.stack(images).astype(int)


@pytest.mark.integration
def test_latents_are_those_of_the_library(visit):
    random = np.random.default_rng(0)
    seeds = [*EDGES, *map(int, random.integers(-(2**63), 2**63, 9))]
    page = visit("engine/gallery.js")
    for truncation in (0, 1e-3, 0.2, 0.7, 1.5, 2.9, 8, 40):
        found = page.evaluate(
            """async ([seeds, truncation]) => {
              const { latents } = await import("./latents.js");
              const draw = (seed) => latents(32, 64, BigInt(seed), truncation);
              return seeds.map(draw);
            }""",
            [list(map(str, seeds)), truncation],
        )
        right = [
            sampling.latents(32, 64, seed, truncation or None) for seed in seeds
        ]
        # Not rounded here: the bits of float32 are those of the engine.
        np.testing.assert_array_equal(found, np.float64(right))


@pytest.mark.integration
def test_a_seed_shows_the_image_of_the_library(visit, generator):
    page = visit("index.html#seed=-7&count=9&truncation=0.7")
    images = drawn(page, "#grid", 9)
    right = kerasgan.sample(generator, 9, seed=-7, truncation=0.7)
    assert abs(images - right).max() <= 1
    page.locator("#next").click()
    page.locator("#grid[data-seed='-6']").wait_for()
    right = kerasgan.sample(generator, 9, seed=-6, truncation=0.7)
    assert abs(drawn(page, "#grid", 9) - right).max() <= 1
    # What asks a server is not there.
    assert "curl" not in page.locator("body").inner_text()


@pytest.mark.integration
def test_interpolations_and_directions_are_those_of_the_library(
    visit, generator
):
    page = visit("index.html")
    images, directions = page.evaluate(
        """async () => {
          const api = await import("./engine/api.js");
          const { models: [model] } = await api.gallery();
          const inputs = { seeds: [1, 2], steps: 5 };
          const images = await api.interpolate(model, inputs);
          const pixels = images.map(({ data }) => [...data]);
          return [pixels, await api.directions(model)];
        }"""
    )
    images = np.reshape(images, (5, 64, 64, 4))
    right = kerasgan.interpolate(generator, (1, 2), 5)
    assert abs(images[..., :3] - right.astype(int)).max() <= 1
    assert np.all(images[..., 3] == 255)
    right = kerasgan.directions(generator, count=demo.SLIDERS)
    np.testing.assert_array_equal(np.float32(directions), right)


@pytest.mark.integration
def test_the_demo_is_quick(visit, record_property):
    # Of a machine that does nothing else; otherwise the browser waits for it.
    busy = max(1, os.getloadavg()[0] / cores())
    waits = []
    while min(waits, default=SECONDS) >= SECONDS and len(waits) < 3:
        page = visit("index.html")
        page.locator("#grid img[src]").first.wait_for()
        # Since the address was opened.
        waits.append(page.evaluate("performance.now()") / 1000)
    took = page.evaluate(
        """async (frames) => {
          const api = await import("./engine/api.js");
          const { models: [model] } = await api.gallery();
          const canvas = document.createElement("canvas").getContext("2d");
          const z = await api.latents(model, { seed: 1, count: frames });
          const took = [];
          for (const latents of z) {
            const start = performance.now();
            const [image] = await api.generate(model, [latents], null);
            canvas.putImageData(image, 0, 0);
            took.push(performance.now() - start);
          }
          return took;
        }""",
        FRAMES,
    )
    record_property("seconds until the first image", float(min(waits)))
    record_property("images a second", float(1000 / np.median(took)))
    print(f"{waits} s until the first image, {np.median(took):.1f} ms a frame")
    assert min(waits) < SECONDS * busy
    assert np.median(took) < 1000 / 60 * busy


@pytest.mark.integration
def test_the_demo_fits_a_phone(visit):
    page = visit("index.html", viewport={"width": 390, "height": 844})
    drawn(page, "#grid", 16)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_npm_the_page_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    builder = types.SimpleNamespace(format="html")
    app = types.SimpleNamespace(builder=builder, outdir=tmp_path / "site")
    (text,) = demo.pages(app).values()
    assert "not built" in text and "npm" in text and "\n" not in text.strip()
    assert not (tmp_path / "site/demo/index.html").exists()
