"""Docstrings as reStructuredText reads them.

They are written for people who read code and for `help()`: with fences as in
Markdown, and formulas as indented lines.
"""

import inspect
import re

FENCE = re.compile(r"^(\s*)```(\w*)\s*$")
SECTION = re.compile(r"^[A-Z][a-z]+( [a-z]+)?:$")


def sign(app, what, name, item, options, signature, annotation):
    """Returns the signature of a class of Keras, whose `__new__` takes any."""
    if what == "class" and signature == "(*args, **kwargs)":
        # The tests import the other parts, without Sphinx.
        from sphinx.util.inspect import stringify_signature

        _, *parameters = inspect.signature(item.__init__).parameters.values()
        found = inspect.Signature(parameters)
        return stringify_signature(found, show_annotation=False), annotation
    return None


def process(app, what, name, item, options, lines):
    """Rewrites the lines of a docstring in place."""
    lines[:] = _formulas(_fences(lines))


def _fences(lines):
    result, inside = [], None
    for line in lines:
        fence = FENCE.match(line)
        if fence and inside is None:
            inside = fence[1]
            result += [f"{inside}.. code-block:: {fence[2] or 'text'}", ""]
        elif fence:
            inside = None
            result.append("")
        else:
            result.append(line if inside is None else f"    {line}")
    return result


def _formulas(lines):
    result, above = [], ""
    for at, line in enumerate(lines):
        starts = line.startswith("    ") and not above.startswith("    ")
        directive = re.match(r"\s*\.\. ", above) or SECTION.match(above.strip())
        if starts and not directive and at and not lines[at - 1].strip():
            result += ["::", ""]
        result.append(line)
        above = line if line.strip() else above
    return result
