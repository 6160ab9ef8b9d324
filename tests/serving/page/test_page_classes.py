"""The page with a conditional model."""

import base64
import io
import json
import urllib.parse

import needs_tensorflow  # noqa: F401
import numpy as np
import pytest
from local_server import at_address
from PIL import Image

import kerasgan
from kerasgan import sampling

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def address(pets):
    with at_address(pets) as address:
        yield address


def shown(page, place):
    """The images that a place shows, uint8 `[N, 8, 12, 1]`."""
    sources = page.locator(f"{place} img").evaluate_all(
        "images => images.map((image) => image.src)"
    )
    files = [base64.b64decode(source.partition(",")[2]) for source in sources]
    opened = [Image.open(io.BytesIO(f)).convert("L") for f in files]
    return np.stack([np.asarray(image) for image in opened])[..., None]


def test_a_class_is_chosen_and_kept_in_the_link(
    visit, settle, conditional, assert_same_images
):
    names = ["cat", "dog", "Öl, Essig"]
    page = visit("#seed=7")
    # Any class at first, and each image says which it is.
    expected = kerasgan.sample(conditional, 16, 7)
    assert_same_images(shown(page, "#grid"), expected)
    drawn = [names[label] for label in sampling.labels(16, 3, 7)]
    alts = page.locator("#grid img").evaluate_all("x => x.map((y) => y.alt)")
    assert [alt.partition(", ")[2] for alt in alts] == drawn
    options = page.locator("#label option").all_inner_texts()
    assert options == ["any", *names]
    assert "3 classes: cat, dog, Öl, Essig" in page.inner_text(".card")

    page.select_option("#label", names[2])
    page.select_option("#fromLabel", "cat")
    page.select_option("#toLabel", "dog")
    settle(page)
    expected = kerasgan.sample(conditional, 16, 7, label=2)
    assert_same_images(shown(page, "#grid"), expected)
    np.testing.assert_array_equal(shown(page, "#chosen"), expected[:1])
    path = kerasgan.interpolate(conditional, (1, 2), 16, labels=("cat", "dog"))
    assert_same_images(shown(page, "#walk"), path)
    assert '"label":2' in page.inner_text("#code-shell")
    # The link, opened elsewhere, shows the same.
    page.wait_for_timeout(200)
    before = shown(page, "#grid"), shown(page, "#walk")
    link = urllib.parse.urlsplit(page.url).fragment
    assert dict(urllib.parse.parse_qsl(link))["label"] == names[2]
    other = visit(f"#{link}", reduced_motion="no-preference")
    assert other.input_value("#label") == names[2]
    for place, images in zip(("#grid", "#walk"), before):
        np.testing.assert_array_equal(shown(other, place), images)


def test_a_moved_image_keeps_its_class(visit, settle, assert_same_images):
    at = sampling.labels(16, 3, 7).tolist().index(2)
    page = visit(f"#seed=7&number={at + 1}")
    asked = []
    page.on("request", lambda request: asked.append(request.post_data or "{}"))
    page.fill("#amount-0", "0.5")
    settle(page)
    bodies = [json.loads(body) for body in asked]
    (inputs,) = [
        x["inputs"] for x in bodies if "latents" in x.get("inputs", {})
    ]
    assert inputs["labels"] == [2]
    # Between it and another the class changes halfway.
    page.click("#make-start")
    page.click("#reset")
    other = sampling.labels(16, 3, 7).tolist().index(0)
    page.locator("#grid input").nth(other).check(force=True)
    settle(page)
    page.click("#make-end")
    settle(page)
    assert page.input_value("#fromLabel") == "Öl, Essig"
    assert page.input_value("#toLabel") == "cat"
    strip = shown(page, "#walk")
    (last,) = shown(page, "#chosen")
    np.testing.assert_array_equal(strip[-1], last)
    for name, place in (("one", "#chosen"), ("walk", "#walk")):
        scope = {}
        exec(page.locator(f"#code-{name}").text_content(), scope)
        images = scope["images"] if name == "walk" else scope["image"][None]
        assert_same_images(images, shown(page, place))


def test_a_class_that_there_is_not(visit):
    page = visit("#seed=7&label=zebra")
    assert page.input_value("#label") == ""
    assert "zebra is no class" in page.inner_text("#status")
