"""The reference of the command line, from the application itself."""

import re

import typer.main

from kerasgan.zoo.formatting import table

INTRODUCTION = """# Command line

Each command, as `kerasgan COMMAND --help` shows it. `NAME` is a model of the
zoo or a run directory, if the command does not say otherwise."""


def pages():
    """Returns name -> content of the index and of a page for each command."""
    from kerasgan.cli import app

    commands = {
        name: command
        for name, command in sorted(
            typer.main.get_command(app).commands.items()
        )
        if not command.hidden
    }
    rows = [
        [f"[{name}](commands/{name}.md)", _escaped(_first_paragraph(command))]
        for name, command in commands.items()
    ]
    listed = "\n".join(f"commands/{name}" for name in commands)
    index = [
        INTRODUCTION,
        table(["command", "what it does"], rows),
        f"```{{toctree}}\n:hidden:\n\n{listed}\n```",
    ]
    return {"reference/command_line.md": "\n\n".join(index) + "\n"} | {
        f"reference/commands/{name}.md": _command(name, command) + "\n"
        for name, command in commands.items()
    }


def _first_paragraph(command):
    return " ".join((command.help or "").partition("\n\n")[0].split())


def _command(name, command):
    context = command.make_context(
        name, [], resilient_parsing=True, terminal_width=10_000
    )
    usage = " ".join(["kerasgan", name, *command.collect_usage_pieces(context)])
    parts = [f"# kerasgan {name}", f"```text\n{usage}\n```"]
    parts.append(_escaped(command.help or ""))
    records = [option.get_help_record(context) for option in command.params]
    # Sphinx takes a definition for one term: names and the value they take.
    parts += [
        f"`{_term(names)}`\n: {_escaped(text).replace(chr(10), ' ')}"
        for names, text in filter(None, records)
        if not names.startswith("--help")
    ]
    if command.epilog:
        parts.append(_escaped(command.epilog))
    return "\n\n".join(parts)


def _term(names):
    """The names of an option and its kind of value; the text has its range."""
    return re.sub(r" <list.*?>| range(?=>)", "", " ".join(names.split()))


def _escaped(text):
    """The text of a help, with what Markdown would read as markup escaped."""
    lines = [line.strip() for line in text.replace("\b", "").splitlines()]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    # Code between backticks stays.
    parts = re.split(r"(`[^`]*`)", text)
    parts[::2] = [
        re.sub(r"([*<>\[\]_|])", r"\\\1", part) for part in parts[::2]
    ]
    return "".join(parts)
