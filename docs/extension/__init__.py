"""The parts of the site that are made from the code, and its links.

Nothing here is committed in its result: `generated/` is written when the
site is built, and only where something changed, so that Sphinx rebuilds little.
"""

from pathlib import Path

from extension import (
    alt_texts,
    command_line,
    demo,
    docstrings,
    links,
    models,
    names,
    python_reference,
)


def write_pages(app):
    """Writes `generated/`, and removes what is no longer made."""
    source = Path(app.srcdir)
    folder = source / "generated"
    pages = {
        **models.pages(source.parent / "zoo"),
        **python_reference.pages(),
        **command_line.pages(),
        **demo.pages(app),
        **names.pages(),
        **links.pages_of_other_folders(source.parent),
    }
    for name, content in pages.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
    for path in folder.rglob("*"):
        if path.is_file() and str(path.relative_to(folder)) not in pages:
            path.unlink()


def setup(app):
    """Connects the extension with Sphinx."""
    app.connect("builder-inited", write_pages)
    app.connect("source-read", links.resolve)
    app.connect("include-read", links.resolve_included)
    app.connect("doctree-read", alt_texts.check)
    app.connect("autodoc-process-signature", docstrings.sign)
    # Before napoleon reads the sections.
    app.connect("autodoc-process-docstring", docstrings.process, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
