"""Holds the glossary of CONTRIBUTING.md over what users read.

Checked are the help of every command, all that the site shows, and all strings
in the code with a space: docstrings, messages, errors, tables, cards.
"""

import ast
import re
from pathlib import Path

import typer.main
from pages import PAGES

import kerasgan
from kerasgan.cli import app

# CONTRIBUTING.md says what to write instead.
WORDS = re.compile(
    r"\b(pictures?(?!\.json)|beside|anew|shall|goes on|go on|went on|the like again"
    r"|steepness|refus\w+|is told|the way from"
    # As a condition.
    r"|where (there (is|are)|others|it (has|needs?|says)))\b",
    re.IGNORECASE,
)

# A docstring of a function begins with a verb.
RIDDLE = re.compile(
    r"(An?|The|What|Whether|Where|How|Which|Of|Those|As|See)\b|\W"
)
ROOT = Path(kerasgan.__file__).parent


def texts(tree):
    """The texts of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if " " in node.value:
                yield node.lineno, node.value


def test_messages_keep_to_the_glossary():
    top = ROOT.parent
    scripts = [*top.glob("benchmarks/*.py"), *top.glob("research/**/*.py")]
    found = [
        f"{path.relative_to(top)}:{line}: {match[0]} in {text!r}"
        for path in [*ROOT.rglob("*.py"), *scripts]
        for line, text in texts(ast.parse(path.read_text("utf-8")))
        if (match := WORDS.search(text))
    ]
    assert not found, "\n".join(found)


def test_help_keeps_to_the_glossary():
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        parts = [command.help or ""]
        parts += [getattr(item, "help", None) or "" for item in command.params]
        for text in parts:
            assert not WORDS.search(text), (name, text)


def test_docstrings_of_functions_begin_with_a_verb():
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {text.splitlines()[0]}"
        for path in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and not is_property(node)
        if (text := ast.get_docstring(node)) and RIDDLE.match(text)
    ]
    assert not found, "\n".join(found)


def is_property(function):
    return any("property" in ast.unparse(d) for d in function.decorator_list)


def test_documents_keep_to_the_glossary():
    top = ROOT.parent
    # What the site shows of other folders; CONTRIBUTING.md has the glossary.
    shown = [top / "README.md", top / "CHANGELOG.md"]
    for folder in ("zoo", "research", "benchmarks", "tests/oracles"):
        shown += (top / folder).rglob("*.md")
    found = [
        f"{path.relative_to(top)}: {match[0]}"
        for path in [*shown, *PAGES]
        for match in WORDS.finditer(path.read_text("utf-8"))
    ]
    assert not found, "\n".join(found)
