"""What all commands have in common: short options and shell completion."""

import os
import subprocess
import sys

import typer.main
from typer.testing import CliRunner

from kerasgan.callbacks.measures_table import MEASURED
from kerasgan.cli import app
from kerasgan.cli.common import recorded_command
from kerasgan.utils.source_kinds import SOURCES

# One letter means one thing in every command.
SHORT = {
    "-a": {"--against"},
    "-d": {"--data"},
    "-h": {"--help"},
    "-n": {"--count", "--limit", "--samples"},
    "-o": {"--output"},
    "-p": {"--port"},
    "-s": {"--seed", "--seeds"},
}


def commands():
    return typer.main.get_command(app).commands


def test_a_short_option_means_the_same_in_every_command():
    for name, command in commands().items():
        letters = []
        for parameter in command.params:
            short = [o for o in parameter.opts if len(o) == 2]
            long = {o for o in parameter.opts if len(o) > 2}
            letters += short
            for letter in short:
                assert long <= SHORT[letter], (name, letter)
            for letter, meanings in SHORT.items():
                assert not long & meanings or short == [letter], (name, long)
        assert len(set(letters)) == len(letters), name


def test_help_that_names_kinds_of_sources_names_them_all():
    helps = {
        (name, parameter.name): parameter.help
        for name, command in commands().items()
        for parameter in command.params
        if "a folder, a zip" in (parameter.help or "").lower()
    }
    assert {name for name, _ in helps} == {
        *("evaluate", "measure", "neighbours", "reconstruct", "statistics"),
        *("study", "train"),
    }
    for where, text in helps.items():
        assert SOURCES in text, where


def test_help_of_measures_names_the_defaults_of_the_table():
    options = {p.name: p.help for p in commands()["train"].params}
    for name, row in MEASURED.items():
        counts = [
            text
            for text in options["measure_count"].split(", ")
            if name in text.rstrip(".").split()
        ]
        assert len(counts) == 1 and f"{row.count} for " in counts[0], name
    assert options["measure"].endswith("Default: diversity.")
    assert options["measure_every"].endswith("Default: 5000.")


def complete(words):
    environment = {
        **os.environ,
        "_KERASGAN_COMPLETE": "complete_bash",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    code = (
        "import sys\n"
        "from kerasgan.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    assert not {'keras', 'jax'} & set(sys.modules)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        env=environment,
    )
    assert result.stderr == ""
    return result.stdout.split()


def test_the_shell_completes_commands_options_and_names():
    assert complete("kerasgan sam") == ["sample"]
    assert complete("kerasgan sample --trunc") == ["--truncation"]
    assert complete("kerasgan train dcgan-sn-ce") == ["dcgan-sn-celeba"]


def test_completion_is_installed(tmp_path):
    result = subprocess.run(
        [sys.executable, "-c", "from kerasgan.cli import main; main()"]
        + ["--install-completion", "bash"],
        capture_output=True,
        text=True,
        timeout=120,
        env={
            **os.environ,
            "HOME": str(tmp_path),
            "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1",
        },
    )
    assert result.returncode == 0, result.stderr
    text = "".join(
        path.read_text() for path in tmp_path.rglob("*") if path.is_file()
    )
    assert "_KERASGAN_COMPLETE" in text


def test_resizes_are_those_of_the_network():
    from kerasgan.cli.image_options import Resizing
    from kerasgan.metrics.inception.resize import RESIZES

    assert [*Resizing] == [*RESIZES]
    result = CliRunner().invoke(
        app, ["measure", "here", "--metrics", "swd", "--resize", "foo"]
    )
    assert result.exit_code == 2
    assert "'foo' is not one of 'legacy'" in result.output


def test_a_recorded_command_has_no_folder_of_this_machine():
    words = ["train", "dcgan-wn-celeba", "--data", "/home/ann/faces", "-d/a/b"]
    words += ["--output=/home/ann/runs/faces", "--from", "/home/ann/runs/old"]
    words += ["--measure-data=/data/unseen.zip", "--track", "wandb"]
    assert recorded_command(words) == (
        "kerasgan train dcgan-wn-celeba --data faces -db --output=faces "
        "--from old --measure-data=unseen.zip --track wandb"
    )
