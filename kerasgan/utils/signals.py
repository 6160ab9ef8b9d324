"""Signals that end a training after its step."""

import contextlib
import os
import signal
import stat

# Windows has no terminals that hang up.
_HANG_UP = getattr(signal, "SIGHUP", None)


def stop_signals():
    """Returns SIGINT, SIGTERM, and SIGHUP unless it is ignored (`nohup`)."""
    stop = [signal.SIGINT, signal.SIGTERM]
    if _HANG_UP and signal.getsignal(_HANG_UP) != signal.SIG_IGN:
        stop.append(_HANG_UP)
    return stop


def hung_up(number):
    """Returns whether a signal is SIGHUP, which may come several times.

    Both the system and the shell send it when a terminal is closed. Output to a
    terminal that is gone would be an error: it is discarded from then on.
    """
    if number != _HANG_UP:
        return False
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        for output in (1, 2):
            device = stat.S_ISCHR(os.fstat(output).st_mode)
            if device and not os.isatty(output):
                os.dup2(null, output)
        os.close(null)
    return True
