"""Holds the glossary of CONTRIBUTING.md over what users read.

Checked are the help of every command and all strings in the code with a space:
docstrings, messages, errors, tables, cards.
"""

import ast
import re
from pathlib import Path

import typer.main

import kerasgan
from kerasgan.cli import app

# CONTRIBUTING.md says what to write instead.
WORDS = re.compile(
    r"\b(pictures?(?!\.json)|beside|anew|shall|goes on|go on|went on|the like again"
    r"|steepness|refus\w+|is told|the way from)\b",
    re.IGNORECASE,
)


def texts(tree):
    """The texts of a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if " " in node.value:
                yield node.lineno, node.value


def test_messages_keep_to_the_glossary():
    root = Path(kerasgan.__file__).parent
    found = [
        f"{path.relative_to(root)}:{line}: {match[0]} in {text!r}"
        for path in root.rglob("*.py")
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
