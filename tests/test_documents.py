"""The commands and the code of README and of the pages in docs/.

Of all documents, commands of `kerasgan` are parsed by the command line itself
(names, options, choices and the keys of --set; not the files they name) and
Python is compiled. README's Python runs (networks and images made tiny), and
so do those of its commands that need neither a network nor minutes.
"""

import re
import shlex

import pytest
import typer.main

from kerasgan import zoo
from kerasgan.cli import app

ROOT = zoo.catalogue.folder().parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "zoo").glob("*/README.md")),
]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(kerasgan [a-z][^`\n]*)`")


def blocks(path, language):
    """The fenced blocks of a language, without their indentation."""
    return [
        re.sub(f"^{indent}", "", text, flags=re.MULTILINE)
        for indent, found, text in FENCE.findall(path.read_text("utf-8"))
        if found == language
    ]


def commands(text):
    """The arguments of each `kerasgan` in a shell's text."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        # What comes before: `A=1`, `pip install ... &&`.
        while "kerasgan" in words:
            words = words[words.index("kerasgan") + 1 :]
            end = min(
                [
                    words.index(word)
                    for word in ("&&", "|", "&", ";", ">")
                    if word in words
                ],
                default=len(words),
            )
            yield words[:end]


def parse(arguments):
    """Let the command line read what it would do, and do nothing."""
    command = typer.main.get_command(app).commands[arguments[0]]
    context = command.make_context(arguments[0], list(arguments[1:]))
    settings = context.params.get("settings") or ()
    name = context.params.get("name")
    if settings:
        recipe = zoo.recipe(name if name in zoo.list() else "dcgan-wn-celeba")
        recipe.override_all(
            [tuple(setting.split("=", 1)) for setting in settings]
        )


@pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT))
)
def test_commands_parse_and_code_compiles(path):
    for code in blocks(path, "python"):
        compile(code, str(path), "exec")
    texts = blocks(path, "sh")
    if path.parent != ROOT / "zoo":
        # Words that stand for something, and halves of a command, aside.
        texts += [
            text
            for text in INLINE.findall(path.read_text("utf-8"))
            if not re.search(r"\b[A-Z]{3,}\b|\.\.\.|^kerasgan \w+$", text)
        ]
    for text in texts:
        for arguments in commands(text):
            try:
                parse(arguments)
            except Exception as error:
                raise AssertionError(
                    f"{path.name}: {arguments}: {error}"
                ) from error
