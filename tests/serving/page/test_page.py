"""The page in a real browser, before the real server."""

import base64
import contextlib
import io
import json
import pathlib
import urllib.parse

import needs_tensorflow  # noqa: F401
import numpy as np
import pytest
import requests
from PIL import Image

from kerasgan import sampling, zoo
from kerasgan.utils import image_grids

pytestmark = pytest.mark.integration
PREDICT = "**/*:predict"
TRUNCATION = "#truncation"
# What the server says of models that it does not have yet.
NONE_TO_COME = {"loading": [], "failed": {}}


def shown(page, place):
    """The bytes of the PNG files that a place shows."""
    sources = page.locator(f"{place} img").evaluate_all(
        "images => images.map((image) => image.src)"
    )
    return [base64.b64decode(source.partition(",")[2]) for source in sources]


def pixels(file):
    """A PNG file as uint8 [H, W, 3]; what a browser writes has alpha, too."""
    image = Image.open(io.BytesIO(file))
    assert image.mode in ("L", "RGB") or image.getextrema()[3][0] == 255
    return np.asarray(image.convert("RGB"))


def all_pixels(page, place):
    return np.stack([pixels(file) for file in shown(page, place)])


def kept(page):
    """What the address says, which is written a little later."""
    page.wait_for_timeout(200)
    return dict(
        urllib.parse.parse_qsl(urllib.parse.urlsplit(page.url).fragment)
    )


def saved(page, button):
    """The name and the bytes of the file that a button hands out."""
    with page.expect_download() as download:
        page.click(button)
    file = pathlib.Path(download.value.path())
    return download.value.suggested_filename, file.read_bytes()


def requests_of(page, signature):
    """The list of inputs of a signature, which grows with each request."""
    found = []

    def note(request):
        body = json.loads(request.post_data or "{}")
        if body.get("signature_name") == signature:
            found.append(body["inputs"])

    page.on("request", note)
    return found


# Images


def test_the_images_are_those_of_the_seed_byte_for_byte(visit, served):
    page = visit("#seed=7")
    files = list(served.sample(16, 7, signature="sample_png"))
    assert shown(page, "#grid") == files
    assert shown(page, "#chosen") == files[:1]
    assert shown(page, ".card:first-child") == list(
        served.sample(8, 0, signature="sample_png")
    )
    assert len(set(files)) == 16
    assert "Seed 7: 16 images in" in page.inner_text("#status")


def test_the_seed_changes(visit, settle, served):
    page = visit()
    assert kept(page) == {"model": "faces/1", "seed": "0"}

    def check(seed):
        settle(page)
        # A busy machine takes its time.
        for _ in range(20):
            if kept(page)["seed"] == str(seed):
                break
        assert kept(page)["seed"] == page.input_value("#seed") == str(seed)
        expected = served.sample(16, seed, signature="sample_png")
        assert shown(page, "#grid") == list(expected)

    page.click("#next")
    page.click("#next")
    check(2)
    for _ in range(3):
        page.click("#previous")
    check(-1)
    for seed in (2**53 - 1, -(2**53) + 1, 12):
        page.fill("#seed", str(seed))
        page.press("#seed", "Enter")
        check(seed)
    random = set()
    for _ in range(2):
        page.click("#random")
        random.add(page.input_value("#seed"))
    assert len(random) == 2 and "12" not in random
    settle(page)
    # And back, as in a browser.
    page.go_back()
    page.go_back()
    check(12)


def test_the_ends_of_the_seeds_and_what_is_no_seed(visit, settle):
    page = visit(f"#seed={2**53 - 1}")
    before = shown(page, "#grid")
    page.click("#next")
    for text in (str(2**53), "1.5", ""):
        page.fill("#seed", text)
        page.press("#seed", "Tab")
        assert page.locator("#seed:invalid").count() == 1
    settle(page)
    assert shown(page, "#grid") == before
    assert kept(page)["seed"] == str(2**53 - 1)
    page.fill("#seed", "3")
    page.press("#seed", "Tab")
    settle(page)
    assert page.locator("#seed:valid").count() == 1
    assert kept(page)["seed"] == "3"


def test_the_count_changes(visit, settle, served):
    page = visit("#number=16")
    page.select_option("#count", "4")
    settle(page)
    assert shown(page, "#grid") == list(
        served.sample(4, 0, signature="sample_png")
    )
    # The sixteenth is no longer there.
    assert kept(page) == {
        **{"model": "faces/1", "seed": "0"},
        **{"count": "4", "number": "4"},
    }
    assert shown(page, "#chosen") == shown(page, "#grid")[3:]


def test_truncation(visit, settle, served):
    page = visit("#seed=5")
    assert page.inner_text("#truncation-text") == "none"
    page.fill(TRUNCATION, "0.5")
    settle(page)
    assert kept(page)["truncation"] == "0.5"
    files = list(served.sample(16, 5, 0.5, "sample_png"))
    assert (
        shown(page, "#grid")
        == files
        != list(served.sample(16, 5, signature="sample_png"))
    )
    assert page.get_attribute(TRUNCATION, "aria-valuetext") == (
        "±0.5 standard deviations"
    )
    page.press(TRUNCATION, "ArrowRight")
    settle(page)
    assert page.inner_text("#truncation-text") == "±0.6"
    page.press(TRUNCATION, "End")
    settle(page)
    assert "truncation" not in kept(page)
    assert shown(page, "#grid") == list(
        served.sample(16, 5, signature="sample_png")
    )


def test_from_one_seed_to_another(visit, settle, served, assert_same_images):
    page = visit("#between=3,-4&steps=4")
    assert_same_images(
        all_pixels(page, "#walk"), served.interpolate((3, -4), 4)
    )
    page.fill("#to", "11")
    page.press("#to", "Enter")
    page.select_option("#steps", "12")
    settle(page)
    said = kept(page)
    assert said["between"] == "3,11" and said["steps"] == "12"
    strip = all_pixels(page, "#walk")
    assert_same_images(strip, served.interpolate((3, 11), 12))
    assert len(np.unique(strip, axis=0)) == 12
    page.click("#random-walk")
    settle(page)
    assert kept(page)["between"] != "3,11"


def test_a_link_shows_the_same(visit, settle):
    page = visit()
    page.click("#next")
    page.select_option("#count", "9")
    page.fill(TRUNCATION, "1.2")
    page.locator("#grid input").nth(4).check(force=True)
    page.fill("#amount-1", "0.7")
    page.fill("#from", "8")
    page.press("#from", "Enter")
    page.locator("#models input").nth(1).check(force=True)
    settle(page)
    assert kept(page) == {
        "model": "others/2",
        "seed": "1",
        "count": "9",
        "truncation": "1.2",
        "number": "5",
        "moves": "0:0.7",
        "between": "8,2",
    }
    other = visit("#" + urllib.parse.urlsplit(page.url).fragment)
    for place in ("#grid", "#chosen", "#walk"):
        assert shown(other, place) == shown(page, place)
    assert other.input_value("#amount-1") == "0.7"
    assert other.locator("#grid input:checked").get_attribute("value") == "5"
    # Also in a page that is open already.
    first = visit()
    first.evaluate("hash => (location.hash = hash)", other.url.split("#")[1])
    settle(first)
    assert shown(first, "#chosen") == shown(page, "#chosen")


@pytest.mark.parametrize(
    "hash",
    [
        "#seed=x&count=5&truncation=-1&number=0&moves=1:x&between=1&steps=9",
        "#seed=1e99&count=&truncation=NaN&number=9999&between=1,2~0",
        "#%E0%A4%A&=&seed&__proto__=1&toString=2&model=&nudge=1:2&moves=0:0:0:0:0:0:1",
    ],
)
def test_a_wrong_link_is_as_none(visit, settle, hash):
    page = visit(hash)
    settle(page)
    assert kept(page) == {"model": "faces/1", "seed": "0"}


def test_a_link_to_a_model_that_is_not_there(visit, settle):
    page = visit("#model=others/1&seed=3")
    assert kept(page)["model"] == "others/2"
    assert "others/1 is not served here" in page.inner_text("#status")
    page.locator("#models input").first.check(force=True)
    settle(page)
    assert page.inner_text("#status").startswith("Seed 3: ")
    page = visit("#model=nothing/1")
    settle(page)
    assert kept(page)["model"] == "faces/1"


# Main directions


@pytest.mark.parametrize("truncation", [0, 0.5])
def test_a_moved_image(
    visit, settle, served, generator, assert_same_images, truncation
):
    page = visit(f"#seed=4&number=3&truncation={truncation}")
    asked = requests_of(page, "serving_default")
    page.fill("#amount-2", "-2.5")
    page.fill("#amount-0", "0.5")
    settle(page)
    directions = sampling.directions(generator, count=3)
    z = sampling.latents(3, 5, 4, truncation or None)[2]
    expected = z + [0.5, 0, -2.5] @ directions
    np.testing.assert_allclose(asked[-1]["latents"], [expected], atol=1e-5)
    image = all_pixels(page, "#chosen")
    assert_same_images(image, sampling.to_uint8(served.default([expected])))
    original = pixels(shown(page, "#grid")[2])
    assert np.abs(image[0].astype(int) - original).max() > 5
    assert "moved" in page.inner_text("#chosen figcaption")
    # As many as the model has latents.
    assert page.locator("#directions input").count() == 5
    page.click("#reset")
    settle(page)
    assert shown(page, "#chosen") == [shown(page, "#grid")[2]]
    assert page.input_value("#amount-2") == "0"
    assert "moves" not in kept(page)


def test_a_model_without_directions_has_no_sliders(visit, settle):
    def answer(route):
        route.fulfill(json={"directions": []})

    page = visit(
        "#moves=1", prepare=lambda page: page.route("**/directions?*", answer)
    )
    assert page.get_by_text("No sliders: the first layer").is_visible()
    assert page.locator("#moves").is_hidden()


def test_moves_stay_for_the_next_image(visit, settle):
    page = visit("#moves=1.5")
    images = set()
    for at in (0, 1, 2):
        page.locator("#grid input").nth(at).check(force=True)
        settle(page)
        images.add(shown(page, "#chosen")[0])
        assert page.input_value("#amount-0") == "1.5"
    assert len(images) == 3


class Gate:
    """Holds the requests of a page back until it is opened."""

    def __init__(self, page, signature):
        self.signature, self.held, self.shut = signature, [], True
        page.route(PREDICT, self)

    def __call__(self, route):
        asked = json.loads(route.request.post_data)["signature_name"]
        if self.shut and asked == self.signature:
            self.held.append(route)
        else:
            route.fallback()

    def open(self):
        self.shut = False
        for route in self.held:
            with contextlib.suppress(Exception):  # The page gave it up.
                route.continue_()


def test_a_slider_asks_once_at_a_time(visit, settle):
    page = visit()
    asked = requests_of(page, "serving_default")
    gate = Gate(page, "serving_default")
    page.focus("#amount-0")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(100)
    assert len(gate.held) == 1
    gate.open()
    settle(page)
    # The first place of the slider, and the last.
    assert len(asked) == 2
    assert page.input_value("#amount-0") == "1.2"
    assert kept(page)["moves"] == "1.2"


def test_stale_answers_are_dropped(visit, settle, served):
    page = visit()
    first = shown(page, "#grid")
    gate = Gate(page, "sample_png")
    for _ in range(3):
        page.click("#next")
    page.wait_for_timeout(100)
    # What is loading looks so.
    assert page.get_attribute("#grid", "aria-busy") == "true"
    assert page.get_attribute("#chosen", "aria-busy") == "true"
    assert shown(page, "#grid") == first
    seen = page.evaluate_handle(
        """() => {
          const seen = [];
          const grid = document.getElementById("grid");
          const watch = () => seen.push(grid.dataset.seed);
          new MutationObserver(watch).observe(grid, { attributes: true });
          return seen;
        }"""
    )
    gate.open()
    settle(page)
    assert set(seen.json_value()) == {"3"}
    expected = served.sample(16, 3, signature="sample_png")
    assert shown(page, "#grid") == list(expected)


def test_a_move_of_another_image_is_dropped(visit, settle):
    page = visit()
    gate = Gate(page, "serving_default")
    page.fill("#amount-0", "0.5")
    page.wait_for_timeout(50)
    # The first one's request is given up at once.
    with page.expect_event("requestfailed"):
        page.locator("#grid input").nth(2).check(force=True)
    gate.open()
    settle(page)
    assert "Image 3" in page.inner_text("#chosen figcaption")
    # "picture" is in links of 0.2.
    for key in ("number", "picture"):
        other = visit(f"#{key}=3&moves=0.5")
        assert shown(page, "#chosen") == shown(other, "#chosen")


# Morphs, and the same images elsewhere


def frames(file):
    """The frames of an animated PNG, uint8 `[N, H, W, 3]`, and their ms."""
    opened, found, times = Image.open(io.BytesIO(file)), [], set()
    for at in range(opened.n_frames):
        opened.seek(at)
        times.add(opened.info["duration"])
        found.append(np.asarray(opened.convert("RGB")))
    return np.stack(found), times


def copied(page, button):
    page.click(button)
    return page.evaluate("navigator.clipboard.readText()")


def images_of(code):
    """What a program draws: uint8 `[N, H, W, C]`."""
    scope = {}
    exec(code, scope)
    found = scope["images"] if "images" in scope else scope["image"][None]
    return np.asarray(found)


CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


@pytest.mark.parametrize("in_zoo", [False, True])
def test_any_image_is_an_end_of_a_morph_and_drawn_by_python(
    visit,
    settle,
    served,
    generator,
    assert_same_images,
    in_zoo,
    monkeypatch,
):
    def answer(route):
        found = route.fetch().json()
        found["models"][0]["pretrained"] = in_zoo
        route.fulfill(json=found)

    monkeypatch.setattr(zoo, "load", {"faces": generator}.get)
    page = visit(
        "#seed=4&number=3&truncation=0.9&steps=8&count=4",
        prepare=lambda page: page.route("**/gallery", answer),
        **CLIPBOARD,
    )

    def same(place, name):
        code = copied(page, f"[data-copy=code-{name}]:visible >> nth=-1")
        assert ("zoo.load" if in_zoo else "Client") in code
        assert_same_images(images_of(code), all_pixels(page, place))

    same("#grid", "grid")
    same("#chosen", "one")
    same("#walk", "walk")
    page.click("#make-start")
    page.locator("#grid input").nth(0).check(force=True)
    page.fill("#amount-1", "2")
    settle(page)
    same("#chosen", "one")
    page.click("#make-end")
    settle(page)
    assert kept(page)["between"] == "4~3~0.9,4~1~0.9~0:2"
    from_z, to_z = sampling.latents(3, 5, 4, 0.9)[[2, 0]]
    to_z = to_z + 2 * sampling.directions(generator, count=2)[1]
    path = sampling.slerp(from_z, to_z, 8)
    expected = sampling.to_uint8(served.default(path))
    assert_same_images(all_pixels(page, "#walk"), expected)
    same("#walk", "walk")
    assert shown(page, "#walk")[-1] == shown(page, "#chosen")[0]
    # The link keeps both ends.
    link = copied(page, "#copy-link")
    assert "The link is copied" in page.inner_text("#status")
    other = visit(link[link.index("#") :])
    assert shown(other, "#walk") == shown(page, "#walk")


def test_a_morph_plays_and_is_saved(visit, settle, served, assert_same_images):
    page = visit("#between=3,9&steps=8")
    assert page.inner_text("#play") == "Play"
    name, file = saved(page, "#save-morph")
    assert name == "faces-from3-to9-morph.png"
    found, times = frames(file)
    there = served.interpolate((3, 9), 8)
    assert_same_images(found, np.concatenate([there, there[-2:0:-1]]))
    assert times == {200}
    page.click("#play")
    assert page.inner_text("#play") == "Pause"
    seen = {page.input_value("#position")}
    page.wait_for_function(
        "before => document.getElementById('position').value !== before",
        arg=seen.pop(),
    )
    page.fill("#position", "5")
    assert page.inner_text("#play") == "Play"
    drawn = page.evaluate(
        """() => {
          const canvas = document.getElementById("morph");
          return canvas.toDataURL().split(",")[1];
        }"""
    )
    drawn = pixels(base64.b64decode(drawn))
    np.testing.assert_array_equal(drawn, all_pixels(page, "#walk")[5])
    # A new end plays at once, where that is not against the user's wish.
    page.emulate_media(reduced_motion="no-preference")
    page.click("#make-end")
    assert page.inner_text("#play") == "Pause"


# Photos


def test_a_photo_is_reconstructed(visit, settle, served, generator):
    page = visit("#seed=1", **CLIPBOARD)
    z = 0.5 * sampling.latents(1, 5, 3)
    (target,) = sampling.to_uint8(served.default(z))
    file = io.BytesIO()
    # Larger, and wider: the middle counts.
    large = np.kron(target, np.ones((4, 4, 1), np.uint8))
    wide = np.pad(large, [(0, 0), (20, 20), (0, 0)])
    Image.fromarray(wide).save(file, "PNG")
    page.set_input_files(
        "#file",
        {"name": "me.png", "mimeType": "image/png", "buffer": file.getvalue()},
    )
    page.get_by_text("Mean squared error 0.0").wait_for()
    settle(page)
    assert page.inner_text("#caption") == "Your photo"
    shown_photo = pixels(shown(page, "#photo")[0]).astype(int)
    assert np.abs(shown_photo - target).mean() < 3
    image = all_pixels(page, "#chosen")[0].astype(int)
    start = sampling.to_uint8(served.default(np.zeros((1, 5))))[0].astype(int)
    apart = [np.mean((x - shown_photo) ** 2) for x in (image, start)]
    assert apart[0] < 0.2 * apart[1]
    code = copied(page, "figcaption [data-copy]")
    again = images_of(code)[0].astype(int)
    assert np.abs(again - image).max() <= 1
    # It can be moved and morphed, but is in no link.
    page.fill("#amount-0", "1")
    settle(page)
    assert page.inner_text("#caption") == "Your photo, moved"
    page.click("#make-end")
    settle(page)
    assert shown(page, "#walk")[-1] == shown(page, "#chosen")[0]
    assert "between" not in kept(page)
    page.locator("#grid input").nth(2).check(force=True)
    settle(page)
    assert "Image 3" in page.inner_text("#caption")
    # Latents are those of one model.
    page.select_option("#model", "others/2")
    settle(page)
    assert page.locator("#photo").is_hidden()
    assert "photo" not in page.inner_text("#to-words")
    text = {"name": "x.png", "mimeType": "image/png", "buffer": b"no image"}
    page.set_input_files("#file", text)
    page.get_by_text("x.png is no image").wait_for()


def test_an_engine_without_photos_says_so(visit):
    def without(route):
        code = route.fetch().text()
        code = code.replace(
            "export async function reconstruct", "async function r"
        )
        route.fulfill(
            body=f"{code}\nexport const reconstruct = null;",
            content_type="text/javascript",
        )

    page = visit(prepare=lambda page: page.route("**/api.js", without))
    assert page.locator("#own").is_hidden()
    assert page.get_by_text("Photos are reconstructed where").is_visible()
    assert "photo" not in page.locator("footer").inner_text()
    assert "`" not in page.locator("body").inner_text()


# Files


def test_files(visit, settle, served, assert_same_images):
    page = visit("#seed=6&count=9&number=2&between=1,5&steps=8")
    name, file = saved(page, "#save-one")
    assert name == "faces-image-2-of-seed-6.png"
    images = served.sample(9, 6)
    assert file == served.sample(9, 6, signature="sample_png")[1]
    name, file = saved(page, "#save-grid")
    assert name == "faces-seed6.png"
    grid = pixels(file)
    np.testing.assert_array_equal(grid, image_grids.grid(images))
    name, file = saved(page, "#save-walk")
    assert name == "faces-from1-to5.png"
    strip = pixels(file)
    assert_same_images(strip, image_grids.strip(served.interpolate((1, 5), 8)))
    page.fill("#amount-0", "1")
    settle(page)
    name, file = saved(page, "#save-one")
    assert name == "faces-image-2-of-seed-6-moved.png"
    assert file == shown(page, "#chosen")[0]


# Models


def test_models(visit):
    page = visit()
    names = page.locator(".card strong").all_inner_texts()
    assert names == ["faces", "others"]
    assert page.locator("#models input:checked").input_value() == "faces/1"
    assert page.title() == "faces · kerasgan"
    assert "no entry of this name" in page.inner_text(".card >> nth=0")
    code = page.inner_text("#code-shell")
    assert "/v1/models/faces/versions/1:predict" in code
    # The library has no weights by that name.
    assert "kerasgan sample" not in code


def test_another_model_of_other_shapes(
    visit, settle, models, serve, assert_same_images, address
):
    page = visit("#seed=2&number=3&moves=0:0:1.5")
    before = page.locator("#grid img").first.bounding_box()
    page.locator("#models input").nth(1).check(force=True)
    settle(page)
    gray = serve(models / "others" / "2")
    assert shown(page, "#grid") == list(
        gray.sample(16, 2, signature="sample_png")
    )
    strip = gray.interpolate((1, 2), 16)
    assert_same_images(all_pixels(page, "#walk"), np.repeat(strip, 3, -1))
    asked = requests.get(f"{address}/directions?model=others&version=2")
    (*_, direction) = asked.json()["directions"]
    z = sampling.latents(3, 3, 2)[2] + 1.5 * np.float32(direction)
    moved = np.repeat(sampling.to_uint8(gray.default([z])), 3, -1)
    assert_same_images(all_pixels(page, "#chosen"), moved)
    after = page.locator("#grid img").first.bounding_box()
    assert before["width"] / before["height"] == pytest.approx(12 / 8, rel=0.03)
    assert after["width"] / after["height"] == pytest.approx(8 / 16, rel=0.03)
    assert "/v1/models/others/versions/2:predict" in page.inner_text(
        "#code-shell"
    )


def test_an_entry_of_the_zoo(visit, address):
    from kerasgan.serving.server.gallery import describe_gallery

    celeba = {
        "name": "dcgan-wn-celeba",
        "version": 1,
        "image_shape": [64, 64, 3],
        "latent_dim": 128,
    }
    (known,) = describe_gallery([celeba])["models"]

    def answer(route):
        models = route.fetch().json()["models"]
        served = {key: models[0][key] for key in celeba}
        route.fulfill(
            json={"models": [{**known, **served}, models[1]], **NONE_TO_COME}
        )

    page = visit(prepare=lambda page: page.route("**/gallery", answer))
    card = page.locator(".card").first
    assert card.locator(".badge.restricted").inner_text() == (
        "non-commercial research only"
    )
    text = card.inner_text()
    numbers = {item["name"]: item["text"] for item in known["numbers"]}
    for words in (
        known["summary"],
        numbers["reconstruction_error"],
        "500 test images, 50 steps",
        "FID-768",
    ):
        assert words in text
    assert not card.locator("table").is_visible()
    card.locator("summary").click()
    assert card.locator("tr").count() == len(known["numbers"])
    text = card.inner_text()
    for words in (known["training"], known["licence"], *known["limits"]):
        assert words in text
    assert "kerasgan sample faces --seed 0 --count 16 " in page.inner_text(
        "#code-shell"
    )


def test_models_appear_as_they_load(visit, settle):
    asked = []

    def answer(route):
        found = route.fetch().json()
        asked.append(route)
        if len(asked) < 3:
            found["models"] = found["models"][:1] if len(asked) == 2 else []
            found["loading"] = ["faces", "others"][len(asked) - 1 :]
        else:
            found["failed"] = {"third": "it cannot be loaded"}
        route.fulfill(json=found)

    page = visit(
        "#model=others/2",
        ready=False,
        prepare=lambda page: page.route("**/gallery", answer),
    )
    page.get_by_text("2 models are loading: faces, others").wait_for()
    assert page.locator("#workbench").is_hidden()
    page.get_by_text("1 more model is loading: others").wait_for()
    page.get_by_text("others is still loading: this is faces/1").wait_for()
    # The one that the link asks for is shown once it is there.
    page.locator("input[value='others/2']:checked").wait_for()
    settle(page)
    assert kept(page)["model"] == "others/2"
    assert page.inner_text("#absent") == "it cannot be loaded"
    assert page.locator(".card .samples img[src]").count() >= 8
    assert len(asked) == 3


def test_no_models(visit):
    def answer(route):
        route.fulfill(json={"models": [], **NONE_TO_COME})

    page = visit(
        ready=False, prepare=lambda page: page.route("**/gallery", answer)
    )
    page.get_by_text("The server has no model").wait_for()
    assert not page.locator("#workbench").is_visible()


# What goes wrong


def busy_then(status, times, retry="1"):
    """A handler that answers so some times, and then not any more."""
    left = [times]

    def handle(route):
        if left[0]:
            left[0] -= 1
            headers = {"Retry-After": retry}
            error = json.dumps({"error": "too many requests"})
            route.fulfill(status=status, headers=headers, body=error)
        else:
            route.continue_()

    return handle


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again(visit, settle, served, status):
    page = visit(complaints=[f"status of {status}"])
    page.route(PREDICT, busy_then(status, 1))
    page.click("#next")
    trouble = page.locator("#trouble[role=alert]")
    trouble.get_by_text("is busy. Trying again in 1 s").wait_for()
    trouble.wait_for(state="hidden")
    settle(page)
    expected = served.sample(16, 1, signature="sample_png")
    assert shown(page, "#grid") == list(expected)


def test_a_server_that_is_away(visit, settle, served):
    page = visit(complaints=["ERR_FAILED"])
    page.route("**/*", lambda route: route.abort())
    page.click("#next")
    trouble = page.locator("#trouble")
    trouble.get_by_text("does not answer. Trying again in").wait_for()
    # The next one waits no less.
    page.click("#next")
    trouble.get_by_text("does not answer. Trying again in").wait_for()
    page.unroute("**/*")
    trouble.get_by_role("button").click()
    trouble.wait_for(state="hidden")
    settle(page)
    expected = served.sample(16, 2, signature="sample_png")
    assert shown(page, "#grid") == list(expected)


def test_a_page_whose_server_comes_later(visit, settle):
    page = visit(
        ready=False,
        complaints=["status of 503"],
        prepare=lambda page: page.route("**/gallery", busy_then(503, 1, "x")),
    )
    page.get_by_text("is busy. Trying again in 1 s").wait_for()
    settle(page)


def test_an_error_is_shown_and_the_images_of_another_seed_are_not(
    visit, settle
):
    page = visit(complaints=["status of 400", "status of 500"])

    def refuse(route):
        route.fulfill(status=400, json={"error": "count is too large"})

    page.route(PREDICT, refuse)
    page.click("#next")
    page.locator("#trouble").get_by_text("count is too large").wait_for()
    assert page.locator("#grid img[src], #chosen img[src]").count() == 0
    assert page.inner_text("#caption") == ""
    assert page.locator("[aria-busy=true]").count() == 0
    page.click("#save-grid")
    page.click("#save-one")
    assert page.inner_text("#status") == "The images are not there yet."
    page.unroute(PREDICT)
    page.route(PREDICT, lambda route: route.fulfill(status=500, body="oh"))
    page.click("#next")
    page.locator("#trouble").get_by_text("answered 500").wait_for()
    page.unroute(PREDICT)
    page.click("#trouble button")
    page.locator("#trouble").wait_for(state="hidden")
    settle(page)
    assert page.locator("#grid img[src]").count() == 16


def test_a_move_that_fails_leaves_the_grid_alone(visit, settle):
    page = visit(complaints=["status of 504"])

    def refuse(route):
        if "serving_default" in route.request.post_data:
            route.fulfill(status=504, json={"error": "took too long"})
        else:
            route.fallback()

    page.route(PREDICT, refuse)
    page.fill("#amount-0", "0.5")
    page.locator("#trouble").get_by_text("took too long").wait_for()
    assert page.locator("#grid img[src]").count() == 16
    assert page.locator("#chosen img[src]").count() == 0
    assert page.inner_text("#caption") == ""
    page.unroute(PREDICT)
    page.click("#trouble button")
    settle(page)
    assert not page.locator("#trouble").is_visible()
    assert page.inner_text("#caption") == "Image 1 of seed 0, moved"


# For everybody


def test_by_keyboard_alone(visit, settle):
    page = visit()

    def focused():
        return page.evaluate(
            """() => {
              const { id, dataset, value } = document.activeElement;
              return id || dataset.copy || value;
            }"""
        )

    order = []
    while len(order) < 50:
        page.keyboard.press("Tab")
        order.append(focused())
        # A thick line around what has the focus.
        outlined = page.evaluate(
            """() => {
              const at = document.activeElement;
              const shown = at.closest(".card label, .images label");
              const box = shown?.closest(".card") ?? shown ?? at;
              const style = getComputedStyle(box);
              return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 3;
            }"""
        )
        assert outlined, order
        if order[-1] == "faces/1":
            break
    copies = ["grid", "one", "walk", "shell"]
    assert order == [
        *("skip", "model", "all-models", "copy-link"),
        *("previous", "seed", "next", "random", "count", "truncation"),
        *("1", "save-grid", "make-start", "make-end", "save-one", "code-one"),
        *(f"amount-{at}" for at in range(5)),
        *("reset", "file", "from", "to", "random-walk", "steps"),
        *("play", "position", "save-morph", "save-walk"),
        *(name for at in copies for name in [f"code-{at}"] * 2),
        "faces/1",
    ]

    # Everything, from the beginning.
    page = visit()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert focused() == "images"
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    settle(page)
    assert kept(page)["seed"] == "1"
    page.focus("#grid input:checked")
    for key, image in (
        *(("ArrowRight", 2), ("ArrowDown", 6), ("ArrowDown", 10)),
        *(("ArrowLeft", 9), ("ArrowUp", 5), ("End", 16), ("ArrowRight", 16)),
        *(("ArrowDown", 16), ("Home", 1), ("ArrowUp", 1), ("ArrowLeft", 1)),
    ):
        page.keyboard.press(key)
        assert focused() == str(image)
        assert page.locator("#grid input:checked").input_value() == str(image)
    page.keyboard.press("End")
    page.focus("#amount-0")
    page.keyboard.press("ArrowLeft")
    settle(page)
    said = kept(page)
    assert said["number"] == "16"
    assert said["moves"] == "-0.1"
    page.focus("#models input:checked")
    page.keyboard.press("ArrowDown")
    settle(page)
    assert kept(page)["model"] == "others/2"


def test_everything_has_a_name(visit):
    page = visit()
    unnamed = page.evaluate(
        """() => [...document.querySelectorAll("button, input, select, [role]")]
          .filter((one) => one.checkVisibility())
          .filter((one) => !(one.ariaLabel || one.textContent.trim()
            || one.labels?.length || one.getAttribute("aria-labelledby")
            || one.role === "status"))
          .map((one) => one.outerHTML)"""
    )
    assert unnamed == []
    images = page.locator(".images img, #chosen img")
    assert all(
        images.evaluate_all("images => images.map((image) => image.alt)")
    )
    assert page.locator("h1").count() == 1
    assert page.get_attribute("html", "lang") == "en"


def test_on_a_phone(visit, settle):
    page = visit(
        "#seed=3&moves=0.5",
        viewport={"width": 360, "height": 740},
        has_touch=True,
        is_mobile=True,
        device_scale_factor=2,
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    small = page.evaluate(
        """() => [...document.querySelectorAll(
            "button, select, input[type=number], input[type=range], #grid label")]
          .filter((one) => one.checkVisibility())
          .map((one) => [one.outerHTML, one.getBoundingClientRect()])
          .filter(([_, box]) => box.height < 32 || box.width < 32
            || box.left < 0 || box.right > 360)
          .map(([html]) => html)"""
    )
    assert small == []
    page.locator("#grid label").nth(5).tap()
    page.locator("#next").tap()
    settle(page)
    said = kept(page)
    assert said["seed"] == "4" and said["number"] == "6"


def test_dark_and_light(visit):
    def colours(scheme):
        page = visit(color_scheme=scheme)
        return page.evaluate(
            """() => {
              const { color, backgroundColor } = getComputedStyle(document.body);
              return [color, backgroundColor].map(
                (text) => text.match(/[0-9]+/g).slice(0, 3).map(Number));
            }"""
        )

    (light_text, light), (dark_text, dark) = map(colours, ("light", "dark"))
    assert min(light) > 200 > 60 > max(light_text)
    assert max(dark) < 60 < 200 < min(dark_text)


def test_nothing_moves_where_that_is_asked(visit):
    page = visit()
    Gate(page, "sample_png")
    Gate(page, "interpolate")
    page.locator("#models input").nth(1).check(force=True)
    # Those of the model before are gone at once, and places wait.
    assert page.locator("#grid img[src], #walk img[src]").count() == 0
    assert page.locator("#grid img").count() == 16
    moving = """(property) => [...document.querySelectorAll("*")].filter(
      (one) => !["none", "0s"].includes(getComputedStyle(one)[property])
    ).length"""
    for property in ("animationName", "transitionDuration"):
        page.emulate_media(reduced_motion="reduce")
        assert page.evaluate(moving, property) == 0
        page.emulate_media(reduced_motion="no-preference")
        assert page.evaluate(moving, property) > 0
