"""Links of pages to files that are not part of the site.

A page in docs/ is also read in the repository, where `../zoo/x/README.md` is a
good link. In the site it leads to the page that shows this file, or to the
repository, if its address is known (GITHUB_REPOSITORY, as GitHub sets it);
else the name of the file stays, without a link.
"""

import os
import posixpath
import re
from pathlib import Path

LINK = re.compile(
    r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)(#[^)\s]*)?\)"
)
IMAGE = re.compile(r"!\[([^\]]*)\]\(([^)\s]+)\)")
# Files outside of docs/, and the pages that show them.
PAGES = {
    "README.md": "index",
    "CONTRIBUTING.md": "contributing",
    "CHANGELOG.md": "changelog",
    "benchmarks/README.md": "generated/project/benchmarks",
    "research/README.md": "generated/project/studies",
    "research/sngan_settings.md": "generated/project/sngan_settings",
    "research/notes.md": "generated/project/research_notes",
    "tests/oracles/README.md": "generated/project/oracles",
    "zoo/README.md": "generated/models/index",
}
SHOWN = {
    "generated/project/benchmarks": "benchmarks/README.md",
    "generated/project/studies": "research/README.md",
    "generated/project/research_notes": "research/notes.md",
    "generated/project/sngan_settings": "research/sngan_settings.md",
    "generated/project/oracles": "tests/oracles/README.md",
    "contributing": "CONTRIBUTING.md",
    "changelog": "CHANGELOG.md",
}


def pages_of_other_folders(root):
    """Returns name -> content of the pages that show files of other folders."""
    result = {}
    for page, file in SHOWN.items():
        if page.startswith("generated/"):
            text = (root / file).read_text("utf-8")
            name = page.removeprefix("generated/") + ".md"
            result[name] = text
            for _, target in IMAGE.findall(text):
                if "://" not in target:
                    image = (root / file).parent / target
                    result[str(Path(name).parent / target)] = image.read_bytes()
    return result


def resolve(app, docname, source):
    """Turns the links of a page into those of the site."""
    if os.fspath(app.env.doc2path(docname)).endswith(".md"):
        source[0] = resolved(source[0], docname, Path(app.srcdir))


def resolve_included(app, relative_path, parent_docname, content):
    """Does the same for a file that a page includes."""
    docname = str(parent_docname)
    content[0] = resolved(content[0], docname, Path(app.srcdir))


def resolved(text, docname, source):
    """Returns the text of a page with the links of the site."""
    origin = _origin(docname)

    def replace(match):
        label, target, anchor = match[1], match[2], match[3] or ""
        if "://" in target or target.startswith(("mailto:", "<")):
            return match[0]
        file = posixpath.normpath(
            posixpath.join(posixpath.dirname(origin), target)
        )
        page = _page(file, source)
        if page is None:
            return _repository(label, file) + ""
        path = posixpath.relpath(page, posixpath.dirname(docname) or ".")
        return f"[{label}]({path}{anchor})"

    # Code is left alone.
    parts = re.split(r"(^ *```.*?^ *```$)", text, flags=re.M | re.S)
    parts[::2] = [LINK.sub(replace, part) for part in parts[::2]]
    return "".join(parts)


def _origin(docname):
    """The file in the repository whose text a page shows."""
    if docname in SHOWN:
        return SHOWN[docname]
    if docname.startswith("generated/models/"):
        name = docname.removeprefix("generated/models/")
        return "zoo/" + name.replace("index", "README") + ".md"
    return f"docs/{docname}.md"


def _page(file, source):
    """The file of the site that shows a file of the repository, or None."""
    if file in PAGES:
        page = PAGES[file]
    elif match := re.fullmatch(r"zoo/([\w-]+)/README\.md", file):
        page = f"generated/models/{match[1]}/index"
    elif match := re.fullmatch(r"zoo/([\w-]+)/(samples\.png|index\.md)", file):
        return f"generated/models/{match[1]}/{match[2]}"
    elif file.startswith("docs/"):
        inside = file.removeprefix("docs/")
        return inside if (source / inside).is_file() else None
    else:
        return None
    return next(
        (
            f"{page}{e}"
            for e in (".md", ".rst")
            if (source / f"{page}{e}").exists()
        ),
        f"{page}.md",
    )


def _repository(label, file):
    repository = os.environ.get("GITHUB_REPOSITORY")
    if repository:
        return f"[{label}](https://github.com/{repository}/blob/main/{file})"
    plain = label.strip("`")
    return label if plain == file else f"{label} (`{file}`)"
