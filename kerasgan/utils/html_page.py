"""Self-contained HTML pages: the only module with tags, and with escaping."""

import base64
import functools
import html
import importlib.resources
import io
import string

from kerasgan.utils.typing import Any, Callable, Iterable


class Html(str):
    """HTML, in contrast to a text that a template escapes."""


def _template(text: str) -> Callable[..., Html]:
    def fill(**values: str) -> Html:
        return Html(
            string.Template(text).substitute(
                {
                    name: value
                    if isinstance(value, Html)
                    else html.escape(value)
                    for name, value in values.items()
                }
            )
        )

    return fill


# Texts below the heading of their section.
paragraph = _template("<p>$text</p>")
preformatted = _template("<pre>$text</pre>")
figure = _template("<figure>$image<figcaption>$caption</figcaption></figure>")
_section = _template("<h2>$heading</h2>\n$content")
_image = _template('<img src="data:image/$kind;base64,$data" alt="$alt">')
_grids = _template('<div class="$classes">\n$figures\n</div>')
_table = _template("<table>$rows</table>")
_row = _template("<tr>$cells</tr>")
_cells = {"th": _template("<th>$text</th>"), "td": _template("<td>$text</td>")}


@functools.cache
def _page() -> Callable[..., Html]:
    file = importlib.resources.files(__package__) / "html_page.html"
    return _template(file.read_text(encoding="utf-8"))


def page(title: str, summary: str, *content: Html) -> str:
    """Returns a page.

    Args:
        title: text of its heading.
        summary: a line of text below it.
        *content: what follows.
    """
    return _page()(title=title, summary=summary, content=_joined(content))


def section(heading: str, *content: Html) -> Html:
    """Returns parts of a page below a heading."""
    return _section(heading=heading, content=_joined(content))


def table(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Html:
    """Returns a table of texts."""
    kinds = [("th", header), *(("td", row) for row in rows)]
    lines = [
        _row(cells=_joined((_cells[tag](text=cell) for cell in row), ""))
        for tag, row in kinds
    ]
    return _table(rows=_joined(lines, ""))


def image(content: bytes, kind: str, alt: str) -> Html:
    """Returns an image with the bytes of a `png` or `jpeg` file."""
    data = base64.b64encode(content).decode()
    return _image(kind=kind, data=data, alt=alt)


def grids(figures: Iterable[Html], latest: bool = False) -> Html:
    """Returns figures side by side, the first one large if it is the latest."""
    classes = "grids latest" if latest else "grids"
    return _grids(classes=classes, figures=_joined(figures))


def _joined(parts: Iterable[Html], between: str = "\n") -> Html:
    return Html(between.join(parts))


def jpeg(path: Any, longest: int = 640) -> bytes:
    """Returns an image as JPEG, a tenth of the PNG.

    Args:
        path: of its file.
        longest: pixels that its longer side has at most. By default 64 images
            of 64x64 with their margins stay as they are.
    """
    from PIL import Image

    memory = io.BytesIO()
    with Image.open(path) as opened:
        reduced = opened.convert("RGB")
        reduced.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        reduced.save(memory, "JPEG", quality=88)
    return memory.getvalue()
