import contextlib
import shutil

import pytest
from local_server import at_address

from kerasgan import serving
from kerasgan.architectures import dcgan

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def models(path, trained, tmp_path_factory):
    """A folder of two models: `faces/1` of `path`, and gray `others/2`."""
    folder = tmp_path_factory.mktemp("savedmodels")
    shutil.copytree(path, folder / "faces" / "1")
    gray = trained(dcgan((16, 8, 1), 3, 2, "none")[0])
    serving.export(gray, folder, "others", version=2)
    return folder


@pytest.fixture(scope="session")
def address(models):
    """The address of the server of these models."""
    with at_address(models) as address:
        yield address


# Not of the session: until Playwright ends, its event loop is in everybody's way.
@pytest.fixture(scope="module")
def browser():
    """Chromium, driven by Playwright."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="needs playwright (pip install)"
    )
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium on the PATH")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(browser):
    """A tab that tests use one after the other: a new one takes longer."""
    with browser.new_context(reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture
def visit(browser, tab, address):
    """A function that opens the page, which must not complain or ask others.

    Its arguments: the hash, `ready` (wait until everything is drawn),
    `complaints` (words in what the console may say), `prepare` (called with the
    page before it is opened), and options of a context of its own.
    """
    with contextlib.ExitStack() as stack:
        free = [tab]

        def visit(hash="", ready=True, complaints=(), prepare=None, **options):
            if free and not options:
                page = free.pop()
            else:
                options.setdefault("reduced_motion", "reduce")
                context = stack.enter_context(browser.new_context(**options))
                page = context.new_page()
            stack.callback(_leave, page)
            page.set_default_timeout(10_000)
            complained = stack.enter_context(_listening(page, "console"))
            failed = stack.enter_context(_listening(page, "pageerror"))
            asked = stack.enter_context(_listening(page, "request"))

            @stack.callback
            def check():
                said = [m.text for m in complained] + [str(e) for e in failed]
                for text in said:
                    assert any(words in text for words in complaints), said
                own = (f"{address}/", "data:", "blob:")
                urls = [request.url for request in asked]
                assert urls and [u for u in urls if not u.startswith(own)] == []

            if prepare:
                prepare(page)
            page.goto(f"{address}/{hash}")
            if ready:
                settled(page)
            return page

        yield visit


def _leave(page):
    page.unroute_all(behavior="ignoreErrors")
    page.emulate_media(reduced_motion="reduce")
    page.goto("about:blank")


@contextlib.contextmanager
def _listening(page, event):
    """The list of what a page sends as an event."""
    seen = []

    def note(what):
        seen.append(what)

    page.on(event, note)
    yield seen
    page.remove_listener(event, note)


@pytest.fixture
def settle():
    """A function that waits until a page shows all that it was asked for."""
    return settled


def settled(page):
    page.locator("#directions[aria-busy=false]").wait_for(state="attached")
    for place in ("#grid", "#chosen", "#walk"):
        page.locator(f"{place}[aria-busy=false] img[src]").first.wait_for()
