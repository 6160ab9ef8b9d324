"""Images without a text for people who do not see them."""

from docutils import nodes
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


def check(app, doctree):
    """Warns of each image of a page that has no alt text."""
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            LOGGER.warning("no alt text: %s", image["uri"], location=image)
