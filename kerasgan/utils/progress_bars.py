"""A progress bar for work that may take long."""

import contextlib
import sys
import time

# Work that is done sooner needs no bar.
PATIENCE_SECONDS = 1.0


@contextlib.contextmanager
def progress_bar(title, total, progress=None):
    """Count steps on stderr.

    Args:
        title: what is being done.
        total: number of steps.
        progress: `True` or `False` to draw the bar or not; `None` for one that
            appears after a second, if stderr is a terminal.

    Yields:
        A function to call after each step.
    """
    if progress is None:
        progress = sys.stderr is not None and sys.stderr.isatty()
        patience = PATIENCE_SECONDS
    else:
        patience = 0.0
    if not progress:
        yield lambda: None
        return
    bar = rich_bar("{task.description}")
    task = bar.add_task(title, total=total)
    began = time.monotonic()
    started = False

    def advance():
        nonlocal started
        bar.advance(task)
        if not started and time.monotonic() - began >= patience:
            bar.start()
            started = True

    try:
        yield advance
    finally:
        if started:
            bar.stop()


def rich_bar(title, *more):
    """A bar on stderr, not yet started: title, count, time left.

    Args:
        title: text, in which `{task.description}` and `{task.fields[...]}` are
            filled in.
        *more: texts of that kind behind the bar.

    Returns:
        A `rich.progress.Progress`.
    """
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.TextColumn(title, markup=False),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
        *(progress.TextColumn(text, markup=False) for text in more),
        console=Console(stderr=True),
    )
