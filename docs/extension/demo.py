"""The page of `kerasgan serve` in the site: it draws in the reader's browser.

`demo/` of the site gets the page of `kerasgan/serving/page`, the engine of
`docs/demo`, which stands in for the page's `api.js`, the generators as ONNX,
and onnxruntime-web from npm. Nothing of it is committed.
"""

import contextlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from importlib import resources
from pathlib import Path

# RGB and without classes, which the engine does not have.
ENTRIES = ("dcgan-wn-celeba",)
RUNTIME = "onnxruntime-web", "1.30.0"
RUNTIME_FILES = "ort.wasm.bundle.min.mjs", "ort-wasm-simd-threaded.wasm"
SLIDERS = 6
PATIENCE = 120  # seconds, for npm
# What the page imports as its api.js is the engine's; the engine gets the page's.
IMPORTS = {"scopes": {"./page/": {"./page/api.js": "./engine/api.js"}}}

FRAME = """
```{raw} html
<p><a href="demo/index.html">Open it in a page of its own</a></p>
<iframe src="demo/index.html" title="Live demo" style="width: 100%; height: 60rem; border: 0"></iframe>
```
"""
# Browsers load no modules from files.
FROM_FILE = """<script>
if (location.protocol === "file:") addEventListener("DOMContentLoaded", () => document.body.prepend(
  "The demo needs an http address: python -m http.server -d docs/_build"));
</script>"""


class NotBuiltError(Exception):
    """The demo cannot be built here, and why."""


def pages(app):
    """Writes the demo, and returns name -> content of what its page includes."""
    if app.builder.format != "html":
        return {"demo.txt": "The demo runs in the site.\n"}
    try:
        write(Path(app.outdir, "demo"))
    except NotBuiltError as error:
        return {"demo.txt": f"The demo was not built here: {error}\n"}
    return {"demo.txt": FRAME}


def write(folder):
    """Writes the demo into a folder; what is there of it is replaced.

    Raises:
        NotBuiltError: a program, a package or the network is missing.
    """
    engine = folder / "engine"
    engine.mkdir(parents=True, exist_ok=True)
    _fetch(engine / "runtime")
    _export(engine)
    for file in Path(__file__).parents[1].joinpath("demo").glob("*.js"):
        shutil.copy(file, engine)
    page = resources.files("kerasgan.serving") / "page"
    (folder / "page").mkdir(exist_ok=True)
    for file in page.iterdir():
        if file.name.endswith((".js", ".css")):
            (folder / "page" / file.name).write_bytes(file.read_bytes())
    text = (page / "index.html").read_text("utf-8")
    (folder / "index.html").write_text(_with_engine(text), "utf-8")


def _with_engine(page):
    script = '<script type="module" src="page/page.js">'
    early = [f"runtime/{RUNTIME_FILES[1]}", f"{ENTRIES[0]}.onnx"]
    lines = [
        f'<script type="importmap">{json.dumps(IMPORTS)}</script>',
        # Large files, which would be asked for when all modules are there.
        *(
            f'<link rel="preload" as="fetch" crossorigin href="engine/{name}">'
            for name in early
        ),
        FROM_FILE,
        '<script type="module" src="engine/embed.js"></script>',
        script,
    ]
    for old, new in (
        (script, "\n".join(lines)),
        ("Asking the server what it has …", "Loading the model …"),
    ):
        assert page.count(old) == 1, old
        page = page.replace(old, new)
    return page


def _fetch(folder):
    """Gets onnxruntime-web from npm, if its version is not there yet."""
    name, version = RUNTIME
    stamp = folder / "version"
    if stamp.exists() and stamp.read_text() == version:
        return
    shutil.rmtree(folder, ignore_errors=True)
    if not shutil.which("npm"):
        raise NotBuiltError("npm, which fetches onnxruntime-web, is missing.")
    with tempfile.TemporaryDirectory() as temporary:
        package = [f"{name}@{version}", "--pack-destination", temporary]
        options = ["--silent", "--prefer-offline", "--fetch-retries", "0"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(
                ["npm", "pack", *package, *options],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=PATIENCE,
            )
        archive = Path(temporary, f"{name}-{version}.tgz")
        if not archive.exists():
            raise NotBuiltError(f"npm could not fetch {name} {version}.")
        folder.mkdir(parents=True)
        with tarfile.open(archive) as packed:
            for file in RUNTIME_FILES:
                content = packed.extractfile(f"package/dist/{file}").read()
                (folder / file).write_bytes(content)
    stamp.write_text(version)


def _export(folder):
    """Writes the generators as ONNX, and what the page says of them."""
    from kerasgan import directions, serving, zoo
    from kerasgan.serving.server.gallery import describe_gallery
    from kerasgan.utils.extras import check_installed

    try:
        check_installed("onnx", "onnx", "its export")
    except ValueError as error:
        raise NotBuiltError(f"{error}.") from None
    models = []
    for name in ENTRIES:
        recipe, generator = zoo.recipe(name), zoo.load(name)
        models.append(
            {
                "name": name,
                "version": 1,
                "image_shape": list(recipe.architecture.image_shape),
                "latent_dim": recipe.architecture.latent_dim,
                "classes": None,
                "directions": directions(generator, count=SLIDERS).tolist(),
            }
        )
        file = folder / f"{name}.onnx"
        file.unlink(missing_ok=True)
        serving.export_file(
            generator, file, weights="float16", licence=recipe.licence
        )
    known = f"export default {json.dumps(describe_gallery(models))};\n"
    (folder / "gallery.js").write_text(known, "utf-8")
