"""The command line.

One command a file: a module with a function `command`, whose docstring is its
help, and one line below. What a command needs is imported inside it, so that
`kerasgan --help` and `kerasgan list` answer without loading Keras.
"""

import sys
import warnings
from typing import Annotated

import typer
import typer.core

from kerasgan._version import __version__
from kerasgan.cli import (
    cache,
    compare,
    directions,
    evaluate,
    export,
    info,
    interpolate,
    list as list_,
    measure,
    neighbours,
    push,
    recipe_options,
    reconstruct,
    sample,
    serve,
    serving_config,
    statistics,
    study,
    train,
)
from kerasgan.cli.common import ARGUMENTS

# What may be missing if a command needs it: modules, and their packages.
_OPTIONAL = {
    **{name: name for name in ("jax", "tensorflow", "torch", "matplotlib")},
    "google": "tensorflow-serving-api",
    "tensorflow_serving": "tensorflow-serving-api",
}


class _Group(typer.core.TyperGroup):
    """Prints errors that users can fix in one line, with an exit code."""

    def parse_args(self, context, arguments):
        context.meta[ARGUMENTS] = [*arguments]
        return super().parse_args(context, arguments)

    def invoke(self, context):
        try:
            return super().invoke(context)
        except BrokenPipeError:
            # `kerasgan list | head`: Typer ends quietly.
            raise
        except (ValueError, OSError) as error:
            print(f"kerasgan: error: {_line(error)}", file=sys.stderr)
            raise typer.Exit(2) from error
        except ModuleNotFoundError as error:
            package = _OPTIONAL.get(str(error.name).partition(".")[0])
            if package is None:
                raise
            print(
                f"kerasgan: error: {package} is not installed, but KERAS_BACKEND "
                f"or the command needs it (pip install {package})",
                file=sys.stderr,
            )
            raise typer.Exit(2) from error
        except FloatingPointError as error:
            # A training that diverged: nothing was wrong with the command.
            print(f"kerasgan: error: {_line(error)}", file=sys.stderr)
            raise typer.Exit(1) from error
        except KeyboardInterrupt as error:
            print("kerasgan: interrupted", file=sys.stderr)
            raise typer.Exit(130) from error


app = typer.Typer(
    name="kerasgan",
    cls=_Group,
    help="A GAN model zoo for Keras: pretrained generators by name.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("list")(list_.command)
app.command("info")(info.command)
app.command("sample")(sample.command)
app.command("interpolate")(interpolate.command)
app.command("directions")(directions.command)
app.command("reconstruct")(reconstruct.command)
app.command("train", epilog=recipe_options.EPILOG)(train.command)
app.command("study")(study.command)
app.command("evaluate")(evaluate.command)
app.command("compare")(compare.command)
app.command("measure")(measure.command)
app.command("neighbours")(neighbours.command)
app.command("statistics")(statistics.command)
app.command("export")(export.command)
app.command("push")(push.command)
app.command("serve")(serve.command)
app.command("serving-config")(serving_config.command)
app.command("cache")(cache.command)


def main():
    """Runs the console script `kerasgan`."""
    warnings.showwarning = _show_warning
    app(prog_name="kerasgan")


def _print_version(wanted: bool):
    if wanted:
        print(f"kerasgan {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit.",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
):
    pass


def _show_warning(message, category, filename, lineno, file=None, line=None):
    # Warnings for developers do not concern the users of a command.
    if not issubclass(category, (DeprecationWarning, FutureWarning)):
        print(f"kerasgan: warning: {_line(message)}", file=sys.stderr)


def _line(error):
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split()) or type(error).__name__
