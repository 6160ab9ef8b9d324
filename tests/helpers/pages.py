"""The pages of docs/ that are written, not those that the site's build writes."""

from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
BUILT = {"_build", "generated", "jupyter_execute", ".jupyter_cache"}
PAGES = [
    path
    for path in sorted(DOCS.rglob("*.md"))
    if not BUILT & {*path.relative_to(DOCS).parts}
]
