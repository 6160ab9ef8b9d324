"""Images without a text for people who do not see them."""


def check(app, doctree):
    """Warns of each image of a page that has no alt text."""
    # The tests import the other parts, without Sphinx.
    from docutils import nodes
    from sphinx.util import logging

    logger = logging.getLogger(__name__)
    for image in doctree.findall(nodes.image):
        if not image.get("alt", "").strip():
            logger.warning("no alt text: %s", image["uri"], location=image)
